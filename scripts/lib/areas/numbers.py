"""How a table writes its numbers: one decimal sign, and at most one sign between thousands, for all of it.

A sign is believed where a cell proves it. `12.345` may be twelve or twelve thousand: it is read only where the other
cells leave one answer, because a table of areas wrong by a thousand looks like any other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from scripts.lib.areas.cells import EXPORT, Cell
from scripts.lib.refusal import Refusal

CURE = "export the table with a point as decimal sign and nothing between thousands"
#: Signs that programs and spreadsheets put between thousands; blanks are told in `Style.pattern`.
BETWEEN = (",", ".", "'", "’", " ")


class Style(NamedTuple):
    """A decimal sign and a sign between thousands ('': none)."""

    decimal: str
    between: str = ""

    @property
    def pattern(self) -> re.Pattern[str]:
        whole = rf"\d{{1,3}}(?:{re.escape(self.between)}\d{{3}})+|\d+" if self.between else r"\d+"
        sign = re.escape(self.decimal)
        return re.compile(rf"[+-]?(?:(?:{whole})(?:{sign}\d*)?|{sign}\d+)(?:[eE][+-]?\d+)?")

    def value(self, text: str) -> float:
        bare = text.replace(self.between, "") if self.between else text
        return float(bare.replace(self.decimal, "."))

    def may_be_thousands(self, text: str) -> bool:
        """Whether the decimal sign of a number might as well stand between thousands."""
        return bool(re.fullmatch(rf"[1-9]\d{{0,2}}{re.escape(self.decimal)}\d{{3}}", text))


PLAIN = (Style("."), Style(","))
GROUPED = tuple(Style(sign, between) for sign in ".," for between in BETWEEN if between != sign)
PATTERNS = {style: style.pattern for style in PLAIN + GROUPED}


def reader(name: str, cells: Iterable[Cell], delimiter: str) -> Callable[[Cell | None], float | None]:
    """A function that reads the cells of one table: a number from 0 on, or None where nothing was found.

    Raises Refusal for a cell that is no number, for cells of two styles, and where two styles would fit.
    """
    told = [cell for cell in cells if not cell.empty]
    style = _style(name, told, delimiter)

    def read(cell: Cell | None) -> float | None:
        if cell is None or cell.empty:
            return None
        return _value(name, cell, style)

    return read


def _text(cell: Cell) -> str:
    """A cell's text with every blank that may stand between digits (narrow and protected ones too) as one."""
    return re.sub(r"\s", " ", cell.text.strip())


def _fits(style: Style, cell: Cell) -> bool:
    return bool(PATTERNS[style].fullmatch(_text(cell)))


def _value(name: str, cell: Cell, style: Style) -> float:
    value = style.value(_text(cell)) if _fits(style, cell) else math.nan
    if not (math.isfinite(value) and value >= 0):
        _refuse(name, cell)
    return value


def _refuse(name: str, cell: Cell) -> None:
    raise Refusal(
        f"{name}, line {cell.line}, column {cell.column}", repr(cell.text), "a number from 0 on, or nothing", EXPORT
    )


def _style(name: str, cells: Sequence[Cell], delimiter: str) -> Style:
    """The one style in which all cells are numbers; signs between thousands only where a cell needs them."""
    for cell in cells:
        if not any(_fits(style, cell) for style in PATTERNS):
            _refuse(name, cell)
    needing = [cell for cell in cells if not any(_fits(style, cell) for style in PLAIN)]
    styles = GROUPED if needing else PLAIN
    possible = [style for style in styles if all(_fits(style, cell) for cell in cells)]
    if not possible:
        raise _two_styles(name, cells, styles)
    # Where no cell has a sign, or none tells, the separator of cells does: programs put `;` where the comma is taken.
    usual = "," if delimiter == ";" else "."
    style = next((each for each in possible if each.decimal == usual), possible[0])
    if not needing:
        _sure(name, cells, style, usual)
    elif len({tuple(each.value(_text(cell)) for cell in cells) for each in possible}) > 1:
        raise _unsure(name, needing[0])
    return style


def _sure(name: str, cells: Sequence[Cell], style: Style, usual: str) -> None:
    """Refuse a decimal sign that might stand between thousands wherever it stands, unless all speaks for it: it is the
    usual one, and each kind of column writes all of its numbers with as many decimals."""
    signed = [cell for cell in cells if style.decimal in cell.text]
    if not signed or not all(style.may_be_thousands(_text(cell)) for cell in signed):
        return
    columns = {cell.column for cell in signed}
    bare = any(cell.column in columns and style.decimal not in cell.text for cell in cells)
    if style.decimal != usual or bare:
        raise _unsure(name, signed[0])


def _unsure(name: str, cell: Cell) -> Refusal:
    return Refusal(
        f"{name}, line {cell.line}, column {cell.column}",
        f"{cell.text.strip()!r}, and nothing in the table tells a decimal sign from one between thousands",
        "numbers that can be read in one way only",
        CURE,
    )


def _two_styles(name: str, cells: Sequence[Cell], styles: Sequence[Style]) -> Refusal:
    """Names two cells that no style fits at once."""
    kinds: dict[frozenset[Style], Cell] = {}
    for cell in cells:
        kinds.setdefault(frozenset(style for style in styles if _fits(style, cell)), cell)
    apart = ((one, other) for (a, one), (b, other) in combinations(kinds.items(), 2) if not a & b)
    one, other = next(apart, tuple(kinds.values())[:2])
    return Refusal(
        f"{name}, line {other.line}, column {other.column}",
        f"{other.text.strip()!r} beside {one.text.strip()!r} of line {one.line}",
        "one decimal sign in the whole table, and signs between thousands only where a number shows both",
        CURE,
    )
