"""The vocabulary of mass spectrometry (PSI-MS, with its units), as pyOpenMS brings it: which terms there are, what they
are called, and what kind of value they take. A word that is in it is nobody's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf)", re.I)
TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
VERSION = re.compile(
    r"v?\d+(?:\.\d+)*(?:[-+._ ]?(?:alpha|beta|dev|post|pre|rc|sp|build|release|[abr])[.]?\d*"
    r"|[-+._ /](?:\d+|[0-9a-f]{7,40}))*"
)
BOOLEAN = re.compile("true|false|0|1")
#: What Thermo's instruments write of a scan, word by word.
FILTER = re.compile(
    r"[-+!]|[A-Z]{1,3}TMS|[TSA]QMS|Q[13]MS|TOFMS|Sector|ASTMS|[pcdwtuErKZ]|sa|lock|msx|Full|SIM|SRM|CRM|ESI|NSI|APCI|EI|CI"
    r"|FAB|TSP|MALDI|GD|ms\d*|pr|cnl|cv=-?[\d.]+|sid=-?[\d.]+|det=[\d.]+|\d[\d.]*(?:@[a-z]{2,6}\d[\d.]*)*,?"
    r"|\[?[\d.]+-[\d.]+[],]*"
)
#: Terms whose values are words, with what these may be; of others the words are left out.
SAID = {
    "MS:1000569": re.compile("[0-9A-Fa-f]{40}"),  # SHA-1
    "MS:1000568": re.compile("[0-9A-Fa-f]{32}"),  # MD5
    "MS:1003151": re.compile("[0-9A-Fa-f]{64}"),  # SHA-256
    "MS:1000747": TIME,  # completion time
}
FILTER_STRING = "MS:1000512"
NUMERIC = {"float", "double", "decimal", "int", "integer", "positiveInteger", "nonNegativeInteger", "long", "short"}
DIGITS = 6  # of a number that may be a person's
#: Terms about samples and people, and all below them.
PERSONAL = ("MS:1000548", "MS:1000585")


@dataclass(frozen=True)
class Term:
    name: str
    kind: str
    parents: tuple[str, ...]


@cache
def vocabulary() -> dict[str, Term]:
    """Accession -> term."""
    import pyopenms  # slow to import, and seldom needed

    folder, found = Path(pyopenms.__file__).parent / "share" / "OpenMS" / "CV", {}
    for file in ("psi-ms.obo", "unit.obo"):
        for block in (folder / file).read_text(encoding="utf-8", errors="replace").split("\n[Term]\n")[1:]:
            about = dict(re.findall(r"^(id|name): (.+)$", block, re.M)[::-1])
            kind = re.search(r"has_value_type xsd[:\\]+(\w+)|value-type:xsd[:\\]+(\w+)", block)
            parents = re.findall(r"^is_a: (\w+:\d+)", block, re.M)
            found[about["id"]] = Term(about["name"], (kind[1] or kind[2]) if kind else "", tuple(parents))
    return found


@cache
def words() -> frozenset[str]:
    """The words of all names in the vocabulary."""
    return frozenset(word for term in vocabulary().values() for word in re.findall(r"[^\W_]+", term.name.casefold()))


def known(text: str) -> bool:
    """Whether a text consists of words of the vocabulary and of small numbers: longer ones may be a person's."""
    found = re.findall(r"[^\W_]+", text.casefold())
    return all(len(word) < DIGITS if word.isdigit() else word in words() for word in found)


@cache
def personal(accession: str) -> bool:
    term = vocabulary().get(accession)
    return accession in PERSONAL or bool(term and any(map(personal, term.parents)))


def value(accession: str, text: str) -> str | None:
    """The value of a term as it may be handed out, '' where it may not; None where the term goes with it."""
    if personal(accession):
        return None
    term = vocabulary().get(accession, Term(accession, "", ()))
    text = text.strip()
    if not text or (accession in SAID and SAID[accession].fullmatch(text)):
        return text
    if accession == FILTER_STRING:
        return text if all(map(FILTER.fullmatch, text.split())) else ""
    if term.kind in NUMERIC or term.kind in ("boolean", "dateTime", "date"):
        pattern = NUMBER if term.kind in NUMERIC else BOOLEAN if term.kind == "boolean" else TIME
        return text if pattern.fullmatch(text) else None
    return text if known(text) or ("." in text and NUMBER.fullmatch(text)) else ""


def name(accession: str) -> str:
    """What a term is called; one that is newer than the vocabulary, by its accession."""
    term = vocabulary().get(accession)
    return term.name if term else accession


def accession(name_or_accession: str) -> str:
    """The term that is called so; '' for none."""
    return name_or_accession if name_or_accession in vocabulary() else _by_name().get(name_or_accession, "")


@cache
def _by_name() -> dict[str, str]:
    return {term.name: accession for accession, term in vocabulary().items()}
