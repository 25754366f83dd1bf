"""Peaks are assigned over all ions of a run: isomers keep their order, and one high neighbour moves nothing."""

from __future__ import annotations

import itertools
import random

import pytest

from scripts.branches.targeted.recipe import Extraction
from scripts.targeted.assign import Slot, assign
from scripts.targeted.peaks import Peak
from tests.targeted.test_peaks import found, gauss, ion, trace

TOLERANCE = Extraction().rt_tolerance_s


def peak(at: float, height: float = 1e5) -> Peak:
    return Peak(rt_s=at, start_s=at - 6, end_s=at + 6, height=height, area=5 * height, snr=100.0, mz=0.0)


def slot(expected: float, *candidates: Peak, standard: bool = False, trace: int = 0, window: float = 15.0) -> Slot:
    return Slot(expected, window, standard, trace, candidates, [True] * len(candidates))


def times(*slots: Slot) -> list[float | None]:
    return [each and each.rt_s for each in assign(slots, TOLERANCE)]


@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.99, 1.0, 1.01, 2.0, 10.0])
def test_isomeric_standards_are_taken_in_their_order_whatever_their_heights(ratio):
    both = [peak(109.6, 1e5), peak(118.7, ratio * 1e5)]
    assert times(slot(109.5, *both, standard=True), slot(118.5, *both, standard=True)) == [109.6, 118.7]
    assert times(slot(118.5, *both, standard=True), slot(109.5, *both, standard=True)) == [118.7, 109.6]


@pytest.mark.parametrize("late", [-9.0, -4.0, 0.0, 4.0, 9.0, 12.0])
def test_a_run_that_is_late_as_a_whole_keeps_its_isomers(late):
    both = [peak(110 + late, 1e5), peak(119 + late, 3e5)]
    slots = [slot(110, *both, standard=True), slot(119, *both, standard=True)]
    targets = [slot(110, *both, trace=1), slot(119, *both, trace=1)]
    assert times(*slots, *targets) == [110 + late, 119 + late] * 2


def test_of_isomeric_standards_one_may_be_missing():
    only = [peak(118.7, 1e5)]
    assert times(slot(109.5, *only, standard=True), slot(118.5, *only, standard=True)) == [None, 118.7]


@pytest.mark.parametrize("height", [1.3, 3.0, 10.0])
@pytest.mark.parametrize("at", [-8.0, 8.0])
def test_an_interference_in_a_standards_window_costs_no_target(height, at):
    rows = found(
        (ion("IS1", rt=90, role="internal_standard", mz=304), trace(gauss(90, 1e5))),
        (ion("IS2", rt=100, role="internal_standard", mz=404), trace(gauss(100, 1e5), gauss(100 + at, height * 1e5))),
        (ion("A", rt=90, standard="IS1", mz=300), trace(gauss(90, 1e4))),
        (ion("B", rt=100, standard="IS2", mz=400), trace(gauss(100, 2e4))),
    )
    assert [row["rt_s"] for row in rows] == pytest.approx([90, 100, 90, 100], abs=0.3)


def test_lateness_of_which_one_ion_speaks_is_not_believed_and_that_of_two_is():
    on_time = [slot(time, peak(time), standard=True, trace=place) for place, time in enumerate((60, 80, 120, 140))]
    alone = slot(100, peak(109), standard=True, trace=8)
    assert times(*on_time, alone)[-1] is None
    assert times(*on_time, alone, slot(100, peak(109), trace=9))[-2:] == [109, 109]


def test_a_peak_with_its_qualifier_goes_before_one_without():
    near, far = peak(101), peak(103)
    sure = Slot(100, 15.0, False, 0, [near, far], [False, True])
    assert assign([sure], TOLERANCE) == [far]


def test_the_order_of_the_list_changes_nothing():
    both = [peak(110, 1e5), peak(119, 1e5)]
    slots = [
        slot(110, *both, standard=True),
        slot(119, *both, standard=True),
        slot(110, peak(112), peak(121), trace=1),
        slot(119, peak(112), peak(121), trace=1),
        slot(60, peak(61), trace=2),
    ]
    expected = dict(enumerate(times(*slots)))
    for order in itertools.permutations(range(len(slots))):
        assert dict(zip(order, times(*(slots[place] for place in order)), strict=True)) == expected


def test_every_ion_of_a_run_that_is_late_as_a_whole_is_found():
    chance = random.Random(1)
    for _ in range(200):
        late = chance.uniform(-8, 8)
        expected = sorted(chance.uniform(60, 300) for _ in range(5))
        slots = [
            slot(time, peak(time + late + chance.uniform(-0.5, 0.5)), standard=number % 2 == 0, trace=number)
            for number, time in enumerate(expected)
        ]
        assert None not in assign(slots, TOLERANCE)


def test_what_else_is_in_the_window_is_told_and_what_is_near_is_flagged():
    row = found((ion("A"), trace(gauss(100, 1e5), gauss(111, 5e4))))[0]
    assert row["others"] == [[pytest.approx(111, abs=0.2), pytest.approx(0.5, abs=0.1)]] and not row["near"]
    row = found((ion("A"), trace(gauss(100, 1e5, 0.8), gauss(103.5, 5e4, 0.8))))[0]
    assert row["near"]
