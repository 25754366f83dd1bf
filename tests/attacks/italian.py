"""Names as Italian registers of births and of residents have them most often."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
GIVEN = (HERE / "given_names.txt").read_text(encoding="utf-8").splitlines()
FAMILY = (HERE / "family_names.txt").read_text(encoding="utf-8").splitlines()


def people(count: int) -> list[str]:
    """So many persons, given name first; every given and every family name occurs."""
    return [
        f"{GIVEN[number % len(GIVEN)]} {FAMILY[(number * 7 + number // len(GIVEN)) % len(FAMILY)]}"
        for number in range(count)
    ]
