"""A library of compounds: what a laboratory knows of its own standards, or masses alone. docs/metabolomics.md says how.

One TSV; a row is one ion of one compound. Columns (compound and formula required, an unknown one is an error):
compound, formula (labelled: D4, C[13]6), adduct ([M+H]+ where empty), rt_s, role (`internal_standard`, `shown` for a
compound whose peaks the report is to show, or empty), identifier (such as CHEBI:15354 or an InChIKey), ms2
(`mz:intensity` pairs separated by blanks), mz (of an ion without a formula, which then is shown and names nothing).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

from scripts.lib import ions
from scripts.lib.refusal import Refusal

COLUMNS = ("compound", "formula", "adduct", "rt_s", "role", "identifier", "ms2", "mz")
CURE = "correct the library"


@dataclass(frozen=True)
class Compound:
    """One ion of a compound: m/z computed from the formula, or as given where that is unknown (''); time in s or None,
    fragments (n x 2: m/z, intensity)."""

    name: str
    formula: str
    adduct: str
    mz: float
    mass: float
    polarity: str
    rt_s: float | None
    role: str
    identifier: str
    ms2: np.ndarray


def read(path: str) -> list[Compound]:
    """The library; a Refusal names the line and what is wrong with it."""
    name = Path(path).name
    try:
        # Spreadsheets put a mark at the beginning, and quotes around cells with commas.
        with open(path, encoding="utf-8-sig", newline="") as handle:
            lines = list(csv.reader(handle, delimiter="\t"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refusal(name, "a file that cannot be read", "a TSV of compounds", CURE) from error
    columns = lines[0] if lines else []
    for wanted in ("compound", "formula"):
        if lines and wanted not in columns:
            raise Refusal(f"{name}, line 1", f"no column {wanted}", f"the columns {', '.join(COLUMNS)}", CURE)
    for column in columns:
        if column not in COLUMNS or columns.count(column) > 1:
            found = f"the column {column!r}" + (" twice" if column in COLUMNS else "")
            raise Refusal(f"{name}, line 1", found, f"one of {', '.join(COLUMNS)}, once", CURE)
    compounds = []
    for number, cells in enumerate(lines[1:], start=2):
        where = f"{name}, line {number}"
        if any(mark in cell for cell in cells for mark in "\t\n"):
            raise Refusal(where, "a cell that goes on over others", "every quote closed", CURE)
        if len(cells) > len(columns):
            raise Refusal(where, f"{len(cells)} cells", f"{len(columns)}, as there are columns", CURE)
        if any(cells):
            compounds.append(_compound(dict(zip_longest(columns, cells, fillvalue="")), where))
    return compounds


def _number(text: str | None, refusal: Callable[[], Refusal]) -> float | None:
    """A number above 0; None for an empty cell."""
    try:
        number = float(text) if text else None
    except ValueError as error:
        raise refusal() from error
    if number is not None and not 0 < number < float("inf"):
        raise refusal()
    return number


def _compound(row: dict[str, str], where: str) -> Compound:
    def refuse(column: str, expected: str) -> Refusal:
        return Refusal(f"{where}, column {column}", repr(row.get(column) or ""), expected, CURE)

    formula, adduct = (row["formula"] or "").strip(), (row.get("adduct") or "[M+H]+").strip()
    if not (row["compound"] or "").strip():
        raise refuse("compound", "a name")
    given = _number(row.get("mz"), lambda: refuse("mz", "a number above 0, or nothing"))
    if given is not None and (formula or row.get("role") != "shown"):
        raise refuse("mz", "nothing, or the m/z of an ion without a formula whose role is shown")
    if given is None and not re.fullmatch(r"([A-Z][a-z]?(\[\d+\])?\d*)+", formula):
        raise refuse("formula", "a sum formula such as C6H12O6")
    try:
        ion = ions.adduct(adduct)
    except ValueError as error:
        raise refuse("adduct", "an adduct such as [M+H]+, [M-H2O+H]+ or [M+FA-H]-") from error
    if (row.get("role") or "") not in ("", "internal_standard", "shown"):
        raise refuse("role", "internal_standard, shown or nothing")
    try:
        mass = ion.mass(given) if given is not None else ions.mass(formula)
    except ValueError as error:
        raise refuse("formula", "a sum formula of known elements") from error
    mz = ion.mz(mass)
    if min(mass, mz) <= 0:
        raise refuse("adduct", "an ion that the formula can make")
    rt = _number(row.get("rt_s"), lambda: refuse("rt_s", "a time in seconds, or nothing"))
    try:
        pairs = [tuple(map(float, pair.split(":"))) for pair in (row.get("ms2") or "").split()]
        ms2 = np.array(pairs, dtype=float).reshape(-1, 2)
        if not (np.isfinite(ms2).all() and (ms2[:, 0] > 0).all() and (ms2[:, 1] >= 0).all()):
            raise ValueError
    except ValueError as error:
        raise refuse("ms2", "pairs such as 85.0284:1200 separated by blanks") from error
    return Compound(
        name=row["compound"].strip(),
        formula=formula,
        adduct=adduct,
        mz=mz,
        mass=mass,
        polarity=ions.polarity_of(adduct),
        rt_s=rt,
        role=row.get("role") or "",
        identifier=(row.get("identifier") or "").strip(),
        ms2=ms2[np.argsort(ms2[:, 0])],
    )
