"""Statistics of one received run."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyopenms as oms

from scripts.lib.mzml import stated_polarity
from scripts.spectra.reading import mass_spectra

#: Points of a chromatogram that a report can draw without effort.
POINTS = 1000
DECLARED = {
    oms.SpectrumSettings.SpectrumType.CENTROID: "centroid",
    oms.SpectrumSettings.SpectrumType.PROFILE: "profile",
}


def chromatograms(spectra: Sequence[oms.MSSpectrum]) -> dict[str, dict[str, list[float]]]:
    """`tic` and `bpc`: total and base peak intensity at times (s); of a few neighbours the scan of highest total."""
    rows = []
    for spectrum in spectra:
        intensity = spectrum.get_peaks()[1].astype(float)
        rows.append((spectrum.getRT(), intensity.sum(), intensity.max(initial=0.0)))
    step = -(-len(rows) // POINTS) or 1
    kept = [max(rows[start : start + step], key=lambda row: row[1]) for start in range(0, len(rows), step)]
    times = [round(float(rt), 3) for rt, _, _ in kept]
    return {
        "tic": {"rt_s": times, "intensity": [round(float(total), 1) for _, total, _ in kept]},
        "bpc": {"rt_s": times, "intensity": [round(float(base), 1) for _, _, base in kept]},
    }


def _names(kinds: Sequence[str]) -> str:
    return "+".join(sorted(set(kinds)))


def describe(experiment: oms.MSExperiment, spectra: Sequence[oms.MSSpectrum], profile: Sequence[bool]) -> dict:
    """Statistics as plain values; intensities and ranges are of MS1 spectra.

    spectra  those of the experiment that are kept, and whether each is profile
    rt_*_s and cycle_time_s in seconds (median distance of MS1 scans), tic_sum of all MS1 intensities, None where
    there is nothing to measure. `measured` and `declared` say profile or centroid per MS level.
    """
    levels = [spectrum.getMSLevel() for spectrum in spectra]
    first = [spectrum for spectrum, level in zip(spectra, levels, strict=True) if level == 1]
    measured, declared = {}, {}
    for level in sorted(set(levels)):
        mine = [number for number, other in enumerate(levels) if other == level]
        measured[str(level)] = _names(["profile" if profile[number] else "centroid" for number in mine])
        declared[str(level)] = _names([DECLARED.get(spectra[number].getType(), "unknown") for number in mine])
    times = np.array([spectrum.getRT() for spectrum in first])
    peaks = [spectrum.get_peaks() for spectrum in first]
    filled = [number for number, (mz, _) in enumerate(peaks) if len(mz)]
    base = None
    if filled:
        best = max(filled, key=lambda number: peaks[number][1].max())
        mz, intensity = peaks[best]
        top = int(np.argmax(intensity))
        base = {
            "mz": round(float(mz[top]), 6),
            "rt_s": round(float(times[best]), 3),
            "intensity": round(float(intensity[top]), 1),
        }
    return {
        "spectra": len(spectra),
        "spectra_per_ms_level": {str(level): count for level, count in sorted(Counter(levels).items())},
        "polarities": dict(
            sorted(Counter(stated_polarity(each) or "unknown" for each in mass_spectra(experiment)).items())
        ),
        "measured": measured,
        "declared": declared,
        "peaks": sum(len(mz) for mz, _ in peaks),
        "rt_min_s": round(float(times.min()), 3) if first else None,
        "rt_max_s": round(float(times.max()), 3) if first else None,
        "mz_min": round(float(min(peaks[number][0].min() for number in filled)), 6) if filled else None,
        "mz_max": round(float(max(peaks[number][0].max() for number in filled)), 6) if filled else None,
        "tic_sum": round(float(sum(intensity.sum(dtype=float) for _, intensity in peaks)), 1),
        "base_peak": base,
        "cycle_time_s": round(float(np.median(np.diff(times))), 4) if len(first) > 1 else None,
        **chromatograms(first),
    }
