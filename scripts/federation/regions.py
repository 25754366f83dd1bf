"""Where a sample's genotype is known: callable regions by number of copies, minus what its caller was unsure of.

Intervals are arrays of 0-based, half-open starts and ends, sorted and disjoint.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from scripts.lib.bed import is_region
from scripts.lib.karyotype import Karyotype
from scripts.lib.refusal import Refusal


class Intervals(NamedTuple):
    """Sorted, disjoint intervals of one sequence."""

    starts: np.ndarray
    ends: np.ndarray

    def contain(self, positions: np.ndarray) -> np.ndarray:
        """Whether each position lies in an interval."""
        if not len(self.starts):
            return np.zeros(len(positions), bool)
        at = np.searchsorted(self.starts, positions, side="right") - 1
        return (at >= 0) & (positions < self.ends[at])


def union(pairs: Iterable[tuple[int, int]]) -> Intervals:
    """Any intervals, sorted and merged."""
    array = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    if not len(array):
        return Intervals(array[:, 0], array[:, 1])
    reach = np.maximum.accumulate(array[:, 1])
    first = np.concatenate([[True], array[1:, 0] > reach[:-1]])
    last = np.concatenate([first[1:], [True]])
    return Intervals(array[first, 0], reach[last])


def intersection(one: Intervals, other: Intervals) -> Intervals:
    """What lies in both."""
    return _depth(one, other, 2)


def difference(one: Intervals, other: Intervals) -> Intervals:
    """What lies in the first alone."""
    cut = Intervals(
        np.concatenate([[np.iinfo(np.int64).min], other.ends]), np.concatenate([other.starts, [np.iinfo(np.int64).max]])
    )
    return _depth(one, cut, 2)


def _depth(one: Intervals, other: Intervals, wanted: int) -> Intervals:
    """Where that many of two interval sets overlap."""
    points = np.concatenate([one.starts, other.starts, one.ends, other.ends])
    steps = np.concatenate([np.ones(len(one.starts) + len(other.starts)), -np.ones(len(one.ends) + len(other.ends))])
    # At one point, ends come first: intervals that merely touch do not overlap.
    order = np.lexsort((steps, points))
    points, depth = points[order], np.cumsum(steps[order])
    inside = np.flatnonzero((depth[:-1] >= wanted) & (points[1:] > points[:-1]))
    return union(zip(points[inside].tolist(), points[inside + 1].tolist(), strict=True))


def read_bed(path: str | os.PathLike) -> dict[str, Intervals]:
    """Sequence -> intervals of a BED, plain or gzip-compressed. Raises Refusal for a line that is none."""
    found: dict[str, list[tuple[int, int]]] = {}
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8") as handle:
        for number, line in enumerate(handle, 1):
            if not is_region(line):
                continue
            fields = line.split("\t")
            try:
                start, end = int(fields[1]), int(fields[2])
            except (IndexError, ValueError):
                raise Refusal(f"{path}, line {number}", line.strip()[:40], "a BED line", "make the file anew") from None
            found.setdefault(fields[0], []).append((start, end))
    return {name: union(pairs) for name, pairs in found.items()}


def copies(karyotype: Karyotype, contig: str, sex: str) -> list[tuple[int, Intervals]]:
    """The sequence by number of copies in a sample of that sex; stretches of none are left out.

    Where the number depends on a sex that nobody stated, nothing is known.
    """
    by_copies: dict[int, list[tuple[int, int]]] = {}
    if sex == "unknown":
        female, male = (copies(karyotype, contig, each) for each in ("female", "male"))
        shared = [
            (number, intersection(one, other)) for number, one in female for same, other in male if same == number
        ]
        return [(number, where) for number, where in shared if len(where.starts)]
    for stretch in karyotype.stretches(contig, sex):
        if stretch.copies:
            by_copies.setdefault(stretch.copies, []).append((stretch.start, stretch.end))
    return [(number, union(pairs)) for number, pairs in sorted(by_copies.items())]
