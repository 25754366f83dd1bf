"""A small planted batch goes through all rooms, and the benchmark's scorer says what became of it."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.metabolomics import planted, rooms, run, score
from scripts.lib.files import write_json

DESIGN = planted.Design(compounds=14, pairs=1, contaminants=3, batches=1, samples=4, pools=3, gradient=180.0, least=40)


def test_a_row_is_true_once_and_then_a_duplicate():
    ions = (("[M+H]+", 0, 200.1, 50.0, 1.0), ("[M+Na]+", 0, 222.1, 50.0, 0.2))
    solvent = score.Target((1,), "contaminant", (("[M+H]+", 0, 300.2, 60.0, 1.0),))
    wanted = [score.Target((0,), "alone", ions), solvent]
    rows = np.array([[222.1, 50.3, 9e6], [200.1005, 50.2, 1e6], [300.2, 60.0, 1e6], [200.1, 58.0, 1e6]])
    found = score.score(*rows.T, wanted)
    assert found.fates.tolist() == ["true", "duplicate", "contaminant", "false"]
    assert found.found == {0: (0, 1)}
    assert (found.recall(), found.precision, found.false_per_true) == (1.0, pytest.approx(1 / 3), 2.0)


def test_the_nearest_row_is_the_ions():
    wanted = [score.Target((n,), "isomer", (("[M+H]+", 0, 200.1, rt, 1.0),)) for n, rt in enumerate((50.0, 54.0))]
    found = score.score(np.full(2, 200.1), np.array([53.5, 51.0]), np.ones(2), wanted)
    assert {target: row for target, (row, _) in found.found.items()} == {0: 1, 1: 0}


def test_what_an_orbitrap_tells_apart_depends_on_its_resolution_and_the_mass():
    assert score.told_apart(200, 20, 120_000) and not score.told_apart(200, 5, 120_000)
    assert not score.told_apart(900, 20, 120_000), "resolution falls with the root of m/z"
    assert score.told_apart(200, 5, 240_000) and not score.told_apart(210, 5, 240_000)


def test_areas_are_held_against_what_was_planted_in_each_run():
    truth = planted.truth_of(1, DESIGN)
    wanted = score.targets(truth, lambda rt: rt)
    number = next(n for n, each in enumerate(wanted) if each.kind == "alone")
    signal = truth.amounts * truth.gain
    (member,) = wanted[number].members
    areas = 1.05 * truth.compounds[member].area * signal[member][None, :]
    found = score.Score(wanted, np.array(["true"], dtype=object), {number: (0, 0)})
    errors = score.area_errors(found, areas, truth, signal)
    assert np.allclose(errors[number], 0.05)
    assert np.allclose(score.without_factor(errors)[number], 0.0)
    assert score.right(errors) == 1.0


@pytest.fixture(scope="module")
def batch(tmp_path_factory, root):
    """The batch as the rooms leave it, and its truth."""
    folder = tmp_path_factory.mktemp("planted")
    truth = planted.write_site(folder / "site", 5, DESIGN)
    runs = [
        {"sample": each.sample, "run": each.name, "role": each.role, "batch": each.batch, "polarity": "positive"}
        | {"injection": each.injection, "dilution": ""}
        for each in truth.runs
    ]
    spectra = [folder / "site" / "raw" / f"{each.name}.mzML" for each in truth.runs]
    write_json(folder / "job.json", rooms.order(folder / "out", runs, spectra))
    # A process of its own: a fork of one in which OpenMS has worked would hang.
    subprocess.run([sys.executable, "-m", rooms.__name__, str(folder / "job.json")], check=True, cwd=root)
    return folder / "out", truth


def test_planted_compounds_are_found_measured_and_nothing_is_invented(batch):
    folder, truth = batch
    found = run.delivered(folder, truth)
    assert found["recall"] >= 0.95 and found["precision"] >= 0.9
    assert found["right"] >= 0.9
    assert found["kinds"]["isobar_20"] == [2, 2], "20 ppm apart: two"
    assert found["kinds"]["isobar_5"][1] == 1, "5 ppm apart: one to this instrument"
    assert found["fates"]["contaminant"] == 0, "the blanks take the solvent out"
    assert not math.isnan(found["drift"][1])
