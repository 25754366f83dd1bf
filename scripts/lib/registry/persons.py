"""When two donors are one: by the code that other facilities know too wherever there is one, and else by the name.

A code is one in whatever case, width, blanks and separators it is written. A name is one in whatever case and blanks;
names that differ in the order of their words or in accents are alike, and somebody has to be asked.
"""

from __future__ import annotations

import re
import unicodedata

#: What people write where they know nothing, as `code` shows it. Two donors of it are not one.
NOBODY = {"", "na", "nd", "none", "null", "unknown", "missing", "anonymous", "tbd", "notavailable", "notapplicable"}


def code(text: str) -> str:
    """What two spellings of one code have in common: letters and digits."""
    return "".join(_parts(text))


def _parts(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())


def unclear(one: str, other: str) -> bool:
    """Whether two codes differ in the places of their separators alone: 1-23 and 12-3 may be one, or not."""
    mine, theirs = _parts(one), _parts(other)
    return mine != theirs and "".join(mine) == "".join(theirs) and min(len(mine), len(theirs)) > 1


def name(text: str) -> str:
    """What two spellings of one name have in common."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def alike(text: str) -> tuple[str, ...]:
    """What names have in common that may be one person's: the words without accents, in any order."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name(text)) if not unicodedata.combining(c))
    return tuple(sorted(re.findall(r"[^\W_]+", plain)))


def nobody(text: str) -> bool:
    """Whether a code or name says that there is none."""
    return bool(text) and code(text) in NOBODY
