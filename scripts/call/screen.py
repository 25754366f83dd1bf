"""Which applications take part: in time, complete, and for what the call gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from scripts.lib.registry.calls import COMPLETE, Application, Call, CallFile, zone_of


@dataclass(frozen=True)
class Applied:
    """An application as a whole: what its rows have in common, and what each asks for."""

    id: str
    common: Application
    asked: tuple[Application, ...]
    submitted: datetime | None

    def missing(self, terms: Call) -> list[str]:
        """The required columns without a value, in any of its rows."""
        needed = [*COMPLETE, *terms.required]
        return [name for name in needed if any(getattr(row, name) in ("", None) for row in self.asked)]


def applied(found: CallFile) -> list[Applied]:
    """The applications, by id."""
    rows: dict[str, list[Application]] = {}
    for row in found.applications:
        rows.setdefault(row.application, []).append(row)
    return [
        Applied(name, asked[0], tuple(asked), _moment(asked[0].submitted, found.terms))
        for name, asked in sorted(rows.items())
    ]


def _moment(submitted: datetime | None, terms: Call) -> datetime | None:
    """A submission time as UTC; without an offset of its own it is of the call's clock."""
    if submitted is None:
        return None
    zoned = submitted if submitted.tzinfo else submitted.replace(tzinfo=zone_of(terms.clock))
    return zoned.astimezone(UTC)


def exclusion(each: Applied, terms: Call) -> str:
    """Why an application takes no part, or ''."""
    given = {(budget.facility, budget.service) for budget in terms.budget}
    if each.id in terms.withdrawn:
        return "withdrawn by the applicant"
    if each.submitted and each.submitted >= terms.deadline.end:
        clock = zone_of(terms.deadline.zone)
        return (
            f"late: submitted {each.submitted.astimezone(clock):%Y-%m-%d %H:%M:%S}, the deadline was"
            f" {terms.deadline.day} {terms.deadline.minute} ({terms.deadline.zone}, {_offset(terms)})"
        )
    if missing := each.missing(terms):
        return f"incomplete: no {', '.join(missing)}"
    if others := [f"{row.service} of {row.facility}" for row in each.asked if (row.facility, row.service) not in given]:
        return f"asks for {', '.join(others)}, which this call does not give"
    return ""


def _offset(terms: Call) -> str:
    hours = f"{terms.deadline.end.astimezone(zone_of(terms.deadline.zone)):%z}"
    return f"UTC{hours[:3]}:{hours[3:]}"
