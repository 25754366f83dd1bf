"""Area tables that are reports: TargetLynx (Waters), LabSolutions (Shimadzu), OpenLab CDS (Agilent), Xcalibur (Thermo).

Forms were learnt from public real exports alone (docs/targeted.md names them).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PureWindowsPath

from scripts.lib.areas.cells import EXPORT, Cell, Row
from scripts.lib.refusal import Refusal

TARGETLYNX, COMPOUND = "Quantify Compound Summary Report", re.compile(r"Compound \d+:\s*(.+)")
SHIMADZU, RESULTS = "[Header]", "[MS Quantitative Results]"
OPENLAB, RULE = re.compile(r"Data File (.+)"), re.compile(r"-+(?:\|-+)+")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an Excel workbook of before 2007


def report(name: str, text: str) -> tuple[str, Iterator[Row]] | None:
    """The program that wrote a report, and its rows; None where its first lines are those of no report."""
    lines = text.split("\n")
    first = lines[0].strip()
    if first == TARGETLYNX:
        return "TargetLynx", _targetlynx(name, lines)
    if first == SHIMADZU:
        return "LabSolutions", _shimadzu(name, lines)
    if OPENLAB.fullmatch(first) and any(RULE.fullmatch(line.strip()) for line in lines):
        return "OpenLab CDS", _openlab(name, lines)
    return None


def _columns(where: str, header: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Places of the columns; a Refusal for one that is missing."""
    for column in wanted:
        if column not in header:
            raise Refusal(where, f"no column {column}", "it", EXPORT)
    return [header.index(column) for column in wanted]


def _cells(where: str, line: str, header: Sequence[str]) -> list[str]:
    cells = line.split("\t")
    if len(cells) < len(header):
        raise Refusal(where, f"{len(cells)} cells", f"{len(header)}, as in the header of its block", EXPORT)
    return cells


def _targetlynx(name: str, lines: Sequence[str]) -> Iterator[Row]:
    """Blocks of a compound each: a line that names it, a header, a line a run."""
    compound, header = "", list[str]()
    for number, line in enumerate(lines, start=1):
        where = f"{name}, line {number}"
        if named := COMPOUND.fullmatch(line.strip()):
            compound, header = named[1].strip(), []
        elif compound and line.strip() and not header:
            header = [cell.strip() for cell in line.split("\t")]
            run, rt, area = _columns(where, header, ("Name", "RT", "Area"))
        elif compound and line.strip():
            row = _cells(where, line, header)
            yield Row(number, row[run], compound, Cell(number, "Area", row[area]), Cell(number, "RT", row[rt]))


def _shimadzu(name: str, lines: Sequence[str]) -> Iterator[Row]:
    """Sections of one run each; its quantitative results are a line a compound."""
    run, header, section = "", None, ""
    for number, line in enumerate(lines, start=1):
        where = f"{name}, line {number}"
        if line.startswith("["):
            section, header = line.strip(), None
        elif section == SHIMADZU and line.startswith("Data File Name\t"):
            run = PureWindowsPath(line.split("\t")[1].strip()).name
        elif section == RESULTS and line.strip() and not line.startswith("#"):
            if header is None:
                header = [cell.strip() for cell in line.split("\t")]
                compound, mass, rt, area = _columns(where, header, ("Name", "Mass", "Ret.Time", "Area"))
                continue
            row = _cells(where, line, header)
            yield Row(
                number,
                run,
                row[compound].strip(),
                Cell(number, "Area", row[area]),
                Cell(number, "Ret.Time", row[rt]),
                mz=Cell(number, "Mass", row[mass]),
            )


def _openlab(name: str, lines: Sequence[str]) -> Iterator[Row]:
    """One run; tables of fixed width, one a signal, whose columns a line of dashes tells. Peaks without a name are
    nobody's."""
    head = OPENLAB.fullmatch(lines[0].strip())
    run = PureWindowsPath(head[1].strip() if head else "").name
    spans, header = [], []
    for number, line in enumerate(lines, start=1):
        if RULE.fullmatch(line.strip()):
            spans = [match.span() for match in re.finditer(r"-+", line)]
            header = [_span(lines[number - 3], span) or _span(lines[number - 2], span) for span in spans]
            wanted = ("RetTime", "Area", "Name")
            places = [header.index(column) for column in wanted] if set(wanted) <= set(header) else []
        elif spans and not line.strip():
            spans = []
        elif spans and places and not line.startswith("Totals"):
            row = [_span(line, span) for span in spans[:-1]] + [line[spans[-1][0] :].strip()]
            rt, area, compound = (row[place] for place in places)
            if compound:
                yield Row(number, run, compound, Cell(number, "Area", area), Cell(number, "RetTime", rt))


def _span(line: str, span: tuple[int, int]) -> str:
    return line[span[0] : span[1]].strip()


def xcalibur(name: str, raw: bytes) -> Iterator[Row]:
    """Xcalibur's long Excel export: a sheet a compound; below its header a line a run, up to an empty one. `Component`
    is the sheet that it was copied from. Numbers come as numbers, whatever the place of the computer that wrote them.
    """
    import xlrd

    try:
        book = xlrd.open_workbook(file_contents=raw)
    except Exception as error:  # xlrd raises whatever a damaged file makes happen
        raise Refusal(name, f"a workbook that cannot be opened ({error})", "an Excel 97 workbook", EXPORT) from error
    for sheet in book.sheets():
        rows = [[_plain(cell) for cell in sheet.row_values(place)] for place in range(sheet.nrows)]
        head = next((at for at, row in enumerate(rows) if {"Filename", "Area"} <= set(row)), None)
        titles = next((at for at, row in enumerate(rows) if row[:1] == ["Component Name"]), None)
        if head is None or titles is None or not (compound := rows[titles + 1][0]):
            continue
        run, area, rt = _columns(f"{name}, sheet {sheet.name}", rows[head], ("Filename", "Area", "RT"))
        for number, row in enumerate(rows[head + 1 :], start=head + 2):
            if not row[run]:
                break
            column = f"Area of sheet {sheet.name}"
            yield Row(number, row[run], compound, Cell(number, column, row[area]), Cell(number, "RT", row[rt]))


def _plain(value: object) -> str:
    """A cell of a workbook as text, without the `.0` that whole numbers get there."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value).strip()
