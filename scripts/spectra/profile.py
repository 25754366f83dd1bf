"""Whether a spectrum is profile or centroid, measured from its peaks: the CV term is wrong too often to be believed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pyopenms as oms

#: Highest local maxima of a spectrum that are looked at.
APEXES = 50
#: A spectrum with fewer local maxima is judged by the others of its MS level.
ENOUGH = 5


def apexes(mz: np.ndarray, intensity: np.ndarray) -> tuple[int, int]:
    """How many of a spectrum's highest local maxima are sampled peaks, and how many maxima there are to judge.

    A maximum is a sampled peak when both neighbours are near (500 ppm), evenly spaced (within a factor 1.5) and still
    more than a tenth of its height: the flanks of one ion's signal. Centroids have other ions as neighbours, which
    lie neither near nor evenly.
    """
    if len(mz) < 3:
        return 0, 0
    middle = intensity[1:-1]
    top = np.flatnonzero((middle > intensity[:-2]) & (middle >= intensity[2:])) + 1
    top = top[np.argsort(-intensity[top], kind="stable")[:APEXES]]
    left, right = mz[top] - mz[top - 1], mz[top + 1] - mz[top]
    wide, narrow = np.maximum(left, right), np.minimum(left, right)
    flank = np.minimum(intensity[top - 1], intensity[top + 1])
    sampled = (wide < 5e-4 * mz[top]) & (wide < 1.5 * narrow) & (flank > 0.1 * intensity[top])
    return int(sampled.sum()), len(top)


def are_profile(spectra: Sequence[oms.MSSpectrum]) -> list[bool]:
    """One answer a spectrum: more than half of its maxima are sampled peaks.

    Instruments record a whole MS level one way, so a spectrum with too little to see follows its level.
    """
    counts = [apexes(*spectrum.get_peaks()) for spectrum in spectra]
    levels = defaultdict(lambda: np.zeros(2))
    for spectrum, count in zip(spectra, counts, strict=True):
        levels[spectrum.getMSLevel()] += count
    decided = []
    for spectrum, (sampled, seen) in zip(spectra, counts, strict=True):
        share = (sampled, seen) if seen >= ENOUGH else levels[spectrum.getMSLevel()]
        decided.append(bool(share[0] > share[1] / 2))
    return decided
