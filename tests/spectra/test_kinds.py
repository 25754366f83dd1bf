"""Kinds of MS1 scan are never read as one series: each is used for what it shows, left out and told, or refused."""

from __future__ import annotations

import csv
from types import SimpleNamespace

import numpy as np
import pyopenms as oms
import pytest

from scripts.branches.targeted.recipe import TargetedRecipe
from scripts.branches.untargeted.recipe import UntargetedRecipe
from scripts.lib.files import read_json
from scripts.lib.mzml import store
from scripts.lib.refusal import Refusal
from scripts.spectra import centroid
from scripts.targeted import extract

#: m/z -> apex, s. All are as high, 1e6, and as wide, sigma 2.5 s: area 6.27e6.
IONS = {150.1: 60.0, 250.2: 100.0, 420.3: 140.0, 610.4: 180.0}
AREA = 1e6 * 2.5 * np.sqrt(2 * np.pi)
CYCLE = 1.5


def scan(time: float, low: float, high: float, share: float = 1.0, name: str = "", **stated) -> oms.MSSpectrum:
    """A centroided scan of a range with all ions that it can show, and a little noise that is everywhere."""
    spectrum = oms.MSSpectrum()
    mz = np.array([low + 1.5, *(each for each in IONS if low <= each <= high), high - 1.5])
    heights = [share * 1e6 * np.exp(-(((time - IONS.get(each, -1e3)) / 2.5) ** 2) / 2) + 300 for each in mz]
    spectrum.set_peaks((mz, np.array(heights)))
    spectrum.setMSLevel(1)
    spectrum.setRT(time)
    spectrum.setNativeID(name)
    spectrum.setType(oms.SpectrumSettings.SpectrumType.CENTROID)
    settings = oms.InstrumentSettings()
    settings.setPolarity(oms.IonSource.Polarity.POSITIVE)
    if stated.get("sim"):
        settings.setScanMode(oms.InstrumentSettings.ScanMode.SIM)
    window = oms.ScanWindow()
    window.begin, window.end = low, high
    settings.setScanWindows([window] * stated.get("windowed", True))
    spectrum.setInstrumentSettings(settings)
    if "energy" in stated:
        precursor = oms.Precursor()
        precursor.setActivationEnergy(stated["energy"])
        spectrum.setPrecursors([precursor])
    if "words" in stated:
        spectrum.setMetaValue("filter string", stated["words"])
    return spectrum


def run(*makers) -> oms.MSExperiment:
    """Cycles over all of 240 s: each maker is given the cycle's number and time, and makes a scan, or None."""
    experiment = oms.MSExperiment()
    for cycle in range(int(240 / CYCLE)):
        for place, maker in enumerate(makers):
            spectrum = maker(cycle, cycle * CYCLE + place * CYCLE / len(makers))
            if spectrum is not None:
                spectrum.setNativeID(spectrum.getNativeID() + f"scan={experiment.size() + 1}")
                experiment.addSpectrum(spectrum)
    return experiment


def full(_, time):
    return scan(time, 80, 700)


RUNS = {
    "full scans": run(full),
    "full scans and SIM windows": run(full, *(lambda _, t, mz=mz: scan(t, mz - 5, mz + 5) for mz in IONS)),
    "SIM of ions, without windows": run(
        full, *(lambda _, t, mz=mz: scan(t, mz - 1.6, mz + 1.6, sim=True, windowed=False) for mz in IONS)
    ),
    "segments in turn": run(lambda _, t: scan(t, 80, 300), lambda _, t: scan(t, 300, 700)),
    "segments that overlap": run(lambda _, t: scan(t, 80, 450), lambda _, t: scan(t, 400, 700)),
    "low and high energy": run(
        lambda _, t: scan(t, 80, 700, energy=6.0), lambda _, t: scan(t, 80, 700, 0.1, energy=30.0)
    ),
    "in-source energy": run(
        lambda _, t: scan(t, 80, 700, words="FTMS + p ESI Full ms [80.00-700.00]"),
        lambda _, t: scan(t, 80, 700, 0.1, words="FTMS + p ESI sid=35.00  Full ms [80.00-700.00]"),
    ),
    "two analysers": run(
        lambda _, t: scan(t, 80, 700, words="FTMS + p ESI Full ms [80.00-700.00]"),
        lambda _, t: scan(t, 80, 700, 0.3, words="ITMS + p ESI Full ms [80.00-700.00]"),
    ),
    "a lock mass now and then": run(
        lambda _, t: scan(t, 80, 700, name="function=1 process=0 "),
        lambda cycle, t: None if cycle % 12 else scan(t, 80, 700, 0.0, name="function=3 process=0 "),
    ),
    "a lock mass of another range": run(
        lambda _, t: scan(t, 80, 700, name="function=1 process=0 "),
        lambda cycle, t: None if cycle % 12 else scan(t, 100, 700, 0.0, name="function=3 process=0 "),
    ),
    "a lock mass that states no energy beside functions that do": run(
        lambda _, t: scan(t, 80, 700, name="function=1 ", energy=6.0),
        lambda _, t: scan(t, 80, 700, 0.1, name="function=2 ", energy=30.0),
        lambda cycle, t: None if cycle % 12 else scan(t, 80, 700, 0.0, name="function=3 "),
    ),
    "a SIM window for a part of the time": run(full, lambda _, t: scan(t, 245, 255) if t > 101 else None),
    "ranges as converters saw them": run(lambda cycle, t: scan(t, 80 + cycle / 100, 700 - cycle / 50)),
}
MIXED = {
    "functions of one range": run(
        lambda _, t: scan(t, 80, 700, name="function=1 "), lambda _, t: scan(t, 80, 700, 0.1, name="function=2 ")
    ),
    "functions of unlike ranges": run(
        lambda _, t: scan(t, 80, 700, name="function=1 "), lambda _, t: scan(t, 80, 450, 0.1, name="function=2 ")
    ),
    "a second function of the wider range": run(
        lambda _, t: scan(t, 80, 650, name="function=1 "), lambda _, t: scan(t, 50, 900, 0.1, name="function=2 ")
    ),
    "FAIMS voltages": run(
        lambda _, t: scan(t, 80, 700, words="FTMS + p ESI cv=-45.00 Full ms [80.00-700.00]"),
        lambda _, t: scan(t, 80, 700, 0.2, words="FTMS + p ESI cv=-65.00 Full ms [80.00-700.00]"),
    ),
}


def centroided(tmp_path, experiment: oms.MSExperiment, recipe) -> SimpleNamespace:
    store(experiment, tmp_path / "run.mzML")
    paths = SimpleNamespace(
        spectra=str(tmp_path / "run.mzML"), centroided=tmp_path / "c.mzML", statistics=tmp_path / "s.json"
    )
    centroid.main(paths, SimpleNamespace(recipe=recipe.model_dump(), polarity="positive", tag={"run": "R"}))
    return paths


def areas(tmp_path, experiment, recipe: TargetedRecipe | None = None) -> list[float | None]:
    """The area of each ion, by the jobs of a targeted service."""
    recipe = recipe or TargetedRecipe()
    made = centroided(tmp_path, experiment, recipe)
    ions = [
        {"compound": f"c{mz:.0f}", "number": 0, "ion": "quantifier", "role": "target", "mz": mz, "rt_s": rt}
        | {"product_mz": None, "window_s": None, "internal_standard": "", "adduct": ""}
        for mz, rt in IONS.items()
    ]
    paths = SimpleNamespace(spectra=[str(made.centroided)], peaks=tmp_path / "p.json", traces=tmp_path / "t.json")
    extract.main(paths, SimpleNamespace(ions=ions, recipe=recipe.model_dump(), tag={"run": "R"}))
    return [peak["area"] for peak in read_json(paths.peaks)["peaks"]]


@pytest.mark.parametrize("experiment", RUNS.values(), ids=RUNS)
def test_an_ion_has_its_whole_area_from_the_scans_that_show_it(tmp_path, experiment):
    assert areas(tmp_path, experiment) == pytest.approx([AREA] * len(IONS), rel=0.03)


@pytest.mark.parametrize("recipe", [TargetedRecipe(), UntargetedRecipe()], ids=["targeted", "untargeted"])
@pytest.mark.parametrize("experiment", MIXED.values(), ids=MIXED)
def test_what_nothing_tells_apart_is_refused_in_a_sentence(tmp_path, experiment, recipe):
    with pytest.raises(Refusal, match=r"run\.mzML: found (MS1 scans of two kinds over the same m/z|FAIMS voltages)"):
        centroided(tmp_path, experiment, recipe)


def test_the_recipe_may_name_the_function(tmp_path):
    recipe = TargetedRecipe(centroiding={"ms1_function": 1})
    assert areas(tmp_path, MIXED["functions of one range"], recipe) == pytest.approx([AREA] * 4, rel=0.03)
    with pytest.raises(Refusal, match="functions 1, 2, expected function 3"):
        areas(tmp_path, MIXED["functions of one range"], TargetedRecipe(centroiding={"ms1_function": 3}))


LEFT = {
    "full scans": 0,
    "full scans and SIM windows": 4,
    "SIM of ions, without windows": 4,
    "low and high energy": 1,
    "two analysers": 1,
    "a lock mass now and then": 1,
    "a lock mass of another range": 1,
    "a lock mass that states no energy beside functions that do": 2,
    "ranges as converters saw them": 0,
}


@pytest.mark.parametrize(("name", "left"), LEFT.items())
def test_untargeted_runs_keep_one_series_and_say_what_is_left_out(tmp_path, name, left):
    made = centroided(tmp_path, RUNS[name], UntargetedRecipe())
    told = read_json(made.statistics)
    assert len(told["remarks"]) == left and sum(kind["used"] for kind in told["scan_kinds"]) == 1
    kept = oms.MSExperiment()
    oms.MzMLFile().load(str(made.centroided), kept)
    assert kept.size() == int(240 / CYCLE)


@pytest.mark.parametrize("name", ["segments in turn", "segments that overlap"])
def test_untargeted_runs_of_segments_are_refused(tmp_path, name):
    with pytest.raises(Refusal, match="MS1 scans of several m/z ranges in turn"):
        centroided(tmp_path, RUNS[name], UntargetedRecipe())


# --- real files -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(shared_data):
    return shared_data / "metabolomics" / "scan_kinds"


def test_a_real_run_of_two_analysers_keeps_one(folder, tmp_path):
    paths = SimpleNamespace(
        spectra=str(folder / "small.mzML.gz"), centroided=tmp_path / "c.mzML", statistics=tmp_path / "s.json"
    )
    recipe = UntargetedRecipe().model_dump()
    centroid.main(paths, SimpleNamespace(recipe=recipe, polarity="positive", tag={"run": "R"}))
    kinds = read_json(paths.statistics)["scan_kinds"]
    assert {kind["analyser"]: (kind["spectra"], kind["used"]) for kind in kinds} == {
        "FTMS": (7, True),
        "ITMS": (7, False),
    }


def test_sim_of_a_real_run_has_the_makers_values(folder, tmp_path):
    paths = SimpleNamespace(
        spectra=str(folder / "yellow_scan_and_sim.mzML.gz"), centroided=tmp_path / "c.mzML", statistics=tmp_path / "s"
    )
    recipe = TargetedRecipe().model_dump()
    centroid.main(paths, SimpleNamespace(recipe=recipe, polarity="positive", tag={"run": "R"}))
    from scripts.targeted.traces import FullScansByKind

    experiment = oms.MSExperiment()
    oms.MzMLFile().load(str(paths.centroided), experiment)
    with open(folder / "yellow_dataSim_reference.csv", newline="") as handle:
        head, *rows = list(csv.reader(handle))
    for place, mz in enumerate((131.0, 202.0), start=1):
        assert float(head[place]) == mz
        ion = {"compound": "x", "mz": mz, "rt_s": 161.0, "adduct": "", "product_mz": None}
        trace = FullScansByKind(experiment).trace(ion, 1e6, {"mz_tolerance_ppm": 10})
        assert trace.intensities.tolist() == [float(row[place]) for row in rows]
        assert trace.times.tolist() == pytest.approx([60 * float(row[0]) for row in rows], abs=0.02)
