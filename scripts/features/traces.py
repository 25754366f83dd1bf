"""The raw points behind a mass trace, and the peak they make.

pyOpenMS shows a trace's places (time, m/z) and its smoothed intensities; the raw intensities are looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyopenms as oms

#: Distance between two scans on the axis that joins scan number and m/z; more than any m/z.
STRIDE = 1e5


@dataclass(frozen=True)
class Peak:
    """One elution peak: time and borders (s), apex (counts), area (counts x s), spread of its m/z (ppm).

    The time is the centroid of what stands above half the height: finer than the distance of scans, where the highest
    point of a broad peak is a matter of noise.
    """

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


def borders(smoothed: np.ndarray, share: float) -> tuple[int, int]:
    """First and last point of the peak: the nearest to the apex at or below this share of its height, or the end."""
    apex = int(np.argmax(smoothed))
    low = np.flatnonzero(smoothed <= share * smoothed[apex])
    left, right = low[low < apex], low[low > apex]
    return (int(left[-1]) if len(left) else 0), (int(right[0]) if len(right) else len(smoothed) - 1)


def measure(trace: oms.MassTrace, scans: Scans, share: float) -> Peak:
    """Integrate the raw points of an elution peak (trapezoids) between its borders on the smoothed curve."""
    size = trace.getSize()
    # The hull goes forth and back; its first half are the trace's points in time order.
    places = np.asarray(trace.getConvexhull().getHullPoints())[:size]
    first, last = borders(np.asarray(trace.getSmoothedIntensities()), share)
    inside = slice(first, last + 1)
    times, mz, intensity = places[inside, 0], places[inside, 1], scans.intensities(places[inside])
    mean = np.average(mz, weights=intensity)
    spread = np.sqrt(np.average((mz - mean) ** 2, weights=intensity))
    upper = np.maximum(intensity - intensity.max() / 2, 0)
    return Peak(
        rt=float(np.average(times, weights=upper)),
        start=float(times[0]),
        end=float(times[-1]),
        height=float(intensity.max()),
        area=float(np.trapezoid(intensity, times)),
        mz_spread_ppm=float(1e6 * spread / mean),
    )
