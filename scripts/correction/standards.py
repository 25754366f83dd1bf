"""Normalisation by internal standards, judged on the QC pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from scripts.correction.drift import Correction, worth
from scripts.lib.library import Compound


def found(features: pd.DataFrame, areas: np.ndarray, standards: Sequence[Compound], ppm: float, rt_s: float) -> dict:
    """Name of each internal standard that was found -> number of its feature: of several, the most abundant."""
    rows = {}
    for standard in standards:
        near = np.abs(features["mz"] / standard.mz - 1) <= 1e-6 * ppm
        near &= features["polarity"] == standard.polarity
        if standard.rt_s is not None:
            near &= np.abs(features["rt_s"] - standard.rt_s) <= rt_s
        places = np.flatnonzero(near)
        if len(places):
            rows[standard.name] = int(places[np.argmax(np.nansum(areas[places], axis=1))])
    return rows


def normalise(
    logarithms: np.ndarray,
    features: pd.DataFrame,
    rows: Mapping[str, int],
    pools: Sequence[int],
    options: Correction,
) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of areas with each feature's internal standard divided out, and the standard's name ('' = none).

    logarithms  (features, runs)
    The standard nearest in time is used (features without one as well as features of their own standard stay as they
    are), and only where it was found in every run in which the feature was, and the pools gain by it as they must by a
    trend (`drift.worth`), all features of a standard as a whole. The choice is by time, not by the data.
    """
    result, names = logarithms.copy(), np.full(len(logarithms), "", dtype=object)
    if not rows or len(pools) < 3:
        return result, names
    rt, polarity = features["rt_s"].to_numpy(), features["polarity"].to_numpy()
    mine: dict[str, list[int]] = {}
    for number in range(len(logarithms)):
        candidates = [name for name, place in rows.items() if polarity[place] == polarity[number]]
        if not candidates or number in rows.values():
            continue
        name = min(candidates, key=lambda each: (abs(rt[rows[each]] - rt[number]), each))
        if not np.isnan(logarithms[rows[name]][np.isfinite(logarithms[number])]).any():
            mine.setdefault(name, []).append(number)
    for name, numbers in mine.items():
        standard = logarithms[rows[name]]
        changed = logarithms[numbers] - standard + np.nanmean(standard)
        without, with_it = (_from_mean(each[:, list(pools)]) for each in (logarithms[numbers], changed))
        kept = worth(without, with_it, options)
        chosen = np.array(numbers)[kept]
        result[chosen], names[chosen] = changed[kept], name
    return result, names


def _from_mean(values: np.ndarray) -> np.ndarray:
    """Distance of every pool (features, pools) from the feature's mean; NaN with fewer than three."""
    enough = np.isfinite(values).sum(axis=1) >= 3
    result = np.full(values.shape, np.nan)
    result[enough] = values[enough] - np.nanmean(values[enough], axis=1, keepdims=True)
    return result
