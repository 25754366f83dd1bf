"""Drift within a batch and steps between batches, seen in the QC pools and judged on pools that were left out.

Everything is in logarithms of areas. The smoothers are linear in them (prediction = matrix x logarithms), so that one
matrix serves all features that were found in the same pools.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

#: From so many pools on: local regression, a straight line.
LOESS_FROM, LINE_FROM = 6, 4
#: Pools that every batch must have for a step between them to be judged.
STEP_FROM = 3


def line(at: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Least squares line through places x (n), predicted at m places: shape (m, n)."""
    design = np.column_stack([np.ones_like(x), x])
    return np.column_stack([np.ones_like(at), at]) @ np.linalg.pinv(design)


def loess(span: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Local linear regression with tricube weights over the `span` share of the pools (Cleveland 1979,
    doi:10.1080/01621459.1979.10481038, without its robustness iterations): a function like `line`."""

    def smoother(at: np.ndarray, x: np.ndarray) -> np.ndarray:
        count = min(len(x), max(3, int(np.ceil(span * len(x)))))
        rows = np.empty((len(at), len(x)))
        for number, place in enumerate(at):
            distance = np.abs(x - place)
            width = np.sort(distance)[count - 1] * (1 + 1e-9) or 1.0
            weight = np.clip(1 - (distance / width) ** 3, 0, None) ** 3
            root = np.sqrt(weight)
            design = np.column_stack([np.ones_like(x), x - place])
            # The prediction at the place itself is the intercept.
            rows[number] = np.linalg.pinv(design * root[:, None])[0] * root
        return rows

    return smoother


def left_out(smoother, x: np.ndarray) -> np.ndarray:
    """Every pool predicted from the others: shape (n, n), with zeros on the diagonal."""
    matrix = np.zeros((len(x), len(x)))
    for number in range(len(x)):
        others = np.arange(len(x)) != number
        matrix[number, others] = smoother(x[number : number + 1], x[others])[0]
    return matrix


def without_trend(values: np.ndarray) -> np.ndarray:
    """By how much the others' level misses every pool of (features, n): their mean or their median, which one failed
    injection does not move; of the two, for each feature, what misses by less."""
    count = values.shape[1]
    ranked, ranks = np.sort(values, axis=1), values.argsort(axis=1).argsort(axis=1)
    # Of the others, one rank is missing: from there on they are found one place further up.
    middle = [
        np.where(ranks <= at, ranked[:, [at + 1]], ranked[:, [at]]) for at in ((count - 2) // 2, (count - 1) // 2)
    ]
    median = values - (middle[0] + middle[1]) / 2
    mean = (values - values.mean(axis=1, keepdims=True)) * count / (count - 1)
    return np.where((np.sum(median**2, axis=1) < np.sum(mean**2, axis=1))[:, None], median, mean)


class Correction(TypedDict):
    """Section `correction` of the recipe."""

    standard_ppm: float
    standard_rt_s: float
    span: float
    min_gain: float
    min_gain_alone: float


@dataclass(frozen=True)
class Judged:
    """Per feature: how it was corrected ('' = not), and the error (SD of logarithms) on left-out pools without and
    with; NaN where it has too few pools. `factors` (features, runs) are to be added to the logarithms."""

    method: np.ndarray
    before: np.ndarray
    after: np.ndarray
    factors: np.ndarray


def smoothers(pools: int, options: Correction) -> dict[str, Callable]:
    """What may be tried with so many pools."""
    if pools >= LOESS_FROM:
        return {"loess": loess(options["span"])}
    return {"linear": line} if pools >= LINE_FROM else {}


def judge(pools: np.ndarray, x: np.ndarray, at: np.ndarray, options: Correction) -> Judged:
    """Drift of one batch.

    pools  (features, n) logarithms of areas in the batch's pools, NaN where a feature was not found
    x, at  injection numbers of the n pools and of all m runs of the batch

    A trend is kept where it predicts left-out pools better than their mean and median do: by `min_gain` where the batch
    as a whole gains, by `min_gain_alone` where it does not, because among thousands of features some gain by chance. A
    gain is one that is more than a standard error above 0 over the pools: what happens to one injection happens to all
    of its features, so that pools, not features, are what chance is counted by.
    Before the first and after the last pool the trend is held at its last value, never extrapolated.
    """
    count = len(pools)
    method = np.full(count, "", dtype=object)
    missed, missed_with = np.full(pools.shape, np.nan), np.full(pools.shape, np.nan)
    factors = np.zeros((count, len(at)))
    found = np.isfinite(pools)
    patterns, belongs = np.unique(found, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        mine = np.flatnonzero(belongs.ravel() == number)
        for name, smoother in smoothers(int(pattern.sum()), options).items():
            places, values = x[pattern], pools[np.ix_(mine, pattern)]
            held = np.clip(at, places.min(), places.max())
            without, with_it = without_trend(values), values - values @ left_out(smoother, places).T
            missed[np.ix_(mine, pattern)], missed_with[np.ix_(mine, pattern)] = without, with_it
            method[mine] = name
            factors[mine] = values.mean(axis=1, keepdims=True) - values @ smoother(held, places).T
    kept = worth(missed, missed_with, options)
    method[~kept] = ""
    factors[~kept] = 0
    return Judged(method, _spread(missed), _spread(missed_with), factors)


def worth(without: np.ndarray, with_it: np.ndarray, options: Correction) -> np.ndarray:
    """Which features a correction is kept for, by the errors (features, pools) on pools that were left out, without and
    with it: those whose error falls by `min_gain` where the features as a whole gain, and by `min_gain_alone` where
    they do not. NaN where a feature was not found or not judged."""
    before, after = _spread(without), _spread(with_it)
    gain = 1 - np.divide(after, before, out=np.ones_like(before), where=before > 0)
    gains = _gains(without, with_it)
    if _sure(_mean(gains.T)[None])[0]:
        return gain > options["min_gain"]
    return (gain > options["min_gain_alone"]) & _sure(gains)


def _spread(errors: np.ndarray) -> np.ndarray:
    return np.sqrt(_mean(errors**2))


def _gains(without: np.ndarray, with_it: np.ndarray) -> np.ndarray:
    """By how much each left-out pool's squared error falls, over the feature's mean squared error without."""
    usual = _mean(without**2)[:, None]
    return np.divide(without**2 - with_it**2, usual, out=np.zeros_like(without), where=~(usual <= 0))


def _sure(gains: np.ndarray) -> np.ndarray:
    """Whether the mean of each row, NaN left out, is more than its standard error above 0: the one-standard-error rule
    of cross-validation (Breiman et al. 1984, Classification and Regression Trees, section 3.4.3). It must be so without
    the pool that gains most, too: one failed injection among the pools is no drift."""
    most = np.where(np.isfinite(gains), gains, -np.inf).max(axis=1, initial=-np.inf, keepdims=True)
    return _above(gains) & _above(np.where(gains == most, np.nan, gains))


def _above(gains: np.ndarray) -> np.ndarray:
    count = np.isfinite(gains).sum(axis=1)
    middle = _mean(gains)
    squares = np.nansum((gains - middle[:, None]) ** 2, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (count > 1) & (middle > np.sqrt(squares / (count - 1) / count))


def steps(pools: np.ndarray, batch: np.ndarray, at: np.ndarray, options: Correction) -> Judged:
    """Steps between batches: each feature's batches are brought to their common mean where left-out pools gain by it.

    pools  (features, n) logarithms in all pools; batch their batch numbers (n), at those of all m runs
    Only features with STEP_FROM pools or more in every batch that has runs are judged, each by itself, and gain as
    in `judge`.
    """
    count, batches = len(pools), np.unique(at)
    method, factors = np.full(count, "", dtype=object), np.zeros((count, len(at)))
    if len(batches) < 2:
        return Judged(method, np.full(count, np.nan), np.full(count, np.nan), factors)
    found = np.isfinite(pools)
    enough = np.all([found[:, batch == number].sum(axis=1) >= STEP_FROM for number in batches], axis=0)
    means = np.stack([np.nanmean(np.where(enough[:, None], pools, 0)[:, batch == each], axis=1) for each in batches], 1)
    without, with_it = np.full(pools.shape, np.nan), np.full(pools.shape, np.nan)
    for number in range(pools.shape[1]):
        others = np.arange(pools.shape[1]) != number
        same = others & (batch == batch[number])
        if same.any():
            here = enough & found[:, number]
            without[here, number] = (pools[:, number] - _mean(pools[:, others]))[here]
            with_it[here, number] = (pools[:, number] - _mean(pools[:, same]))[here]
    kept = worth(without, with_it, options) & _sure(_gains(without, with_it))
    method[kept] = "pools"
    shift = means.mean(axis=1, keepdims=True) - means
    factors[kept] = shift[kept][:, np.searchsorted(batches, at)]
    return Judged(method, _spread(without), _spread(with_it), factors)


def _mean(values: np.ndarray) -> np.ndarray:
    """Row means over what is not NaN; NaN where nothing is."""
    found = np.isfinite(values)
    total = np.where(found, values, 0).sum(axis=1)
    return np.divide(total, found.sum(axis=1), out=np.full(len(values), np.nan), where=found.any(axis=1))
