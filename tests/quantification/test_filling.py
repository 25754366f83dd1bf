"""Gaps are filled from the run's own spectra, marked, and never invented; runs of both polarities are split."""

from __future__ import annotations

import numpy as np
import pyopenms as oms
import pytest

from scripts.lib import matrix as matrices
from scripts.lib.mzml import store
from scripts.quantification import fill
from tests.quantification.chain import picked, table, tables

PLACES = [(150.0583, 40.0), (180.0634, 60.0), (220.1182, 80.0), (260.1131, 55.0), (300.1594, 95.0), (340.2000, 70.0)]


def write(path, heights, shift=0.0, polarity="positive", seed=0, switching=False):
    """A run of Gaussian peaks (SD 2 s) of these heights at PLACES + shift, a scan a second over random noise."""
    rng, experiment = np.random.default_rng(seed), oms.MSExperiment()
    for number in range(130):
        for own in ("positive", "negative") if switching else (polarity,):
            time = number + (0.5 if own == "negative" else 0.0)
            mz, counts = [], []
            for (ion, apex), height in zip(PLACES, heights, strict=True):
                here = height * np.exp(-(((time - apex - shift) / 2) ** 2) / 2)
                # Ions of the other polarity lie two protons lower, and are half as abundant.
                if here > 300:
                    mz.append((ion - (2.01456 if own == "negative" else 0)) * (1 + 1e-6 * rng.normal()))
                    counts.append(here * (0.5 if own == "negative" else 1))
            mz += list(rng.uniform(100, 400, 30))
            counts += list(300 * np.exp(rng.normal(0, 0.2, 30)))
            order = np.argsort(mz)
            spectrum = oms.MSSpectrum()
            spectrum.setMSLevel(1)
            spectrum.setRT(time)
            spectrum.setNativeID(f"controllerType=0 controllerNumber=1 scan={experiment.size() + 1}")
            settings = oms.InstrumentSettings()
            kinds = oms.IonSource.Polarity
            settings.setPolarity(kinds.POSITIVE if own == "positive" else kinds.NEGATIVE)
            settings.setScanMode(oms.InstrumentSettings.ScanMode.MS1SPECTRUM)
            spectrum.setInstrumentSettings(settings)
            spectrum.set_peaks((np.array(mz)[order], np.array(counts, dtype=np.float32)[order]))
            experiment.addSpectrum(spectrum)
    store(experiment, path)
    return path


def made(tmp_path, runs, **options):
    """The tables of runs given as (name, role, heights, shift)."""
    facts, received = [], {}
    for number, (name, role, heights, shift) in enumerate(runs):
        received[name] = write(tmp_path / f"raw_{name}.mzML", heights, shift, seed=number, **options)
        facts.append({"run": name, "sample": f"S_{name}", "role": role, "batch": "B1", "injection": number + 1})
        facts[-1] |= {"polarity": "", "dilution": ""}
    found = picked(tmp_path, received, {}, "both" if options.get("switching") else "")
    return tables(tmp_path, runs=facts, **found)


STRONG = [1e6] * 6


def test_a_peak_too_weak_to_be_picked_is_filled_in_and_marked(tmp_path):
    weak = [1e6, 1e6, 8e3, 1e6, 1e6, 0]
    paths = made(tmp_path, [("A", "sample", STRONG, 0.0), ("B", "sample", weak, 0.0), ("C", "sample", STRONG, 0.0)])
    raw = matrices.load(paths.raw)
    places = {round(mz, 2): row for row, mz in enumerate(raw.features["mz"])}
    third, last = places[220.12], places[340.2]
    assert raw.filled[third].tolist() == [False, True, False]
    assert raw.areas[third, 1] == pytest.approx(8e3 * 2 * np.sqrt(2 * np.pi), rel=0.15)
    assert np.isnan(raw.areas[last, 1]) and not raw.filled[last].any(), "what is not there is not filled in"
    origin = {row["feature"]: row for row in table(paths.origin)}
    names = raw.features["feature"]
    assert origin[names[third]]["S_B:B"] == "weak" and origin[names[last]]["S_B:B"] == ""
    assert origin[names[third]]["S_A:A"] == "picked"


SHAPES = {
    "a peak": ([1, 3, 9, 20, 31, 36, 30, 19, 8, 2], True),
    "a peak with a point that is off": ([1, 3, 9, 20, 12, 36, 30, 19, 8, 2], True),
    "background": ([20, 22, 19, 21, 23, 20, 18, 22, 21, 20], False),
    "a flank": ([1, 2, 4, 8, 15, 24, 33, 40, 44, 47], False),
    "too few points": ([1, 9, 30, 8], False),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_weak_peak_is_told_from_whatever_is_there(name):
    heights, expected = SHAPES[name]
    times = np.arange(len(heights), dtype=float)
    assert fill.is_peak(times, times, np.array(heights, dtype=float), 5) is expected


def test_scattered_points_are_no_peak():
    times, heights = 3.0 * np.arange(7), np.array([1, 3, 9, 20, 9, 3, 1.0])
    assert not fill.is_peak(np.arange(30.0), times, heights, 5)


def test_the_gap_is_looked_for_where_alignment_puts_it(tmp_path):
    weak = [1e6, 1e6, 8e3, 1e6, 1e6, 1e6]
    paths = made(tmp_path, [("A", "sample", STRONG, 0.0), ("B", "sample", weak, 1.5)])
    raw = matrices.load(paths.raw)
    row = int(np.argmin(np.abs(raw.features["mz"] - 220.1182)))
    assert raw.filled[row, 1]
    assert raw.areas[row, 1] == pytest.approx(8e3 * 2 * np.sqrt(2 * np.pi), rel=0.15)


def test_an_empty_run_fills_nothing_in(tmp_path):
    paths = made(tmp_path, [("A", "sample", STRONG, 0.0), ("N", "blank", [0] * 6, 0.0)])
    raw = matrices.load(paths.raw)
    assert np.isnan(raw.areas[:, 1]).all() and not raw.filled.any()


def test_a_run_that_switches_polarity_is_two_sets_of_features(tmp_path):
    paths = made(tmp_path, [("A", "sample", STRONG, 0.0), ("B", "sample", STRONG, 0.0)], switching=True)
    raw = matrices.load(paths.raw)
    assert raw.features["polarity"].value_counts().to_dict() == {"positive": 6, "negative": 6}
    assert np.isfinite(raw.areas).all() and not raw.filled.any()
    assert {row["polarity"] for row in table(paths.alignment)} == {"positive", "negative"}
    listed = table(paths.listed)
    assert len({row["compound"] for row in listed}) == 6, "both ions of a compound are one compound"
    text = paths.mztab.read_text(encoding="utf-8")
    assert "ms_run[1]-scan_polarity[2]" in text
