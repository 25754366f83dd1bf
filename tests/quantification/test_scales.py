"""A run's scales of m/z and time are measured on the ions that it shares, and corrected where that gains."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.quantification.alignment import align
from scripts.quantification.link import link
from scripts.quantification.metrics import scales as metrics
from scripts.quantification.picked import Picked
from scripts.quantification.scales import Scales, Warp, mass_scale, read, warp
from tests.recipes import untargeted

USUAL = untargeted(None)["recipe"]
LEVEL = lambda _: 0.0  # noqa: E731
MEASURED = {"ppm": 5.0, "within_ppm": 20.0, "seconds": 60.0, "min_features": 10, "min_gain": 0.1}


def compounds(rng, count: int) -> np.ndarray:
    """m/z and times (s) as of a metabolite extract: crowded at low masses, isomers among them."""
    mz = 70 + rng.gamma(2.2, 110, count)
    rt = rng.uniform(30, 880, count)
    isomers = rng.choice(count, count // 10, replace=False)
    mz[isomers], rt[isomers] = mz[isomers - 1], np.clip(rt[isomers - 1] + rng.uniform(8, 40, len(isomers)), 30, 900)
    return np.column_stack([mz, rt])


def seen(rng, truth: np.ndarray, share=0.85, strangers=0.3, ppm=1.0, mz=lambda mz: 0.0, rt=lambda rt: 0.0) -> Picked:
    """What a run with these errors of its scales (ppm, s) shows of the compounds, and ions of its own besides."""
    own = truth[rng.random(len(truth)) < share]
    own = np.concatenate([own, compounds(rng, int(strangers * len(truth)))])
    at = own[:, 1] + np.array([rt(time) for time in own[:, 1]]) + rng.normal(0, 0.3, len(own))
    off = np.array([mz(each) for each in own[:, 0]]) + rng.normal(0, ppm, len(own))
    count, ones = len(own), np.ones(len(own))
    return Picked(
        "positive",
        np.arange(count),
        own[:, 0] * (1 + 1e-6 * off),
        at,
        at - 5,
        at + 5,
        1e5 * ones,
        0 * np.arange(count),
        ones,
    )


def run(name: str, role: str = "sample", injection: int | str = "") -> dict:
    return {"sample": name, "run": "R", "role": role, "batch": "B1", "injection": injection, "polarity": "positive"}


def linked(lists, runs, **sections):
    aligning, linking = USUAL["alignment"] | {"mz_ppm": 5.0}, {"mz_ppm": 5.0, "rt_s": 6.0}
    return link([[each] for each in lists], runs, aligning | sections, linking)


def whole_rows(matrix, share=1.0) -> int:
    return int((np.isfinite(matrix.areas).mean(axis=1) >= share).sum())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("offset", [-15.0, -6.0, -4.0, 0.0, 4.0, 5.0, 6.0, 9.0, 15.0])
def test_an_offset_costs_no_row(offset, seed):
    rng = np.random.default_rng([seed, int(abs(offset))])
    truth = compounds(rng, 300)
    runs = [run("P", "pool"), run("A"), run("B"), run("C")]
    lists = [
        seen(rng, truth, share=1, strangers=0.1, mz=(lambda _: offset) if each["sample"] == "C" else LEVEL)
        for each in runs
    ]
    matrix, units, _ = linked(lists, runs)
    assert whole_rows(matrix) >= 0.97 * len(truth)
    (odd,) = (unit for unit in units if unit.run == 3)
    assert odd.mass.largest() == pytest.approx(offset, abs=0.5)


@pytest.mark.parametrize("low, high", [(0, 8), (-6, 6), (10, -4)])
def test_a_slope_is_measured_and_taken_out(low, high):
    rng = np.random.default_rng(3)
    truth = compounds(rng, 400)
    runs = [run("P", "pool"), run("A"), run("C")]
    bent = lambda mz: low + (high - low) * (mz - 70) / 700  # noqa: E731
    lists = [seen(rng, truth, share=1, mz=bent if each["sample"] == "C" else LEVEL) for each in runs]
    matrix, units, _ = linked(lists, runs)
    assert whole_rows(matrix) >= 0.95 * len(truth)
    assert abs(units[2].mass.largest()) >= 0.7 * max(abs(low), abs(high))


def test_where_the_reference_is_off_the_reference_is_named():
    rng = np.random.default_rng(4)
    truth = compounds(rng, 300)
    runs = [run("P", "pool"), run("A"), run("B"), run("C")]
    lists = [seen(rng, truth, share=1, mz=(lambda _: 7.0) if each["role"] == "pool" else LEVEL) for each in runs]
    matrix, units, _ = linked(lists, runs)
    assert [round(unit.mass.largest()) for unit in units] == [7, 0, 0, 0]
    first = matrix.features["mz"].to_numpy()
    nearest = np.abs(truth[:, 0][:, None] - first[None]).argmin(axis=1)
    error = 1e6 * (first[nearest] - truth[:, 0]) / truth[:, 0]
    assert abs(np.median(error)) < 0.5, "the rows stand at the m/z of the many"


@pytest.mark.parametrize("seed", range(20))
def test_strangers_have_no_scale_in_common(seed):
    rng = np.random.default_rng(seed)
    one, other = (np.array(sorted(map(tuple, compounds(rng, 2000)))) for _ in range(2))
    found = mass_scale(one, other, **MEASURED)
    assert found is None or abs(found.largest()) < 20 and found.shared < 40 and not found.gains or found.shared < 20


def test_a_scale_that_lies_right_is_left_alone():
    rng = np.random.default_rng(6)
    truth = compounds(rng, 500)
    lists = [seen(rng, truth, mz=lambda _: 0.2) for _ in range(4)]
    _, units, _ = linked(lists, [run("P", "pool"), run("A"), run("B"), run("C")])
    assert all((unit.scales.offset_ppm, unit.scales.slope_ppm) == (0.0, 0.0) for unit in units)


WARPS = {
    "bow": lambda size: lambda at: size * np.sin(np.pi * at / 900),
    "wave": lambda size: lambda at: size * np.sin(2 * np.pi * at / 900),
    "late": lambda size: lambda at: size * (at / 900) ** 2,
    "step": lambda size: lambda at: size / (1 + np.exp(-(at - 450) / 60)),
}


@pytest.mark.parametrize("size", [-30, -16, 8, 16, 24, 30])
@pytest.mark.parametrize("name", WARPS)
def test_a_bend_of_time_up_to_half_a_minute_costs_no_row(name, size):
    rng = np.random.default_rng([7, abs(size)])
    truth = compounds(rng, 300)
    runs = [run("P", "pool"), run("A"), run("C")]
    lists = [
        seen(rng, truth, share=1, strangers=0.2, rt=WARPS[name](size) if each["sample"] == "C" else LEVEL)
        for each in runs
    ]
    matrix, units, _ = linked(lists, runs)
    assert whole_rows(matrix) >= 0.95 * len(truth)
    assert units[2].alignment.left < 1.0


@pytest.mark.parametrize("seed", range(10))
def test_a_run_of_another_material_is_not_bent(seed):
    rng = np.random.default_rng(seed)
    one, other = (seen(rng, compounds(rng, 400)) for _ in range(2))
    found = align(one, other, USUAL["alignment"])
    assert (found.decision, found.warp) == ("unchanged", Warp())


@pytest.mark.parametrize("seed", range(10))
def test_a_run_that_lies_right_is_not_bent(seed):
    rng = np.random.default_rng(seed)
    truth = compounds(rng, 300)
    found = align(seen(rng, truth), seen(rng, truth), USUAL["alignment"])
    assert found.warp == Warp()


def test_a_blank_has_the_time_of_the_run_beside_it():
    rng = np.random.default_rng(8)
    truth = compounds(rng, 200)
    late = lambda at: 25 * np.sin(np.pi * at / 900)  # noqa: E731
    first, last = seen(rng, truth, share=1), seen(rng, truth, share=1, rt=late)
    blank = seen(rng, truth[:3], share=1, strangers=0, rt=late)
    _, units, _ = linked([first, last, blank], [run("P", "pool", 1), run("A", "sample", 2), run("B", "blank", 3)])
    assert units[2].alignment.decision == "as beside" and "A:R" in units[2].alignment.reason
    assert units[2].features.rt == pytest.approx(truth[:3, 1], abs=2)


def test_scales_go_there_and_back_and_are_read_as_written():
    bent = Scales(1.01, -3.0, Warp((0.0, 300.0, 600.0), (0.0, 12.0, -5.0)), 4.0, -2.0)
    times, mz = np.linspace(-50, 900, 200), np.linspace(60, 1200, 50)
    assert bent.own_time(bent.order_time(times)) == pytest.approx(times)
    assert bent.own_mz(bent.order_mz(mz)) == pytest.approx(mz, rel=1e-9)
    assert read(bent.written()) == bent


def test_a_bend_that_few_ions_show_is_none():
    times = np.linspace(10, 500, 15)
    assert warp(times, times + 10 * np.sin(times / 100), 10, 0.1) is None


def test_the_metrics_are_those_of_the_worst_run_and_absent_where_one_tells_nothing():
    row = {"decision": "aligned", "sample": "A", "mass_offset_ppm": "-7.5", "rt_residual_s": "0.2"}
    rows = [row, row | {"mass_offset_ppm": "1", "rt_residual_s": "3"}, row | {"sample": "B", "mass_offset_ppm": ""}]
    rows.append({"decision": "reference", "sample": "P", "mass_offset_ppm": "0.0", "rt_residual_s": ""})
    assert metrics(rows) == {
        "A": {"mass_offset_ppm": 7.5, "rt_residual_s": 3.0},
        "B": {"rt_residual_s": 0.2},
        "P": {"mass_offset_ppm": 0.0, "rt_residual_s": 0.0},
    }
