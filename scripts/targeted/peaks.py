"""Which peak of a trace is the compound's. The area is that of scripts.lib.elution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from scripts.lib import elution
from scripts.targeted.traces import Extraction, Trace

#: A dip between two maxima separates two peaks when it is deeper than this share of the lower one: less is the
#: instrument's noise, which grows with the signal.
DIP = 0.2
#: The lowest points of a trace in which noise is measured, %.
QUIET_PCT = 60
#: From so many maxima on, most of a trace's are noise; and the standard deviation of white noise over the median
#: prominence of its maxima when it is smoothed by one scan (simulated).
BUMPS, BUMP = 8, 1.8


@dataclass(frozen=True)
class Peak:
    """An elution peak: apex, borders (s), height above background (counts), area (counts x s), height over noise."""

    rt_s: float
    start_s: float
    end_s: float
    height: float
    area: float
    snr: float
    mz: float

    @property
    def near(self) -> float:
        """How far apart the apexes of one peak may be measured: a quarter of its width at the base, s."""
        return (self.end_s - self.start_s) / 4


def background_and_noise(trace: Trace, smoothed: np.ndarray) -> tuple[float, float]:
    """Level and spread (counts) of what is no peak.

    The level is the lower quartile, because peaks may fill half of the trace. The spread is that of the differences
    between neighbours among the lower points, where no flank of a peak is (their median absolute value, scaled to a
    standard deviation), and at least the floor.
    """
    level = float(np.percentile(trace.intensities, 25))
    quiet = smoothed <= np.percentile(smoothed, QUIET_PCT)
    steps = np.abs(np.diff(trace.intensities))[quiet[1:] & quiet[:-1]]
    spread = 1.4826 * float(np.median(steps)) / np.sqrt(2) if len(steps) else 0.0
    if trace.intensities.min() <= 0:
        # The instrument cuts its noise off: most steps may be 0, and what noise there is shows in its maxima.
        bumps = find_peaks(np.pad(smoothed, 1), prominence=1e-9)[1]["prominences"]
        spread = max(spread, BUMP * float(np.median(bumps)) if len(bumps) >= BUMPS else 0.0)
    return level, max(spread, trace.floor)


def peaks(trace: Trace | None, recipe: Extraction) -> list[Peak]:
    """All peaks of a trace that stand out of its noise, in the order of time."""
    if trace is None or len(trace.times) < recipe["min_points"]:
        return []
    smoothed = gaussian_filter1d(trace.intensities, recipe["smoothing_scans"], mode="nearest")
    level, noise = background_and_noise(trace, smoothed)
    above = smoothed - level
    least = recipe["min_snr"] * noise
    # Zeros on both ends: a peak may begin before the trace.
    tops, facts = find_peaks(
        np.pad(above, 1, constant_values=min(0.0, above.min())), height=max(least, 1e-9), prominence=1e-9
    )
    tops = tops - 1
    kept = facts["prominences"] >= np.maximum(DIP * above[tops], least)
    tops = tops[kept]
    if not len(tops):
        return []
    # Peaks meet at the lowest point between them.
    valleys = [int(a + np.argmin(above[a : b + 1])) for a, b in zip(tops[:-1], tops[1:], strict=True)]
    found = []
    for top, start, end in zip(tops, [0, *valleys], [*valleys, len(above) - 1], strict=True):
        part = slice(start, end + 1)
        first, last = elution.borders(above[part], recipe["border"], top - start)
        inside = slice(start + first, start + last + 1)
        times, intensities = trace.times[inside], trace.intensities[inside]
        height = float(intensities.max() - level)
        if (intensities > level).sum() < recipe["min_points"] or height < least:
            continue
        seen = trace.mz[inside] > 0
        found.append(
            Peak(
                rt_s=elution.apex_time(times, np.maximum(intensities - level, 0)),
                start_s=float(times[0]),
                end_s=float(times[-1]),
                height=height,
                area=elution.area(times, intensities, level),
                snr=height / noise if noise else float(height > 0) * 1e9,
                mz=float(np.average(trace.mz[inside][seen], weights=intensities[seen])) if seen.any() else 0.0,
            )
        )
    return [peak for peak in found if peak.area > 0]


def wanted(expected: float, candidates: Sequence[Peak], tolerance: float) -> Peak | None:
    """The peak nearest to the expected time, if it is near enough: a higher one beside it is somebody else's."""
    nearest = min(candidates, key=lambda peak: abs(peak.rt_s - expected), default=None)
    return nearest if nearest and abs(nearest.rt_s - expected) <= tolerance else None
