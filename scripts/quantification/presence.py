"""What one sample lacks that all others have, and what it alone has: it failed in part, or is of another kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from scripts.lib.matrix import PICKED, WEAK, Matrix

COLUMNS = ["sample", "presence", "feature", "polarity", "mz", "rt_s", "status"]
LACKS, ALONE = "lacks", "alone"
#: Samples from which "all others" says something.
ENOUGH = 3
#: A sample is odd with so many more than the others' median, in their scatter, and at least this share of the features.
SCATTERS, LEAST_SHARE = 5, 0.05


def presence(matrix: Matrix, runs: Sequence[Mapping[str, Any]]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Samples, and what each lacks that all others have, and what it alone has: two masks (features, samples).

    A sample has what is a peak in any of its runs. What blanks have is nobody's alone.
    """
    shown = np.isin(matrix.origin, (PICKED, WEAK))
    samples = list(dict.fromkeys(run["sample"] for run in runs if run["role"] == "sample"))
    if len(samples) < ENOUGH:
        return [], np.zeros((len(shown), 0), bool), np.zeros((len(shown), 0), bool)
    has = np.column_stack([shown[:, [run["sample"] == sample for run in runs]].any(axis=1) for sample in samples])
    blank = shown[:, [run["role"] == "blank" for run in runs]].any(axis=1)
    count = has.sum(axis=1, keepdims=True)
    return samples, ~has & (count == len(samples) - 1), has & (count == 1) & ~blank[:, None]


def rows(matrix: Matrix, status: Sequence[str], runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row a sample and feature, sample by sample."""
    samples, lacks, alone = presence(matrix, runs)
    places = matrix.features[["feature", "polarity", "mz", "rt_s"]]
    found = []
    for number, sample in enumerate(samples):
        for kind, mask in ((LACKS, lacks), (ALONE, alone)):
            for row in np.flatnonzero(mask[:, number]):
                name, polarity, mz, rt = places.iloc[row]
                place = {"feature": name, "polarity": polarity, "mz": round(mz, 6), "rt_s": round(rt, 3)}
                found.append({"sample": sample, "presence": kind, **place, "status": status[row]})
    return found


def odd(counts: np.ndarray, features: int) -> np.ndarray:
    """Which of the samples' counts stand out."""
    usual = np.median(counts)
    scatter = max(1.4826 * float(np.median(np.abs(counts - usual))), 1.0)
    return (counts > usual + SCATTERS * scatter) & (counts > LEAST_SHARE * features)


def table(matrix: Matrix, runs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A row a sample: how much it lacks, how much it has alone, and whether that is odd."""
    samples, lacks, alone = presence(matrix, runs)
    counts = pd.DataFrame({LACKS: lacks.sum(axis=0), ALONE: alone.sum(axis=0)}, index=samples)
    strange = [odd(counts[kind].to_numpy(), len(matrix.features)) for kind in (LACKS, ALONE)] if samples else []
    counts["odd"] = np.any(strange, axis=0) if samples else []
    return counts
