"""What the area of an elution peak is, whatever the form of the input: everybody who integrates does it by these.

The intensity at a time is that of the ion's centroid (profile spectra are centroided first) or the point of an SRM
chromatogram, less the background. The area is the integral of that over time by trapezoids, between the points on
either side of the apex where the smoothed curve is down to a share of its height: counts x s.
"""

from __future__ import annotations

import numpy as np


def borders(smoothed: np.ndarray, share: float, apex: int | None = None) -> tuple[int, int]:
    """First and last point of the peak: the nearest to the apex at or below this share of its height, or the end.

    smoothed  shape (points,); apex: place of the maximum in question, default the highest
    """
    apex = int(np.argmax(smoothed)) if apex is None else apex
    low = np.flatnonzero(smoothed <= share * smoothed[apex])
    left, right = low[low < apex], low[low > apex]
    return (int(left[-1]) if len(left) else 0), (int(right[0]) if len(right) else len(smoothed) - 1)


def area(times: np.ndarray, intensities: np.ndarray, background: float = 0.0) -> float:
    """Area in counts x s of the points between the borders (times in s, same shape)."""
    return float(np.trapezoid(intensities - background, times))


def apex_time(times: np.ndarray, intensities: np.ndarray) -> float:
    """The centroid in s of what stands above half the height: finer than the distance of scans, where the highest
    point of a broad peak is a matter of noise."""
    upper = np.maximum(intensities - intensities.max() / 2, 0)
    return float((times * upper).sum() / upper.sum())
