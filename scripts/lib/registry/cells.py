"""The cells of a sheet, from tab-separated text or from a spreadsheet's table: numbered rows of text."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from scripts.lib.harmless import from_cell
from scripts.lib.registry import spreadsheets
from scripts.lib.registry.problems import Problem

LARGEST = 64 << 20  # bytes of a text
#: What neither a table nor a spreadsheet can hold: controls but for tabs and line ends, and Unicode's own line ends.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
#: What spreadsheet programs show where a cell has no value because of a mistake.
ERROR = re.compile(r"#(REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!)")


@dataclass
class Cells:
    """What a sheet holds.

    rows      (line number, cells) of every row with anything in it
    comments  of those that are read over because they begin with `#`; a spreadsheet has none
    unread    names of a workbook's other tables that hold something
    controls  line number -> a control character that stands in it
    """

    rows: list[tuple[int, list[str]]]
    comments: list[tuple[int, list[str]]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    controls: dict[int, str] = field(default_factory=dict)


def _content(path: Path, name: str, problems: list[Problem], largest: int) -> bytes | None:
    """The file's bytes, or None and a problem."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            problems.append(Problem(name, "something that is not a file", "a readable file"))
        elif status.st_size > largest:
            problems.append(Problem(name, f"{status.st_size} bytes", f"a file of up to {largest} bytes"))
        else:
            return path.read_bytes()
    except FileNotFoundError:
        problems.append(Problem(name, "no such file", "this file in the site directory"))
    except OSError as error:
        problems.append(Problem(name, f"a file that cannot be read ({error.strerror})", "a readable file"))
    return None


def read_text(path: Path, name: str, problems: list[Problem], largest: int = LARGEST) -> str | None:
    """The file's text, or None and a problem."""
    raw = _content(path, name, problems, largest)
    if raw is None:
        return None
    if raw.startswith((spreadsheets.ZIP, spreadsheets.COMPOUND)):
        problems.append(Problem(name, "a spreadsheet or archive", "UTF-8 text, or a workbook named .xlsx"))
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.append(
            Problem(name, f"byte 0x{raw[error.start]:02x}, not UTF-8", "UTF-8 text (save it as such)", line)
        )
        return None


def lines(text: str) -> list[str]:
    """The lines of a sheet's text, wherever it was written; Unicode has more line ends than sheets have."""
    return re.split(r"\r\n|\r|\n", text)


def unquoted(cell: str) -> str:
    """A cell without the quotation marks that programs put around text when they write a table."""
    inner = cell[1:-1].replace('""', "")
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner else cell


def quoted(cell: str) -> str:
    """A cell that `unquoted` gives back."""
    return cell if unquoted(cell) == cell else '"' + cell.replace('"', '""') + '"'


def read_cells(path: Path, name: str, problems: list[Problem], table: str = "") -> Cells | None:
    """The cells of a sheet; None and a problem if it is unreadable.

    table  of a workbook, if it is not the first
    """
    if path.suffix.lower() == ".xlsx":
        content = _content(path, name, problems, spreadsheets.LARGEST)
        found: tuple[list[list[str]], list[str] | None] | None = None
        if content is not None:
            found = spreadsheets.read(content, name, problems, table)
    else:
        text = read_text(path, name, problems)
        found = None if text is None else ([_split(line) for line in lines(text)], None)
    if found is None:
        return None
    rows, unread = found
    controls = {number: sign[0] for number, row in enumerate(rows, 1) if (sign := CONTROL.search("\t".join(row)))}
    numbered = [(number, [from_cell(cell.strip()) for cell in row]) for number, row in enumerate(rows, 1)]
    filled = [(number, row) for number, row in numbered if any(row)]
    if unread is not None:  # a spreadsheet, which has no comments
        return Cells(filled, unread=unread, controls=controls)
    cells = Cells([], controls=controls)
    for number, row in filled:
        comment = row[0].startswith("#") and not ERROR.fullmatch(row[0])
        (cells.comments if comment else cells.rows).append((number, row))
    return cells


def _split(line: str) -> list[str]:
    # Blanks alone: to Python, control characters are white space too, and those are told.
    return [unquoted(cell.strip(" ")) for cell in line.split("\t")]
