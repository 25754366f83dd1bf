"""Tables of peak areas that were integrated elsewhere, of many runs or of one.

`forms` and `reports` take the tables of each program apart, by what stands at their heads; `numbers` says how a table
writes its numbers.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.lib.areas import numbers
from scripts.lib.areas.cells import EXPORT, Row
from scripts.lib.areas.forms import PLAIN, form
from scripts.lib.areas.reports import OLE, report, xcalibur
from scripts.lib.refusal import Refusal

__all__ = ["PLAIN", "Area", "named", "of_run", "parsed", "read", "run_id"]
SUFFIX = re.compile(r"\.(d|raw|wiff2?|lcd|qgd|mzml|mzxml|cdf)$", re.IGNORECASE)


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
    program, delimiter, found = _taken_apart(name, raw)
    rows = list(found)
    if not rows:
        raise Refusal(name, "a table without rows", "at least one run", EXPORT)
    cells = [cell for row in rows for cell in (row.area, row.rt, row.mz, row.product_mz) if cell]
    number = numbers.reader(name, cells, delimiter)
    areas = [_area(row, number) for row in rows]
    _each_once(name, areas)
    return program, areas


def _taken_apart(name: str, raw: bytes) -> tuple[str, str, Iterator[Row]]:
    """The program that wrote a table, what stands between its cells, and its rows."""
    if raw.startswith(OLE):
        return "Xcalibur", "\t", xcalibur(name, raw)
    text = _text(name, raw)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if known := report(name, text):
        return known[0], "\t", known[1]
    first = text.partition("\n")[0]
    delimiter = max("\t;,", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Refusal(name, f"cells that cannot be told apart ({error})", "every quote closed", EXPORT) from error
    if not rows or not any(rows[0]):
        raise Refusal(name, "an empty table", "a table of peak areas", EXPORT)
    program, found = form(name, rows)
    return program, delimiter, found


def _text(name: str, raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # spreadsheets' "Unicode text"
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError as error:
            raise Refusal(name, f"UTF-16 text that is cut or damaged ({error.reason})", "whole text", EXPORT) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")  # what Windows programs write outside of UTF-8


def _area(row: Row, number) -> Area:
    time = number(row.rt)
    seconds = None if time is None else round(row.unit * time, 3)
    ions = number(row.mz), number(row.product_mz)
    return Area(row.line, row.run, row.compound, row.ion, *ions, seconds, number(row.area))


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


def _each_once(name: str, areas: list[Area]) -> None:
    first: dict[tuple, int] = {}
    for area in areas:
        key = (area.run, area.compound, area.ion, area.mz, area.product_mz)
        if key in first:
            found = f"{area.compound} of run {area.run} again (first in line {first[key]})"
            raise Refusal(f"{name}, line {area.line}", found, "each ion of a run once", EXPORT)
        first[key] = area.line
