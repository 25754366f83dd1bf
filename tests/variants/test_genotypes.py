"""Genotypes held against allele depths."""

from __future__ import annotations

import pytest

from scripts.variants.genotypes import combinations, genotype, likelihoods

ERROR, MARGIN = 0.05, 15


@pytest.mark.parametrize(
    ("called", "depths", "better"),
    [
        ((0, 1), (2, 21), (1, 1)),  # two reads that end inside the repeat
        ((0, 1), (3, 28), (1, 1)),
        ((0, 1), (12, 15), None),
        ((0, 1), (8, 20), None),  # neither is likely: the caller's stands
        ((1, 1), (11, 17), (0, 1)),
        ((1, 1), (1, 29), None),
        ((1, 2), (1, 21, 3), (1, 1)),  # a third allele of a few reads
        ((1, 2), (0, 15, 14), None),
        ((0, 1), (29, 2), None),  # whether there is a variant is the caller's to say
        ((0, 0), (0, 30), None),
        ((None, None), (0, 0), None),
        ((0, 1), (0, 0), None),
        ((1,), (2, 21), None),
    ],
)
def test_what_the_depths_say_strongly_replaces_the_call(called, depths, better):
    found = genotype(called, depths, ERROR, MARGIN)
    assert (found and found[0]) == better


def test_likelihoods_stand_in_the_order_of_pl():
    assert combinations(3, 2) == ((0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2))
    assert combinations(2, 1) == ((0,), (1,))


def test_the_best_genotype_has_likelihood_zero_and_gq_is_the_distance_to_the_next():
    best, likelihood, quality = genotype((0, 1), (2, 21), ERROR, MARGIN)
    assert likelihood[combinations(2, 2).index(best)] == min(likelihood) == 0
    assert quality == sorted(likelihood)[1]


def test_one_read_of_each_allele_is_heterozygous_by_hand():
    # Each allele: 10 log10 of 0.5 under het; of 0.95 and 0.05 under either homozygote.
    found = likelihoods((1, 1), 2, 0.05)
    assert found[1] == 0
    assert found[0] == pytest.approx(found[2]) == pytest.approx(7.212, abs=0.001)
