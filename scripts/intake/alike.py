"""Where one sequence repeats another nearly to the letter, as an unmasked Y repeats the pseudoautosomal regions of X.

Words that both have once, and that lie as far apart in one as in the other, tell it: of all words one in some, chosen
by their letters, so that the same ones are looked at in both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# A word fills 64 bits.
WORD, EVERY, AT_ONCE = 32, 16, 1 << 22
# Of the words of a window so many must be the other's: up to about 6 bases of 1,000 differ. Stretches that are not
# pseudoautosomal any more are less alike (the X-transposed region of humans: 10 to 12 of 1,000).
WINDOW, SHARE, LEAST = 1_000, 0.8, 5
CODES = np.full(256, 4, np.uint8)
for _letters in (b"ACGT", b"acgt"):
    CODES[list(_letters)] = range(4)


class Repeat(NamedTuple):
    """What repeats what (0-based, half-open), within a word."""

    start: int
    end: int
    other_start: int
    other_end: int


def repeats(sequence: str, other: str) -> list[Repeat]:
    """The stretches of a sequence, `LEAST` windows long and longer, that repeat another's in the same direction."""
    places, words, _ = _words_of(sequence)
    others, theirs, often = _words_of(other)
    judged = ~np.isin(words, often, assume_unique=True)
    places, words = places[judged], words[judged]
    _, mine, its = np.intersect1d(words, theirs, assume_unique=True, return_indices=True)
    order = np.argsort(places[mine])
    here, there = places[mine][order], others[its][order]
    count = len(sequence) // WINDOW + 1
    straight = _straight(here, there, count)
    here, there = here[straight], there[straight]
    looked_at, found = (np.bincount(each // WINDOW, minlength=count) for each in (places, here))
    return [
        Repeat(
            int(here[low]), int(here[high - 1]) + WORD, int(there[low:high].min()), int(there[low:high].max()) + WORD
        )
        for first, last in _rows((found > 0) & (found >= SHARE * looked_at))
        for low, high in [np.searchsorted(here, [first * WINDOW, last * WINDOW])]
    ]


def _straight(here: np.ndarray, there: np.ndarray, count: int) -> np.ndarray:
    """Which words lie as far apart as most of their window."""
    kept = np.zeros(len(here), bool)
    ends = np.searchsorted(here, np.arange(count + 1) * WINDOW)
    for start, end in zip(ends[:-1], ends[1:], strict=True):
        if start < end:
            apart = there[start:end] - here[start:end]
            kept[start:end] = np.abs(apart - np.median(apart)) <= WINDOW
    return kept


def _rows(windows: np.ndarray) -> list[tuple[int, int]]:
    """First and last (not included) of windows in a row, where there are enough of them."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], windows, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2) if last - first >= LEAST]


def _words_of(sequence: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places and words that a sequence has once; words that it has more often."""
    codes = CODES[np.frombuffer(sequence.encode("ascii"), np.uint8)]
    chosen = [_chosen(codes[start : start + AT_ONCE + WORD - 1], start) for start in range(0, len(codes), AT_ONCE)]
    places, words = (np.concatenate(parts) for parts in zip(*chosen, strict=True))
    different, first, counts = np.unique(words, return_index=True, return_counts=True)
    once = counts == 1
    return places[first[once]], different[once], different[~once]


def _chosen(codes: np.ndarray, offset: int) -> tuple[np.ndarray, np.ndarray]:
    """Places and words of a piece that are looked at."""
    unsure = np.concatenate([[0], np.cumsum(codes > 3)])
    words, step = codes.astype(np.uint64), 1
    while step < WORD and len(words) > step:
        words = (words[:-step] << np.uint64(2 * step)) | words[step:]
        step *= 2
    if step < WORD:
        return np.zeros(0, np.int64), np.zeros(0, np.uint64)
    sure = unsure[WORD:] == unsure[:-WORD]
    by_letters = (words * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
    places = np.flatnonzero(sure & (by_letters % np.uint64(EVERY) == 0))
    return places + offset, words[places]
