"""Read names as 64-bit hashes, in bulk: pairing by name and duplicate names in bounded memory."""

from __future__ import annotations

import hashlib

import numpy as np

WIDTH = 256  # SAM allows 254 characters in a read name; a multiple of 8 for the hash
KEEP = 1 << 22

# Fixed odd multipliers; numpy.random would do as well, but takes as long to import as a small file to check.
_ODD = np.frombuffer(hashlib.shake_256(b"names").digest(2 * WIDTH), np.uint64).reshape(2, -1) | np.uint64(1)
_HALF = np.uint64(32)
_MIX = np.uint64(0x9E3779B97F4A7C15)


def rows(buffer: bytearray, starts: np.ndarray, width: int) -> np.ndarray:
    """Copy `width` bytes from each start: uint8 array (len(starts), width). The buffer must reach that far."""
    windows = np.ndarray((len(buffer) - width + 1,), f"V{width}", buffer, 0, (1,))
    return windows[starts].view(np.uint8).reshape(len(starts), width)


def hashes(text: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """uint64 hash of the first `lengths` bytes of each row; rows are a multiple of 8 bytes wide."""
    width = text.shape[1]
    words = np.where(np.arange(width, dtype=np.int32) < lengths[:, None], text, 0).view(np.uint64)
    # Each word is mixed before the sum: otherwise differences in two high bytes could cancel.
    words ^= words >> np.uint64(29)
    words *= _ODD[0, : width // 8]
    words ^= words >> _HALF
    words *= _ODD[1, : width // 8]
    total = words.sum(axis=1, dtype=np.uint64)
    total ^= total >> _HALF
    return total * _MIX


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
