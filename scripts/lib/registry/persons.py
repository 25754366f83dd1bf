"""When two donors are one: by the code that other facilities know too wherever there is one, and else by the name.

A code is one in whatever case, width, blanks and separators it is written. A name is one in whatever case and blanks.
Names that differ in the order of their words, in accents or in where a word ends are alike, and somebody has to be
asked; so it is with codes that differ in zeros in front, which spreadsheets drop.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import cache

from scripts.lib.names import folded

#: What people write where they know nothing, as `code` shows it. Two donors of it are not one.
NOBODY = {"", "na", "nd", "none", "null", "unknown", "missing", "anonymous", "tbd", "notavailable", "notapplicable"}
NOBODY |= {"ignoto", "ignota", "sconosciuto", "sconosciuta", "anonimo", "anonima", "nessuno", "nondisponibile"}
NOTHING = re.compile("0*|x+")
MOST = 5  # words of a name of which every order is tried


def code(text: str) -> str:
    """What two spellings of one code have in common: letters and digits."""
    return "".join(_parts(text))


def _parts(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())


def unclear(one: str, other: str) -> bool:
    """Whether two codes differ in the places of their separators alone, or in zeros in front of a number alone: 1-23
    and 12-3, 0012 and 12 may be one, or not."""
    mine, theirs = _parts(one), _parts(other)
    if "".join(mine) == "".join(theirs):
        return mine != theirs and min(len(mine), len(theirs)) > 1
    return without_zeros(one) == without_zeros(other)


def without_zeros(text: str) -> str:
    """What codes have in common that may be one but for zeros in front of a number."""
    return "".join(re.sub(r"(?<!\d)0+(?=\d)", "", part) for part in _parts(text))


def name(text: str) -> str:
    """What two spellings of one name have in common."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def orders(text: str) -> frozenset[str]:
    """What names have in common that may be one person's: the words without accents, in any order, written as one (so
    that it does not matter where a word ends: De Luca, DeLuca)."""
    words = re.findall(r"[^\W_]+", folded(text).casefold())
    ways = itertools.permutations(words) if len(words) <= MOST else (words, sorted(words))
    return frozenset(map("".join, ways))


def alike(one: str, other: str) -> bool:
    """Whether two names may be one person's."""
    return not orders(one).isdisjoint(orders(other))


def nobody(text: str) -> bool:
    """Whether a code or name says that there is none."""
    return bool(text) and (code(text) in NOBODY or NOTHING.fullmatch(code(text)) is not None)
