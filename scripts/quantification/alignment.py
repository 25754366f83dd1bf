"""Retention-time alignment of one run to a reference run, judged before it is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
import pyopenms as oms

from scripts.quantification import scales
from scripts.quantification.picked import Picked
from scripts.quantification.scales import Scales, Warp

#: Steps of fitting a line to pairs, and the distance (s) below which a pair weighs no more.
REFINEMENTS, LEAST_DISTANCE = 10, 0.1


@dataclass(frozen=True)
class Fit:
    """How a run lies on the reference: share of its features found there, median shift and median distance (s)."""

    matched: float
    shift: float | None
    residual: float | None
    cost: float


class Aligning(TypedDict):
    """Section `alignment` of the recipe."""

    mz_ppm: float
    mz_da: float
    max_shift_s: float
    max_scaling: float
    max_warp_s: float
    max_offset_ppm: float
    pair_rt_s: float
    judge_rt_s: float
    min_features: float
    min_gain: float


@dataclass(frozen=True)
class Alignment:
    """reference time = warp(slope x time + intercept) (s); `decision` is reference, aligned or unchanged.

    left  median distance (s) from the reference of the ions that both runs have, looked for as far as shifts are
    """

    decision: str
    reason: str
    slope: float = 1.0
    intercept: float = 0.0
    warp: Warp = Warp()
    before: Fit | None = None
    after: Fit | None = None
    left: float | None = None

    def scales(self, mass: Scales) -> Scales:
        """A run's scales of m/z with these times."""
        return replace(mass, slope=self.slope, intercept=self.intercept, warp=self.warp)

    @property
    def largest_warp(self) -> float:
        return max(self.warp.added, key=abs)


def reference_run(sizes: Sequence[int], roles: Sequence[str]) -> int | None:
    """The run others are aligned to: the pool with the most features, else the run with the most; never a blank.

    The first one listed wins a draw. None when no run but blanks has features.
    """
    for allowed in ({"pool"}, set(roles) - {"blank"}):
        numbers = [number for number, role in enumerate(roles) if role in allowed and sizes[number]]
        if numbers:
            return max(numbers, key=lambda number: (sizes[number], -number))
    return None


def places(features: Picked) -> np.ndarray:
    """n x 2: m/z and time (s), sorted by m/z."""
    return np.column_stack([features.mz, features.rt])[np.lexsort((features.rt, features.mz))]


def distances(run: np.ndarray, reference: np.ndarray, mz_ppm: float) -> np.ndarray:
    """How far (s) each place (m/z, s) of a run is from the reference's nearest in time of its m/z; infinite: none."""
    mz, rt = run.T
    first, last = (np.searchsorted(reference[:, 0], mz * (1 + side * 1e-6 * mz_ppm)) for side in (-1, 1))
    found = np.full(len(run), np.inf)
    for step in range((last - first).max(initial=0)):
        there = np.flatnonzero(first + step < last)
        distance = reference[first[there] + step, 1] - rt[there]
        nearer = np.abs(distance) < np.abs(found[there])
        found[there[nearer]] = distance[nearer]
    return found


def judge(run: np.ndarray, reference: np.ndarray, mz_ppm: float, rt_s: float) -> Fit:
    """Compare places (m/z, s) of a run with the reference's: each feature against the nearest in time of its m/z.

    The cost is the mean distance in time, of which none counts more than rt_s (a truncated, hence robust, loss): it
    falls when features come nearer, and when more of them find a partner within rt_s.
    """
    found = distances(run, reference, mz_ppm)
    near = found[np.abs(found) <= rt_s]
    return Fit(
        matched=len(near) / len(run),
        shift=float(np.median(near)) if len(near) else None,
        residual=float(np.median(np.abs(near))) if len(near) else None,
        cost=float(np.minimum(np.abs(found), rt_s).mean()),
    )


def _moved(run: np.ndarray, line: tuple[float, float]) -> np.ndarray:
    slope, intercept = line
    return np.column_stack([run[:, 0], slope * run[:, 1] + intercept])


def _refined(
    run: np.ndarray, reference: np.ndarray, line: tuple[float, float], mz_ppm: float, rt_s: float
) -> tuple[float, float]:
    """The line of least absolute distance through the pairs that a first line shows, paired anew at every step.

    Iteratively reweighted least squares (Schlossmacher 1973, doi:10.1080/01621459.1973.10481450).
    """
    for _ in range(REFINEMENTS):
        distance = distances(_moved(run, line), reference, mz_ppm)
        near = np.abs(distance) <= rt_s
        time = run[near, 1]
        if len(np.unique(time)) < 2:
            return line
        weight = 1 / np.sqrt(np.maximum(np.abs(distance[near]), LEAST_DISTANCE))
        wanted = line[0] * time + line[1] + distance[near]
        design = np.column_stack([time, np.ones_like(time)])
        slope, intercept = np.linalg.lstsq(design * weight[:, None], wanted * weight, rcond=None)[0]
        line = float(slope), float(intercept)
    return line


def _line(run: Picked, reference: Picked, options: Aligning) -> tuple[float, float] | None:
    """Slope and intercept by pose clustering, or None where it finds none."""
    aligner = oms.MapAlignmentAlgorithmPoseClustering()
    parameters = aligner.getDefaults()
    for name, value in {
        # OpenMS's own 100 s here pairs strangers and wrecks good data.
        "pairfinder:distance_RT:max_difference": options["pair_rt_s"],
        "pairfinder:distance_MZ:max_difference": options["mz_ppm"],
        "pairfinder:distance_MZ:unit": "ppm",
        "pairfinder:ignore_charge": "true",
        "superimposer:max_shift": options["max_shift_s"],
        "superimposer:max_scaling": options["max_scaling"],
        "superimposer:mz_pair_max_distance": options["mz_da"],
    }.items():
        parameters.setValue(name, value)
    aligner.setParameters(parameters)
    aligner.setLogType(oms.LogType.NONE)
    aligner.setReference(reference.map())
    try:
        transformation = aligner.align(run.map())
    except RuntimeError:  # too few pairs for a line
        return None
    # Two points of a straight line; the model's own parameters are scaled.
    start, end = transformation.apply(0.0), transformation.apply(1000.0)
    slope, intercept = (end - start) / 1000, start
    return (slope, intercept) if np.isfinite([slope, intercept]).all() else None


def _lines(
    run: Picked, reference: Picked, found: np.ndarray, target: np.ndarray, options: Aligning
) -> list[tuple[float, float]]:
    """What may bring the run (of places `found`) onto the reference (`target`): the coarse line, and it and no line at
    all, both refined."""
    coarse = _line(run, reference, options)
    if coarse is None:
        return []
    tolerance = (options["mz_ppm"], options["judge_rt_s"])
    # Where runs differ by less than a peak's width, no line is the better start.
    starts = (coarse, (1.0, 0.0))
    return [coarse, *(_refined(found, target, start, *tolerance) for start in starts)]


def align(run: Picked, reference: Picked, options: Aligning) -> Alignment:
    """The line, and what bends it, that bring a run onto the reference: each where the fit gains enough by it."""
    if not len(run):
        return Alignment("unchanged", "no features")
    found, target = places(run), places(reference)
    straight = _straight(found, target, _lines(run, reference, found, target, options), options)
    return _with_rest(_bent(found, target, straight, options) or straight, found, target, options)


def _straight(found: np.ndarray, target: np.ndarray, lines: list[tuple[float, float]], options: Aligning) -> Alignment:
    """The best of the lines, or no change where the fit does not gain enough by it."""
    tolerance = (options["mz_ppm"], options["judge_rt_s"])
    before = judge(found, target, *tolerance)
    if not lines:
        return Alignment("unchanged", "no line found", before=before, after=before)
    fits = [judge(_moved(found, line), target, *tolerance) for line in lines]
    best = min(range(len(fits)), key=lambda number: fits[number].cost)
    (slope, intercept), after = lines[best], fits[best]
    if after.matched * len(found) < options["min_features"]:
        return Alignment("unchanged", "too few features shared with the reference", before=before, after=before)
    change = f"the mean distance goes from {before.cost:.3f} to {after.cost:.3f} s"
    if after.cost < (1 - options["min_gain"]) * before.cost:
        return Alignment("aligned", change, slope, intercept, before=before, after=after)
    reason = f"a line is no {'gain' if after.cost >= before.cost else 'real gain'}: {change}"
    return Alignment("unchanged", reason, before=before, after=before)


def _bent(found: np.ndarray, target: np.ndarray, straight: Alignment, options: Aligning) -> Alignment | None:
    """The alignment with a warp behind the line, where ions that the warp was not made of gain by it."""
    line, before = (straight.slope, straight.intercept), straight.before
    moved = _moved(found, line)
    times, wanted = scales.shared(moved, target, options["mz_ppm"], options["max_warp_s"])
    warp = scales.warp(times, wanted, options["min_features"], options["min_gain"])
    if warp is None or before is None or straight.after is None:
        return None
    there = np.column_stack([moved[:, 0], warp.there(moved[:, 1])])
    after = judge(there, target, options["mz_ppm"], options["judge_rt_s"])
    if not after.cost < (1 - options["min_gain"]) * straight.after.cost:
        return None
    change = f"the mean distance goes from {before.cost:.3f} to {after.cost:.3f} s, by local regression"
    return Alignment("aligned", change, *line, warp, before, after)


def _with_rest(alignment: Alignment, found: np.ndarray, target: np.ndarray, options: Aligning) -> Alignment:
    """With what alignment left, where ions enough are shared to tell."""
    times = alignment.scales(Scales()).order_time(found[:, 1])
    own, wanted = scales.shared(
        np.column_stack([found[:, 0], times]), target, options["mz_ppm"], options["max_shift_s"]
    )
    left = float(np.median(np.abs(own - wanted))) if len(own) >= options["min_features"] else None
    return replace(alignment, left=left)
