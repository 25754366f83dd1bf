"""Which peak of a trace is the compound's, and what its area is."""

from __future__ import annotations

import numpy as np
import pyopenms as oms
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.branches.targeted.recipe import Extraction
from scripts.lib.refusal import Refusal
from scripts.targeted.extract import identify
from scripts.targeted.peaks import peaks
from scripts.targeted.traces import FullScansByKind, Trace, Transitions

RECIPE = Extraction().model_dump()
TIMES = np.arange(60.0, 140.0, 0.5)


def gauss(at: float, area: float, width: float = 2.0) -> np.ndarray:
    return area / (width * np.sqrt(2 * np.pi)) * np.exp(-(((TIMES - at) / width) ** 2) / 2)


def trace(*curves: np.ndarray, level: float = 0.0, noise: float = 0.0, floor: float = 1.0) -> Trace:
    rng = np.random.default_rng(1)
    total = sum(curves, np.zeros(len(TIMES))) + level + noise * rng.normal(size=len(TIMES))
    return Trace(TIMES, np.maximum(total, 0), np.zeros(len(TIMES)), floor)


def ion(
    name: str, number: int = 0, rt: float = 100.0, standard: str = "", role: str = "target", mz: float = 300.0
) -> dict:
    kind = "qualifier" if number else "quantifier"
    same = {"product_mz": None, "window_s": None, "ion_ratio": None}
    return {"compound": name, "number": number, "ion": kind, "rt_s": rt, "internal_standard": standard} | {
        "role": role,
        "mz": mz,
        **same,
    }


def found(*pairs: tuple[dict, Trace | None]) -> list[dict]:
    ions, traces = zip(*pairs, strict=True)
    return identify(ions, traces, RECIPE)


@given(area=st.floats(1e3, 1e9), at=st.floats(95, 105), width=st.floats(1.5, 4), level=st.sampled_from([0.0, 3.0]))
def test_the_area_is_that_of_the_curve_above_its_background(area, at, width, level):
    (peak,) = peaks(trace(gauss(at, area, width), level=level), RECIPE)
    assert peak.area == pytest.approx(area, rel=0.04)
    assert peak.rt_s == pytest.approx(at, abs=0.1)


def test_areas_are_proportional_over_four_orders_of_magnitude():
    areas = [peaks(trace(gauss(100, size), level=20, noise=0.5), RECIPE)[0].area for size in (1e3, 1e4, 1e5, 1e6, 1e7)]
    assert np.array(areas) / [1e3, 1e4, 1e5, 1e6, 1e7] == pytest.approx(0.98, abs=0.05)


@pytest.mark.parametrize(
    "nothing", [trace(), trace(level=50, noise=5), None, trace(gauss(100, 10.0), level=50, noise=5)]
)
def test_a_blank_is_a_result(nothing):
    (row,) = found((ion("A"), nothing))
    assert row["area"] is None and row["note"]


def test_one_point_is_no_peak():
    spike = np.where(np.arange(len(TIMES)) == 80, 1e6, 0.0)
    assert peaks(trace(spike), RECIPE) == []


def test_a_compound_lags_as_its_internal_standard_does():
    standard = (ion("IS", role="internal_standard", mz=304), trace(gauss(107, 1e5)))
    rows = found((ion("A", standard="IS"), trace(gauss(107, 1e4), gauss(94, 1e6))), standard)
    assert rows[0]["rt_s"] == pytest.approx(107, abs=0.2)
    assert rows[0]["area"] == pytest.approx(1e4, rel=0.1)


def test_a_neighbour_is_not_taken_for_what_is_absent():
    standard = (ion("IS", role="internal_standard", mz=304), trace(gauss(100, 1e5)))
    row = found((ion("A", standard="IS"), trace(gauss(108, 1e7))), standard)[0]
    assert row["area"] is None
    assert row["note"] == "expected at 100.0 s, the nearest peak is at 108.0 s"


def test_one_peak_is_one_compounds():
    peak = trace(gauss(100, 1e5))
    rows = found((ion("A", rt=103), peak), (ion("B", rt=100.5), peak), (ion("B again", rt=100.5), peak))
    assert [row["area"] is not None for row in rows] == [False, True, False]
    assert rows[0]["note"] == rows[2]["note"] == "its peak is that of B"


def test_isomers_that_both_elute_are_both_found():
    both = trace(gauss(96, 1e5), gauss(106, 3e5))
    rows = found((ion("A", rt=97), both), (ion("B", rt=106), both))
    assert [row["rt_s"] for row in rows] == pytest.approx([96, 106], abs=0.3)
    assert [row["area"] for row in rows] == pytest.approx([1e5, 3e5], rel=0.05)


def test_a_qualifier_is_looked_for_where_its_quantifier_is():
    rows = found((ion("A"), trace(gauss(100, 1e5))), (ion("A", 1, mz=150), trace(gauss(100.2, 4e4), gauss(111, 9e5))))
    assert rows[1]["area"] == pytest.approx(4e4, rel=0.1)
    rows = found((ion("A"), trace(gauss(100, 1e5))), (ion("A", 1, mz=150), trace(gauss(106, 9e5))))
    assert rows[1]["area"] is None


def test_a_transition_that_was_not_recorded_is_told():
    srm = ion("A") | {"product_mz": 121.1}
    assert found((srm, None))[0]["note"] == "its transition was not recorded"


def switching(tops: dict[str, float]) -> oms.MSExperiment:
    """A run that switches polarity at every scan: each shows an ion of m/z 300 with a peak of its own area at 100 s."""
    experiment = oms.MSExperiment()
    names = {"positive": oms.IonSource.Polarity.POSITIVE, "negative": oms.IonSource.Polarity.NEGATIVE}
    for number, time in enumerate(TIMES):
        polarity = ("positive", "negative")[number % 2]
        if polarity in tops:
            spectrum = oms.MSSpectrum()
            spectrum.setMSLevel(1)
            spectrum.setRT(float(time))
            spectrum.set_peaks(([200.0, 300.0], [1.0, float(gauss(100, tops[polarity])[number])]))
            settings = oms.InstrumentSettings()
            settings.setPolarity(names[polarity])
            spectrum.setInstrumentSettings(settings)
            experiment.addSpectrum(spectrum)
    return experiment


@pytest.mark.parametrize(("adduct", "area"), [("[M+H]+", 1e5), ("[M-H]-", 4e5)])
def test_an_ion_is_looked_for_in_the_scans_of_its_polarity(adduct, area):
    scans = FullScansByKind(switching({"positive": 1e5, "negative": 4e5}))
    mine = ion("A") | {"adduct": adduct}
    assert found((mine, scans.trace(mine, 30.0, RECIPE)))[0]["area"] == pytest.approx(area, rel=0.04)


def test_an_ion_of_the_other_polarity_is_not_found_and_a_switching_run_asks_for_adducts():
    mine = ion("A") | {"adduct": "[M-H]-"}
    trace_of = FullScansByKind(switching({"positive": 1e5})).trace(mine, 30.0, RECIPE)
    assert found((mine, trace_of))[0]["note"] == "no scan has the polarity of its adduct and shows its m/z"
    both = FullScansByKind(switching({"positive": 1e5, "negative": 1e5}))
    with pytest.raises(Refusal, match="A in a run of both polarities: found no adduct"):
        both.trace(ion("A") | {"adduct": ""}, 30.0, RECIPE)


@pytest.mark.parametrize(
    "noise",
    [
        lambda rng: (rng.random(len(TIMES)) < 0.4) * rng.exponential(30, len(TIMES)),
        lambda rng: np.maximum(rng.normal(0, 10, len(TIMES)), 0),
        lambda rng: 50.0 * rng.poisson(0.5, len(TIMES)),
    ],
    ids=["now and then a few counts", "cut off at zero", "single ions"],
)
def test_noise_that_an_instrument_cuts_off_is_no_peak_and_hides_none(noise):
    blank, shown = 0, 0
    for seed in range(100):
        level = noise(np.random.default_rng(seed))
        for height in (0.0, 1000.0):
            curve = level + height * np.exp(-(((TIMES - 100) / 2.5) ** 2) / 2)
            (row,) = found((ion("A"), Trace(TIMES, curve, np.zeros(len(TIMES)), 0.0)))
            blank, shown = blank + (not height and bool(row["area"])), shown + bool(height and row["area"])
    assert shown == 100
    assert blank <= 3


def test_of_two_windows_of_one_transition_that_counts_in_whose_middle_the_compound_lies():
    experiment = oms.MSExperiment()
    for first, last in ((60, 104), (90, 140)):
        chromatogram = oms.MSChromatogram()
        near = np.clip(TIMES, first, last) == TIMES
        chromatogram.set_peaks((TIMES[near], gauss(103, 1e5)[near]))
        chromatogram.setChromatogramType(
            oms.ChromatogramSettings.ChromatogramType.SELECTED_REACTION_MONITORING_CHROMATOGRAM
        )
        precursor, product = oms.Precursor(), oms.Product()
        precursor.setMZ(300.0)
        product.setMZ(121.1)
        chromatogram.setPrecursor(precursor)
        chromatogram.setProduct(product)
        experiment.addChromatogram(chromatogram)
    mine = ion("A", rt=103) | {"product_mz": 121.1}
    found_trace = Transitions(experiment).trace(mine, 30.0, {"transition_tolerance": 0.3})
    assert found((mine, found_trace))[0]["area"] == pytest.approx(1e5, rel=0.04)
