"""Who is in a table: donors as digests, so that two facilities see a common donor and nobody else sees any.

Adding up tables counts a donor in both of them twice. Where donors have a code that all facilities know (of a biobank,
or a health register), each facility digests it with a key that only the federation's members hold, and the digests are
compared. Without such a code the facilities declare that they share no donor, and the declaration is kept. It covers
what nobody can see: two tables of one site know each other's donors (by a secret of the site), and any two tables see
that they hold the same genome.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path

from scripts.lib.checksums import sha256
from scripts.lib.files import aside
from scripts.lib.refusal import Refusal
from scripts.lib.registry import persons

KEY_BYTES = 32
#: What each kind of digest is of, as a refusal says it.
KINDS = {"codes": "donors", "people": "donors", "genomes": "genomes"}
Digests = dict[str, list[str]]  # kind -> digests, sorted, so that their order tells nothing


def read_key(text: str, where: str) -> bytes:
    """The federation key from its file's text: 64 hexadecimal digits. Raises Refusal."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Refusal(where, "no key", f"{2 * KEY_BYTES} hexadecimal digits", "ask the federation for its key")
    return key


def site_secret(path: Path) -> bytes:
    """The secret under which a site's tables know each other's donors; made when it is first needed."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with aside(path) as part, open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
            handle.write(f"{secrets.token_hex(KEY_BYTES)}\n")
    return read_key(path.read_text(encoding="utf-8"), str(path))


def digests(key: bytes, texts: Iterable[str]) -> list[str]:
    """HMAC-SHA-256 (RFC 2104) of each text; without the key nobody can find a donor by trying all codes there are."""
    return sorted(hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for text in texts)


def code_digests(key: bytes, codes: Iterable[str]) -> list[str]:
    """Of donor codes, in whichever spelling."""
    return digests(key, map(persons.code, codes))


def genome_digest(folder: Path, names: Iterable[str]) -> str:
    """SHA-256 of what was counted of one sample: two people's differ in their calls and in what was looked at."""
    return hashlib.sha256("".join(sha256(folder / name) for name in names).encode()).hexdigest()


def check_disjoint(tables: Mapping[str, Digests]) -> None:
    """Raise Refusal when two tables share a donor. tables: name -> its donors' digests."""
    for (one, mine), (other, theirs) in combinations(sorted(tables.items()), 2):
        for kind, word in KINDS.items():
            if both := sorted(set(mine[kind]) & set(theirs[kind])):
                found = f"{len(both)} {word} of {one} as well (first: {both[0][:12]}...)"
                cure = "leave them out of one of the two tables, then combine again"
                raise Refusal(other, found, "donors of its own, whatever is declared", cure)
