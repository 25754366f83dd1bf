"""Crypt4GH key pairs of the demo's recipients, made from the seed: good for invented data and nothing else."""

from __future__ import annotations

import contextlib
import io
from base64 import b64encode
from pathlib import Path

from crypt4gh import sodium
from crypt4gh.keys import c4gh

from scripts.demo.seeds import stream
from scripts.lib.files import written

RECIPIENTS = ("recipient1", "recipient2")


def public_file(name: str) -> str:
    """Where a recipient's public key lies in the site."""
    return f"keys/{name}.pub"


def secret_files(site: Path) -> list[Path]:
    """The recipients' secret keys; in a real site they are with the recipients, here beside what was planted."""
    return [site / "truth" / f"{name}.sec" for name in RECIPIENTS]


def write(site: Path, seed: int) -> None:
    """Write all pairs; the same seed gives the same keys."""
    for name, secret_file in zip(RECIPIENTS, secret_files(site), strict=True):
        secret = stream(seed, "recipient", name).bytes(32)
        with contextlib.redirect_stderr(io.StringIO()):  # the library warns of a key without a passphrase
            locked = c4gh.encode_private_key(secret, None, None)
        for path, kind, key in (
            (site / public_file(name), "PUBLIC", bytes(sodium.derive_pk(secret))),
            (secret_file, "PRIVATE", locked),
        ):
            with written(path) as handle:
                border = f"CRYPT4GH {kind} KEY-----"
                handle.write(f"-----BEGIN {border}\n{b64encode(key).decode()}\n-----END {border}\n")
