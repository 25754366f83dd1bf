"""Drift is corrected where left-out pools gain by it, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.nonparametric.smoothers_lowess import lowess

from scripts.correction import drift
from scripts.correction.correct import correct, qc_pools, without_pools
from scripts.lib.library import Compound
from scripts.lib.matrix import Matrix
from tests.recipes import USUAL

OPTIONS = USUAL["correction"]
FEATURES = 200


def batch(rng, pools=9, every=6, trend=0.0, noise=0.05, features=FEATURES, straight=False):
    """Logarithms (features, runs) of a batch with a pool at every sixth injection and a trend in each feature.

    Returns them with the injection numbers, the pools' places, and what they would be without the trend.
    """
    at = np.arange(1, 1 + every * (pools - 1) + 1, dtype=float)
    places = np.arange(0, len(at), every)
    shape = at / at.max() + (0 if straight else np.sin(np.pi * at / at.max()))
    slopes = trend * rng.normal(1, 0.3, features)
    level = rng.normal(15, 2, features)
    clean = level[:, None] + rng.normal(0, noise, (features, len(at)))
    return clean + slopes[:, None] * shape, at, places, clean


def spread(values):
    return np.median(values.std(axis=1))


def test_the_local_regression_is_lowess_without_its_robust_iterations():
    rng = np.random.default_rng(3)
    x = np.sort(rng.uniform(0, 100, 25))
    y = np.sin(x / 20) + rng.normal(0, 0.1, 25)
    ours = drift.loess(0.6)(x, x) @ y
    assert ours == pytest.approx(lowess(y, x, frac=0.6, it=0, return_sorted=False), abs=1e-6)


def test_a_trend_is_taken_out_of_the_samples_between_the_pools():
    values, at, places, clean = batch(np.random.default_rng(1), trend=0.5)
    done = drift.judge(values[:, places], at[places], at, OPTIONS)
    samples = np.setdiff1d(np.arange(len(at)), places)
    assert (done.method == "loess").mean() > 0.95
    assert spread(values[:, samples]) > 2 * spread(clean[:, samples])
    assert spread((values + done.factors)[:, samples]) < 1.25 * spread(clean[:, samples])


def test_without_a_trend_next_to_nothing_is_touched_and_pools_not_used_do_not_get_worse():
    values, at, places, _ = batch(np.random.default_rng(2), pools=13, trend=0.0)
    train, held = places[::2], places[1::2]
    done = drift.judge(values[:, train], at[train], at, OPTIONS)
    assert (done.method != "").mean() < 0.02
    assert spread((values + done.factors)[:, held]) <= 1.01 * spread(values[:, held])


@pytest.mark.parametrize(("pools", "method"), [(6, "loess"), (5, "linear"), (4, "linear"), (3, "")])
def test_the_number_of_pools_decides_on_what_is_tried(pools, method):
    values, at, places, _ = batch(np.random.default_rng(4), pools=pools, trend=1.0, noise=0.01, straight=True)
    done = drift.judge(values[:, places], at[places], at, OPTIONS)
    assert {name for name in done.method if name} == ({method} - {""})


def test_pools_that_miss_a_feature_do_not_spoil_the_others():
    values, at, places, _ = batch(np.random.default_rng(5), trend=0.5)
    full = drift.judge(values[:, places], at[places], at, OPTIONS)
    holes = values.copy()
    holes[0, places[:6]] = np.nan
    done = drift.judge(holes[:, places], at[places], at, OPTIONS)
    assert done.method[0] == ""
    assert np.array_equal(done.factors[1:], full.factors[1:])


def test_a_trend_is_not_extrapolated():
    values, at, places, _ = batch(np.random.default_rng(6), trend=0.5)
    inner = places[1:-1]
    done = drift.judge(values[:, inner], at[inner], at, OPTIONS)
    used = done.method != ""
    assert used.any()
    assert np.allclose(done.factors[used, 0], done.factors[used, inner[0]])
    assert np.allclose(done.factors[used, -1], done.factors[used, inner[-1]])


def test_steps_between_batches_are_taken_out_where_the_pools_show_them():
    rng = np.random.default_rng(7)
    at = np.repeat([0, 1, 2], 10)
    pools = np.arange(0, 30, 2)
    clean = rng.normal(15, 2, (100, 1)) + rng.normal(0, 0.05, (100, 30))
    step = np.repeat(rng.normal(0, 0.6, (100, 3)), 10, axis=1)
    step[50:] = 0
    values = clean + step
    done = drift.steps(values[:, pools], at[pools], at, OPTIONS)
    assert (done.method[:50] == "pools").mean() > 0.9
    assert (done.method[50:] == "pools").mean() < 0.1
    moved = values + done.factors
    assert spread(moved[:50]) < 1.2 * spread(clean[:50])


# --- the whole correction ---------------------------------------------------------------------------------------------


def order(runs, areas, rt=None):
    import pandas as pd

    count = len(areas)
    features = pd.DataFrame(
        {
            "feature": [f"F{number:05d}" for number in range(1, count + 1)],
            "polarity": "positive",
            "mz": np.linspace(100, 500, count),
            "rt_s": np.linspace(30, 500, count) if rt is None else rt,
        }
    )
    names = [f"{run['sample']}:{run['run']}" for run in runs]
    return Matrix(features, names, areas, np.isfinite(areas).astype(np.uint8))


def runs_of(count, pool_every, batch="B1"):
    return [
        {"sample": "POOL" if number % pool_every == 0 else f"S{number}", "run": f"R{number}", "batch": batch}
        | {"role": "pool" if number % pool_every == 0 else "sample", "injection": number + 1, "dilution": ""}
        for number in range(count)
    ]


def standard(matrix, row):
    feature = matrix.features.iloc[row]
    return Compound(
        "IS", "C", "[M+H]+", feature.mz, 0, "positive", feature.rt_s, "internal_standard", "", np.empty((0, 2))
    )


def test_an_internal_standard_takes_out_what_happened_to_a_whole_run():
    rng = np.random.default_rng(8)
    runs = runs_of(40, 5)
    injected = rng.normal(0, 0.4, 40)
    areas = np.exp(rng.normal(15, 1, (50, 1)) + rng.normal(0, 0.05, (50, 40)) + injected)
    areas[20] = np.exp(15 + rng.normal(0, 0.02, 40) + injected)
    matrix = order(runs, areas)
    corrected, table, _, rows = correct(matrix, runs, [standard(matrix, 20)], OPTIONS)
    assert rows == {"IS": 20}
    assert (table["internal_standard"] == "IS").sum() == 49
    assert table["pool_rsd_raw_pct"].median() > 25 > 10 > table["pool_rsd_pct"].median()
    assert np.array_equal(corrected.areas[20], areas[20])


def test_a_standard_that_scatters_by_itself_is_not_used():
    rng = np.random.default_rng(9)
    runs = runs_of(40, 5)
    areas = np.exp(rng.normal(15, 1, (50, 1)) + rng.normal(0, 0.05, (50, 40)))
    areas[20] = np.exp(15 + rng.normal(0, 0.5, 40))
    matrix = order(runs, areas)
    corrected, table, _, _ = correct(matrix, runs, [standard(matrix, 20)], OPTIONS)
    assert set(table["internal_standard"]) == {""}
    assert np.allclose(corrected.areas, areas)


def test_too_few_pools_or_no_injection_numbers_leave_a_batch_as_it_is_and_say_so():
    rng = np.random.default_rng(10)
    areas = np.exp(rng.normal(15, 1, (20, 12)))
    few = runs_of(12, 5)
    corrected, _, (row,), _ = correct(order(few, areas), few, [], OPTIONS)
    assert np.allclose(corrected.areas, areas) and row["decision"] == "not corrected: 3 QC pools, 4 are needed"
    unnumbered = [{**run, "injection": ""} for run in runs_of(12, 2)]
    corrected, _, (row,), _ = correct(order(unnumbered, areas), unnumbered, [], OPTIONS)
    assert np.allclose(corrected.areas, areas) and "injection number" in row["decision"]


def test_polarities_that_no_pool_was_measured_in_are_named():
    runs = runs_of(6, 2)
    areas = np.ones((4, 6))
    areas[2:, qc_pools(runs)] = np.nan
    matrix = order(runs, areas)
    matrix.features["polarity"] = ["negative", "positive", "negative", "negative"]
    assert without_pools(matrix, runs) == []
    assert without_pools(matrix.rows(np.array([1, 2, 3])), runs) == ["negative"]
    assert without_pools(matrix, [{**run, "role": "sample"} for run in runs]) == ["negative", "positive"]


def test_an_order_without_features_and_one_without_pools_come_through():
    runs = runs_of(6, 2)
    corrected, table, _, _ = correct(order(runs, np.empty((0, 6))), runs, [], OPTIONS)
    assert corrected.areas.shape == (0, 6) and table.empty
    alone = [{**run, "role": "sample"} for run in runs]
    corrected, table, _, _ = correct(order(alone, np.ones((3, 6))), alone, [], OPTIONS)
    assert np.allclose(corrected.areas, 1) and table["pool_rsd_pct"].isna().all()
