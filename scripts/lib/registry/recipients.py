"""What can be wrong with the recipients of human data: nobody, or a file that is no public key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scripts.lib import keys
from scripts.lib.refusal import Refusal
from scripts.lib.registry.models import Proposal


def problems(site: Path, proposal: Proposal) -> Iterator[tuple[str, str]]:
    """Every error of a proposal whose data are human, as found and expected."""
    named = keys.key_files(proposal.recipients)
    if not named:
        yield "nothing", "files with the recipients' Crypt4GH public keys, because human data leave encrypted only"
    for name in named:
        try:
            keys.public_key(site / name)
        except Refusal as refusal:
            yield f"{name!r}: {refusal.found}", refusal.expected
