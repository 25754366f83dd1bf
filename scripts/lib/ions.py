"""The m/z of an ion from a molecular formula and an adduct."""

from __future__ import annotations

import re
import sys

#: u, CODATA 2018.
ELECTRON = 0.000548579909
#: `[M+H]+`, `[2M+Na]+`, `[M-H2O+H]+`, `[M+2H]2+`: molecules, parts, charge, sign.
ADDUCT = re.compile(r"\[(\d*)M((?:[+-]\d*[A-Z][A-Za-z0-9]*)*)\](\d*)([+-])")
FORMULA = re.compile(r"(?:[A-Z][a-z]?(?:\[\d+\])?\d*)+")
PART = re.compile(r"([+-])(\d*)([A-Z][A-Za-z0-9]*)")


def mass(formula: str) -> float:
    """Monoisotopic mass of a formula, u, isotopes as `C[13]3`, deuterium as `D4` or `H[2]4`. Raises ValueError."""
    # Its table of protein modifications takes most of a second of every command and job. Without SQLAlchemy pyteomics
    # does without it; here it is told so.
    sys.modules.setdefault("pyteomics.mass.unimod", None)
    from pyteomics.auxiliary import PyteomicsError
    from pyteomics.mass import calculate_mass

    if not FORMULA.fullmatch(formula):
        raise ValueError(f"{formula!r}, which is no molecular formula")
    try:
        # Only an element without a number in brackets behind it may be deuterium; dysprosium and the like are not.
        return calculate_mass(formula=re.sub(r"D(?![a-z])", "H[2]", formula))
    except PyteomicsError as error:
        raise ValueError(f"{formula!r}, which is no molecular formula") from error


def mz(formula: str, adduct: str) -> float:
    """m/z of the adduct ion of a formula. ValueError for a wrong formula or adduct, or an ion that cannot be."""
    match = ADDUCT.fullmatch(adduct)
    if not match:
        raise ValueError(f"{adduct!r}, which is no adduct")
    count, parts, charge, sign = match.groups()
    total = int(count or 1) * mass(formula)
    for direction, number, part in PART.findall(parts):
        total += (1 if direction == "+" else -1) * int(number or 1) * mass(part)
    charges = int(charge or 1)
    total += (-1 if sign == "+" else 1) * charges * ELECTRON
    if total <= 0 or not charges:
        raise ValueError(f"{formula!r} as {adduct!r}, an ion without mass or charge")
    return total / charges


def charge(adduct: str) -> int:
    """The charge of an adduct ion, with its sign."""
    _, _, number, sign = ADDUCT.fullmatch(adduct).groups()
    return int(f"{sign}{number or 1}")


def polarity_of(adduct: str) -> str:
    return "positive" if charge(adduct) > 0 else "negative"
