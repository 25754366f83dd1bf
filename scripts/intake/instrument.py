"""What the header of a run says of its measurement: how ions were made, and what they were separated by before.

Both in the words of the catalogue (`scripts.lib.limits`). What is too general to tell, or unknown, says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

# PSI-MS terms below `ionization type`, and inlets that make the ions themselves.
TERMS = {
    "MS:1000073": "electrospray", "MS:1000397": "electrospray", "MS:1000398": "electrospray",
    "MS:1000057": "electrospray", "MS:1000485": "electrospray",
    "MS:1000070": "apci", "MS:1000382": "appi",
    "MS:1000071": "chemical", "MS:1000271": "chemical",
    "MS:1000389": "electron",
    "MS:1000075": "maldi", "MS:1000239": "maldi",
}  # fmt: skip
#: What mzXML says, lower case.
MZXML = {
    "esi": "electrospray", "nsi": "electrospray", "nesi": "electrospray",
    "apci": "apci", "appi": "appi", "ci": "chemical", "nci": "chemical", "pci": "chemical", "ei": "electron",
    "maldi": "maldi",
}  # fmt: skip
#: What ANDI-MS says (ASTM E2077), lower case; the first that is part of it counts.
ANDI = {
    "electron impact": "electron", "electron ionization": "electron", "electrospray": "electrospray",
    "atmospheric pressure chemical": "apci", "chemical ionization": "chemical",
}  # fmt: skip
ANDI_SEPARATIONS = {"gas-": "gas", "gas chromatography": "gas", "liquid": "liquid"}


def of_terms(terms: Iterable[str]) -> set[str]:
    return {TERMS[term] for term in terms if term in TERMS}


def of_mzxml(value: str) -> set[str]:
    """Of an msIonisation, which often is written out."""
    words = value.strip().lower()
    return {MZXML[words]} if words in MZXML else of_andi(words)


def of_andi(value: str) -> set[str]:
    return _first(ANDI, value)


def separation_of_andi(value: str) -> set[str]:
    return _first(ANDI_SEPARATIONS, value)


def _first(known: dict[str, str], value: str) -> set[str]:
    return {next((word for part, word in known.items() if part in value.lower()), "")} - {""}
