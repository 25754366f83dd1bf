"""One received mzML as a tagged, stripped mzML of centroids in one polarity, and its statistics: it is read once."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypedDict

import numpy as np
import pyopenms as oms

from scripts.lib.files import write_json
from scripts.lib.mzml import POLARITIES, RECORDED, stated_polarity, store
from scripts.lib.refusal import Refusal
from scripts.spectra import kinds
from scripts.spectra.describe import describe
from scripts.spectra.profile import are_profile
from scripts.spectra.reading import load, mass_spectra, only

KEPT_LEVELS = (1, 2)
SIGNS = {word: sign for sign, word in POLARITIES.items()}
#: A spectrum id that can only be counters: `controllerType=0 controllerNumber=1 scan=5`, never `file=...`.
COUNTERS = re.compile(r"(?!.*\bfile=)[A-Za-z]+=\d+( [A-Za-z]+=\d+)*", re.IGNORECASE)


def run_polarity(experiment: oms.MSExperiment, asked: str, where: str) -> str:
    """The polarity to keep, or `both`; a Refusal where the run and the sheet leave it open or contradict each other."""
    cure = "fill in the column polarity of config/runs.tsv with positive, negative or both"
    spectra = mass_spectra(experiment)
    found = set(map(stated_polarity, spectra))
    stated = sorted(found - {""})
    if asked == "both":
        if len(stated) < 2:
            raise Refusal(
                where, f"only {' '.join(stated) or 'unstated'} spectra", "both polarities", "correct the sheet"
            )
        return asked
    if asked:
        if stated and asked not in stated:
            raise Refusal(where, f"only {stated[0]} spectra", f"{asked} ones as the sheet says", "correct the sheet")
        return asked
    if len(stated) > 1:
        raise Refusal(where, "spectra of both polarities", "one polarity or a choice in the sheet", cure)
    if spectra and not stated:
        raise Refusal(where, "spectra that state no polarity", "positive or negative scans", cure)
    return stated[0] if stated else ""


def with_polarity(spectra: Sequence[oms.MSSpectrum], polarity: str) -> Sequence[oms.MSSpectrum]:
    """The same spectra; those that state no polarity are of the run's, where it has but one."""
    for spectrum in spectra:
        if polarity in SIGNS and not stated_polarity(spectrum):
            settings = spectrum.getInstrumentSettings()
            settings.setPolarity(SIGNS[polarity])
            spectrum.setInstrumentSettings(settings)
    return spectra


def _precursor(source: oms.Precursor) -> oms.Precursor:
    precursor = oms.Precursor()
    precursor.setMZ(source.getMZ())
    precursor.setIntensity(source.getIntensity())
    precursor.setCharge(source.getCharge())
    precursor.setIsolationWindowLowerOffset(source.getIsolationWindowLowerOffset())
    precursor.setIsolationWindowUpperOffset(source.getIsolationWindowUpperOffset())
    precursor.setActivationMethods(source.getActivationMethods())
    precursor.setActivationEnergy(source.getActivationEnergy())
    return precursor


def _instrument_settings(source: oms.InstrumentSettings, level: int, polarity: str) -> oms.InstrumentSettings:
    made = oms.InstrumentSettings()
    modes = oms.InstrumentSettings.ScanMode
    made.setScanMode(modes.MS1SPECTRUM if level == 1 else modes.MSNSPECTRUM)
    made.setPolarity(oms.IonSource.Polarity.NEGATIVE if polarity == "negative" else oms.IonSource.Polarity.POSITIVE)
    windows = []
    for each in source.getScanWindows():
        window = oms.ScanWindow()
        window.begin, window.end = each.begin, each.end
        windows.append(window)
    made.setScanWindows(windows)
    return made


def first_listed(mz: np.ndarray, intensity: np.ndarray) -> np.ndarray:
    """Mask of a spectrum's peaks, sorted by m/z, without those that are listed again: what cuts a file to windows of
    m/z that overlap does so. Two peaks of one m/z and one intensity would be two ions, each in every second scan."""
    return (np.diff(mz, prepend=np.nan) != 0) | (np.diff(intensity, prepend=np.nan) != 0)


def _spectrum(source: oms.MSSpectrum, name: str, polarity: str, picker: oms.PeakPickerHiRes | None) -> oms.MSSpectrum:
    """A new spectrum with what is allowed to leave; picked when a picker is given."""
    peaks = oms.MSSpectrum()
    peaks.set_peaks(source.get_peaks())
    peaks.sortByPosition()
    if picker:
        picked = oms.MSSpectrum()
        picker.pick(peaks, picked)
        peaks = picked
    mz, intensity = peaks.get_peaks()
    kept = (intensity > 0) & first_listed(mz, intensity)
    spectrum = oms.MSSpectrum()
    spectrum.set_peaks((mz[kept], intensity[kept]))
    level = source.getMSLevel()
    spectrum.setNativeID(name)
    spectrum.setMSLevel(level)
    spectrum.setRT(source.getRT())
    spectrum.setType(oms.SpectrumSettings.SpectrumType.CENTROID)
    stated = stated_polarity(source)
    own = stated if polarity == "both" else polarity
    spectrum.setInstrumentSettings(_instrument_settings(source.getInstrumentSettings(), level, own))
    spectrum.setDataProcessing([_processing(picker is not None)])
    spectrum.setPrecursors([_precursor(each) for each in source.getPrecursors()])
    return spectrum


def repeated(spectra: Sequence[oms.MSSpectrum], profile: Sequence[bool]) -> list[str]:
    """A remark where centroids are listed more than once."""
    count = 0
    for spectrum, kind in zip(spectra, profile, strict=True):
        if not kind:
            mz, intensity = spectrum.get_peaks()
            order = np.lexsort((intensity, mz))
            count += int((~first_listed(mz[order], intensity[order]) & (intensity[order] > 0)).sum())
    text = f"{count} peaks are listed again in their spectrum, with the same intensity, and used once."
    return [text] if count else []


def _names(spectra: Sequence[oms.MSSpectrum]) -> list[str]:
    """The spectra's own ids where all are plain counters and unique, else their place in the file."""
    names = [spectrum.getNativeID() for spectrum in spectra]
    if len(set(names)) == len(names) and all(COUNTERS.fullmatch(name) for name in names):
        return names
    return [f"index={number}" for number in range(len(names))]


def _instrument(source: oms.Instrument) -> oms.Instrument:
    """Model, ion source, analysers and detector; no serial number, no acquisition software."""
    instrument = oms.Instrument()
    instrument.setName(source.getName())
    sources = []
    for each in source.getIonSources():
        ions = oms.IonSource()
        ions.setOrder(each.getOrder())
        ions.setIonizationMethod(each.getIonizationMethod())
        sources.append(ions)
    instrument.setIonSources(sources)
    analyzers = []
    for each in source.getMassAnalyzers():
        analyzer = oms.MassAnalyzer()
        analyzer.setOrder(each.getOrder())
        analyzer.setType(each.getType())
        analyzers.append(analyzer)
    instrument.setMassAnalyzers(analyzers)
    detectors = []
    for each in source.getIonDetectors():
        detector = oms.IonDetector()
        detector.setOrder(each.getOrder())
        detector.setType(each.getType())
        detectors.append(detector)
    instrument.setIonDetectors(detectors)
    return instrument


def _processing(picked: bool) -> oms.DataProcessing:
    """What was done to a spectrum: OpenMS invents something where nothing is stated."""
    software = oms.Software()
    software.setName("OpenMS")
    software.setVersion(oms.__version__)
    actions = oms.DataProcessing.ProcessingAction
    processing = oms.DataProcessing()
    processing.setSoftware(software)
    processing.setProcessingActions({actions.PEAK_PICKING if picked else actions.CONVERSION_MZML})
    return processing


def centroid(
    spectra: Sequence[oms.MSSpectrum],
    profile: Sequence[bool],
    instrument: oms.Instrument,
    polarity: str,
    signal_to_noise: float,
) -> oms.MSExperiment:
    """The MS1 and MS2 of these spectra, of one polarity or of `both`, as a new experiment; only profile is picked."""
    picker = oms.PeakPickerHiRes()
    parameters = picker.getDefaults()
    parameters.setValue("signal_to_noise", signal_to_noise)
    picker.setParameters(parameters)
    result = oms.MSExperiment()
    result.setInstrument(_instrument(instrument))
    kept = [pair for pair in zip(spectra, profile, strict=True) if pair[0].getMSLevel() in KEPT_LEVELS]
    first = [kind for spectrum, kind in kept if spectrum.getMSLevel() == 1]
    result.setMetaValue(RECORDED, "profile" if sum(first) > len(first) / 2 else "centroid")
    for (spectrum, kind), name in zip(kept, _names([spectrum for spectrum, _ in kept]), strict=True):
        result.addSpectrum(_spectrum(spectrum, name, polarity, picker if kind else None))
    return result


class Paths(NamedTuple):
    spectra: list[str]
    centroided: str
    statistics: str


class Centroiding(TypedDict):
    """Section `centroiding` of the recipe."""

    parts: bool
    ms1_function: float
    signal_to_noise: float


class Recipe(TypedDict):
    centroiding: Centroiding


class Values(NamedTuple):
    tag: dict[str, str]
    polarity: str
    recipe: Recipe


def main(paths: Paths, values: Values) -> None:
    """Write `paths.spectra` (mzML, mzML.gz) as centroids of one polarity to `paths.centroided` (mzML), and the
    statistics of what was received to `paths.statistics` (JSON)."""
    options = values.recipe["centroiding"]
    received = only(paths.spectra)
    experiment = load(received, Path(paths.centroided).parent)
    polarity = run_polarity(experiment, values.polarity, Path(received).name)
    spectra, scans, remarks = kinds.of_sample(
        with_polarity(mass_spectra(experiment, "" if polarity == "both" else polarity), polarity),
        Path(received).name,
        options["parts"],
        f"{options['ms1_function']:g}" if options["ms1_function"] else "",
    )
    profile = are_profile(spectra)
    remarks = [*remarks, *repeated(spectra, profile)]
    for remark in remarks:
        print(remark)
    about = {"scan_kinds": scans, "remarks": remarks}
    write_json(paths.statistics, {"tag": values.tag, **about, **describe(experiment, spectra, profile)})
    centroided = centroid(spectra, profile, experiment.getInstrument(), polarity, options["signal_to_noise"])
    for field, value in values.tag.items():
        centroided.setMetaValue(f"filiera_{field}", value)
    store(centroided, paths.centroided, compressed=False)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
