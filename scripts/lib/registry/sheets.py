"""Reading tab-separated sheets and YAML files into models: every problem is collected, none stops the reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from scripts.lib.registry import yaml_text
from scripts.lib.registry.cells import ERROR, Cells, read_cells, read_text
from scripts.lib.registry.models import SHARED
from scripts.lib.registry.problems import Problem, nearest
from scripts.lib.registry.spreadsheets import COLUMNS

Model = TypeVar("Model", bound=BaseModel)
LONGEST = 200  # characters of a value that a sentence quotes


@dataclass(frozen=True)
class Read:
    """How much of a sheet was read, so that no row is lost without a word.

    comments  numbers of the lines that begin with `#`
    unread    names of a workbook's tables behind the first, which alone is read
    """

    sheet: str
    rows: int
    used: int
    comments: tuple[int, ...] = ()
    unread: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = [f"{self.sheet}: {self.rows} row{'s' * (self.rows != 1)}, {self.used} used"]
        if self.comments:
            told.append(f"{len(self.comments)} read over because of their #, line {_listed(self.comments)}")
        if self.unread:
            told.append(f"other tables not read: {_listed(self.unread)}")
        return f"{'; '.join(told)}."


def _listed(items: Sequence[Any], most: int = 8) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(map(str, items[:most])) + more


def _expected(model: type[BaseModel], path: tuple[Any, ...]) -> str:
    """The `expected` text of the innermost documented field on a pydantic error path."""
    text, current = "", model
    for part in path:
        known = _fields(current)
        if part in known:
            told, current = known[part]
            text = told or text
    return text


def _fields(model: Any) -> dict[str, tuple[str, Any]]:
    """{key: (what is expected there, the model inside)} of a model or of a dataclass of limits."""
    if is_dataclass(model):
        return {item.name: (item.metadata["expected"], None) for item in dataclass_fields(model)}
    return {
        name: ((field.json_schema_extra or {}).get("expected", ""), _inner(field.annotation))
        for name, field in getattr(model, "model_fields", {}).items()
    }


def _inner(annotation: Any) -> Any:
    """The model inside `Model`, `Model | None`, `list[Model]` or `dict[str, Model]`."""
    arguments = [one for one in getattr(annotation, "__args__", ()) if one is not type(None)]
    return _inner(arguments[-1]) if arguments else annotation


def _known_keys(model: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    """The keys allowed where pydantic found an unknown one."""
    current = model
    for part in path[:-1]:
        known = _fields(current)
        if part in known:
            _, current = known[part]
    return sorted(_fields(current))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return f"keys {', '.join(map(str, value))}" if value else "nothing"
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]!r}... ({len(value)} characters)"
    return "nothing" if value in ("", None) else repr(value)


def _control(character: str) -> str:
    return f"the control character {character!r}"


def read_sheet(
    path: Path,
    name: str,
    model: type[Model],
    problems: list[Problem],
    proposal_of=lambda cells: "",
    spoilt: list[dict[str, str]] | None = None,
    told: list[Read] | None = None,
    commented: bool = True,
) -> list[tuple[int, Model]]:
    """Rows of a sheet (.tsv or .xlsx) as (line number, model). Comment lines (`#`, of .tsv) and empty lines are
    skipped.

    proposal_of  takes a row's cells and names the proposal it concerns, so that its errors stop that one alone
    spoilt       collects the cells of rows with errors, so that nobody calls unknown what they name
    told         is told how many rows there are, and how many of them were used
    commented    whether a row may be put out of use by a `#`; else it is most likely a code as `#17`
    """
    cells = read_cells(path, name, problems)
    if cells is None:
        return []
    for number, row in cells.comments:
        if len(row) > 1 and not commented:
            problems.append(Problem(name, f"a row that begins with {row[0]!r}, as comments do", "no '#' there", number))
    rows = _rows(cells, name, model, problems, proposal_of, spoilt)
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
    spoilt: list[dict[str, str]] | None,
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
            problems.append(Problem(name, f"unknown column {_shown(column)}", expected, number))
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
            if spoilt is not None:
                spoilt.append(row)
            words = _control(found.controls[number])
            problems.append(Problem(name, words, "printable text", number, proposals=concerned))
            continue
        if len(cells) > len(header):
            problems.append(
                Problem(name, f"{len(cells)} cells", f"{len(header)}, one a column", number, proposals=concerned)
            )
            continue
        if broken := {column: cell for column, cell in row.items() if ERROR.fullmatch(cell)}:
            if spoilt is not None:
                spoilt.append(row)
            for column, cell in broken.items():
                words = f"{cell!r}, a spreadsheet's mark of an error"
                problems.append(Problem(name, words, _expected(model, (column,)), number, column, concerned))
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
                    Problem(name, _shown(item["input"]), _expected(model, item["loc"]), number, column, concerned)
                )
    return rows


def _required(model: type[BaseModel]) -> list[str]:
    return [name for name, field in model.model_fields.items() if field.is_required()]


def read_yaml(path: Path, name: str, problems: list[Problem]) -> dict:
    """The mapping in a YAML file; {} and a problem when it holds anything else."""
    text = read_text(path, name, problems, yaml_text.LARGEST)
    if text is None:
        return {}
    try:
        value = yaml_text.parsed(text)
    except yaml_text.Unfit as unfit:
        problems.append(Problem(name, unfit.problem, unfit.expected, unfit.problem_mark.line + 1))
        return {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        problems.append(Problem(name, f"text that is not YAML ({getattr(error, 'problem', error)})", "YAML", line))
        return {}
    if value is None:
        return {}
    if not isinstance(value, dict):
        problems.append(Problem(name, type(value).__name__, "a mapping (key: value)"))
        return {}
    return value


def validate(value: Any, model: type[Model], name: str, at: str, problems: list[Problem]) -> Model | None:
    """A mapping as a model, or None and one problem for each error; `at` is the key that holds the mapping."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for item in error.errors():
            problems.append(_yaml_problem(item, model, name, at))
        return None


def _yaml_problem(item: dict, model: type[BaseModel], name: str, at: str) -> Problem:
    path = tuple(item["loc"])
    column = ".".join(filter(None, [at, *map(str, path)]))
    if item["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        known = _known_keys(model, path)
        return Problem(
            name, "an unknown key", f"a key of {', '.join(known)}{nearest(str(path[-1]), known)}", None, column
        )
    if item["type"] == "missing":
        return Problem(name, "nothing", _expected(model, path), None, column)
    if item["type"] == "value_error":
        return Problem(name, str(item["ctx"]["error"]), _expected(model, path) or "one of them", None, column)
    return Problem(name, _shown(item["input"]), _expected(model, path), None, column)


def merged(base: Any, override: Any) -> Any:
    """`override` laid over `base` key by key; anything but mappings is replaced whole."""
    if isinstance(base, dict) and isinstance(override, dict):
        return {key: merged(base.get(key), override.get(key, base.get(key))) for key in {**base, **override}}
    return override
