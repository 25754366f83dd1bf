"""Tables of peak areas that were integrated elsewhere: Agilent MassHunter, Skyline, and a plain list.

Which of them a table is, its header says. One table holds many runs.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.lib.refusal import Refusal

EXPORT = "export the table again from the program that integrated the peaks"
#: Names of columns by what they hold, lower case: the plain list's, and those of Skyline's reports.
COLUMNS = {
    "run": ("run", "analysis_id", "replicate name", "replicate"),
    "compound": ("compound", "feature", "molecule name", "molecule", "peptide"),
    "area": ("area", "total area", "normalized area"),
    "rt_s": ("rt_s",),
    "rt_min": ("rt_min", "retention time", "best retention time"),
    "ion": ("ion",),
    "mz": ("mz", "precursor mz"),
    "product_mz": ("product_mz", "product mz"),
}
#: What programs write where there is no peak.
NOTHING = {"", "#n/a", "n/a", "na", "nan", "-", "n/f", "nf"}
#: The numbers are written as in the cells; without an arrow it is an ion of full scans.
QUALIFIER = re.compile(r"Qualifier \(([\d.,]+)(?: -> ([\d.,]+))?\) Results")
SUFFIX = re.compile(r"\.(d|raw|wiff2?|lcd|mzml|mzxml|cdf)$", re.IGNORECASE)


@dataclass(frozen=True)
class Area:
    """The peak of one ion in one run: area in the program's unit, or None where it found none; time in s."""

    line: int
    run: str
    compound: str
    ion: str
    mz: float | None
    product_mz: float | None
    rt_s: float | None
    area: float | None


def run_id(name: str) -> str:
    """The id under which runs.tsv names a run: without the data file's suffix, `_` for what an id may not hold."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", SUFFIX.sub("", name.strip()))


def read(path: str | os.PathLike) -> tuple[str, list[Area]]:
    """The program's name and all rows of a table; a Refusal where it cannot be read or says one thing twice."""
    return parsed(Path(path).name, Path(path).read_bytes())


def parsed(name: str, raw: bytes) -> tuple[str, list[Area]]:
    """`read` of a table's bytes."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")  # what Windows programs write outside of UTF-8
    first = text.partition("\n")[0]
    delimiter = max("\t;,", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Refusal(name, f"cells that cannot be told apart ({error})", "every quote closed", EXPORT) from error
    if not rows or not any(rows[0]):
        raise Refusal(name, "an empty table", "a table of peak areas", EXPORT)
    masshunter = any(cell.strip().endswith(" Results") for cell in rows[0])
    areas = list((_masshunter if masshunter else _long)(name, rows, delimiter))
    _each_once(name, areas)
    if not areas:
        raise Refusal(name, "a table without rows", "at least one run", EXPORT)
    header = {cell.strip().lower() for cell in rows[0]}
    skyline = "replicate name" in header or "replicate" in header
    return "MassHunter" if masshunter else "Skyline" if skyline else "list", areas


def of_run(path: str | os.PathLike, run: str) -> tuple[str, list[Area]]:
    """The program's name and the rows of one run; a Refusal where the table has none."""
    program, areas = read(path)
    return program, named(Path(path).name, areas, run)


def named(where: str, areas: list[Area], run: str) -> list[Area]:
    """The rows of one run, which must be there under one name."""
    mine = [area for area in areas if run_id(area.run) == run]
    if not mine:
        known = ", ".join(sorted({run_id(area.run) for area in areas})[:8])
        cure = "correct the column run of config/runs.tsv, or the table"
        raise Refusal(where, f"no run {run!r}", f"it among {known}, ...", cure)
    if len(names := {area.run for area in mine}) > 1:
        raise Refusal(where, f"{len(names)} runs that are {run!r} as an id", "one", "rename one of them in the table")
    return mine


def _masshunter(name: str, rows: list[list[str]], delimiter: str) -> Iterator[Area]:
    """MassHunter's compounds side by side: a line of groups (`X Method`, `X Results`), a line of columns, the runs."""
    if len(rows) < 2:
        raise Refusal(f"{name}, line 2", "nothing", "MassHunter's second header line", EXPORT)
    header = [cell.strip() for cell in rows[1]]
    groups, group = [], ""
    for place in range(len(header)):
        group = (rows[0][place].strip() if place < len(rows[0]) else "") or group
        groups.append(group)
    key = next((column for column in ("Data File", "Name") if column in header), "")
    peaks, compound = [], ""
    for place, group in enumerate(groups):
        if not group.endswith(" Results") or header[place] != "Area":
            continue
        ions = QUALIFIER.fullmatch(group)
        compound = compound if ions else group.removesuffix(" Results")
        times = [at for at, other in enumerate(groups) if other == group and header[at] == "RT"]
        # Two qualifiers may share their name: the time that belongs to an area is the nearest.
        time = min(times, key=lambda at: abs(at - place), default=None)
        peaks.append((compound, ions, place, time))
    if not key or not peaks:
        missing = "Data File or Name" if not key else "Area below a heading `... Results`"
        raise Refusal(f"{name}, line 2", f"no column {missing}", "it", EXPORT)
    for line, row in enumerate(rows[2:], start=3):
        if not any(row):
            continue
        if len(row) < len(header):
            raise Refusal(f"{name}, line {line}", f"{len(row)} cells", f"{len(header)}, as in line 2", EXPORT)
        for compound, ions, place, time in peaks:
            area = _number(name, line, f"{compound} Area", row[place], delimiter)
            minutes = _number(name, line, f"{compound} RT", row[time], delimiter) if time is not None else None
            yield Area(
                line,
                row[header.index(key)],
                compound,
                "qualifier" if ions else "quantifier",
                _number(name, 1, f"{compound} Qualifier", ions[1], delimiter) if ions else None,
                _number(name, 1, f"{compound} Qualifier", ions[2] or "", delimiter) if ions else None,
                None if minutes is None else round(60 * minutes, 3),
                area,
            )


def _long(name: str, rows: list[list[str]], delimiter: str) -> Iterator[Area]:
    """One row a peak: Skyline's reports and the plain list."""
    header = [cell.strip().lower() for cell in rows[0]]
    places = {}
    for what, names in COLUMNS.items():
        found = [header.index(each) for each in names if each in header]
        places[what] = found[0] if found else None
    for what in ("run", "compound", "area"):
        if places[what] is None:
            expected = f"one of {', '.join(COLUMNS[what])} among the columns, or MassHunter's two header lines"
            raise Refusal(f"{name}, line 1", f"no column for the {what}", expected, EXPORT)
        if header.count(header[places[what]]) > 1:
            found = f"the column {header[places[what]]} twice"
            raise Refusal(f"{name}, line 1", found, "one, or nobody can say which holds", EXPORT)
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) < len(header):
            raise Refusal(f"{name}, line {line}", f"{len(row)} cells", f"{len(header)}, as in line 1", EXPORT)

        def number(what: str, row=row, line=line) -> float | None:
            place = places[what]
            return None if place is None else _number(name, line, header[place], row[place], delimiter)

        minutes = number("rt_min")
        seconds = round(60 * minutes, 3) if minutes is not None else number("rt_s")
        ion = row[places["ion"]].strip() if places["ion"] is not None else ""
        run, compound = (row[places[what]].strip() for what in ("run", "compound"))
        yield Area(line, run, compound, ion, number("mz"), number("product_mz"), seconds, number("area"))


def _number(name: str, line: int, column: str, cell: str, delimiter: str) -> float | None:
    text = cell.strip()
    if text.lower() in NOTHING:
        return None
    try:
        # Where a semicolon separates cells, the comma is the decimal one.
        value = float(text.replace(",", ".") if delimiter == ";" else text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise Refusal(f"{name}, line {line}, column {column}", repr(cell), "a number from 0 on, or nothing", EXPORT)
    return value


def _each_once(name: str, areas: list[Area]) -> None:
    first: dict[tuple, int] = {}
    for area in areas:
        key = (area.run, area.compound, area.ion, area.mz, area.product_mz)
        if key in first:
            found = f"{area.compound} of run {area.run} again (first in line {first[key]})"
            raise Refusal(f"{name}, line {area.line}", found, "each ion of a run once", EXPORT)
        first[key] = area.line
