"""Who was found, missed or wrong on a sequence: neighbours are compared together, as haplotypes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scripts.accuracy.haplotypes import carried, matched
from scripts.accuracy.units import Unit, reach

#: Bases between variants from which on they are compared apart, when each is thought wherever it may be written.
APART = 50


class Verdict(NamedTuple):
    """right: with its genotype; carried: an allele of it is there on the other side, with another genotype."""

    unit: Unit
    right: bool
    carried: bool


class Compared(NamedTuple):
    """`cut`: neighbourhoods with more possible phasings than are tried, where something right may count as wrong."""

    truth: list[Verdict]
    calls: list[Verdict]
    cut: int


def compared(sequence: str, truth: Sequence[Unit], calls: Sequence[Unit]) -> Compared:
    """The verdicts on all units of a sequence."""
    found = Compared([], [], 0)
    for wanted, called in neighbourhoods(sequence, truth, calls):
        sides, cut = _judged(sequence, wanted, called)
        found.truth.extend(sides[0])
        found.calls.extend(sides[1])
        found = found._replace(cut=found.cut + cut)
    return found


def neighbourhoods(
    sequence: str, truth: Sequence[Unit], calls: Sequence[Unit]
) -> Iterator[tuple[list[Unit], list[Unit]]]:
    """Truth and calls that may be other words for each other."""
    spans = sorted(
        (*reach(sequence, unit), side, number)
        for side, units in enumerate((truth, calls))
        for number, unit in enumerate(units)
    )
    here: tuple[list[Unit], list[Unit]] = ([], [])
    end = 0
    for low, high, side, number in spans:
        if any(here) and low > end + APART:
            yield here
            here = ([], [])
        here[side].append((truth, calls)[side][number])
        end = max(end, high)
    if any(here):
        yield here


def _judged(sequence: str, truth: list[Unit], calls: list[Unit]) -> tuple[list[list[Verdict]], bool]:
    if _is_free(truth) and _is_free(calls) and sorted(map(_same, truth)) == sorted(map(_same, calls)):
        return [[Verdict(unit, True, True) for unit in units] for units in (truth, calls)], False
    if not truth or not calls:
        return [[Verdict(unit, False, False) for unit in units] for units in (truth, calls)], False
    right = matched(sequence, truth, calls)
    wrong = [
        [number for number in range(len(units)) if number not in taken]
        for units, taken in ((truth, right.truth), (calls, right.calls))
    ]
    known: list[set[int]] = [set(), set()]
    cut = right.cut
    if all(wrong):
        rest = carried(sequence, [truth[each] for each in wrong[0]], [calls[each] for each in wrong[1]])
        for side, taken in enumerate((rest.truth, rest.calls)):
            known[side] = {wrong[side][place] for place in taken}
    return [
        [Verdict(unit, number in taken, number in taken or number in known[side]) for number, unit in enumerate(units)]
        for side, (units, taken) in enumerate(((truth, right.truth), (calls, right.calls)))
    ], cut


def _is_free(units: list[Unit]) -> bool:
    """Whether no record says of two units on which haplotypes they are."""
    bound = [unit.record for unit in units if unit.slots[0] != unit.slots[1]]
    return len(bound) == len(set(bound))


def _same(unit: Unit) -> list[tuple]:
    """The same of units that say the same, in whatever order of haplotypes."""
    return sorted((edit, unit.slots.count(edit)) for edit in unit.edits)
