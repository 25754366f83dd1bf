"""Limits of a series, and the rules by which a laboratory sees that it drifts: J. O. Westgard, P. L. Barry, M. R. Hunt
and T. Groth, A multi-rule Shewhart chart for quality control in clinical chemistry, Clin. Chem. 27 (1981) 493."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

#: Values that limits are computed of: the first ones, which later ones are held against.
FEWEST, BASELINE = 8, 20
RULES = {
    "1-3s": "one value beyond 3 s",
    "2-2s": "two in a row beyond 2 s on one side",
    "R-4s": "two in a row more than 4 s apart, beyond 2 s on either side",
    "4-1s": "four in a row beyond 1 s on one side",
    "10x": "ten in a row on one side of the mean",
}


@dataclass(frozen=True)
class Limits:
    """Mean and standard deviation (s) of the first `count` values."""

    mean: float
    deviation: float
    count: int


def limits(values: Sequence[float]) -> Limits | None:
    """The limits; None while there are too few values, or where these do not differ."""
    # The newest is held against those before it.
    first = values[: min(BASELINE, len(values) - 1)]
    if len(first) < FEWEST or (deviation := statistics.stdev(first)) <= 1e-12 * abs(statistics.fmean(first)):
        return None
    return Limits(statistics.fmean(first), deviation, len(first))


def broken(values: Sequence[float], held: Limits) -> list[list[str]]:
    """Of each value, the rules that it and those before it break."""
    scores = [(value - held.mean) / held.deviation for value in values]
    return [_broken(scores[: place + 1]) for place in range(len(scores))]


def _broken(scores: Sequence[float]) -> list[str]:
    """The rules that the last of some values breaks."""
    found = ["1-3s"] if abs(scores[-1]) > 3 else []
    if _beyond(scores, 2, 2):
        found.append("2-2s")
    if len(scores) > 1 and max(scores[-2:]) > 2 and min(scores[-2:]) < -2:
        found.append("R-4s")
    if _beyond(scores, 4, 1):
        found.append("4-1s")
    if _beyond(scores, 10, 0):
        found.append("10x")
    return found


def _beyond(scores: Sequence[float], count: int, limit: float) -> bool:
    """Whether the last values lie beyond a limit on one side."""
    last = scores[-count:]
    return len(last) == count and (min(last) > limit or max(last) < -limit)
