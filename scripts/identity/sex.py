"""The sex that coverage tells, held against the sheet."""

from __future__ import annotations

from typing import NamedTuple

from scripts.identity.settings import Settings

FEMALE, MALE = "female", "male"
AGREES, DISAGREES, UNKNOWN, NOTE = "agrees", "disagrees", "too little information", "note"


class Coverage(NamedTuple):
    """What was covered: bases expected of one copy pair on X and Y, and their coverage relative to the autosomes; None
    where the reference (or the target regions) has no such chromosome."""

    x_expected: float = 0.0
    y_expected: float = 0.0
    x: float | None = None
    y: float | None = None


def found(coverage: Coverage, settings: Settings) -> tuple[str, str]:
    """`female`, `male` or '', and the reason in words."""
    if coverage.x is None and coverage.y is None:
        return "", "no sex chromosomes are known of the reference, or none are covered by the targets"
    x = coverage.x if coverage.x_expected >= settings["min_sex_bases"] else None
    y = coverage.y if coverage.y_expected >= settings["min_sex_bases"] else None
    if x is None and y is None:
        return "", "too few bases on X and Y to tell the sex"
    seen = " and ".join(f"{name} {value:.2f}" for name, value in (("X", x), ("Y", y)) if value is not None)
    words = f"coverage relative to the autosomes: {seen}"
    votes = {
        FEMALE: [x is None or x >= settings["female_min_x"], y is None or y <= settings["female_max_y"]],
        MALE: [x is None or x <= settings["male_max_x"], y is None or y >= settings["male_min_y"]],
    }
    agreed = [sex for sex, answers in votes.items() if all(answers)]
    if len(agreed) == 1:
        return agreed[0], words
    return "", f"{words}: neither a female's nor a male's (an unusual karyotype, or a mixture of two samples)"


def check(coverage: Coverage, declared: str, settings: Settings) -> tuple[str, str, str]:
    """Sex found, verdict, and words."""
    sex, words = found(coverage, settings)
    if not sex:
        return "unclear", UNKNOWN, words
    if declared not in (FEMALE, MALE):
        return sex, NOTE, f"no sex is declared; {words}"
    return sex, AGREES if sex == declared else DISAGREES, words
