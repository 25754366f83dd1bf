"""What a comparison of two samples, or of parents and child, means: a verdict and plain words.

Evidence against is believed at once: two homozygotes of different alleles cannot be one person's, and a few of them are
no errors. Evidence for needs independent sites: neighbours on ten kilobases are inherited together and prove little.
"""

from __future__ import annotations

from dataclasses import dataclass

from scripts.identity.settings import Settings
from scripts.identity.sex import AGREES, DISAGREES, NOTE, UNKNOWN

SAME, DIFFERENT, PARENT, UNDECLARED = "same donor", "different donors", "parent and child", "donor not declared"
#: So many contradictions are no errors, however few the sites.
FEW = 5


@dataclass(frozen=True)
class Seen:
    """Of one pair: sites with two genotypes, opposite homozygotes, relatedness (None: unknown), independent sites."""

    sites: int
    opposite: int
    relatedness: float | None
    evidence: int


def contradicted(errors: int, sites: int, settings: Settings) -> bool:
    """Whether these are more impossible genotypes than errors explain."""
    return errors >= FEW and 100 * errors > settings["max_opposite_pct"] * sites


def relation(seen: Seen, settings: Settings) -> str:
    """What the genotypes say: `same donor`, `first degree`, `distant`, `not the same donor`, or '' for too little."""
    apart = contradicted(seen.opposite, seen.sites, settings)
    if seen.relatedness is None or seen.evidence < settings["min_heterozygous_sites"]:
        return "not the same donor" if apart else ""
    if seen.relatedness >= settings["same_donor"] and not apart:
        return SAME
    return "first degree" if seen.relatedness >= settings["first_degree"] else "distant"


def numbers(seen: Seen, told: bool) -> str:
    """The figures behind a verdict."""
    parts = [f"{seen.opposite} opposite homozygotes at {seen.sites} sites"]
    if told and seen.relatedness is not None:
        parts.insert(0, f"relatedness {seen.relatedness:.2f}")
    return ", ".join(parts)


def pair(declared: str, seen: Seen, settings: Settings) -> tuple[str, str, str]:
    """Relation found, verdict and words for what the sheets declare of a pair."""
    found = relation(seen, settings)
    figures = numbers(seen, bool(found) and found != "not the same donor")
    apart = contradicted(seen.opposite, seen.sites, settings)
    if not found:
        few = f"{seen.evidence} independent heterozygous sites, {settings['min_heterozygous_sites']} are needed"
        return "unclear", UNKNOWN, f"nothing speaks against it, but too little is known: {few} ({figures})"
    if declared == UNDECLARED:
        return found, NOTE, f"no donor is declared for one of them; {figures}"
    if declared == SAME:
        if found == SAME:
            return found, AGREES, f"one donor: {figures}"
        return found, DISAGREES, f"declared as one donor, but they are not: {figures}"
    if found == SAME:
        return found, DISAGREES, f"declared as two donors, but they are one: {figures}"
    if declared == PARENT:
        if found == "first degree" and not apart:
            return found, AGREES, f"parent and child: {figures}"
        return found, DISAGREES, f"declared as parent and child, but they are not: {figures}"
    if found == "first degree":
        return found, NOTE, f"relatives of first degree, which pedigree.tsv does not say: {figures}"
    return found, AGREES, f"two donors: {figures}"


def trio(sites: int, errors: int, evidence: int, settings: Settings) -> tuple[str, str, str]:
    """What was found, verdict and words for a child and both declared parents."""
    figures = f"{errors} of {sites} sites cannot be inherited from these parents"
    if contradicted(errors, sites, settings):
        return "not their child", DISAGREES, figures
    if evidence < settings["min_heterozygous_sites"]:
        few = f"{evidence} independent heterozygous sites, {settings['min_heterozygous_sites']} are needed"
        return "unclear", UNKNOWN, f"nothing speaks against it, but too little is known: {few} ({figures})"
    return "their child", AGREES, figures
