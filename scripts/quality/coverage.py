"""Coverage from a depth histogram: what GA4GH and Picard call mean, MAD, share and fold-80."""

from __future__ import annotations

import numpy as np


def mean(histogram: np.ndarray) -> float:
    """Mean depth; `histogram` has shape (n, 2): depth, number of positions with it. No rows give 0."""
    total = histogram[:, 1].sum()
    return float((histogram[:, 0] * histogram[:, 1]).sum() / total) if total else 0.0


def pct_at_least(histogram: np.ndarray, depth: int) -> float:
    """Percentage of positions that are covered at least so deep."""
    total = histogram[:, 1].sum()
    return float(100 * histogram[histogram[:, 0] >= depth, 1].sum() / total) if total else 0.0


def median(values: np.ndarray, counts: np.ndarray) -> float:
    """The middle value, or the mean of the two middle ones when their number is even."""
    total = int(counts.sum())
    if not total:
        return 0.0
    order = np.argsort(values)
    cumulative = np.cumsum(counts[order])
    middle = np.searchsorted(cumulative, [(total + 1) // 2, total // 2 + 1])
    return float(values[order][middle].mean())


def mad(histogram: np.ndarray) -> int:
    """Median absolute deviation, a whole number as the standard has it (halves, of even counts, upwards)."""
    depth, count = histogram.T
    return int(np.floor(median(np.abs(depth - median(depth, count)), count) + 0.5))


def fold_80(histogram: np.ndarray) -> float | None:
    """How much more would have to be sequenced for 80 % of the positions to reach what now is the mean.

    Picard's FOLD_80_BASE_PENALTY: the mean over the 20th percentile. None where that is zero.
    """
    histogram = histogram[np.argsort(histogram[:, 0])]
    total = histogram[:, 1].sum()
    if not total:
        return None
    percentile = histogram[np.searchsorted(np.cumsum(histogram[:, 1]), 0.2 * total), 0]
    return mean(histogram) / float(percentile) if percentile else None


def read_depths(path: str) -> dict[str, np.ndarray]:
    """Kind of chromosome -> histogram, from a table of kind, depth and positions."""
    found: dict[str, list[tuple[int, int]]] = {}
    with open(path, encoding="utf-8") as handle:
        for line in handle:
            kind, depth, count = line.split("\t")
            found.setdefault(kind, []).append((int(depth), int(count)))
    return {kind: np.array(rows, dtype=np.int64) for kind, rows in found.items()}


def joined(histograms: list[np.ndarray]) -> np.ndarray:
    """Several histograms as one, sorted by depth; shape (n, 2)."""
    if not histograms:
        return np.zeros((0, 2), dtype=np.int64)
    every = np.concatenate(histograms)
    depth, where = np.unique(every[:, 0], return_inverse=True)
    total = np.zeros(len(depth), dtype=np.int64)
    np.add.at(total, where, every[:, 1])
    return np.stack([depth, total], axis=1)
