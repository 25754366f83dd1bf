"""The cells of a workbook's table. What came by mail is judged before it is unpacked, and what a spreadsheet
shows but does not hold in its cells (merged cells, formulas that nobody computed) is an error, not an empty cell."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from scripts.lib.harmless import in_cell
from scripts.lib.refusal import Refusal
from scripts.lib.registry.problems import Problem

#: How files begin that a spreadsheet program writes: ZIP (.xlsx, .xlsm, .ods), and .xls or anything with a password.
ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LARGEST = 8 << 20  # bytes of a workbook, unpacked
ROWS, COLUMNS = 20_000, 500
EXACT = 10**15  # from here on spreadsheets round whole numbers
WANTED = "an .xlsx workbook (save it as such)"


def tables(path: Path) -> list[str] | None:
    """The names of a workbook's tables that hold something; None where it cannot be read."""
    import openpyxl

    try:
        content = path.read_bytes()
        if _fault(content):
            return None
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
        return [table.title for table in book.worksheets if _held(table)]
    except Exception:  # as below, where it is told
        return None


def read(
    content: bytes, name: str, problems: list[Problem], table: str = ""
) -> tuple[list[list[str]], list[str]] | None:
    """The rows of a workbook's first table that is not hidden, and the names of others that hold something; None and a
    problem.

    table  another one instead; then nothing is said of the others
    """
    # Not every site has spreadsheets: nobody else waits for the library.
    import openpyxl

    try:
        if fault := _fault(content):
            problems.append(Problem(name, fault, WANTED))
            return None
        values, formulas = (
            openpyxl.load_workbook(io.BytesIO(content), data_only=only, keep_links=False) for only in (True, False)
        )
        shown = _shown(values, table)
        if shown.max_row > ROWS or shown.max_column > COLUMNS:
            found = f"cells as far as row {shown.max_row}, column {shown.max_column}"
            problems.append(Problem(name, found, f"a table of up to {ROWS} rows and {COLUMNS} columns"))
            return None
        problems += _hollow(name, shown, formulas[shown.title])
        unread = [] if table else [other.title for other in values.worksheets if other is not shown and _held(other)]
        return [[_text(cell) for cell in row] for row in shown.iter_rows()], unread
    except Exception as error:  # the library meets a damaged file with whatever its parts raise
        problems.append(Problem(name, f"no readable spreadsheet ({error or type(error).__name__})", WANTED))
    return None


def _shown(book, table: str):
    """The table of a name, or the first that a person sees who opens the workbook."""
    return book[table] if table else next(each for each in book.worksheets if each.sheet_state == "visible")


def append(path: Path, to: Path, table: str, rows: list[dict[str, Any]]) -> None:
    """Write a workbook with rows below those of a table (the first, where none is named), in columns by its header;
    those that it lacks are added. Raises Refusal where writing would lose what spreadsheets computed."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        for cell in _held(sheet):
            if cell.data_type == "f":
                where = f"{path.name}, table {sheet.title}, cell {cell.coordinate}"
                cure = "put its value there, or enter the rows by hand"
                raise Refusal(where, "a formula", "values alone, where rows are added by a command", cure)
    shown = _shown(book, table)
    filled = [cell for cell in _held(shown) if str(cell.value).strip()]
    top = min((cell.row for cell in filled), default=1)
    columns = {_text(cell): cell.column for cell in filled if cell.row == top}
    for name in (name for row in rows for name, value in row.items() if value not in ("", None)):
        if name not in columns:
            columns[name] = max(columns.values(), default=0) + 1
            shown.cell(top, columns[name], name)
    for line, row in enumerate(rows, max((cell.row for cell in filled), default=1) + 1):
        for name, value in row.items():
            if value not in ("", None):
                cell = shown.cell(line, columns[name], in_cell(" ".join(str(value).split())))
                cell.data_type, cell.number_format = "s", "@"
    book.save(to)


def _fault(content: bytes) -> str:
    """Why the file is not opened, or ''."""
    if content.startswith(COMPOUND):
        return "a workbook with a password, or of the old form (.xls)"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > LARGEST:
            return f"a workbook of more than {LARGEST >> 20} MB, unpacked"
        for member in members:
            if member.filename.endswith("vbaProject.bin"):
                return "a workbook with macros (.xlsm)"
            with archive.open(member) as text:
                if b"<!DOCTYPE" in text.read(1 << 12).replace(b"\0", b""):
                    return f"a workbook whose {member.filename} declares a document type"
    return ""


def _held(table) -> list:
    """The cells of a table that hold something, wherever they are."""
    return [cell for cell in table._cells.values() if cell.value is not None]


def _hollow(name: str, shown, written) -> list[Problem]:
    """What looks filled in and holds nothing."""
    found = [
        Problem(name, f"the cells {area.coord} merged into one", "a value in each cell", area.min_row)
        for area in shown.merged_cells.ranges
    ]
    for cell in _held(written):
        value = shown.cell(cell.row, cell.column)
        # A formula whose result is an empty text has the type of text.
        if cell.data_type == "f" and value.value is None and value.data_type != "str":
            told = f"a formula in {cell.coordinate} whose value is not stored"
            found.append(Problem(name, told, "its value (open the file in a spreadsheet and save it)", cell.row))
        elif isinstance(value.value, int | float) and abs(value.value) >= EXACT:
            told = f"a number of more than 15 digits in {cell.coordinate}, which spreadsheets round"
            found.append(Problem(name, told, "it as text", cell.row))
    return found


def _text(cell: Any) -> str:
    """A cell as it would stand in tab-separated text."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat() if value.time() != datetime.min.time() else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and re.fullmatch("0+", cell.number_format):
        return f"{value:0{len(cell.number_format)}}"  # a code with its leading zeros
    return " ".join(str(value).split())
