"""The m/z of an ion from a molecular formula and an adduct.

One grammar of adducts for target lists, libraries and grouping: `[`, multiples of the molecule, `M`, what is added and
taken away, `]`, charge: `[M+H]+`, `[2M+Na]+`, `[M-H2O+H]+`, `[M+2H]2+`, `[M+FA-H]-`. A part is a formula, one of the
names in NAMES, or an isotope (`37Cl`); what adds up to the same is the same adduct, however it is written.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import NamedTuple

#: u, CODATA 2018.
ELECTRON = 0.000548579909
#: Names that the field has for what solvents and buffers add, with their formulas.
NAMES = {
    "FA": "CH2O2", "HCOOH": "CH2O2", "HCOO": "CHO2", "Formate": "CHO2",
    "Hac": "C2H4O2", "HAc": "C2H4O2", "HOAc": "C2H4O2", "AcOH": "C2H4O2", "AA": "C2H4O2", "CH3COOH": "C2H4O2",
    "OAc": "C2H3O2", "CH3COO": "C2H3O2", "Acetate": "C2H3O2",
    "ACN": "C2H3N", "MeCN": "C2H3N", "CH3CN": "C2H3N", "MeOH": "CH4O", "CH3OH": "CH4O", "EtOH": "C2H6O",
    "IsoProp": "C3H8O", "iPrOH": "C3H8O", "DMSO": "C2H6OS", "TFA": "C2HF3O2", "NH4OH": "NH5O",
}  # fmt: skip
#: Molecules, parts, charge, sign.
ADDUCT = re.compile(r"\[(\d*)M((?:[+-]\d*[A-Za-z][A-Za-z0-9]*)*)\](\d*)([+-])")
#: Elements that solvents, buffers, salts and losses bring. Others have symbols that chemists mean otherwise: AcN is no
#: actinium, nor Pr praseodymium.
BROUGHT = frozenset((
    "H", "D", "Li", "B", "C", "N", "O", "F", "Na", "Mg", "Al", "Si", "P", "S", "Cl", "K", "Ca",
    "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Se", "Br", "Rb", "Ag", "I", "Cs", "Ba",
))  # fmt: skip
FORMULA = re.compile(r"(?:[A-Z][a-z]?(?:\[\d+\])?\d*)+")
PART = re.compile(r"([+-])(\d*)([A-Za-z][A-Za-z0-9]*)")
#: A mass number in front of a sole element: no ion has ten of one thing and more.
ISOTOPE = re.compile(r"(\d\d\d?)([A-Z][a-z]?)")
_NAMES = {name.casefold(): formula for name, formula in NAMES.items()}


def mass(formula: str) -> float:
    """Monoisotopic mass of a formula, u, isotopes as `C[13]3`, deuterium as `D4` or `H[2]4`. Raises ValueError."""
    # Its table of protein modifications takes most of a second of every command and job. Without SQLAlchemy pyteomics
    # does without it; here it is told so.
    sys.modules.setdefault("pyteomics.mass.unimod", None)  # type: ignore[arg-type]
    from pyteomics.auxiliary import PyteomicsError
    from pyteomics.mass import calculate_mass

    if not FORMULA.fullmatch(formula):
        raise ValueError(f"{formula!r}, which is no molecular formula")
    try:
        # Only an element without a number in brackets behind it may be deuterium; dysprosium and the like are not.
        return calculate_mass(formula=re.sub(r"D(?![a-z])", "H[2]", formula))
    except PyteomicsError as error:
        raise ValueError(f"{formula!r}, which is no molecular formula") from error


class Adduct(NamedTuple):
    """Molecules in the ion, mass that it adds to them (u, electrons counted), charge with its sign."""

    molecules: int
    added: float
    charge: int

    def mz(self, mass: float) -> float:
        """m/z of this ion of a molecule (its mass in u)."""
        return (self.molecules * mass + self.added) / abs(self.charge)

    def mass(self, mz: float) -> float:
        """Mass (u) of the molecule that has this m/z as this ion."""
        return (mz * abs(self.charge) - self.added) / self.molecules

    def same(self, other: Adduct) -> bool:
        """Whether both are one ion: [M+HCOO]- is [M+FA-H]-."""
        return self._replace(added=0) == other._replace(added=0) and abs(self.added - other.added) < 1e-6


@cache
def adduct(text: str) -> Adduct:
    """What an adduct means. Raises ValueError for what is none."""
    match = ADDUCT.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r}, which is no adduct")
    count, parts, charge, sign = match.groups()
    charges = int(f"{sign}{charge or 1}")
    added = -charges * ELECTRON
    for direction, number, part in PART.findall(parts):
        added += (1 if direction == "+" else -1) * _part(number, part, text)
    if not charges or count == "0":
        raise ValueError(f"{text!r}, which is no adduct")
    return Adduct(int(count or 1), added, charges)


def _part(number: str, part: str, text: str) -> float:
    """Mass (u) of a part of an adduct: so many of a formula or a name, or one isotope."""
    formula, count = _NAMES.get(part.casefold(), part), int(number or 1)
    if isotope := ISOTOPE.fullmatch(number + part):
        formula, count = f"{isotope[2]}[{isotope[1]}]", 1
    elif len(number) > 1:
        raise ValueError(f"{text!r}, in which '{number}{part}' is no isotope and too many of one thing")
    try:
        if set(re.findall(r"[A-Z][a-z]?", formula)) <= BROUGHT:
            return count * mass(formula)
    except ValueError:
        pass
    raise ValueError(f"{text!r}, in which '{number}{part}' is neither a formula nor a known name")


def mz(formula: str, name: str) -> float:
    """m/z of the adduct ion of a formula. ValueError for a wrong formula or adduct, or an ion that cannot be."""
    found = adduct(name).mz(mass(formula))
    if found <= 0:
        raise ValueError(f"{formula!r} as {name!r}, an ion without mass")
    return found


def polarity_of(name: str) -> str:
    return "positive" if adduct(name).charge > 0 else "negative"
