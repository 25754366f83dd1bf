"""Normalisation by internal standards, judged on the QC pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

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
    logarithms: np.ndarray, features: pd.DataFrame, rows: Mapping[str, int], pools: Sequence[int], min_gain: float
) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of areas with each feature's internal standard divided out, and the standard's name ('' = none).

    logarithms  (features, runs)
    The standard nearest in time is used (features without one as well as features of their own standard stay as they
    are), and only where it was found in every run in which the feature was, and the scatter over the pools falls by
    `min_gain` or more. The choice is by time, not by the data, so that the pools judge it fairly.
    """
    result, names = logarithms.copy(), np.full(len(logarithms), "", dtype=object)
    if not rows or len(pools) < 3:
        return result, names
    place_of = dict(rows)
    rt, polarity = features["rt_s"].to_numpy(), features["polarity"].to_numpy()
    for number in range(len(logarithms)):
        candidates = [name for name, place in place_of.items() if polarity[place] == polarity[number]]
        if not candidates or number in place_of.values():
            continue
        name = min(candidates, key=lambda each: (abs(rt[place_of[each]] - rt[number]), each))
        standard = logarithms[place_of[name]]
        own = logarithms[number]
        if np.isnan(standard[np.isfinite(own)]).any():
            continue
        changed = own - standard + np.nanmean(standard)
        before, after = own[list(pools)], changed[list(pools)]
        if np.isfinite(before).sum() >= 3 and np.nanstd(after) < (1 - min_gain) * np.nanstd(before):
            result[number], names[number] = changed, name
    return result, names
