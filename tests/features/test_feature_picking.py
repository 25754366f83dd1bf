"""Picking finds what was planted, measures it rightly, and stays calm when there is nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pyopenms as oms
import pytest

from scripts.features import pick
from scripts.lib.elution import borders
from scripts.lib.files import write_json
from tests.recipes import USUAL, untargeted

TAG = {"facility": "CNR-IBSBC", "service": "MET-UNTARGETED", "run": "R1"}
ISOTOPE = 1.0033548
WIDTH = 1.6  # standard deviation of an elution peak, s
#: m/z, apex (s), area (counts x s), share of the first isotope, charge
PLANTED = [
    (118.0863, 40.3, 4e6, 0.055, 1),
    (132.1019, 90.7, 9e5, 0.066, 1),
    (152.0567, 62.2, 2e6, 0.058, 1),
    (166.0863, 120.4, 3e7, 0.10, 1),
    (205.0972, 150.9, 6e6, 0.12, 1),
    (268.1040, 75.6, 1e7, 0.11, 1),
    (268.1040, 84.6, 5e6, 0.11, 1),  # an isomer 9 s later
    (348.0704, 30.5, 8e5, 0.11, 1),
    (524.2650, 133.3, 2e7, 0.27, 2),
]


def run(planted=PLANTED, noise=True, scans=180, polarity=oms.IonSource.Polarity.POSITIVE) -> oms.MSExperiment:
    """Centroid scans, one a second, of Gaussian peaks with 3 % intensity and 2 ppm m/z error over random noise."""
    rng = np.random.default_rng(11)
    experiment = oms.MSExperiment()
    for number in range(scans):
        time = 1.0 * number
        mz, counts = [], []
        for ion, apex, area, share, charge in planted:
            height = area / (WIDTH * np.sqrt(2 * np.pi)) * np.exp(-(((time - apex) / WIDTH) ** 2) / 2)
            for isotope, part in enumerate((1.0, share)):
                if height * part > 600:
                    mz.append((ion + isotope * ISOTOPE / charge) * (1 + 2e-6 * rng.normal()))
                    counts.append(height * part * rng.normal(1, 0.03))
        if noise:
            mz.extend(rng.uniform(80, 600, 60))
            counts.extend(600 + rng.exponential(500, 60))
        order = np.argsort(mz)
        spectrum = oms.MSSpectrum()
        spectrum.setMSLevel(1)
        spectrum.setRT(time)
        settings = oms.InstrumentSettings()
        settings.setPolarity(polarity)
        spectrum.setInstrumentSettings(settings)
        spectrum.set_peaks((np.array(mz)[order], np.array(counts, dtype=np.float32)[order]))
        experiment.addSpectrum(spectrum)
    return experiment


def picked(experiment, tmp_path, recipe=None, name="out", proposed=None):
    """What main() writes: the feature map and the statistics."""
    source, features, statistics = (tmp_path / f"{name}{end}" for end in (".mzML", ".featureXML", ".json"))
    oms.MzMLFile().store(str(source), experiment)
    parameters = tmp_path / "parameters.json"
    write_json(parameters, {"polarities": proposed or {}})
    paths = SimpleNamespace(centroided=source, parameters=parameters, features=features, statistics=statistics)
    pick.main(paths, SimpleNamespace(tag=TAG, **untargeted(recipe)))
    found = oms.FeatureMap()
    oms.FeatureXMLFile().load(str(features), found)
    return found, json.loads(statistics.read_text())


def test_every_planted_compound_is_one_feature_and_little_else(tmp_path):
    features, statistics = picked(run(), tmp_path)
    for ion, apex, area, _, _ in PLANTED:
        near = [f for f in features if abs(f.getMZ() / ion - 1) < 5e-6 and abs(f.getRT() - apex) < 1.0]
        assert len(near) == 1, (ion, apex)
        assert near[0].getIntensity() == pytest.approx(area, rel=0.1)
        assert near[0].getMetaValue("rt_start") < apex < near[0].getMetaValue("rt_end")
    assert features.size() <= len(PLANTED) + 1
    assert statistics["features"] == features.size() == sum(statistics["charges"].values())


def test_charge_is_read_from_the_isotopes(tmp_path):
    features, _ = picked(run(), tmp_path)
    charges = {round(f.getMZ()): f.getCharge() for f in features}
    assert charges[524] == 2
    assert charges[166] == 1


def test_statistics_measure_width_and_mass_spread(tmp_path):
    _, statistics = picked(run(), tmp_path)
    assert statistics["median_fwhm_s"] == pytest.approx(2.355 * WIDTH, rel=0.2)
    assert statistics["mz_spread_ppm"] == pytest.approx(2.0, rel=0.5)
    assert statistics["tag"] == TAG
    assert statistics["parameters"]["positive"]["snr"] == USUAL["features"]["snr"]


def test_the_file_is_tagged_sorted_and_numbered(tmp_path):
    features, _ = picked(run(), tmp_path)
    assert {key: features.getMetaValue(f"filiera_{key}") for key in TAG} == TAG
    assert features.getMetaValue("polarity") == "positive"
    places = [(f.getMZ(), f.getRT()) for f in features]
    assert places == sorted(places)
    assert [f.getUniqueId() for f in features] == list(range(1, features.size() + 1))
    assert str(tmp_path) not in (tmp_path / "out.featureXML").read_text(encoding="iso-8859-1")


@pytest.mark.parametrize(
    "experiment",
    [
        oms.MSExperiment(),
        run(planted=[], noise=False),  # scans without a peak
        run(planted=[]),  # a blank: noise only
        run(scans=1),
    ],
    ids=["no spectra", "empty spectra", "blank", "one scan"],
)
def test_nothing_to_find_is_an_empty_result(tmp_path, experiment):
    features, statistics = picked(experiment, tmp_path)
    assert features.size() == statistics["features"] == 0
    assert statistics["median_fwhm_s"] is None


def test_ms2_spectra_are_not_mistaken_for_ms1(tmp_path):
    experiment = run()
    expected, _ = picked(experiment, tmp_path)
    mixed = oms.MSExperiment()
    for spectrum in experiment:
        mixed.addSpectrum(spectrum)
        fragment = oms.MSSpectrum(spectrum)
        fragment.setMSLevel(2)
        fragment.setRT(spectrum.getRT() + 0.5)
        mixed.addSpectrum(fragment)
    found, _ = picked(mixed, tmp_path, name="mixed")
    assert [(f.getMZ(), f.getIntensity()) for f in found] == [(f.getMZ(), f.getIntensity()) for f in expected]


def test_the_recipe_decides(tmp_path):
    features, statistics = picked(run(), tmp_path, {"features": {"noise": 50000, "snr": 20}})
    assert statistics["noise"] == 50000
    assert 0 < features.size() < len(PLANTED)
    assert all(f.getMetaValue("height") >= 1e6 for f in features)


def test_borders_end_where_the_peak_does():
    assert borders(np.array([9.0, 0.0, 3.0, 50.0, 100.0, 40.0, 4.0, 8.0, 60.0]), 0.05) == (2, 6)
    assert borders(np.array([50.0, 100.0, 40.0]), 0.05) == (0, 2)


def test_another_process_writes_the_same_bytes(tmp_path, root):
    source = tmp_path / "run.mzML"
    oms.MzMLFile().store(str(source), run())
    write_json(tmp_path / "parameters.json", {"polarities": {}})
    code = (
        "import sys; from types import SimpleNamespace as N; from scripts.features import pick;"
        "pick.main(N(centroided=sys.argv[1], parameters=sys.argv[3],"
        "features=sys.argv[2], statistics=sys.argv[2] + '.json'),"
        f"N(tag={TAG!r}, **{untargeted()!r}))"
    )
    written = []
    for name in ("first.featureXML", "second.featureXML"):
        subprocess.run(
            [sys.executable, "-c", code, source, tmp_path / name, tmp_path / "parameters.json"], cwd=root, check=True
        )
        written.append((tmp_path / name).read_bytes() + (tmp_path / f"{name}.json").read_bytes())
    assert written[0] == written[1]


def trace(heights: np.ndarray, mz: float = 300.1234, step: float = 1.0, floor: float = 100.0) -> oms.MSExperiment:
    """One ion alone, of these heights in scans `step` s apart, beside an ion that is always there at the floor."""
    experiment = oms.MSExperiment()
    for number, height in enumerate(heights):
        spectrum = oms.MSSpectrum()
        spectrum.setMSLevel(1)
        spectrum.setRT(step * number)
        settings = oms.InstrumentSettings()
        settings.setPolarity(oms.IonSource.Polarity.POSITIVE)
        spectrum.setInstrumentSettings(settings)
        kept = [(100.0, floor)] + ([(mz, height)] if height else [])
        spectrum.set_peaks(tuple(np.array(kept, dtype=float).T))
        experiment.addSpectrum(spectrum)
    return experiment


@pytest.mark.parametrize("ratio", [1.0, 0.6, 0.4])
@pytest.mark.parametrize("apart", [1.6, 2.0, 3.0])
@pytest.mark.parametrize("tall_first", [True, False])
def test_isomers_are_two_peaks_whatever_is_between_them(tmp_path, ratio, apart, tall_first):
    sigma = 3.2
    times, late = np.arange(120.0), apart * 2.355 * sigma
    tall, small = (40.0, 40.0 + late) if tall_first else (40.0 + late, 40.0)
    one, other = (np.exp(-(((times - at) / sigma) ** 2) / 2) for at in (tall, small))
    heights = 1e6 * one + ratio * 1e6 * other
    features, _ = picked(trace(np.where(heights > 500, heights, 0)), tmp_path, {"features": {"peak_width_s": 8.0}})
    assert sorted(round(f.getRT()) for f in features) == sorted([round(tall), round(small)])
    areas = {round(f.getRT()): f.getIntensity() for f in features}
    whole = sigma * np.sqrt(2 * np.pi) * 1e6
    assert areas[round(tall)] == pytest.approx(whole, rel=0.08)
    assert areas[round(small)] == pytest.approx(ratio * whole, rel=0.15)


def test_a_wave_on_a_peak_makes_no_second_one(tmp_path):
    times = np.arange(120.0)
    heights = 1e6 * np.exp(-(((times - 60) / 8) ** 2) / 2) * (1 + 0.12 * np.sin(times))
    features, _ = picked(trace(np.where(heights > 500, heights, 0)), tmp_path, {"features": {"peak_width_s": 18.0}})
    assert features.size() == 1


def test_points_below_the_noise_are_points_of_their_peak(tmp_path):
    times = np.arange(60.0)
    heights = np.where(np.abs(times - 30) < 10, 1e5 * np.exp(-(((times - 30) / 4) ** 2) / 2), 0)
    heights[[26, 33]] = 300.0  # the spray stopped: there, but below the noise of 5 x 100
    features, _ = picked(trace(heights), tmp_path)
    (feature,) = features
    inside = (times >= feature.getMetaValue("rt_start")) & (times <= feature.getMetaValue("rt_end")) & (heights > 0)
    assert {26, 33} <= set(times[inside])
    assert feature.getIntensity() == pytest.approx(np.trapezoid(heights[inside], times[inside]), rel=1e-6)
