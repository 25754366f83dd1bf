"""The trace of an ion: its intensity over time, from centroided full scans or from an SRM chromatogram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
import pyopenms as oms

from scripts.lib.ions import polarity_of
from scripts.lib.mzml import Windows, stated_polarity, width, windows
from scripts.lib.refusal import Refusal

# OpenMS writes its progress past the job's log.
oms.LogConfigHandler.getInstance().setLogLevel("FATAL_ERROR")

#: Share of the scans of the kind with most: a kind with fewer was recorded for a part of the time alone.
OFTEN = 0.8
#: Distance between two scans on the axis that joins scan number and m/z; more than any m/z.
STRIDE = 1e5


class Extraction(TypedDict):
    """Section `extraction` of the recipe."""

    mz_tolerance_ppm: float
    transition_tolerance: float
    window_s: float
    rt_tolerance_s: float
    other_peak: float
    smoothing_scans: float
    border: float
    min_snr: float
    min_points: int


class Recipe(TypedDict):
    acquisition: str
    extraction: Extraction


@dataclass(frozen=True)
class Trace:
    """Intensities (counts) at times (s), and the m/z that they were measured at (0 where unknown), shape (points,).

    floor  the lowest intensity that the instrument records, as far as is known
    """

    times: np.ndarray
    intensities: np.ndarray
    mz: np.ndarray
    floor: float


class FullScans:
    """All MS1 peaks of a run on one axis, so that the trace of an ion costs two look-ups a scan."""

    def __init__(self, experiment: oms.MSExperiment):
        spectra = sorted((each for each in experiment if each.getMSLevel() == 1), key=lambda each: each.getRT())
        peaks = [each.get_peaks() for each in spectra]
        self.times = np.array([each.getRT() for each in spectra])
        nothing = [np.empty(0)]
        self._places = np.concatenate([number * STRIDE + mz for number, (mz, _) in enumerate(peaks)] or nothing)
        intensities = np.concatenate([intensity.astype(float) for _, intensity in peaks] or nothing)
        self._sums = np.concatenate([[0.0], np.cumsum(intensities)])
        self._moments = np.concatenate([[0.0], np.cumsum(intensities * (self._places % STRIDE))])
        lowest = [intensity.min() for _, intensity in peaks if len(intensity)]
        self.floor = float(np.median(lowest)) if lowest else 0.0

    def trace(self, ion: Mapping[str, Any], reach_s: float, recipe: Extraction) -> Trace:
        """Intensities within the tolerance of the ion's m/z, at most `reach_s` from its retention time."""
        first, last = np.searchsorted(self.times, [ion["rt_s"] - reach_s, ion["rt_s"] + reach_s])
        scans = np.arange(first, last) * STRIDE
        width = 1e-6 * recipe["mz_tolerance_ppm"] * ion["mz"]
        low = np.searchsorted(self._places, scans + ion["mz"] - width)
        high = np.searchsorted(self._places, scans + ion["mz"] + width, side="right")
        sums = np.where(high > low, self._sums[high] - self._sums[low], 0.0)
        moments = self._moments[high] - self._moments[low]
        mz = np.divide(moments, sums, out=np.zeros_like(sums), where=sums > 0)
        return Trace(self.times[first:last], sums, mz, self.floor)


class Transitions:
    """The SRM chromatograms of a run."""

    def __init__(self, experiment: oms.MSExperiment):
        kind = oms.ChromatogramSettings.ChromatogramType.SELECTED_REACTION_MONITORING_CHROMATOGRAM
        self._found = [
            (each.getPrecursor().getMZ(), each.getProduct().getMZ(), *each.get_peaks())
            for each in experiment.getChromatograms()
            if each.getChromatogramType() == kind
        ]

    def trace(self, ion: Mapping[str, Any], reach_s: float, recipe: Extraction) -> Trace | None:
        """The chromatogram of the ion's transition around its retention time; None where none was recorded there. Of
        several (isomers that are scheduled one after the other) that in whose middle it lies."""
        tolerance = recipe["transition_tolerance"]
        matching = [
            (
                abs(first - ion["mz"]) + abs(second - ion["product_mz"]),
                abs((times[0] + times[-1]) / 2 - ion["rt_s"]),
                times,
                intensities,
            )
            for first, second, times, intensities in self._found
            if abs(first - ion["mz"]) <= tolerance
            and abs(second - ion["product_mz"]) <= tolerance
            and len(times)
            and times[0] <= ion["rt_s"] <= times[-1]
        ]
        if not matching:
            return None
        *_, times, intensities = min(matching, key=lambda each: each[:2])
        near = np.abs(times - ion["rt_s"]) <= reach_s
        times, intensities = times[near].astype(float), intensities[near].astype(float)
        return Trace(times, intensities, np.zeros(len(times)), 0.0)


class FullScansByKind:
    """The MS1 peaks of a run whose scans may differ in polarity and range (SIM windows, segments).

    An ion is measured in the scans of its polarity and of one range that can show it: two would make a saw of its peak.
    """

    def __init__(self, experiment: oms.MSExperiment):
        kinds: dict[tuple[str, Windows], list[oms.MSSpectrum]] = {}
        for spectrum in experiment:
            if spectrum.getMSLevel() == 1:
                kinds.setdefault((stated_polarity(spectrum), windows(spectrum)), []).append(spectrum)
        self._scans = {kind: FullScans(spectra) for kind, spectra in sorted(kinds.items())}

    def trace(self, ion: Mapping[str, Any], reach_s: float, recipe: Extraction) -> Trace | None:
        """`FullScans.trace`; None where no scan has the polarity that the ion's adduct says, or none shows its m/z."""
        wanted = polarity_of(ion["adduct"]) if ion["adduct"] else ""
        if not wanted and len({name for name, _ in self._scans}) > 1:
            raise Refusal(
                f"{ion['compound']} in a run of both polarities",
                "no adduct",
                "one, by which its polarity is known",
                "state it in config/targets.tsv",
            )
        showing = [
            (ranges, scans)
            for (name, ranges), scans in self._scans.items()
            if (not (wanted and name) or name == wanted) and (not ranges or any(a <= ion["mz"] <= b for a, b in ranges))
        ]
        found = [scans.trace(ion, reach_s, recipe) for _, scans in sorted(showing, key=lambda each: width(each[0]))]
        # The narrowest sees the ion best, but for one that did not look all the while.
        least = OFTEN * max((len(trace.times) for trace in found), default=0)
        return next((trace for trace in found if len(trace.times) >= least), None)


def polarity(experiment: oms.MSExperiment) -> str:
    """The polarity that all MS1 spectra state; empty where there is none, or more than one."""
    found = {stated_polarity(each) for each in experiment if each.getMSLevel() == 1}
    return found.pop() if len(found) == 1 else ""


def traces(path: str, ions: Sequence[Mapping[str, Any]], recipe: Recipe) -> tuple[list[Trace | None], str]:
    """The trace of every ion of the run in `path` (mzML), twice as far as its apex may lie, and the run's polarity."""
    experiment = oms.MSExperiment()
    oms.MzMLFile().load(str(path), experiment)
    source = (Transitions if recipe["acquisition"] == "srm" else FullScansByKind)(experiment)
    options = recipe["extraction"]
    found = [source.trace(ion, 2 * (ion["window_s"] or options["window_s"]), options) for ion in ions]
    return found, polarity(experiment)
