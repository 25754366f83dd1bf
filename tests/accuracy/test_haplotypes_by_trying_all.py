"""The comparator against one that tries everything: every choice of variants on either side and every phasing."""

from __future__ import annotations

import itertools
import random

import pytest

from scripts.accuracy.compare import compared
from scripts.accuracy.haplotypes import matched
from scripts.accuracy.units import Unit, units


def spelt(sequence: str, units: tuple[Unit, ...], turned: tuple[int, ...]) -> frozenset | None:
    """Both haplotypes as an unordered pair, or None where two edits cannot stand on one; written without our code."""
    found = []
    for haplotype in (0, 1):
        edits = sorted(
            (
                (edit.start, edit.end, edit.text)
                for unit, turn in zip(units, turned, strict=True)
                if (edit := unit.slots[haplotype ^ turn])
            )
        )
        text, at, inserted = "", 0, -1
        for start, end, bases in edits:
            if start < at or (start == end == inserted):
                return None
            text += sequence[at:start] + bases
            at, inserted = end, start if start == end else -1
        found.append(text + sequence[at:])
    return tuple(sorted(found))


def spellings(sequence: str, units: tuple[Unit, ...]) -> set:
    """All that some units can spell, whatever their phase; those of one record keep theirs."""
    records = sorted({unit.record for unit in units})
    found = set()
    for turns in itertools.product((0, 1), repeat=len(records)):
        turn = dict(zip(records, turns, strict=True))
        found.add(spelt(sequence, units, tuple(turn[unit.record] for unit in units)))
    return found - {None}


def subsets(items: list) -> list[tuple]:
    return [each for size in range(len(items) + 1) for each in itertools.combinations(items, size)]


def drawn(rng: random.Random, sequence: str) -> list[Unit]:
    """A few records, some of several alleles, some of several bases, some haploid."""
    found: list[Unit] = []
    for record in range(rng.randint(1, 3)):
        start = rng.randrange(1, len(sequence) - 4)
        ref = sequence[start : start + rng.choice((1, 1, 2, 3))]
        alts = []
        for _ in range(rng.choice((1, 1, 2))):
            alt = rng.choice((ref[0], ref[0] + "A" * rng.randint(1, 2), "C" * len(ref), ref[0] + "CA", "T", "AC"))
            alts.append(alt)
        genotype = rng.choice([(0, 1), (1, 1), (len(alts), 1), (len(alts), 0)])
        found += units(start, [ref, *alts], genotype, record)
    return list(dict((unit.key, unit) for unit in found).values())


@pytest.mark.parametrize("seed", range(300))
def test_nothing_better_is_found_by_trying_all(seed):
    rng = random.Random(seed)
    sequence = "".join(rng.choice(("A", "C", "AC", "CA", "AA")) for _ in range(9)) + "GT"
    truth, calls = drawn(rng, sequence), drawn(rng, sequence)
    if rng.random() < 0.4:
        calls = [unit for unit in truth if rng.random() < 0.8] or calls
    if not truth or not calls:
        return
    found = matched(sequence, truth, calls)
    mine = (tuple(truth[n] for n in sorted(found.truth)), tuple(calls[n] for n in sorted(found.calls)))
    assert spellings(sequence, mine[0]) & spellings(sequence, mine[1]), "what is said to be right spells the same"
    reference = tuple(sorted((sequence, sequence)))
    ways = [{each: spellings(sequence, each) - {reference} for each in subsets(side)} for side in (truth, calls)]
    best = max(
        (len(a) + len(b) for a, of_a in ways[0].items() for b, of_b in ways[1].items() if of_a & of_b), default=0
    )
    assert len(found.truth) + len(found.calls) >= best or undone(sequence, ways, best)


def undone(sequence: str, ways, best: int) -> bool:
    """Whether every better choice holds variants of one side that undo each other: without them it is no better."""
    return all(
        any(
            len(less_a) + len(less_b) < len(a) + len(b) and ways[0][less_a] & ways[1][less_b]
            for less_a in subsets(list(a))
            for less_b in subsets(list(b))
        )
        for a, of_a in ways[0].items()
        for b, of_b in ways[1].items()
        if len(a) + len(b) == best and of_a & of_b
    )


@pytest.mark.parametrize("seed", range(60))
def test_truth_held_against_itself_is_all_right_and_sides_can_be_exchanged(seed):
    rng = random.Random(seed)
    sequence = "".join(rng.choice("ACGT") for _ in range(200))
    truth = [unit for unit in drawn(rng, sequence) + drawn(rng, sequence)]
    calls = [unit for unit in truth if rng.random() < 0.7] + drawn(rng, sequence)
    there, back = compared(sequence, truth, calls), compared(sequence, calls, truth)
    assert sum(each.right for each in there.truth) == sum(each.right for each in back.calls)
    assert sum(each.right for each in there.calls) == sum(each.right for each in back.truth)
    assert all(each.right for each in compared(sequence, truth, truth).truth)


@pytest.mark.parametrize("piece", ["A", "CA"])
def test_where_there_are_too_many_ways_some_are_left_and_that_is_said(piece):
    """Tens of indels in one repeat, drawn apart for both sides: only the best paths are followed."""
    rng = random.Random(1)
    sequence = f"GATTACAGGC{piece * 300}GGATCCTTAG"

    def side() -> list[Unit]:
        found: dict = {}
        for record in range(40):
            start, size = rng.randrange(12, len(sequence) - 40), len(piece) * rng.randint(1, 3)
            long, short = sequence[start : start + 1 + size], sequence[start]
            alleles = rng.choice(([short, long], [long, short]))
            for unit in units(start, alleles, rng.choice([(0, 1), (1, 1)]), record):
                found[unit.key] = unit
        return list(found.values())

    found = compared(sequence, side(), side())
    assert found.cut == 1
    truth, calls = ([each.unit for each in verdicts if each.right] for verdicts in (found.truth, found.calls))
    assert truth and calls
    # Whatever the phase, what is right on both sides adds as many bases.
    assert added(truth) == added(calls)


def added(units: list[Unit]) -> int:
    edits = [edit for unit in units for edit in unit.slots if edit]
    return sum(len(edit.text) - (edit.end - edit.start) for edit in edits)
