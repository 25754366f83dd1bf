"""Awards in rank order until the budget is spent.

The rule. In the order of the ranking, each proposal at or above the threshold gets, of every service that it asks for,
what it asks or, where less is left, all that is left. Where that is less than the least that is of use to it (`least`
in the applications), of even one service, the proposal is passed over and put on the reserve list, nothing is taken for
it, and the next in rank is considered. Nobody is passed over for any other reason.
"""

from __future__ import annotations

from dataclasses import dataclass

from scripts.call.rank import Ranked
from scripts.call.screen import Applied
from scripts.lib.registry.calls import Application, Call

Key = tuple[str, str]  # facility, service


@dataclass(frozen=True)
class Line:
    """What a proposal asked of one facility's service, what was left when its turn came, and what it got (units)."""

    facility: str
    service: str
    asked: int
    least: int
    left: int
    awarded: int

    @property
    def enough(self) -> bool:
        return min(self.asked, self.left) >= self.least


@dataclass(frozen=True)
class Decision:
    """What becomes of an application: `accepted`, `reserve`, `declined` (below the threshold) or `excluded`."""

    status: str
    applied: Applied
    reason: str
    ranked: Ranked | None = None
    lines: tuple[Line, ...] = ()


def awards(terms: Call, ranked: list[Ranked]) -> list[Decision]:
    """One decision for each proposal, in the order of the ranking."""
    left: dict[Key, int] = {(budget.facility, budget.service): budget.whole_units for budget in terms.budget}
    return [_decide(terms, each, left) for each in ranked]


def _decide(terms: Call, each: Ranked, left: dict[Key, int]) -> Decision:
    """One proposal's decision; what it gets is taken from `left`."""
    if terms.threshold is not None and each.score < terms.threshold:
        reason = f"score {float(each.score):.4f} is below the call's threshold of {terms.threshold}"
        return Decision("declined", each.applied, reason, each)
    considered = [_line(row, left) for row in each.applied.asked]
    if short := [line for line in considered if not line.enough]:
        words = (
            f"{line.left} units of {line.service} at {line.facility} were left, and it needs {line.least}"
            for line in short
        )
        return Decision("reserve", each.applied, f"passed over: {'; '.join(words)}", each, tuple(considered))
    lines = []
    for line in considered:
        awarded = min(line.asked, line.left)
        left[line.facility, line.service] -= awarded
        lines.append(Line(line.facility, line.service, line.asked, line.least, line.left, awarded))
    partly = [f"{line.awarded} of {line.asked} units of {line.service} at {line.facility}" for line in lines]
    whole = all(line.awarded == line.asked for line in lines)
    reason = "awarded as asked" if whole else f"awarded in part, the last that was left: {'; '.join(partly)}"
    return Decision("accepted", each.applied, reason, each, tuple(lines))


def _line(row: Application, left: dict[Key, int]) -> Line:
    remaining = left[row.facility, row.service]
    return Line(row.facility, row.service, row.units, row.least or row.units, remaining, 0)
