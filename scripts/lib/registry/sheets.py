"""Reading tab-separated sheets into models: every problem is collected, none stops the reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from scripts.lib import dates
from scripts.lib.registry.cells import CONTROL, ERROR, Cells, read_cells
from scripts.lib.registry.models import SHARED
from scripts.lib.registry.problems import Problem, nearest
from scripts.lib.registry.settings import Model, expected_at, shown
from scripts.lib.registry.spreadsheets import COLUMNS


@dataclass(frozen=True)
class Read:
    """How much of a sheet was read, so that no row is lost without a word.

    comments  numbers of the lines that begin with `#`
    unread    names of a workbook's tables behind the first, which alone is read
    source    where the sheet stands, if not in the file of its name
    """

    sheet: str
    rows: int
    used: int
    comments: tuple[int, ...] = ()
    unread: tuple[str, ...] = ()
    source: str = ""

    def __str__(self) -> str:
        told = [f"{self.source or self.sheet}: {self.rows} row{'s' * (self.rows != 1)}, {self.used} used"]
        if self.comments:
            told.append(f"{len(self.comments)} read over because of their #, line {_listed(self.comments)}")
        if self.unread:
            told.append(f"other tables not read: {_listed(self.unread)}")
        return f"{'; '.join(told)}."


#: The cells of a row that was refused; None in place of those that were wrong, which may have named anything.
Spoilt = dict[str, str | None]


def _listed(items: Sequence[Any], most: int = 8) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(map(str, items[:most])) + more


def _control(character: str) -> str:
    return f"the control character {character!r}"


def read_sheet(
    path: Path,
    name: str,
    model: type[Model],
    problems: list[Problem],
    proposal_of=lambda cells: "",
    spoilt: list[Spoilt] | None = None,
    told: list[Read] | None = None,
    commented: bool = True,
    table: str = "",
) -> list[tuple[int, Model]]:
    """Rows of a sheet (.tsv or .xlsx) as (line number, model). Comment lines (`#`, of .tsv) and empty lines are
    skipped.

    proposal_of  takes a row's cells and names the proposal it concerns, so that its errors stop that one alone
    spoilt       collects the cells of rows with errors, so that nobody calls unknown what they name or may have named
    told         is told how many rows there are, and how many of them were used
    table        of a workbook, if it is not the first
    commented    whether a row may be put out of use by a `#`; else it is most likely a code as `#17`
    """
    cells = read_cells(path, name, problems, table)
    if cells is None:
        return []
    for number, row in cells.comments:
        if len(row) > 1 and not commented:
            problems.append(Problem(name, f"a row that begins with {row[0]!r}, as comments do", "no '#' there", number))
    rows = _rows(cells, name, model, problems, proposal_of, [] if spoilt is None else spoilt)
    if told is not None:
        count = max(len(cells.rows) - 1, 0)
        told.append(Read(name, count, len(rows), tuple(number for number, _ in cells.comments), tuple(cells.unread)))
    return rows


def _rows(
    found: Cells,
    name: str,
    model: type[Model],
    problems: list[Problem],
    proposal_of,
    spoilt: list[Spoilt],
) -> list[tuple[int, Model]]:
    lines = found.rows
    known, required = list(model.model_fields), _required(model)
    if not lines:
        problems.append(Problem(name, "no header line", f"tab-separated columns, at least {', '.join(required)}"))
        return []
    number, header = lines[0]
    while not header[-1]:
        header.pop()
    if number in found.controls or len(header) > COLUMNS:
        what = f"{len(header)} columns" if len(header) > COLUMNS else _control(found.controls[number])
        problems.append(Problem(name, what, f"a header line of up to {COLUMNS} printable names", number))
        return []
    before = len(problems)
    for column in dict.fromkeys(header):
        if column not in known:
            expected = f"a column of this sheet{nearest(column, known)}"
            if "," in column or ";" in column or " " in column:
                expected = "columns separated by tabs"
            problems.append(Problem(name, f"unknown column {shown(column)}", expected, number))
        elif header.count(column) > 1:
            problems.append(Problem(name, f"column {column!r} {header.count(column)} times", "it once", number))
    for column in required:
        if column not in header:
            problems.append(Problem(name, f"no column {column!r}", "it, because it is required", number))
    usable = [column for column in header if column in known]
    missing = set(required) - set(usable)
    unreadable_header = len(problems) > before
    rows = []
    for number, cells in lines[1:]:
        while len(cells) > len(header) and not cells[-1]:  # spreadsheets leave empty columns behind
            cells.pop()
        cells += [""] * (len(header) - len(cells))
        row = {column: cell for column, cell in zip(header, cells, strict=False) if column in known}
        # A row that belongs to an instrument batch may concern any order.
        concerned = frozenset({proposal_of(row)} - {"", SHARED})
        if number in found.controls:
            spoilt.append({column: None if CONTROL.search(cell) else cell for column, cell in row.items()})
            sign = _control(found.controls[number])
            problems.append(Problem(name, sign, "printable text", number, proposals=concerned))
            continue
        if len(cells) > len(header):
            spoilt.append(dict.fromkeys(row))
            problems.append(
                Problem(name, f"{len(cells)} cells", f"{len(header)}, one a column", number, proposals=concerned)
            )
            continue
        if broken := {column: cell for column, cell in row.items() if ERROR.fullmatch(cell)}:
            spoilt.append({**row, **dict.fromkeys(broken)})
            for column, cell in broken.items():
                mark = f"{cell!r}, a spreadsheet's mark of an error"
                problems.append(Problem(name, mark, expected_at(model, (column,)), number, column, concerned))
            continue
        row = {column: cell for column, cell in row.items() if cell or column in required}
        try:
            rows.append((number, model.model_validate(row)))
        except ValidationError as error:
            left = {**row, **{str(item["loc"][0]): None for item in error.errors() if item["loc"]}}
            spoilt.append(left)
            # A proposal that cannot be read may be any.
            concerned = frozenset({proposal_of({name: cell or "" for name, cell in left.items()})} - {"", SHARED})
            for item in error.errors():
                column = str(item["loc"][0]) if item["loc"] else ""
                if unreadable_header and column in missing:
                    continue  # said once, at the header
                problems.append(Problem(name, _found(item), expected_at(model, item["loc"]), number, column, concerned))
    return rows


def _found(item: Any) -> str:
    """What stands in a refused cell, and for a day what it may have meant."""
    cause = item.get("ctx", {}).get("error")
    return str(cause) if isinstance(cause, dates.NoDate) else shown(item["input"])


def _required(model: type[BaseModel]) -> list[str]:
    return [name for name, field in model.model_fields.items() if field.is_required()]
