"""The scales of one run, m/z and retention time, held against those of its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import theilslopes
from statsmodels.nonparametric.smoothers_lowess import lowess

from scripts.quantification.picked import Picked

#: Shared ions from which a slope is believed, and of which at most one is computed: its cost grows with their square.
IONS_OF_A_SLOPE, MOST_IONS = 50, 2000
#: What the densest offset must be richer by than pairs of strangers would be.
ABOVE_CHANCE = 3
#: Places at which a warp is written down, and shares of the shared ions of which one local regression may see one.
KNOTS, SPANS = 60, (0.15, 0.3, 0.5)


@dataclass(frozen=True)
class Warp:
    """What is added (s) to times (s), after the line; between the knots linear, beyond them constant."""

    times: tuple[float, ...] = (0.0,)
    added: tuple[float, ...] = (0.0,)

    def there(self, times: np.ndarray | float):
        return times + np.interp(times, self.times, self.added)

    def back(self, times: np.ndarray | float):
        return times - np.interp(times, np.add(self.times, self.added), self.added)


def excess_ppm(offset_ppm: float, slope_ppm: float, mz: np.ndarray | float):
    """How much too high a scale is at an m/z: so much at 0, and so much more per 1000."""
    return offset_ppm + slope_ppm * mz / 1000


@dataclass(frozen=True)
class Scales:
    """The order's time of an own time t (s) is warp(slope x t + intercept); the own m/z is too high by an offset and
    a slope (`excess_ppm`)."""

    slope: float = 1.0
    intercept: float = 0.0
    warp: Warp = Warp()
    offset_ppm: float = 0.0
    slope_ppm: float = 0.0

    def order_time(self, own: np.ndarray | float):
        return self.warp.there(self.slope * own + self.intercept)

    def own_time(self, time: np.ndarray | float):
        return (self.warp.back(time) - self.intercept) / self.slope

    def excess_ppm(self, mz: np.ndarray | float):
        """How much too high the own m/z are."""
        return excess_ppm(self.offset_ppm, self.slope_ppm, mz)

    def order_mz(self, own: np.ndarray | float):
        return own / (1 + 1e-6 * self.excess_ppm(own))

    def own_mz(self, mz: np.ndarray | float):
        return mz * (1 + 1e-6 * self.excess_ppm(mz))

    def brought(self, own: Picked) -> Picked:
        """A run's features on the scales of the order."""
        times = (self.order_time(each) for each in (own.rt, own.start, own.end))
        rt, start, end = times
        return replace(own, mz=self.order_mz(own.mz), rt=rt, start=start, end=end)

    def written(self) -> dict[str, Any]:
        """As JSON holds them."""
        kept = {"slope": self.slope, "intercept": self.intercept}
        kept |= {"offset_ppm": self.offset_ppm, "slope_ppm": self.slope_ppm}
        return kept | {"warp": [list(self.warp.times), list(self.warp.added)]}


def read(written: Mapping[str, Any]) -> Scales:
    """What `Scales.written` wrote."""
    times, added = written["warp"]
    return Scales(**{**written, "warp": Warp(tuple(times), tuple(added))})


@dataclass(frozen=True)
class MassScale:
    """A run's m/z against another's, on ions of both: how much too high it is (ppm at m/z 0, and more per 1000),
    the number of shared ions, their median distance (ppm) from that, and their range of m/z."""

    offset_ppm: float
    slope_ppm: float
    shared: int
    residual_ppm: float
    lowest: float
    highest: float
    gains: bool

    def largest(self) -> float:
        """The largest excess (ppm) over the range of the shared ions, with its sign."""
        both = [excess_ppm(self.offset_ppm, self.slope_ppm, mz) for mz in (self.lowest, self.highest)]
        return max(both, key=abs)


def _pairs(run: np.ndarray, other: np.ndarray, ppm: float, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Places (in run and in other) of everything within ppm and seconds; both are places (m/z, s) sorted by m/z."""
    first, last = (np.searchsorted(other[:, 0], run[:, 0] * (1 + side * 1e-6 * ppm)) for side in (-1, 1))
    mine = np.repeat(np.arange(len(run)), last - first)
    start = np.repeat(np.cumsum(last - first) - (last - first), last - first)
    theirs = np.repeat(first, last - first) + np.arange(len(mine)) - start
    near = np.abs(run[mine, 1] - other[theirs, 1]) <= seconds
    return mine[near], theirs[near]


def mass_scale(
    run: np.ndarray,
    other: np.ndarray,
    *,
    ppm: float,
    within_ppm: float,
    seconds: float,
    min_features: float,
    min_gain: float,
) -> MassScale | None:
    """How a run's m/z lie on another's, or None where too few ions are seen to be in both.

    run, other   places (m/z, s), sorted by m/z
    ppm          how well one ion's m/z agree in two runs; within_ppm: how far off a scale is looked for
    Pairs of one ion agree in their distance, pairs of strangers are spread: the densest distance is the offset. A slope
    (Theil-Sen) is believed where its interval of 99.9 % excludes none.
    """
    mine, theirs = _pairs(run, other, within_ppm, seconds)
    mz = run[mine, 0]
    off = 1e6 * (mz - other[theirs, 0]) / other[theirs, 0]
    if len(off) < min_features:
        return None
    ordered = np.sort(off)
    count = np.searchsorted(ordered, ordered + ppm, side="right") - np.arange(len(ordered))
    begin = int(np.argmax(count))
    offset, rich = float(np.median(ordered[begin : begin + count[begin]])), int(count[begin])
    chance = (len(off) - rich) * ppm / max(2 * within_ppm - ppm, ppm)
    if rich < max(min_features, ABOVE_CHANCE * chance):
        return None
    near = np.abs(off - offset) <= ppm
    mz, off, slope = mz[near], off[near], 0.0
    if len(off) >= IONS_OF_A_SLOPE:
        some = np.linspace(0, len(off) - 1, min(len(off), MOST_IONS)).astype(int)
        steep, _, low, high = theilslopes(off[some], mz[some], 0.999)
        straight = float(np.median(off - steep * mz))
        better = np.abs(off - steep * mz - straight).mean() < (1 - min_gain) * np.abs(off - np.median(off)).mean()
        if better and (low > 0 or high < 0):
            slope, offset = 1000 * float(steep), straight
    offset = float(np.median(off - excess_ppm(0.0, slope, mz)))
    left = np.abs(off - excess_ppm(offset, slope, mz))
    gains = bool(left.mean() < (1 - min_gain) * np.abs(off).mean())
    return MassScale(offset, slope, len(off), float(np.median(left)), float(mz.min()), float(mz.max()), gains)


def anchored(found: Sequence[MassScale | None], within_ppm: float) -> list[MassScale | None]:
    """The scales held against the order's middle one, where that is further from the reference's own than within_ppm:
    then the reference is the run that is off."""
    offsets = [(each.offset_ppm, each.slope_ppm) for each in found if each]
    if len(offsets) < 3:
        return list(found)
    offset, slope = (float(np.median(numbers)) for numbers in zip(*offsets, strict=True))
    middle = np.median([mz for each in found if each for mz in (each.lowest, each.highest)])
    if abs(excess_ppm(offset, slope, middle)) <= within_ppm:
        return list(found)
    return [
        each and replace(each, offset_ppm=each.offset_ppm - offset, slope_ppm=each.slope_ppm - slope, gains=True)
        for each in found
    ]


def shared(run: np.ndarray, other: np.ndarray, ppm: float, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Times (s) in the run, and in the other, of ions that each of them has but once within ppm and seconds."""
    mine, theirs = _pairs(run, other, ppm, seconds)
    once = (np.bincount(mine, minlength=len(run)) == 1)[mine] & (np.bincount(theirs, minlength=len(other)) == 1)[theirs]
    # One that has a twin in its own run beside it may be the twin's.
    own, beside = _pairs(run, run, ppm, seconds)
    alone = np.bincount(own[own != beside], minlength=len(run)) == 0
    once &= alone[mine]
    return run[mine[once], 1], other[theirs[once], 1]


def _lowess(times: np.ndarray, added: np.ndarray, at: np.ndarray, span: float) -> np.ndarray:
    return lowess(added, times, frac=span, it=3, xvals=np.clip(at, times.min(), times.max()))


def _left_out(times: np.ndarray, added: np.ndarray, span: float) -> np.ndarray:
    """What is left (s) at every second ion by a regression on the others, and the other way round."""
    left = np.empty(len(times))
    for half in (0, 1):
        fitted = np.arange(len(times)) % 2 == half
        left[~fitted] = added[~fitted] - _lowess(times[fitted], added[fitted], times[~fitted], span)
    return np.abs(left)


def warp(times: np.ndarray, wanted: np.ndarray, least: float, min_gain: float) -> Warp | None:
    """What brings times (s) of shared ions to the wanted ones, by robust local regression (LOWESS, Cleveland 1979,
    doi:10.1080/01621459.1979.10481038), or None.

    The share of ions that it sees at a time is the one that serves ions best which it was not made of; it is used where
    those come nearer by min_gain, and where it keeps the order of times.
    """
    order = np.argsort(times, kind="stable")
    times, added = times[order], (wanted - times)[order]
    if len(times) < max(least, 20) or len(np.unique(times)) < 10:
        return None
    limit = np.median(np.abs(added)) * 3 + 1e-9  # a stranger among the pairs counts no more than this
    costs = [float(np.minimum(_left_out(times, added, span), limit).mean()) for span in SPANS]
    best = int(np.nanargmin(np.nan_to_num(costs, nan=np.inf)))
    if not costs[best] < (1 - min_gain) * np.minimum(np.abs(added), limit).mean():
        return None
    knots = np.linspace(times[0], times[-1], KNOTS)
    found = _lowess(times, added, knots, SPANS[best])
    if not (np.isfinite(found).all() and (np.diff(knots + found) > 0).all()):
        return None
    return Warp(tuple(knots.tolist()), tuple(found.tolist()))
