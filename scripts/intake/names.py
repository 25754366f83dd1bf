"""Read names that occur twice, found by their hashes in bounded memory."""

from __future__ import annotations

import numpy as np

KEEP = 1 << 22


class Duplicates:
    """Finds names that occur twice among any number of names in at most 2 x KEEP x 8 bytes.

    Exact up to KEEP names. Beyond, it looks at those names whose hash lies below a falling limit: both copies of a
    name are looked at or neither, so a sample of the names is searched exhaustively.
    """

    def __init__(self, keep: int = KEEP):
        self._keep = keep
        self._parts: list[np.ndarray] = []
        self._count = 0
        self.one_in = 1

    def add(self, values: np.ndarray) -> None:
        values = values[values <= self._limit()] if self.one_in > 1 else values
        self._parts.append(values)
        self._count += len(values)
        while self._count > self._keep:
            self.one_in *= 2
            self._parts = [kept for part in self._parts if len(kept := part[part <= self._limit()])]
            self._count = sum(map(len, self._parts))

    def _limit(self) -> np.uint64:
        return np.uint64((1 << 64) // self.one_in - 1)

    def found(self) -> np.uint64 | None:
        """The hash of one name that occurs twice, or None."""
        values = np.concatenate(self._parts) if self._parts else np.empty(0, np.uint64)
        self._parts = []
        values.sort()
        twice = np.flatnonzero(values[1:] == values[:-1])
        return values[twice[0]] if len(twice) else None

    def searched(self) -> str:
        return "all names" if self.one_in == 1 else f"a sample of the names, 1 in {self.one_in}"
