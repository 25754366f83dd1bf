"""The raw points behind a mass trace, and the peak they make.

pyOpenMS shows a trace's places (time, m/z) and its smoothed intensities; the raw intensities are looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyopenms as oms
from scipy.signal import find_peaks

from scripts.lib.elution import apex_time, area, borders

#: Distance between two scans on the axis that joins scan number and m/z; more than any m/z.
STRIDE = 1e5


@dataclass(frozen=True)
class Peak:
    """One elution peak: time and borders (s), apex (counts), area (counts x s), spread of its m/z (ppm)."""

    rt: float
    start: float
    end: float
    height: float
    area: float
    mz_spread_ppm: float


class Scans:
    """Raw intensities of the MS1 spectra of a run, by scan time and m/z. Spectra sorted by time, peaks by m/z."""

    def __init__(self, spectra: Sequence[oms.MSSpectrum]):
        peaks = [spectrum.get_peaks() for spectrum in spectra]
        self.times = np.array([spectrum.getRT() for spectrum in spectra])
        self._places = np.concatenate([number * STRIDE + mz for number, (mz, _) in enumerate(peaks)])
        self._intensities = np.concatenate([intensity.astype(float) for _, intensity in peaks])

    def intensities(self, places: np.ndarray) -> np.ndarray:
        """Intensities at n recorded (time s, m/z) places."""
        wanted = np.searchsorted(self.times, places[:, 0]) * STRIDE + places[:, 1]
        # The joined axis resolves 1e-6 in m/z: enough to tell peaks apart, not enough to compare for equality.
        return self._intensities[np.searchsorted(self._places, wanted - 1e-5)]

    def skipped(self, times: np.ndarray, mz: float, ppm: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Times, m/z and intensities of the peaks nearest to an m/z, within ppm, in those scans between the first and
        the last of some times that are none of them."""
        first, last = np.searchsorted(self.times, times[[0, -1]])
        scans = np.setdiff1d(np.arange(first, last + 1), np.searchsorted(self.times, times))
        if not len(scans):
            return np.empty(0), np.empty(0), np.empty(0)
        wanted = scans * STRIDE + mz
        right = np.searchsorted(self._places, wanted).clip(1, len(self._places) - 1)
        nearest = right - (wanted - self._places[right - 1] < self._places[right] - wanted)
        near = np.abs(self._places[nearest] - wanted) <= 1e-6 * ppm * mz
        found = self._places[nearest[near]] - scans[near] * STRIDE
        return self.times[scans[near]], found, self._intensities[nearest[near]]


def _places(trace: oms.MassTrace) -> np.ndarray:
    """Its (time, m/z). The hull goes forth and back; its first half are the trace's points in time order."""
    return np.asarray(trace.getConvexhull().getHullPoints())[: trace.getSize()]


def split(trace: oms.MassTrace, scans: Scans, least: float, valley: float) -> list[oms.MassTrace]:
    """The peaks of what OpenMS took for one: it divides two where the curve between them falls to half of the lower.

    Two maxima of `least` counts are two peaks where the smoothed curve between them falls to `valley` of the lower one.
    """
    smoothed = np.asarray(trace.getSmoothedIntensities())
    maxima, found = find_peaks(smoothed, height=least, prominence=(1 - valley) * least)
    maxima = maxima[found["prominences"] >= (1 - valley) * smoothed[maxima]]
    if len(maxima) < 2:
        return [trace]
    ends = [first + int(np.argmin(smoothed[first : last + 1])) for first, last in pairwise(maxima)]
    return [
        _part(trace, scans, smoothed, slice(first, last + 1), number)
        for number, (first, last) in enumerate(pairwise([0, *ends, len(smoothed) - 1]), start=1)
    ]


def _part(trace: oms.MassTrace, scans: Scans, smoothed: np.ndarray, inside: slice, number: int) -> oms.MassTrace:
    places = _places(trace)[inside]
    points = []
    for (time, mz), intensity in zip(places.tolist(), scans.intensities(places).tolist(), strict=True):
        point = oms.Peak2D()
        point.setRT(time)
        point.setMZ(mz)
        point.setIntensity(intensity)
        points.append(point)
    part = oms.MassTrace(points)
    part.setLabel(f"{trace.getLabel()}.{number}")
    part.setSmoothedIntensities(smoothed[inside].tolist())
    part.updateSmoothedMaxRT()
    part.updateWeightedMeanMZ()
    part.updateWeightedMZsd()
    part.estimateFWHM(True)
    return part


def measure(trace: oms.MassTrace, scans: Scans, share: float, ppm: float) -> Peak:
    """Integrate the raw points of an elution peak (trapezoids) between its borders on the smoothed curve.

    A mass trace skips what is below the noise: between the borders such points, within ppm, are the ion's all the same.
    """
    places = _places(trace)
    first, last = borders(np.asarray(trace.getSmoothedIntensities()), share)
    inside = slice(first, last + 1)
    times, mz, intensity = places[inside, 0], places[inside, 1], scans.intensities(places[inside])
    total = intensity.sum()
    mean = (mz * intensity).sum() / total
    also = scans.skipped(times, mean, ppm)
    order = np.argsort(np.concatenate([times, also[0]]), kind="stable")
    times, mz, intensity = (np.concatenate(each)[order] for each in zip((times, mz, intensity), also, strict=True))
    total = intensity.sum()
    spread = np.sqrt(((mz - mean) ** 2 * intensity).sum() / total)
    return Peak(
        rt=apex_time(times, intensity),
        start=float(times[0]),
        end=float(times[-1]),
        height=float(intensity.max()),
        area=area(times, intensity),
        mz_spread_ppm=float(1e6 * spread / mean),
    )
