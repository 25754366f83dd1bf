"""What attributes of XML may hold: a check says yes to what cannot be a free word."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set

from scripts.delivery import terms

Check = Callable[[str], bool]


def all_of(pattern: str) -> Check:
    """Whether a whole text is what a pattern says."""
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


COUNT = all_of(r"\d{1,12}")
NUMBER, TIME, VERSION = (all_of(each.pattern) for each in (terms.NUMBER, terms.TIME, terms.VERSION))


def declared(namespace: str, schema: str) -> dict[str, Check | None]:
    """The attributes by which an XML file says which format it is; both are patterns."""
    return {
        "xmlns": all_of(namespace),
        "xmlns:xsi": all_of(r"http://www\.w3\.org/2001/XMLSchema-instance"),
        "xsi:schemaLocation": all_of(rf"{namespace}\s+(?:https?://[a-z.]+/[\w./]*?)?(?:{schema})\.xsd"),
    }


def kept(
    element: str,
    given: Mapping[str, str],
    allowed: Mapping[str, Check | None],
    required: Set[tuple[str, str]],
    named: Callable[[str, str], str],
) -> dict[str, str]:
    """What stays of an element's attributes: those that a check lets through, and names (None for a check) as `named`
    (attribute, text) says. What a reader asks for (`required`: element, attribute) stays, empty."""
    stays = {}
    for attribute, text in given.items():
        if attribute in allowed:
            check = allowed[attribute]
            text = named(attribute, text) if check is None else text if check(text) else ""
            if text or (element, attribute) in required:
                stays[attribute] = text
    return stays
