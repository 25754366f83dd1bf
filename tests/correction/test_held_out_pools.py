"""Pools that the correction never saw do not get worse by it, whatever the instrument did, and better if it drifted.

Half of a batch's pools correct it, the other half are looked at. What happens to an injection happens to all of its
features, as in life: by that alone a batch without drift can look as if it had one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scripts.correction import drift, standards
from scripts.correction.correct import pool_rsd_pct
from tests.recipes import USUAL

FEATURES, EVERY, BATCHES = 60, 5, 60
SHAPES = {
    "no drift": lambda t: 0 * t,
    "line": lambda t: t,
    "jump": lambda t: (t > 0.5).astype(float),
    "fading": lambda t: np.exp(-4 * t),
    "hill": lambda t: np.sin(np.pi * t),
    "waves": lambda t: np.sin(6 * np.pi * t),  # faster than pools can follow
}
#: Batches of which the held-out pools scatter by more than 5 % more than before: as many as chance may take, by the
#: number of pools that correct. Four cannot tell a drift from noisy injections as well as more can.
CHANCE = {4: 0.15}
USUAL_CHANCE = 0.1


def ratios(shape, pools, size=0.5, noise=0.05, shared=0.05, part=1.0, sign=1.0, failed=None) -> np.ndarray:
    """Scatter of the held-out pools after the correction over that before, median over features, of each batch.

    pools  that correct; size of the drift and noise as logarithms, `shared` by all features of an injection
    part   share of the features that drift; sign: -1 lets half of these rise while the others fall
    failed  place among the pools that correct, and what all features lost there, as logarithm
    """
    found = []
    for seed in range(BATCHES):
        rng = np.random.default_rng(seed)
        runs = EVERY * (2 * pools - 1) + 1
        at = np.arange(1.0, runs + 1)
        slope = size * rng.normal(1, 0.3, FEATURES) * np.where(rng.random(FEATURES) < part, 1, 0)
        slope *= np.where(np.arange(FEATURES) % 2, 1, sign)
        values = rng.normal(15, 2, (FEATURES, 1)) + slope[:, None] * SHAPES[shape]((at - 1) / (runs - 1))
        values += rng.normal(0, shared, runs) + rng.normal(0, noise, values.shape)
        places = np.arange(0, runs, EVERY)
        train, held = places[::2], places[1::2]
        if failed:
            values[:, train[failed[0]]] -= failed[1]
        done = drift.judge(values[:, train], at[train], at, USUAL["correction"])
        before, after = (np.median(pool_rsd_pct(each[:, held])) for each in (values, values + done.factors))
        found.append(after / before)
    return np.array(found)


@pytest.mark.parametrize("pools", [4, 5, 7, 12])
@pytest.mark.parametrize("shape", SHAPES)
def test_pools_that_were_held_out_do_not_get_worse(shape, pools):
    found = ratios(shape, pools)
    assert np.mean(found > 1.05) <= USUAL_CHANCE
    assert np.mean(found) < 1.03


@pytest.mark.parametrize("pools", [4, 7, 12])
@pytest.mark.parametrize(
    "instrument",
    [{"noise": 0.4, "shared": 0.0}, {"shared": 0.2}, {"part": 0.2}, {"sign": -1.0}],
    ids=["noisy features", "noisy injections", "few features drift", "half rise"],
)
def test_nor_where_drift_is_hard_to_tell(instrument, pools):
    found = ratios("line", pools, **instrument)
    assert np.mean(found > 1.05) <= CHANCE.get(pools, USUAL_CHANCE)
    assert np.mean(found) < 1.03


@pytest.mark.parametrize("place", [0, -1], ids=["first", "last"])
@pytest.mark.parametrize("lost", [1.0, 3.0])
@pytest.mark.parametrize("pools", [6, 9])
@pytest.mark.parametrize("shape", ["no drift", "line"])
def test_nor_where_an_injection_of_a_pool_failed(shape, pools, lost, place):
    found = ratios(shape, pools, failed=(place, lost))
    assert np.mean(found > 1.05) <= USUAL_CHANCE
    assert np.mean(found) < 1.06


@pytest.mark.parametrize("pools", [3, 5, 8])
@pytest.mark.parametrize("drift_of_standard", [0.0, 0.1])
def test_nor_by_an_internal_standard_that_only_adds_its_own_noise(pools, drift_of_standard):
    found = []
    features = pd.DataFrame({"rt_s": np.arange(FEATURES + 1.0), "polarity": "positive"})
    for seed in range(BATCHES):
        rng = np.random.default_rng(seed)
        values = rng.normal(15, 2, (FEATURES + 1, 1)) + rng.normal(0, 0.08, (FEATURES + 1, 40))
        values[-1] += rng.normal(0, drift_of_standard, 40)
        done, _ = standards.normalise(values, features, {"IS": FEATURES}, list(range(pools)), USUAL["correction"])
        before, after = (np.median(pool_rsd_pct(each[:-1, pools:])) for each in (values, done))
        found.append(after / before)
    assert np.mean(np.array(found) > 1.05) <= USUAL_CHANCE


@pytest.mark.parametrize(
    ("shape", "pools", "most"),
    [("line", 4, 0.7), ("line", 7, 0.6), ("jump", 7, 0.7), ("hill", 12, 0.7), ("fading", 12, 0.75)],
)
def test_and_get_better_where_the_pools_can_follow_the_drift(shape, pools, most):
    assert np.median(ratios(shape, pools)) < most


@pytest.mark.parametrize("step", [0.0, 0.3])
@pytest.mark.parametrize(("pools", "batches"), [(3, 2), (3, 4), (8, 2)])
def test_steps_between_batches_likewise(pools, batches, step):
    found = []
    for seed in range(BATCHES):
        rng = np.random.default_rng(seed)
        batch = np.repeat(np.arange(batches), 2 * pools)
        values = rng.normal(15, 2, (FEATURES, 1)) + step * rng.normal(0, 1, (FEATURES, batches))[:, batch]
        values += rng.normal(0, 0.05, len(batch)) + rng.normal(0, 0.05, values.shape)
        train, held = np.arange(0, len(batch), 2), np.arange(1, len(batch), 2)
        done = drift.steps(values[:, train], batch[train], batch, USUAL["correction"])
        before, after = (np.median(pool_rsd_pct(each[:, held])) for each in (values, values + done.factors))
        found.append(after / before)
    assert np.mean(np.array(found) > 1.05) <= USUAL_CHANCE
    assert np.median(found) < (0.6 if step else 1.01)


def test_two_pools_in_a_batch_are_too_few_for_a_step():
    rng = np.random.default_rng(1)
    batch = np.repeat([0, 1], 10)
    pools = np.array([0, 5, 10, 15])
    values = rng.normal(15, 0.05, (20, 20)) + batch
    assert not drift.steps(values[:, pools], batch[pools], batch, USUAL["correction"]).factors.any()
