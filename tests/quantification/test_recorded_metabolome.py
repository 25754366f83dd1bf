"""Small batches as instruments record them, from a generator that shares nothing with Filiera, through all rooms."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.metabolomics import instrument, run

DESIGN = instrument.Design(compounds=40, isomers=4, contaminants=5, samples=6, pools=3, blanks=1, gradient_s=300.0)


def test_the_generator_shares_no_code_with_what_it_tests(root):
    text = (root / "benchmarks" / "metabolomics" / "instrument.py").read_text(encoding="utf-8")
    assert not [line for line in text.splitlines() if "import" in line.split(" ")[:2] and "scripts" in line]


def test_a_planted_peak_has_the_width_and_the_height_that_it_says():
    compound = instrument.Compound("X", "alone", 100.0, 2.0, 1.0, 1e4, ())
    times = np.linspace(-10, 30, 4001)
    curve = compound.curve(times)
    assert curve.max() == pytest.approx(1, abs=1e-4) and abs(times[np.argmax(curve)]) < 0.02
    assert np.ptp(times[curve >= 0.5]) == pytest.approx(compound.fwhm, abs=0.05)
    mean = (curve * times).sum() / curve.sum()
    assert (curve * (times - mean) ** 2).sum() / curve.sum() == pytest.approx(2.0**2 + 1.0**2, rel=0.01)


@pytest.mark.parametrize("name", instrument.INSTRUMENTS)
def test_compounds_are_found_once_and_their_cells_are_full(tmp_path, name):
    truth = instrument.write_site(tmp_path / "site", 4, name, DESIGN)
    found = run.worth_recorded(tmp_path, truth)
    assert found["recall"] >= 0.97 and found["precision"] >= 0.95, found
    assert found["absent"] <= 0.01 and found["cells"] > 200, found
