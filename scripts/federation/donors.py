"""Who is in a table: donors as keyed digests, so that two facilities see a common donor and nobody else sees any.

Adding up tables counts a donor in both of them twice. Where donors have a code that all facilities know (of a biobank,
or a health register), each facility digests it with a key that only the federation's members hold, and the digests are
compared. Without such a code the facilities declare that they share no donor, and the declaration is kept.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from itertools import combinations

from scripts.lib.refusal import Refusal

KEY_BYTES = 32


def read_key(text: str, where: str) -> bytes:
    """The federation key from its file's text: 64 hexadecimal digits. Raises Refusal."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Refusal(where, "no key", f"{2 * KEY_BYTES} hexadecimal digits", "ask the federation for its key")
    return key


def digests(key: bytes, codes: Iterable[str]) -> list[str]:
    """HMAC-SHA-256 (RFC 2104) of each donor code, sorted, so that their order tells nothing.

    Without the key nobody can find a donor by trying all codes there are. Case and spaces of a code do not matter.
    """
    plain = ("".join(code.split()).upper() for code in codes)
    return sorted(hmac.new(key, code.encode(), hashlib.sha256).hexdigest() for code in plain)


def check_disjoint(sites: Mapping[str, Iterable[str]]) -> None:
    """Raise Refusal when two tables share a donor. sites: table -> its donors' digests."""
    known = {name: set(found) for name, found in sites.items()}
    for (one, mine), (other, theirs) in combinations(sorted(known.items()), 2):
        if both := sorted(mine & theirs):
            found = f"{len(both)} donors of {one} as well (first: {both[0][:12]}...)"
            raise Refusal(
                other, found, "donors of its own", "leave them out of one of the two tables, then combine again"
            )
