"""A table that a laboratory's system exports (CSV), by a small file that says which of its columns is which of ours."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from scripts.arrivals.found import Found, inside
from scripts.lib.refusal import Refusal
from scripts.lib.registry import yaml_text

SHEETS = ("samples", "runs")
KEYS = {*SHEETS, "delimiter", "encoding"}
#: What may be said of a column: which it is, and how its words, days or numbers become ours.
OF_A_COLUMN = {"column", "values", "dates", "decimal"}
FILES = ("read1", "read2", "file")
FIX = "correct the mapping"


def find(table: Path, mapping: Path, site: Path, columns: dict[str, set[str]]) -> Found:
    """The rows that a table holds. Raises Refusal where mapping and table do not fit.

    columns  those of each sheet
    """
    said = _mapping(mapping, columns)
    lines = _lines(table, said)
    found = Found()
    for number, line in lines:
        made = {sheet: _row(said[sheet], line) for sheet in SHEETS if sheet in said}
        for sheet, row in made.items():
            if not row.get("sample"):
                raise Refusal(f"{table}, line {number}", "no sample", "its pseudonym", "complete the table")
            for role in FILES:
                if row.get(role):
                    row[role] = inside(site, table.parent / row[role])
            rows = getattr(found, sheet)
            if row not in rows:
                rows.append(row)
    return found


def _mapping(path: Path, columns: dict[str, set[str]]) -> dict[str, Any]:
    try:
        _, said = yaml_text.parsed(path.read_text(encoding="utf-8"))
    except yaml_text.Unfit as error:
        raise Refusal(f"{path}, line {error.problem_mark.line + 1}", str(error.problem), error.expected, FIX) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refusal(str(path), "text that is not YAML", "a mapping", FIX) from error
    except OSError as error:
        raise Refusal(str(path), str(error.strerror), "a mapping", "name the right file") from error
    if not isinstance(said, dict) or not said.keys() <= KEYS or not said.keys() & set(SHEETS):
        raise Refusal(str(path), str(said)[:80], f"keys of {', '.join(sorted(KEYS))}", FIX)
    for sheet in said.keys() & set(SHEETS):
        if not isinstance(said[sheet], dict) or "sample" not in said[sheet]:
            raise Refusal(f"{path}, {sheet}", str(said[sheet])[:80], "column: heading, `sample` among them", FIX)
        if wrong := sorted(map(str, said[sheet].keys() - columns[sheet])):
            raise Refusal(f"{path}, {sheet}", repr(wrong[0]), f"a column of {sheet}", FIX)
        for column, meant in said[sheet].items():
            if isinstance(meant, dict) and not (meant.keys() == {"value"} or {"column"} <= meant.keys() <= OF_A_COLUMN):
                expected = f"`value` alone, or `column` with of {', '.join(sorted(OF_A_COLUMN - {'column'}))}"
                raise Refusal(f"{path}, {sheet}, {column}", f"keys {', '.join(map(str, meant))}", expected, FIX)
            if isinstance(meant, dict) and not isinstance(words := meant.get("values", {}), dict):
                raise Refusal(f"{path}, {sheet}, {column}, values", repr(words), "theirs: ours", FIX)
    return said


def _lines(path: Path, said: dict[str, Any]) -> list[tuple[int, dict[str, str]]]:
    """The lines of the table; every heading that the mapping names is there once."""
    try:
        with open(path, encoding=said.get("encoding", "utf-8-sig"), newline="") as handle:
            reader = csv.reader(handle, delimiter=said.get("delimiter", ","))
            header = [cell.strip() for cell in next(reader, [])]
            lines = [(reader.line_num, [cell.strip() for cell in line]) for line in reader]
    except (UnicodeDecodeError, LookupError, TypeError, csv.Error) as error:
        raise Refusal(str(path), f"text that cannot be read ({error})", "a CSV as the mapping says", FIX) from error
    for sheet in SHEETS:
        for column, meant in said.get(sheet, {}).items():
            name = _heading(meant)
            if name and header.count(name) != 1:
                found = f"{header.count(name)} columns {name!r}" if name in header else f"no column {name!r}"
                raise Refusal(str(path), found, f"one, for {column} of {sheet}", FIX)
    for number, line in lines:
        if any(line) and len(line) != len(header):
            raise Refusal(
                f"{path}, line {number}", f"{len(line)} cells", f"{len(header)}, one a column", "export it again"
            )
    return [(number, dict(zip(header, line, strict=True))) for number, line in lines if any(line)]


def _heading(meant: Any) -> str:
    """The column that a mapping's entry names; '' for a constant."""
    return str(meant.get("column", "")) if isinstance(meant, dict) else str(meant)


def _row(said: dict[str, Any], line: dict[str, str]) -> dict[str, str]:
    row = {}
    for column, meant in said.items():
        if not (name := _heading(meant)):
            row[column] = str(meant.get("value", ""))
            continue
        row[column] = _converted(name, line[name], meant) if isinstance(meant, dict) and line[name] else line[name]
    return {column: value for column, value in row.items() if value}


def _converted(name: str, value: str, meant: dict[str, Any]) -> str:
    """A filled cell in our words. Raises Refusal for one that is not as the mapping says."""
    words, days, decimal = (meant.get(key) for key in ("values", "dates", "decimal"))
    if words is not None:
        if value not in words:
            expected = f"one of {', '.join(map(str, words))}"
            raise Refusal(f"column {name}", repr(value), expected, "add it to the mapping")
        return str(words[value])
    if days is not None:
        try:
            return datetime.strptime(value, str(days)).date().isoformat()
        except ValueError as error:
            raise Refusal(f"column {name}", repr(value), f"a day as {days}", FIX) from error
    if decimal is not None:
        whole, sign, part = value.partition(str(decimal))
        if not re.fullmatch(r"-?\d+", whole) or (sign and not re.fullmatch(r"\d+", part)):
            expected = f"a number with {str(decimal)!r} before its decimals, and no other sign in it"
            raise Refusal(f"column {name}", repr(value), expected, FIX)
        return f"{whole}.{part}" if sign else whole
    return value
