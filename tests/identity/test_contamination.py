"""Contamination by maximum likelihood: planted mixtures of simulated unrelated donors are found again."""

from __future__ import annotations

import numpy as np
import pytest
from simulated import person, reads

from scripts.identity import contamination, likelihood
from scripts.identity.alleles import QUALITIES

SITES = 3000


@pytest.mark.parametrize("planted", [0.0, 0.01, 0.02, 0.05, 0.10])
@pytest.mark.parametrize("depth", [30, 12])
def test_a_planted_mixture_is_estimated(planted, depth):
    rng = np.random.default_rng(int(1000 * planted) + depth)
    frequency = rng.uniform(0.05, 0.95, SITES)
    own, other = person(rng, frequency), person(rng, frequency)
    rate, low, high = contamination.estimate(reads(rng, own, depth, planted, other), frequency)
    assert rate == pytest.approx(planted, abs=0.004 + 0.06 * planted)
    assert low - 0.002 <= planted <= high + 0.002
    assert low <= rate <= high


def test_twenty_estimates_of_one_rate_scatter_around_it():
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        frequency = rng.uniform(0.05, 0.95, 1000)
        own, other = person(rng, frequency), person(rng, frequency)
        found.append(contamination.estimate(reads(rng, own, 20, 0.03, other), frequency)[0])
    assert np.mean(found) == pytest.approx(0.03, abs=0.002)


def test_few_reads_give_an_interval_and_no_rate():
    rng = np.random.default_rng(1)
    frequency = rng.uniform(0.05, 0.95, 40)
    found = contamination.report(reads(rng, person(rng, frequency), 10), frequency, widest=0.02)
    assert "rate" not in found
    assert found["interval"][1] > 0.02
    assert found["sites"] == 40


def test_much_contamination_is_told_though_its_interval_is_wide():
    rng = np.random.default_rng(2)
    frequency = rng.uniform(0.05, 0.95, 800)
    own, other = person(rng, frequency), person(rng, frequency)
    found = contamination.report(reads(rng, own, 20, 0.3, other), frequency, widest=0.02)
    assert found["rate"] == pytest.approx(0.3, abs=0.05)


def test_without_reads_nothing_is_known():
    found = contamination.report(np.zeros((5, 2, QUALITIES), dtype=np.uint16), np.full(5, 0.5), widest=0.02)
    assert found == {"sites": 0, "interval": [0.0, 0.5]}


def test_a_reads_probability_sums_to_one_over_the_bases():
    table = np.exp(likelihood.log_table(np.array([0.0, 0.3, 1.0]), QUALITIES))
    error = np.minimum(10.0 ** (-np.arange(QUALITIES) / 10), 0.75)
    for share in range(3):
        reference, alternate = table[:QUALITIES, share], table[QUALITIES:, share]
        assert reference + alternate + 2 * error / 3 == pytest.approx(np.ones(QUALITIES))
