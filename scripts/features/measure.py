"""What the spectra of a run say about their instrument: how wide peaks are, how far an ion's m/z scatters, how loud the
noise is.

Like Autotuner (McLean & Kujawinski 2020, doi:10.1021/acs.analchem.9b04804), this looks at the ions of the raw data
themselves instead of picking again and again with other parameters (as IPO does, Libiseller et al. 2015,
doi:10.1186/s12859-015-0562-8): the most intense ions are followed outwards from their apex, scan by scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import pyopenms as oms

from scripts.lib.mzml import RECORDED

#: Ions are weak up to so many times the height from which they are looked at.
WEAK = 3


class Proposals(TypedDict):
    """Section `proposals` of the recipe."""

    ions: float
    min_ions: float
    wide_ppm: float
    wide_rt_s: float
    max_factor: float


@dataclass(frozen=True)
class Ions:
    """n elution peaks of single ions: m/z, apex (s), full width at half maximum (s); and how far, in ppm, the points of
    each (those above a tenth of its height) lie from its m/z."""

    mz: np.ndarray
    rt: np.ndarray
    width: np.ndarray
    deviation: np.ndarray

    def __len__(self) -> int:
        return len(self.mz)


def recorded(experiment: oms.MSExperiment) -> str:
    """How a centroided run was recorded: what is noise in it is of another height where it came as profile."""
    return str(experiment.getMetaValue(RECORDED)) if experiment.metaValueExists(RECORDED) else "centroid"


def noise_level(spectra: Sequence[oms.MSSpectrum], factor: float) -> float:
    """Factor times the median over spectra of the lowest intensity; instruments record little below their noise."""
    lowest = [intensity.min() for spectrum in spectra if len(intensity := spectrum.get_peaks()[1])]
    return factor * float(np.median(lowest)) if lowest else 0.0


def ions(spectra: Sequence[oms.MSSpectrum], least: float, options: Proposals, weak: bool = False) -> Ions:
    """The most intense ions of the MS1 spectra of one polarity, sorted by time.

    least    height (counts) below which no ion is looked at
    weak     look at the weak ones instead, whose m/z are made of fewer counts and scatter more
    options  `ions`: so many at most; `wide_ppm`: farthest from the apex that a point is taken for the same ion

    A peak counts when it falls below half its height on both sides and has two points above: what is always there is
    background.
    """
    peaks = [spectrum.get_peaks() for spectrum in spectra]
    times = np.array([spectrum.getRT() for spectrum in spectra])
    scan = np.repeat(np.arange(len(peaks)), [len(mz) for mz, _ in peaks])
    mz = np.concatenate([mz for mz, _ in peaks] or [np.empty(0)])
    order = np.argsort(mz, kind="stable")
    scan, mz = scan[order], mz[order]
    height = np.concatenate([each for _, each in peaks] or [np.empty(0)])[order].astype(float)
    free = height >= least
    tops = np.flatnonzero(free & (height <= WEAK * least)) if weak else np.flatnonzero(free)
    found, deviations = [], []
    for top in tops[np.argsort(-height[tops], kind="stable")]:
        if len(found) >= options["ions"]:
            break
        if not free[top]:
            continue
        first, last = np.searchsorted(mz, mz[top] * (1 + 1e-6 * options["wide_ppm"] * np.array([-1, 1])))
        points = _one_a_scan(np.arange(first, last), scan, np.abs(mz[first:last] - mz[top]))
        left, apex, right = _flanks(scan[points], height[points], int(np.flatnonzero(points == top)[0]))
        within = (scan[first:last] >= scan[points[left]]) & (scan[first:last] <= scan[points[right]])
        free[first:last][within] = False
        points, apex = points[left : right + 1], apex - left
        if height[points].max() > height[top]:
            continue  # the flank of a more intense one
        width = _width(times[scan[points]], height[points], apex)
        if width is None:
            continue
        upper = points[height[points] >= height[top] / 10]
        mean = np.average(mz[upper], weights=height[upper])
        found.append((mean, times[scan[top]], width))
        deviations.append(1e6 * (mz[upper] / mean - 1))
    table = np.array(found).reshape(-1, 3)
    table = table[np.lexsort((table[:, 0], table[:, 1]))]
    return Ions(*table.T, np.concatenate(deviations or [np.empty(0)]))


def _one_a_scan(points: np.ndarray, scan: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Of each scan the point that is nearest, in the order of scans."""
    order = np.lexsort((distance, scan[points]))
    points = points[order]
    return points[np.diff(scan[points], prepend=-1) > 0]


def _flanks(scan: np.ndarray, height: np.ndarray, apex: int) -> tuple[int, int, int]:
    """From the apex outwards, until a scan lacks the ion or shows it below a twentieth of its height."""
    left = right = apex
    while left and scan[left] - scan[left - 1] == 1 and height[left] > height[apex] / 20:
        left -= 1
    while right < len(scan) - 1 and scan[right + 1] - scan[right] == 1 and height[right] > height[apex] / 20:
        right += 1
    return left, apex, right


def _width(times: np.ndarray, height: np.ndarray, apex: int) -> float | None:
    """Full width at half maximum (s) by straight lines between points; None where it is no whole peak."""
    half = height[apex] / 2
    left, right = np.flatnonzero(height[:apex] < half), np.flatnonzero(height[apex:] < half)
    if not len(left) or not len(right):
        return None
    left, right = left[-1], apex + right[0]
    if right - left < 3:
        return None
    start = np.interp(half, height[left : left + 2], times[left : left + 2])
    end = np.interp(-half, -height[right - 1 : right + 1], times[right - 1 : right + 1])
    return float(end - start)


def shared(first: Ions, second: Ions, ppm: float, seconds: float) -> np.ndarray:
    """Differences (m/z in ppm, apex in s; shape n x 2) of ions that each run has one alone of, near the other."""
    near = np.abs(second.mz[None, :] / first.mz[:, None] - 1) <= 1e-6 * ppm
    near &= np.abs(second.rt[None, :] - first.rt[:, None]) <= seconds
    near &= (near.sum(axis=1) == 1)[:, None] & (near.sum(axis=0) == 1)[None, :]
    mine, other = np.nonzero(near)
    return np.column_stack([1e6 * (second.mz[other] / first.mz[mine] - 1), second.rt[other] - first.rt[mine]])
