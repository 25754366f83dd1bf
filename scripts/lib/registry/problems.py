"""What is wrong with a site, in words an operator can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from scripts.lib.refusal import printable


@dataclass(frozen=True)
class Problem:
    """One error in a sheet or configuration file.

    proposals  the proposals that cannot run because of it; empty: the whole site cannot
    pending    nobody's mistake, but a state: the proposal simply may not run (not awarded)
    source     where the sheet stands, if not in the file of its name
    """

    file: str
    found: str
    expected: str
    line: int | None = None
    column: str = ""
    proposals: frozenset[str] = frozenset()
    pending: bool = False
    source: str = ""

    @property
    def where(self) -> str:
        line = f", line {self.line}" if self.line else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.source or self.file}{line}{column}"

    def __str__(self) -> str:
        # What is quoted may hold anything; the sentence stays one line.
        return printable(f"{self.where}: found {self.found}, expected {self.expected}.")


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is closest, if any is close."""
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.5)
    return folded[close[0]] if close else None


def nearest(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)` for the known word that is closest, or nothing."""
    meant = closest(word, known)
    return f" (did you mean {meant!r}?)" if meant else ""


def one_of(known: Iterable[str]) -> str:
    """`a, b or c`, for what was expected."""
    *first, last = sorted(known) or ["nothing"]
    return f"{', '.join(first)} or {last}" if first else last
