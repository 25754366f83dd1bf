"""Reading tab-separated sheets into models: every problem is collected, none stops the reading."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ValidationError

from scripts.lib.registry.cells import read_cells
from scripts.lib.registry.models import SHARED
from scripts.lib.registry.problems import Problem, nearest
from scripts.lib.registry.settings import Model, expected_at, shown


def read_sheet(
    path: Path,
    name: str,
    model: type[Model],
    problems: list[Problem],
    proposal_of=lambda cells: "",
    spoilt: list[dict[str, str]] | None = None,
) -> list[tuple[int, Model]]:
    """Rows of a sheet (.tsv or .xlsx) as (line number, model). Comment lines (`#`) and empty lines are skipped.

    proposal_of  takes a row's cells and names the proposal it concerns, so that its errors stop that one alone
    spoilt       collects the cells of rows with errors, so that nobody calls unknown what they name
    """
    lines = read_cells(path, name, problems)
    if lines is None:
        return []
    known, required = list(model.model_fields), _required(model)
    if not lines:
        problems.append(Problem(name, "no header line", f"tab-separated columns, at least {', '.join(required)}"))
        return []
    number, header = lines[0]
    while not header[-1]:
        header.pop()
    before = len(problems)
    for column in dict.fromkeys(header):
        if column not in known:
            expected = f"a column of this sheet{nearest(column, known)}"
            if "," in column or ";" in column or " " in column:
                expected = "columns separated by tabs"
            problems.append(Problem(name, f"unknown column {column!r}", expected, number))
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
        if len(cells) > len(header):
            problems.append(
                Problem(name, f"{len(cells)} cells", f"{len(header)}, one a column", number, proposals=concerned)
            )
            continue
        row = {column: cell for column, cell in row.items() if cell or column in required}
        try:
            rows.append((number, model.model_validate(row)))
        except ValidationError as error:
            if spoilt is not None:
                spoilt.append(row)
            for item in error.errors():
                column = str(item["loc"][0]) if item["loc"] else ""
                if unreadable_header and column in missing:
                    continue  # said once, at the header
                problems.append(
                    Problem(name, shown(item["input"]), expected_at(model, item["loc"]), number, column, concerned)
                )
    return rows


def _required(model: type[BaseModel]) -> list[str]:
    return [name for name, field in model.model_fields.items() if field.is_required()]
