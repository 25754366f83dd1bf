"""Curves, exclusion, controls, internal standards and read-out, by what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from steroids import assays, ion, run

from scripts.branches.targeted.recipe import Calibration
from scripts.calibration import controls, standards
from scripts.calibration.curve import calibrate, choose, fit
from scripts.calibration.quantify import quantify

X = np.array([1.0, 2, 5, 10, 50, 100, 500, 1000])
RECIPE = Calibration().model_dump()


def recipe(**keys) -> dict:
    return Calibration(**keys).model_dump()


@given(
    slope=st.floats(1e-3, 1e6),
    intercept=st.floats(0, 0.01),
    bend=st.floats(-0.3, 3),
    weighting=st.sampled_from(["none", "1/x", "1/x2"]),
)
def test_a_quadratic_curve_reads_back_what_it_was_made_of(slope, intercept, bend, weighting):
    y = slope * (intercept + X + bend * X**2 / X[-1])
    curve = fit(X, y, "quadratic", weighting)
    assert curve.concentration(y) == pytest.approx(X, rel=1e-4)
    assert curve.r2 == pytest.approx(1)


@pytest.mark.parametrize("unit", [1e-15, 1e-9, 1e6, 1e9], ids=lambda unit: f"{unit:g}")
@pytest.mark.parametrize("weighting", ["none", "1/x", "1/x2"])
def test_a_curve_is_the_same_in_any_unit(unit, weighting):
    y = 3 + 2 * X - 0.0005 * X**2
    curve = fit(X * unit, y, "quadratic", weighting)
    assert curve.concentration(y) == pytest.approx(X * unit, rel=1e-9)


@pytest.mark.parametrize("model", ["linear", "quadratic"])
@pytest.mark.parametrize("weighting", ["none", "1/x", "1/x2"])
def test_the_recipe_decides_where_it_says_so(model, weighting):
    curve = choose(X, 3 * X, recipe(model=model, weighting=weighting))
    assert (curve.model, curve.weighting) == (model, weighting)


def test_the_simplest_model_that_reads_back_is_chosen():
    assert choose(X, 2 * X + 0.1, RECIPE).model == "linear"
    assert choose(X, 2 * X - 0.001 * X**2 * 0.9, RECIPE).model == "quadratic"


def test_a_proportional_error_asks_for_weights():
    noise = 1 + 0.05 * np.array([1, -1, 1, -1, 1, -1, 1, -1])
    assert choose(X, 2 * X * noise, RECIPE).weighting != "none"


def test_a_curve_that_does_not_rise_is_none():
    assert calibrate(X, -X, RECIPE).curve is None
    assert calibrate(X, -X, RECIPE).reasons == ("no rising curve through 8 levels",)
    assert fit(X, 2 * X - 0.0012 * X**2, "quadratic", "none") is None  # it turns below the highest level


def test_detection_and_quantification_limits_follow_the_scatter_at_the_low_end():
    noise = np.array([1, -1, 1, -1, 1, -1, 1, -1])
    quiet, loud = (fit(X, 2 * X * (1 + size * noise), "linear", "1/x2") for size in (0.01, 0.05))
    assert 0 < quiet.lod < loud.lod
    assert quiet.loq / quiet.lod == pytest.approx(10 / 3.3)


WRONG_ONE = np.where(X == 50, 1.4, 1.0) * 2 * X
WRONG_TWO = np.where((X == 50) | (X == 5), 1.4, 1.0) * 2 * X
WRONG_THREE = np.where((X == 50) | (X == 5) | (X == 500), 1.4, 1.0) * 2 * X


@pytest.mark.parametrize(
    ("y", "excluded", "accepted"),
    [(2 * X, [], True), (WRONG_ONE, [50.0], True), (WRONG_TWO, [5.0, 50.0], True), (WRONG_THREE, 2, False)],
    ids=["none", "one", "two", "a third would leave five levels"],
)
def test_calibrators_are_excluded_worst_first_and_never_beyond_the_rule(y, excluded, accepted):
    state = calibrate(X, y, recipe(exclude=True))
    out = sorted(X[~state.used])
    assert out == excluded if isinstance(excluded, list) else len(out) == excluded
    assert (not state.reasons) == accepted


def test_nothing_is_excluded_unless_the_recipe_asks():
    state = calibrate(X, WRONG_ONE, RECIPE)
    assert state.used.all() and not state.within.all()


def test_without_the_lowest_level_the_range_begins_at_the_next():
    state = calibrate(X, np.where(X == 1, 3.0, 1.0) * 2 * X, recipe(model="linear", weighting="1/x2"))
    assert state.lower > 1


def test_a_calibrator_that_was_not_found_counts_as_one_that_misses():
    y = np.where(X <= 5, np.nan, 2 * X)
    state = calibrate(X, y, RECIPE)
    assert state.reasons[0].startswith("5 of 8 calibrators")


@pytest.mark.parametrize(
    ("measured", "reasons"),
    [
        ([10, 10, 100, 100], []),
        ([8.5, 11.5, 85, 115], []),  # 15 % is within 15 %, whatever the last digit says
        ([10, 13, 100, 100], []),
        ([10, 13, 100, 130], ["2 of 4 controls read within tolerance, 66.6 % must"]),
        ([13, 13, 100, 100], ["2 of 4 controls read within tolerance, 66.6 % must", "0 of 2 controls of level L"]),
        ([np.nan, np.nan, 100, 100], ["2 of 4 controls", "0 of 2 controls of level L"]),
    ],
)
def test_two_thirds_of_the_controls_and_half_of_each_level(measured, reasons):
    _, told = controls.judge([10, 10, 100, 100], measured, ["L", "L", "H", "H"], 1, RECIPE)
    assert len(told) == len(reasons)
    assert all(words in reason for words, reason in zip(reasons, told, strict=True))


def test_without_controls_nothing_is_accepted_unless_the_recipe_says_so():
    assert controls.judge([], [], [], 1, RECIPE)[1] == ["no control was measured"]
    assert controls.judge([], [], [], 1, recipe(min_controls_pct=0))[1] == []


def batch(
    *more: dict,
    standard_in_sample: float | None = 1000.0,
    sample: float = 200.0,
    answer=lambda level: 10 * level,
    qualifiers=True,
    **keys,
) -> dict:
    """A sound series of one compound with an internal standard, a control on each side and one sample; `more` runs.

    answer  area of a calibrator by its level; qualifiers: whether any run shows the qualifier
    """
    series = [run(f"C{level:g}", "calibrator", f"L{level:g}", place) for place, level in enumerate(X, start=3)]
    runs = [run("B0", "blank", "", 1), run("Q1", "control", "Q", 2), *series, run("B1", "blank", "", 11)]
    runs += [run("S1", "sample", "", 12, **keys), run("Q2", "control", "Q", 13), *more]
    area = {"B0": None, "B1": 0.5, "S1": sample, "Q1": 200.0, "Q2": 200.0}
    area |= {f"C{level:g}": answer(level) for level in X}
    standard = {each["run"]: 1000.0 for each in runs} | {"S1": standard_in_sample, "B0": None, "B1": None}
    files = []
    for each in runs:
        peaks = [
            {"compound": "A", "ion": 0, "area": each.get("area", area.get(each["run"])), "rt_s": 100.0},
            {
                "compound": "A",
                "ion": 1,
                "area": each.get("qualifier", qualifiers * (area.get(each["run"]) or 0) / 2) or None,
            },
            {"compound": "IS", "ion": 0, "area": standard[each["run"]], "rt_s": 100.0},
        ]
        files.append({"peaks": peaks})
    ions = [ion("A", standard="IS"), ion("A", standard="IS", number=1), ion("IS", "internal_standard")]
    held = {"A": {f"L{level:g}": [float(level), "nmol/L"] for level in X} | {"Q": [20.0, "nmol/L"]}}
    return quantify(ions, runs, files, held, RECIPE)


def sample_of(found: dict) -> dict:
    """What is said about the sample."""
    return next(each for each in found["results"] if each["place"] == 11)


def test_a_sound_series_reads_its_sample():
    found = batch()
    assert assays(found)["A"]["accepted"]
    sample = sample_of(found)
    assert sample["measured"] == pytest.approx(20) and sample["flags"] == []
    assert found["bracketed"] == [True]


def test_dilution_and_amount_are_carried_to_the_end():
    sample = sample_of(batch(dilution=5.0, amount=2.0, amount_unit="mg"))
    assert sample["measured"] == pytest.approx(20)
    assert sample["result"] == pytest.approx(50)
    assert sample["unit"] == "nmol/L per mg"


@pytest.mark.parametrize(("area", "flag"), [(2.0, "below_range"), (20000.0, "above_range")])
def test_outside_the_range_is_flagged_and_not_extrapolated_silently(area, flag):
    sample = sample_of(batch(sample=area))
    assert (sample["result"], sample["measured"], sample["flags"]) == (None, None, [flag])
    assert sample["extrapolated"] == pytest.approx(area / 10)


@pytest.mark.parametrize(
    ("standard", "flag"),
    [(None, "internal_standard_missing"), (400.0, "internal_standard_low"), (1600.0, "internal_standard_high")],
)
def test_an_internal_standard_that_is_missing_or_off_flags_the_run(standard, flag):
    found = batch(standard_in_sample=standard)
    assert flag in sample_of(found)["flags"]
    assert found["standards"][0]["runs"][11]["state"] == flag.removeprefix("internal_standard_")


@pytest.mark.parametrize(("qualifier", "flag"), [(180.0, "ion_ratio"), (0.0, "qualifier_missing")])
def test_a_peak_that_its_qualifier_does_not_confirm_has_no_concentration(qualifier, flag):
    found = batch(run("S2", "sample", "", 12, area=200.0, qualifier=qualifier))
    other = found["results"][-1]
    assert other["flags"] == [flag] and other["result"] is None
    assert sample_of(found)["flags"] == []


def test_a_response_past_the_turn_of_a_quadratic_curve_is_above_the_range_and_said_so():
    found = batch(sample=9000.0, answer=lambda level: 10 * level - 0.0045 * level**2)
    assert assays(found)["A"]["curve"]["model"] == "quadratic"
    sample = sample_of(found)
    assert (sample["result"], sample["extrapolated"], sample["flags"]) == (None, None, ["above_range"])


def test_a_qualifier_that_not_even_calibrators_show_confirms_nothing():
    sample = sample_of(batch(qualifiers=False))
    assert (sample["result"], sample["flags"]) == (None, ["qualifier_missing"])


def test_a_diluted_control_is_held_against_what_it_was_before():
    found = batch(run("Q3", "control", "D", 14, dilution=10.0, area=500.0, qualifier=250.0))
    assert found["results"][-1]["result"] == pytest.approx(500)
    held = {"A": {f"L{level:g}": [float(level), "nmol/L"] for level in X} | {"D": [500.0, "nmol/L"]}}
    runs = [run(f"C{level:g}", "calibrator", f"L{level:g}") for level in X] + [run("Q", "control", "D", dilution=10.0)]
    files = [{"peaks": [{"compound": "A", "ion": 0, "area": 10 * level, "rt_s": 1.0}]} for level in [*X, 50.0]]
    (level,) = assays(quantify([ion("A")], runs, files, held, RECIPE))["A"]["control_levels"]
    assert level["bias_pct"] == pytest.approx(0)


def test_recovery_and_matrix_effect_come_from_spiked_controls():
    areas = [80.0, 80.0, 100.0, 125.0]
    runs = [run("a", "control", "Q", spiked=how) for how in ("before", "before", "after", "neat")]
    assert standards.recovery(areas, runs) == [
        {"batch": "B1", "level": "Q", "recovery_pct": 80.0, "matrix_effect_pct": 80.0}
    ]
    assert standards.recovery(areas[:2], runs[:2]) == []


def test_carry_over_needs_a_blank_right_after_the_highest_calibrator():
    runs = [run("C", "calibrator", "H", 1), run("B", "blank", "", 2), run("S", "sample", "", 3)]
    assert standards.blank_after_top(runs, "B1", {0: 100.0}) == (0, 1)
    runs[1], runs[2] = {**runs[1], "injection": 3}, {**runs[2], "injection": 2}
    assert standards.blank_after_top(runs, "B1", {0: 100.0}) is None
    over = standards.carry_over(21.0, [100.0], 4.0, [100.0], RECIPE)
    assert over["state"] == "carried" and over["pct_of_lowest"] == 21
    assert standards.carry_over(19.0, [100.0], 4.0, [100.0], RECIPE)["state"] == ""
    assert standards.carry_over(None, [100.0], 6.0, [100.0], RECIPE)["state"] == "carried"


def test_the_internal_standard_of_a_zero_sample_was_not_carried_over():
    assert standards.carry_over(None, [100.0], 98.0, [100.0], RECIPE)["state"] == ""


def test_carry_over_is_held_against_the_lowest_calibrator_that_was_found():
    held = {"A": {f"L{level:g}": [float(level), "nmol/L"] for level in X}}
    runs = [run(f"C{level:g}", "calibrator", f"L{level:g}", place) for place, level in enumerate(X, start=1)]
    runs.append(run("B", "blank", "", 9))
    areas = [None, *(10 * X[1:]), 30.0]
    files = [{"peaks": [{"compound": "A", "ion": 0, "area": area, "rt_s": 1.0}]} for area in areas]
    over = assays(quantify([ion("A")], runs, files, held, RECIPE))["A"]["carry_over"]
    assert (over["pct_of_lowest"], over["state"]) == (150, "carried")
