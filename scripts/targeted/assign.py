"""Which peak is which compound's: decided for all ions of a run at once.

A peak alone says little: isomers share a trace, an interference may be higher than what is wanted, a run may be late as
a whole. So the ions are taken in the order of their expected times, and of all ways to give each one of its peaks, or
none, the cheapest is taken: peaks should come when the list says, as late as their neighbours are, and in the list's
order within one trace; qualifiers should be there; a standard is expected to be there, and to be no speck beside
another. It is the shortest path through the candidates (Viterbi 1967, IEEE Trans Inf Theory 13:260), exact and the same
each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scripts.targeted.peaks import Peak

#: Costs. Being late by all of the window; being a tenth as high as a standard's highest candidate, or less; qualifiers
#: that do not elute with the peak.
LATE, LOW, UNCONFIRMED = 0.25, 0.3, 0.5
#: A step from one ion to the next costs its change of lateness over the tolerance, and at most this.
STEP = 1.0
#: Nothing found. Lateness of which a standard alone speaks (two steps) is dearer than that, lateness of which two ions
#: speak is not. A target takes what there is: it is held against its standard afterwards.
NO_STANDARD, NO_TARGET = 2.0, 2.25
#: Costs that differ by less are the same: then the first ion of the list has the peak.
DIGITS = 9
#: By so much may the lateness of two compounds differ for each second between them, on top of the tolerance.
DRIFT = 0.02


class Slot(NamedTuple):
    """An ion that waits for its peak. trace: ions of one number share their peaks.

    confirmed  for each candidate whether a qualifier elutes with it; all True where there are no qualifiers
    """

    expected_s: float
    window_s: float
    standard: bool
    trace: int
    candidates: Sequence[Peak]
    confirmed: Sequence[bool]


def assign(slots: Sequence[Slot], tolerance_s: float) -> list[Peak | None]:
    """The peak of each slot, in the order given."""
    order = sorted(range(len(slots)), key=lambda place: (slots[place].expected_s, place))
    missing = np.cumsum([0.0, *(NO_STANDARD if slots[place].standard else NO_TARGET for place in order)])
    path: list[_State] = []
    for rank, place in enumerate(order):
        path += _states(slots[place], rank, path, slots, order, missing, tolerance_s)
    chosen: list[Peak | None] = [None] * len(slots)
    totals = np.round([state.cost + missing[-1] - missing[state.rank + 1] for state in path], DIGITS)
    at = int(totals.argmin()) if len(path) and totals.min() < missing[-1] else None
    while at is not None:
        chosen[order[path[at].rank]] = path[at].peak
        at = path[at].before
    return chosen


class _State(NamedTuple):
    """A candidate at the end of the cheapest way to it; before: place of the one before it."""

    rank: int
    peak: Peak
    late_s: float
    cost: float
    before: int | None


def _states(
    slot: Slot,
    rank: int,
    path: Sequence[_State],
    slots: Sequence[Slot],
    order: Sequence[int],
    missing: np.ndarray,
    tolerance_s: float,
) -> list[_State]:
    inside = [
        (peak, sure)
        for peak, sure in zip(slot.candidates, slot.confirmed, strict=True)
        if abs(peak.rt_s - slot.expected_s) <= slot.window_s
    ]
    highest = max((peak.height for peak, _ in inside), default=0.0)
    ranks = np.array([state.rank for state in path], dtype=int)
    late = np.array([state.late_s for state in path])
    times = np.array([state.peak.rt_s for state in path])
    costs = np.array([state.cost for state in path]) + missing[rank] - missing[ranks + 1]
    apart = np.array([slot.expected_s - slots[order[each]].expected_s for each in ranks])
    same = np.array([slots[order[each]].trace == slot.trace for each in ranks], dtype=bool)
    found = []
    for peak, sure in inside:
        mine = peak.rt_s - slot.expected_s
        own = LATE * abs(mine) / slot.window_s + (0.0 if sure else UNCONFIRMED)
        own += LOW * min(1.0, float(np.log10(highest / peak.height))) if slot.standard else 0.0
        cost, before = float(missing[rank]), None
        if len(path):
            steps = np.minimum(np.abs(mine - late) / (tolerance_s + DRIFT * apart), STEP)
            ways = np.where(same & (times >= peak.rt_s), np.inf, np.round(costs + steps, DIGITS))
            if ways.min() < cost:
                cost, before = float(ways.min()), int(ways.argmin())
        found.append(_State(rank, peak, mine, cost + own, before))
    return found
