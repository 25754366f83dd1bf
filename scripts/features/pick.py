"""Features of one centroided run."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypedDict

import numpy as np
import pyopenms as oms

from scripts.features.measure import noise_level, recorded
from scripts.features.traces import Peak, Scans, measure, split
from scripts.lib import proposals
from scripts.lib.files import write_json, xml_aside
from scripts.lib.mzml import stated_polarity

# OpenMS writes its progress past the job's log.
oms.LogConfigHandler.getInstance().setLogLevel("FATAL_ERROR")


def read(path: str) -> oms.MSExperiment:
    """The MS1 spectra of a centroided mzML."""
    experiment, file = oms.MSExperiment(), oms.MzMLFile()
    options = file.getOptions()
    options.setMSLevels([1])
    file.setOptions(options)
    file.load(str(path), experiment)
    return experiment


def by_polarity(experiment: oms.MSExperiment) -> dict[str, list[oms.MSSpectrum]]:
    """The MS1 spectra of each stated polarity, sorted by time and their peaks by m/z."""
    experiment = oms.MSExperiment(experiment)
    experiment.sortSpectra(True)
    found: dict[str, list[oms.MSSpectrum]] = {}
    for spectrum in experiment:
        if spectrum.getMSLevel() == 1:
            found.setdefault(stated_polarity(spectrum), []).append(spectrum)
    return dict(sorted(found.items()))


def _configured(algorithm, **parameters: float | str):
    """An algorithm with these parameters in place of its defaults; an unknown name is an error, not a warning."""
    known = algorithm.getDefaults()
    for name, value in parameters.items():
        if not known.exists(name):
            raise ValueError(f"{type(algorithm).__name__} has no parameter {name}")
        known.setValue(name, value)
    algorithm.setParameters(known)
    algorithm.setLogType(oms.LogType.NONE)
    return algorithm


class Features(TypedDict):
    """Section `features` of the recipe."""

    mass_error_ppm: float
    noise: float
    noise_factor: float
    snr: float
    peak_width_s: float
    min_width_s: float
    max_width_s: float
    min_trace_s: float
    gap_scans: float
    min_sample_rate: float
    max_charge: float
    border: float
    valley: float


def find(
    spectra: Sequence[oms.MSSpectrum], scans: Scans, noise: float, options: Features
) -> tuple[list[oms.MassTrace], list[oms.MassTrace], oms.FeatureMap]:
    """Mass traces, elution peaks and isotope-grouped features. Each algorithm is new: reuse can crash."""
    experiment = oms.MSExperiment()
    experiment.setSpectra(list(spectra))
    traces = _configured(
        oms.MassTraceDetection(),
        mass_error_ppm=options["mass_error_ppm"],
        noise_threshold_int=noise,
        chrom_peak_snr=options["snr"],
        min_trace_length=options["min_trace_s"],
        trace_termination_outliers=int(options["gap_scans"]),
        min_sample_rate=options["min_sample_rate"],
    ).run(experiment)
    peaks = _configured(
        oms.ElutionPeakDetection(),
        chrom_fwhm=options["peak_width_s"],
        min_fwhm=options["min_width_s"],
        max_fwhm=options["max_width_s"],
    ).detectPeaks(traces)
    least = options["snr"] * noise
    peaks = [part for peak in peaks for part in split(peak, scans, least, options["valley"])]
    # Found in parallel, so in no fixed order.
    peaks.sort(key=lambda peak: (peak.getCentroidMZ(), peak.getCentroidRT()))
    features = oms.FeatureMap()
    if peaks:
        _configured(
            oms.FeatureFindingMetabo(),
            chrom_fwhm=options["peak_width_s"],
            charge_upper_bound=int(options["max_charge"]),
        ).run(peaks, features)
    return traces, peaks, features


def _feature(found: oms.Feature, peak: Peak, number: int, polarity: str) -> oms.Feature:
    """A new feature with what is worth keeping, and the area of its monoisotopic peak as intensity."""
    feature = oms.Feature()
    feature.setUniqueId(number)
    feature.setMZ(found.getMZ())
    feature.setRT(peak.rt)
    feature.setCharge(found.getCharge())
    feature.setIntensity(peak.area)
    feature.setWidth(found.getWidth())
    feature.setOverallQuality(found.getOverallQuality())
    feature.setMetaValue("polarity", polarity)
    feature.setMetaValue("isotopes", int(found.getMetaValue("num_of_masstraces")))
    feature.setMetaValue("height", peak.height)
    feature.setMetaValue("rt_start", peak.start)
    feature.setMetaValue("rt_end", peak.end)
    return feature


def _pick(spectra: Sequence[oms.MSSpectrum], options: Features):
    """Features with their peaks, and the number of mass traces and elution peaks, of the spectra of one polarity."""
    noise = options["noise"] or noise_level(spectra, options["noise_factor"])
    # OpenMS refuses fewer than three scans, which make no peak anyway.
    if len(spectra) < 3 or not noise:
        return [], 0, 0, noise
    scans = Scans(spectra)
    traces, peaks, found = find(spectra, scans, noise, options)
    by_label = {peak.getLabel(): peak for peak in peaks}
    kept = []
    for each in found:
        # The first of a feature's traces is the monoisotopic one.
        trace = by_label[str(each.getMetaValue("label")).split("_")[0]]
        peak = measure(trace, scans, options["border"], options["mass_error_ppm"])
        if peak.height >= options["snr"] * noise:
            kept.append((each, peak))
    kept.sort(key=lambda pair: (pair[0].getMZ(), pair[1].rt))
    return kept, len(traces), len(peaks), noise


def pick(experiment: oms.MSExperiment, options: Mapping[str, Features]) -> tuple[oms.FeatureMap, dict]:
    """Features sorted by polarity, m/z and time with ids 1, 2, ..., and statistics; both empty-handed for an empty run.

    options  polarity -> parameters

    A feature's intensity is the area (counts x s) of its monoisotopic elution peak from raw points; charge 0 means
    that no isotope shows the charge. The statistics' mz_spread_ppm is the median spread of m/z within a peak, noise
    that of the noisier polarity.
    """
    polarities = by_polarity(experiment)
    features, kept, traces, peaks, noise = oms.FeatureMap(), [], 0, 0, 0.0
    for polarity, spectra in polarities.items():
        mine, its_traces, its_peaks, its_noise = _pick(spectra, options[polarity])
        for each, peak in mine:
            features.push_back(_feature(each, peak, features.size() + 1, polarity))
        kept += mine
        traces, peaks, noise = traces + its_traces, peaks + its_peaks, max(noise, its_noise)
    features.setUniqueId(1)
    features.setMetaValue("polarity", "both" if len(polarities) > 1 else next(iter(polarities), ""))
    statistics = {
        "mass_traces": traces,
        "elution_peaks": peaks,
        "features": len(kept),
        "charges": {str(charge): count for charge, count in sorted(Counter(f.getCharge() for f, _ in kept).items())},
        "median_fwhm_s": round(float(np.median([f.getWidth() for f, _ in kept])), 3) if kept else None,
        "mz_spread_ppm": round(float(np.median([peak.mz_spread_ppm for _, peak in kept])), 3) if kept else None,
        "noise": round(noise, 3),
    }
    return features, statistics


class Paths(NamedTuple):
    centroided: str
    parameters: str
    features: str
    statistics: str


class Recipe(TypedDict):
    features: Features


class Values(NamedTuple):
    tag: dict[str, str]
    recipe: Recipe
    given: dict[str, dict[str, float]]


def main(paths: Paths, values: Values) -> None:
    """Write the features of `paths.centroided` (mzML) to `paths.features` (featureXML) and `paths.statistics`.

    Parameters are those that the catalogue gives, else what `paths.parameters` proposes, else the recipe's defaults.
    """
    experiment = read(paths.centroided)
    kind = recorded(experiment)
    recipe, given = values.recipe["features"], values.given["features"]
    options = {
        polarity: proposals.laid_under(recipe, given, proposals.of_run(paths.parameters, polarity, kind))
        for polarity in by_polarity(experiment)
    }
    features, statistics = pick(experiment, options)
    for field, value in values.tag.items():
        features.setMetaValue(f"filiera_{field}", value)
    with xml_aside(paths.features) as part:
        oms.FeatureXMLFile().store(str(part), features)
    write_json(paths.statistics, {"tag": values.tag, "parameters": options, **statistics})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
