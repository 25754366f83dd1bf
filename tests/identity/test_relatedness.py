"""Who is related to whom: simulated families and strangers, and what is said when too little is known."""

from __future__ import annotations

import numpy as np
import pytest
from simulated import child, person, reads

from scripts.branches.genomes.recipe import IdentityRecipe
from scripts.identity import likelihood, relatedness, verdicts

SETTINGS = IdentityRecipe().model_dump()


@pytest.fixture(scope="module")
def family() -> tuple[np.ndarray, dict[str, int]]:
    """Called genotypes (at 15x) of a trio, the child a second time, a sibling and a stranger; name -> row."""
    rng = np.random.default_rng(7)
    frequency = rng.uniform(0.1, 0.9, 2500)
    father, mother, stranger = (person(rng, frequency) for _ in range(3))
    first, second = child(rng, father, mother), child(rng, father, mother)
    people = {"father": father, "mother": mother, "child": first, "again": first, "sibling": second, "other": stranger}
    prior = likelihood.hardy_weinberg(frequency)
    rows = [likelihood.genotypes(reads(rng, true, 15), prior, 0.99) for true in people.values()]
    for row, true in zip(rows, people.values(), strict=True):
        assert (row[row >= 0] == true[row >= 0]).mean() > 0.995
        assert (row >= 0).mean() > 0.9
    return np.stack(rows), {name: number for number, name in enumerate(people)}


@pytest.fixture(scope="module")
def seen(family):
    """What was seen of two people by their names."""
    rows, number = family
    pairs = relatedness.compare(rows, np.arange(rows.shape[1]))

    def look(one: str, other: str) -> verdicts.Seen:
        at = (number[one], number[other])
        fields = (pairs.sites, pairs.opposite, pairs.relatedness, pairs.evidence)
        return verdicts.Seen(*(field[at] for field in fields))

    return look


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("child", "again", 1.0),
        ("child", "father", 0.5),
        ("child", "sibling", 0.5),
        ("father", "mother", 0.0),
        ("child", "other", 0.0),
    ],
)
def test_relatedness_is_one_half_or_nothing(seen, one, other, expected):
    assert seen(one, other).relatedness == pytest.approx(expected, abs=0.12)
    assert seen(one, other) == seen(other, one)


@pytest.mark.parametrize(
    ("one", "other", "declared", "verdict"),
    [
        ("child", "again", verdicts.SAME, "agrees"),
        ("child", "other", verdicts.SAME, "disagrees"),
        ("child", "father", verdicts.SAME, "disagrees"),
        ("child", "other", verdicts.DIFFERENT, "agrees"),
        ("child", "again", verdicts.DIFFERENT, "disagrees"),
        ("child", "sibling", verdicts.DIFFERENT, "note"),
        ("child", "father", verdicts.PARENT, "agrees"),
        ("child", "other", verdicts.PARENT, "disagrees"),
        ("child", "again", verdicts.PARENT, "disagrees"),
        ("child", "sibling", verdicts.PARENT, "disagrees"),
        ("child", "again", verdicts.UNDECLARED, "note"),
    ],
)
def test_what_the_sheets_declare_is_confirmed_or_contradicted(seen, one, other, declared, verdict):
    found, judged, words = verdicts.pair(declared, seen(one, other), SETTINGS)
    assert judged == verdict, words
    assert str(seen(one, other).sites) in words


def test_a_child_can_inherit_from_its_parents_alone(family):
    rows, number = family
    father, mother = rows[number["father"]], rows[number["mother"]]
    known, errors = relatedness.mendelian(rows[number["child"]], father, mother)
    assert verdicts.trio(known, errors, 1000, SETTINGS)[1] == "agrees"
    assert errors < 0.005 * known
    known, errors = relatedness.mendelian(rows[number["other"]], father, mother)
    assert verdicts.trio(known, errors, 1000, SETTINGS)[1] == "disagrees"


@pytest.mark.parametrize(
    ("trio", "impossible"),
    [((0, 0, 0), 0), ((1, 0, 0), 1), ((2, 2, 0), 1), ((0, 2, 1), 1), ((1, 2, 0), 0), ((2, 1, 1), 0), ((0, 2, 2), 1)],
)
def test_mendels_rules_by_hand(trio, impossible):
    assert relatedness.mendelian(*(np.array([value, -1]) for value in trio)) == (1, impossible)


def test_foreign_reads_make_no_heterozygote():
    # Three alternate reads of thirty are no three errors, but may well be another's.
    counts = np.zeros((1, 2, 41), dtype=np.uint16)
    counts[0, :, 37] = 27, 3
    flat = np.full((1, 3), 1 / 3)
    assert likelihood.genotypes(counts, flat, 0.99).tolist() == [1]
    assert likelihood.genotypes(counts, flat, 0.99, contamination=0.1).tolist() == [0]


def test_few_sites_confirm_nothing():
    # Ten kilobases: everything agrees, and proves nothing.
    found = verdicts.pair(verdicts.SAME, verdicts.Seen(76, 0, 1.0, 1), SETTINGS)
    assert found[1] == "too little information"
    assert "too little is known" in found[2]
    assert verdicts.trio(76, 0, 1, SETTINGS)[1] == "too little information"


def test_few_sites_contradict_when_they_cannot_be_errors():
    seen = verdicts.Seen(76, 12, 0.1, 1)
    assert verdicts.pair(verdicts.SAME, seen, SETTINGS)[1] == "disagrees"
    assert verdicts.pair(verdicts.PARENT, seen, SETTINGS)[1] == "disagrees"
    assert verdicts.pair(verdicts.DIFFERENT, seen, SETTINGS)[1] == "agrees"
    assert verdicts.trio(76, 12, 1, SETTINGS)[1] == "disagrees"


def test_neighbouring_called_sites_are_one_piece_of_evidence():
    found = relatedness.stretches(["a", "a", "a", "b"], [100, 9_000, 12_000, 100], 10_000)
    assert found.tolist() == [0, 0, 1, 2]
    assert relatedness.stretches(["a", "a"], [1, 2], 0).tolist() == [0, 1], "a panel's sites were chosen apart"


def test_a_hundred_samples_are_compared_at_once():
    rng = np.random.default_rng(3)
    rows = rng.integers(-1, 3, (100, 5000)).astype(np.int8)
    rows[99] = rows[0]
    pairs = relatedness.compare(rows, np.arange(5000))
    assert pairs.relatedness.shape == (100, 100)
    assert pairs.relatedness[0, 99] == 1
    by_hand = (rows[1] >= 0) & (rows[2] >= 0)
    assert pairs.sites[1, 2] == by_hand.sum()
    assert pairs.opposite[1, 2] == (np.abs(rows[1] - rows[2])[by_hand] == 2).sum()
