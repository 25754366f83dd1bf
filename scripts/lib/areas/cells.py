"""What the forms of area tables are taken apart into: rows of cells that still are text."""

from __future__ import annotations

from typing import NamedTuple

EXPORT = "export the table again from the program that integrated the peaks"
#: What programs write where there is no peak.
NOTHING = {"", "#n/a", "n/a", "na", "nan", "n/f", "nf", "not identified"}


class Cell(NamedTuple):
    """A cell that holds a number, or says that there is none; lines count from 1."""

    line: int
    column: str
    text: str

    @property
    def empty(self) -> bool:
        return self.text.strip().lower() in NOTHING or not self.text.strip(" -")


class Row(NamedTuple):
    """The peak of one ion in one run, unread. unit: seconds in one of its retention time."""

    line: int
    run: str
    compound: str
    area: Cell
    rt: Cell | None = None
    unit: float = 60.0
    ion: str = ""
    mz: Cell | None = None
    product_mz: Cell | None = None
