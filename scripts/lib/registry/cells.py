"""The cells of a sheet, from tab-separated text or from a spreadsheet's first table: numbered rows of text."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from scripts.lib.registry.problems import Problem

#: What neither a table nor a spreadsheet can hold: C0 controls but for tabs and line ends.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def read_text(path: Path, name: str, problems: list[Problem]) -> str | None:
    """The file's text, or None and a problem."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        problems.append(Problem(name, "no such file", "this file in the site directory"))
        return None
    except OSError as error:
        problems.append(Problem(name, f"a file that cannot be read ({error.strerror})", "a readable file"))
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.append(
            Problem(name, f"byte 0x{raw[error.start]:02x}, not UTF-8", "UTF-8 text (save it as such)", line)
        )
        return None


def read_cells(path: Path, name: str, problems: list[Problem]) -> list[tuple[int, list[str]]] | None:
    """(line number, cells) of every row that is neither empty nor a `#` comment; None and a problem if unreadable."""
    if path.suffix.lower() == ".xlsx":
        rows = _spreadsheet(path, name, problems)
    else:
        text = read_text(path, name, problems)
        if text and (found := CONTROL.search(text)):
            line = text.count("\n", 0, found.start()) + 1
            problems.append(Problem(name, f"the control character {found[0]!r}", "printable text", line))
            return None
        rows = None if text is None else [line.split("\t") for line in text.splitlines()]
    if rows is None:
        return None
    numbered = ((number, [cell.strip() for cell in row]) for number, row in enumerate(rows, 1))
    return [(number, row) for number, row in numbered if any(row) and not row[0].startswith("#")]


def _spreadsheet(path: Path, name: str, problems: list[Problem]) -> list[list[str]] | None:
    # Only calls and parcels come as spreadsheets: nobody else waits for the library.
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        return [[_shown(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    except FileNotFoundError:
        problems.append(Problem(name, "no such file", "this file in the site directory"))
    except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError, IndexError) as error:
        problems.append(Problem(name, f"no readable spreadsheet ({error})", "an .xlsx workbook (save it as such)"))
    return None


def _shown(value: Any) -> str:
    """A cell as it would stand in tab-separated text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat() if value.time() != datetime.min.time() else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())
