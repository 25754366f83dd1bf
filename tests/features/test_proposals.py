"""Parameters are proposed from what pools show; what cannot be believed is not, and is said."""

from __future__ import annotations

import csv
from types import SimpleNamespace

import numpy as np
import pyopenms as oms
import pytest

from scripts.features import measure, pick, propose, tell
from scripts.lib import proposals
from scripts.lib.files import read_json, write_json
from scripts.lib.mzml import RECORDED
from tests.recipes import USUAL, untargeted

TAG = {"facility": "CNR-IBSBC", "service": "MET-UNTARGETED", "batch": "B1"}
ORDER = {"facility": "CNR-IBSBC", "proposal": "P1", "service": "MET-UNTARGETED"}
POLARITIES = {"positive": oms.IonSource.Polarity.POSITIVE, "negative": oms.IonSource.Polarity.NEGATIVE}


def run(seed, width=6.0, ppm=2.0, late=0.0, floor=400.0, polarity="positive", ions=60, recorded="centroid"):
    """A run of 300 s: Gaussian peaks of this full width at half maximum (s) and scatter of m/z, one ion that is always
    there, and noise of which nothing lies below the floor."""
    rng, places = np.random.default_rng(seed), np.random.default_rng(0)
    mz, apex = np.linspace(100, 600, ions), places.uniform(40, 260, ions)
    height = 10 ** places.uniform(5.5, 7, ions)
    experiment = oms.MSExperiment()
    experiment.setMetaValue(RECORDED, recorded)
    for time in np.arange(0, 300.0):
        up = height * np.exp(-4 * np.log(2) * ((time - apex - late) / width) ** 2)
        seen = up > floor
        at = np.concatenate([mz[seen], [445.12], rng.uniform(90, 610, 30)])
        counts = np.concatenate([up[seen], [2e7], floor * (1 + rng.exponential(1, 30))])
        at[: seen.sum() + 1] *= 1 + 1e-6 * ppm * rng.normal(size=seen.sum() + 1)
        order = np.argsort(at)
        spectrum = oms.MSSpectrum()
        spectrum.setMSLevel(1)
        spectrum.setRT(float(time))
        settings = oms.InstrumentSettings()
        settings.setPolarity(POLARITIES[polarity])
        spectrum.setInstrumentSettings(settings)
        spectrum.set_peaks((at[order], counts[order].astype(np.float32)))
        experiment.addSpectrum(spectrum)
    return experiment


def proposed(*runs, **options):
    found = propose.propose(
        [(f"R{n}", each) for n, each in enumerate(runs)], USUAL["features"], USUAL["proposals"] | options
    )
    return found["positive"]


@pytest.mark.parametrize("width", [2.5, 6.0, 20.0])
@pytest.mark.parametrize("ppm", [0.7, 4.0])
def test_width_and_error_are_measured_as_planted(width, ppm):
    found = measure.ions(pick.by_polarity(run(1, width, ppm))["positive"], 3e4, USUAL["proposals"])
    assert len(found) > 50
    assert np.median(found.width) == pytest.approx(width, rel=0.15)
    assert np.quantile(np.abs(found.deviation), 0.68) == pytest.approx(ppm, rel=0.2)
    assert not np.any(np.abs(found.mz - 445.12) < 0.01), "what is always there is no peak"


def test_tolerances_follow_from_three_pools():
    found = proposed(run(1), run(2, late=1.0), run(3, late=-1.0))
    assert found["runs"] == ["R0", "R1", "R2"] and not found["doubts"]
    features, linking = found["features"], found["linking"]
    assert features["mass_error_ppm"] == pytest.approx(4.0, rel=0.15), "covers 95 % of points: two deviations"
    assert features["peak_width_s"] == pytest.approx(6.0, rel=0.13)
    assert features["max_width_s"] == pytest.approx(60, rel=0.13)
    assert "min_width_s" not in features, "a limit that is wide enough stays"
    assert linking["mz_ppm"] == pytest.approx(2 * features["mass_error_ppm"], rel=0.15)
    assert linking["rt_s"] == pytest.approx(12.0, rel=0.15), "a shift of a whole run is the alignment's"
    assert found["noise"]["centroid"] == pytest.approx(5 * 400, rel=0.15)


def test_another_pool_hardly_changes_a_value():
    first, second = proposed(run(1), run(2), run(3)), proposed(run(1), run(2), run(9))
    pairs = [(first[name][key], second[name][key]) for name in propose.SECTIONS for key in first[name]]
    assert sum(one != other for one, other in pairs) <= 1
    assert all(one == pytest.approx(other, rel=0.13) for one, other in pairs)


def test_one_strange_pool_of_three_is_outvoted_and_one_without_peaks_is_left_out():
    usual = proposed(run(1), run(2), run(3))
    strange = proposed(run(1), run(2), run(3, width=30.0, ppm=9.0))
    assert strange["features"] == usual["features"]
    empty = proposed(run(1), run(2), run(3, ions=5))
    assert empty["runs"] == ["R0", "R1"] and empty["features"] == usual["features"]


@pytest.mark.parametrize(
    ("runs", "missing", "said"),
    [
        ({"width": 45.0}, {"peak_width_s", "max_width_s"}, "width_s 4"),
        ({"ppm": 0.1}, {"mass_error_ppm"}, "mz_error_ppm 0"),
    ],
)
def test_what_is_far_off_is_not_believed_and_the_rest_is(runs, missing, said):
    found = proposed(run(1, **runs), run(2, **runs))
    usual = {"mass_error_ppm", "peak_width_s", "max_width_s"}
    assert set(found["features"]) == usual - missing
    assert any(text.startswith(said) and "is not between" in text for text in found["doubts"].values())


def test_noises_that_contradict_each_other_are_not_averaged():
    found = proposed(run(1), run(2, floor=8000.0))
    assert not found["noise"] and "counts" in found["doubts"]["noise of centroid"]


def test_nothing_usable_proposes_nothing():
    assert propose.propose([], USUAL["features"], USUAL["proposals"]) == {}
    found = proposed(run(1, ions=3))
    assert "features" not in found and "none of R0 shows 20 whole peaks" in found["doubts"]["all"]


def test_preferred_numbers_are_near_and_few():
    values = np.geomspace(1e-3, 1e6, 5000)
    near = np.array([propose.preferred(value) for value in values])
    assert np.abs(near / values - 1).max() < 0.07
    assert len(set(near)) == 181
    assert all(propose.preferred(value) == value for value in near)


# --- how they are read and told ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """The files of a batch of two centroid pools and one profile pool in negative mode."""
    folder = tmp_path_factory.mktemp("batch")
    runs = [run(1), run(2), run(3, polarity="negative", recorded="profile", floor=40.0)]
    centroided, statistics = [], []
    for number, each in enumerate(runs):
        centroided.append(folder / f"R{number}.mzML")
        oms.MzMLFile().store(str(centroided[-1]), each)
        statistics.append(folder / f"R{number}.json")
        write_json(statistics[-1], {"tic_sum": number})
    paths = SimpleNamespace(centroided=centroided, statistics=statistics)
    paths.parameters, paths.measured = folder / "parameters.json", folder / "measured.json"
    names = ["R0", "R1", "R2"]
    propose.main(paths, SimpleNamespace(tag=TAG, role="pool", runs=names, most=3, **untargeted()))
    return paths


def told(tmp_path, batch, recipe):
    paths = SimpleNamespace(parameters=[batch.parameters], measured=[batch.measured])
    paths.table, paths.section, paths.facts = (tmp_path / name for name in ("t.tsv", "s.json", "f.json"))
    tell.main(paths, SimpleNamespace(tag=ORDER, **untargeted(recipe)))
    with open(paths.table, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t")), read_json(paths.facts)["parameters"]


def test_noise_is_that_of_runs_recorded_alike(batch):
    positive = proposals.of_run(batch.parameters, "positive", "centroid")
    assert positive["noise"] == pytest.approx(2000, rel=0.15)
    assert "noise" not in proposals.of_run(batch.parameters, "positive", "profile"), "the run's own is measured"
    assert proposals.of_run(batch.parameters, "negative", "profile")["noise"] == pytest.approx(200, rel=0.15)
    assert proposals.of_run(batch.parameters, "", "centroid") == {}


def test_an_order_of_several_batches_takes_the_largest(batch, tmp_path):
    write_json(tmp_path / "other.json", {"polarities": {"positive": {"linking": {"rt_s": 25.0}}}})
    both = proposals.of_order([batch.parameters, tmp_path / "other.json"], "linking")
    assert both["rt_s"] == 25.0 and both["mz_ppm"] == proposals.of_order([batch.parameters], "linking")["mz_ppm"]


def test_the_recipe_overrides_key_by_key_and_that_is_told(batch, tmp_path):
    rows, sentence = told(tmp_path, batch, {"features": {"peak_width_s": 12.0}, "library": "x.tsv"})
    positive = {row["parameter"]: row for row in rows if row["polarity"] == "positive" and row["section"] == "features"}
    assert positive["peak_width_s"] | {"remark": ""} == positive["mass_error_ppm"] | {
        "parameter": "peak_width_s",
        "value": "12.0",
        "source": "recipe",
        "runs": "",
    }
    assert positive["peak_width_s"]["remark"].startswith("measured: ")
    assert positive["mass_error_ppm"]["source"] == "measured" and positive["mass_error_ppm"]["runs"] == "R0 R1"
    assert positive["noise"]["recorded"] == "centroid"
    assert "on the quality-control pools R0 and R1 (positive mode)" in sentence and "the noise (" in sentence
    assert sentence.endswith("The service's recipe sets features.peak_width_s.")


def test_the_richest_samples_speak_where_there_is_no_pool(batch, tmp_path):
    paths = SimpleNamespace(centroided=batch.centroided, statistics=batch.statistics)
    paths.parameters, paths.measured = tmp_path / "p.json", tmp_path / "m.json"
    propose.main(paths, SimpleNamespace(tag=TAG, role="sample", runs=["R0", "R1", "R2"], most=1, **untargeted()))
    _, sentence = told(tmp_path, paths, {})
    assert "on the samples R2" in sentence


def test_nothing_to_measure_is_told(batch, tmp_path):
    paths = SimpleNamespace(centroided=[], statistics=[])
    paths.parameters, paths.measured = tmp_path / "p.json", tmp_path / "m.json"
    propose.main(paths, SimpleNamespace(tag=TAG, role="", runs=[], most=3, **untargeted()))
    (row,), sentence = told(tmp_path, paths, {})
    assert row["source"] == "usual" and row["remark"] == "there is nothing to measure"
    assert sentence == "In batch B1, nothing could be measured, and usual tolerances were taken."
