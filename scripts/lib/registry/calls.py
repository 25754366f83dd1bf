"""A call for proposals: its terms (call.yaml), what applicants asked for, and how reviewers scored it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from scripts.lib.registry.models import (
    DAY,
    ID_EXPECTED,
    CalendarDay,
    Count,
    Day,
    Id,
    Moment,
    Strict,
    Text,
    blank_is_none,
    column,
)
from scripts.lib.registry.problems import Problem, nearest, one_of
from scripts.lib.registry.settings import Document, Error, Model, read_yaml, tell, validate
from scripts.lib.registry.sheets import Read, read_sheet
from scripts.lib.registry.site import Site

OFFSET = re.compile(r"UTC([+-])(\d\d):([0-5]\d)")
ZONE = "a place as Europe/Rome (its legal time, summer time included), or a fixed offset as UTC+01:00"


def zone_of(name: str) -> tzinfo:
    """The zone of a name that can mean one thing only. Raises ValueError for abbreviations.

    `CET` is what people write for Italian time all year round, and also the name of UTC+01:00, which Italy does not
    keep in April; the zone database takes it for the former. Whoever writes a deadline has to say which.
    """
    if fixed := OFFSET.fullmatch(name):
        sign = 1 if fixed[1] == "+" else -1
        return timezone(sign * timedelta(hours=int(fixed[2]), minutes=int(fixed[3])))
    if name == "UTC":
        return UTC
    if "/" in name and not name.startswith("Etc/") and name in available_timezones():
        return ZoneInfo(name)
    raise ValueError(f"{name!r}, which does not say one offset for every day")


def _zone(name: str) -> str:
    if name:
        zone_of(name)
    return name


Zone = Annotated[str, AfterValidator(_zone)]
Exact = Annotated[Decimal | None, BeforeValidator(blank_is_none)]
YesNo = Annotated[Literal["yes", "no"], BeforeValidator(lambda value: value or "no")]
NUMBER = "a number"


class Deadline(Strict):
    """The last minute in which an application is in time."""

    day: CalendarDay = column("last day", DAY)
    minute: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = column(
        "last minute, which still counts as a whole", "hours and minutes as '23:59', in quotes"
    )
    zone: Annotated[Zone, Field(min_length=1)] = column("whose clock is meant", ZONE)

    @model_validator(mode="after")
    def exists_once(self) -> Deadline:
        if self.minute and self._local().astimezone(UTC).astimezone(zone_of(self.zone)) != self._local():
            raise ValueError(f"{self.minute} on {self.day}, which the clocks of {self.zone} skip")
        if self._local().utcoffset() != self._local().replace(fold=1).utcoffset():
            raise ValueError(f"{self.minute} on {self.day}, which the clocks of {self.zone} show twice")
        return self

    def _local(self) -> datetime:
        return datetime.combine(self.day, time.fromisoformat(self.minute), zone_of(self.zone))

    @property
    def end(self) -> datetime:
        """The first moment (UTC) that is too late: the end of the stated minute."""
        return self._local().astimezone(UTC) + timedelta(minutes=1)


class Scale(Strict):
    """The scores a reviewer may give."""

    min: Decimal = column("lowest score", NUMBER)
    max: Decimal = column("highest score", NUMBER)

    @model_validator(mode="after")
    def ordered(self) -> Scale:
        if self.min >= self.max:
            raise ValueError("min not below max")
        return self


class Budget(Strict):
    """What one facility gives of one service: units, or euro at a cost per unit."""

    facility: Id = column("who gives", "a facility")
    service: Id = column("what is given", "a service of the catalogue")
    units: Annotated[int, Field(ge=0)] | None = column("number of samples", "a whole number", None)
    euro: Annotated[Decimal, Field(ge=0)] | None = column("amount of money, instead of units", "an amount", None)
    unit_cost: Annotated[Decimal, Field(gt=0)] | None = column("cost of one unit in euro", "an amount", None)

    @model_validator(mode="after")
    def one_measure(self) -> Budget:
        if (self.units is None) == (self.euro is None) or (self.euro is None) != (self.unit_cost is None):
            raise ValueError("neither units nor euro with unit_cost, or both")
        return self

    @property
    def whole_units(self) -> int:
        """How many units the budget buys."""
        if self.euro is None or self.unit_cost is None:
            return self.units or 0
        return int(Fraction(self.euro) / Fraction(self.unit_cost))


FORM = Literal["email", "institution", "country", "abstract", "ethics", "duo"]
COMPLETE = ("applicant", "title", "submitted", "facility", "service", "units", "human_data")


class Call(Strict):
    """call.yaml: the terms of a call."""

    call: Text = column("the call's name, as in proposals.tsv", "a name")
    contact: Text = column("who signs and answers the letters", "an e-mail address")
    deadline: Deadline = column("last minute for applications", "{day, minute, zone}")
    clock: Zone = column("zone of submission times that carry no offset of their own", ZONE, "")
    decided: Day = column("day of the committee's decision, on the letters", DAY, None)
    criteria: Annotated[dict[Id, Annotated[Decimal, Field(gt=0)]], Field(min_length=1)] = column(
        "what is scored, with its weight; weights need not add up to 1", "criterion: weight"
    )
    scale: Scale = column("the scores a reviewer may give", "{min, max}")
    threshold: Decimal | None = column("weighted score below which nothing is awarded", NUMBER, None)
    reviewers: Annotated[int, Field(ge=1)] = column(
        "least number of reviewers without a conflict of interest per application", "a whole number from 1", 1
    )
    ties: list[str] = column(
        "what decides between equal scores, in this order: criteria (higher first), `submitted` (earlier first)",
        "a list of criteria and submitted",
        [],
    )
    lot: Text = column(
        "text that decides what is still equal, made known before the deadline: the lower SHA-256 of"
        " `lot:application` goes first",
        "any text",
    )
    budget: Annotated[list[Budget], Field(min_length=1)] = column("what is given", "a list of budgets")
    required: list[FORM] = column(
        f"columns an application needs to be complete, beside {', '.join(COMPLETE)}",
        "a list of columns of the applications",
        [],
    )
    withdrawn: list[Id] = column("applications that were taken back, before or after the award", "a list of ids", [])
    applications: Text = column("sheet of applications (.tsv or .xlsx)", "a file beside call.yaml", "applications.tsv")
    scores: Text = column("sheet of scores (.tsv or .xlsx)", "a file beside call.yaml", "scores.tsv")

    @model_validator(mode="after")
    def known_ties(self) -> Call:
        for key in self.ties:
            if key not in self.criteria and key != "submitted":
                raise ValueError(f"{key!r} in ties{nearest(key, [*self.criteria, 'submitted'])}")
        pairs = [(budget.facility, budget.service) for budget in self.budget]
        if len(set(pairs)) < len(pairs):
            raise ValueError("a facility's service twice in the budget")
        return self


class Application(Strict):
    """One row of the applications: what an applicant asks of one facility's service. Cells may be empty: what is
    missing makes an application incomplete, and not the sheet wrong."""

    application: Id = column("id of the application; several rows if it asks for several services", ID_EXPECTED)
    applicant: str = column("who applies", "a name", "")
    email: str = column("where the letter goes", "an e-mail address", "")
    institution: str = column("where the applicant works", "a name", "")
    country: str = column("country of the institution", "a country", "")
    title: str = column("title of the proposal", "a title", "")
    abstract: str = column("what it is about", "a text", "")
    ethics: str = column("approval of the ethics committee, for human data", "a reference", "")
    submitted: Moment = column("when it arrived", "a moment as 2026-04-15T23:58 or 2026-04-15T23:58+02:00", None)
    facility: str = column("the facility asked", "a facility", "")
    service: str = column("the service asked for", "a service of the catalogue", "")
    units: Count = column("samples asked for", "a whole number from 1", None)
    least: Count = column("fewest samples that are still of use (default: as many as asked)", "a whole number", None)
    human_data: Literal["", "yes", "no", "public"] = column("as in proposals.tsv", "yes, no or public", "")
    duo: str = column("comma-separated Data Use Ontology terms", "terms as DUO:0000042", "")


class Score(Strict):
    """One row of the scores: one reviewer's score of one application by one criterion, or a conflict of interest."""

    application: Id = column("the application", ID_EXPECTED)
    reviewer: Id = column("pseudonym of the reviewer", ID_EXPECTED)
    criterion: str = column("what is scored (may be empty in a row that declares a conflict)", "a criterion", "")
    score: Exact = column("the score", "a number on the call's scale", None)
    conflict: YesNo = column(
        "`yes` in any row: all that this reviewer says of this application is left out", "yes or no", "no"
    )


@dataclass
class CallFile:
    """A call as read: its terms, sheets and what is wrong with them."""

    terms: Call | None
    applications: list[Application] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    told: list[Read] = field(default_factory=list)


def load_call(folder: str | os.PathLike, site: Site) -> CallFile:
    """Read the call in `folder`; facilities and services are those of `site`. Never stops at the first error."""
    folder = Path(folder)
    problems: list[Problem] = []
    document = read_yaml(folder / "call.yaml", "call.yaml", problems)
    terms = validate(document.value, Call, document, (), problems) if document.value or not problems else None
    found = CallFile(terms, problems=problems)
    if terms:
        _check_budget(terms, site, document, problems)
        found.applications = _applications(folder, terms, found, site)
        found.scores = _scores(folder, terms, found)
    problems.sort(key=lambda problem: (problem.file, problem.line or 0, problem.column))
    return found


def _check_budget(terms: Call, site: Site, document: Document, problems: list[Problem]) -> None:
    for number, budget in enumerate(terms.budget):
        at = ("budget", number)
        service = site.services.get(budget.service)
        if service is None:
            expected = f"a service of the catalogue{nearest(budget.service, site.services)}"
            tell([Error((*at, "service"), repr(budget.service), expected)], document, (), problems)
        elif budget.facility not in service.facilities:
            expected = f"{one_of(service.facilities)}, which offer {budget.service}"
            tell([Error((*at, "facility"), repr(budget.facility), expected)], document, (), problems)


def _applications(folder: Path, terms: Call, found: CallFile, site: Site) -> list[Application]:
    problems = found.problems
    first: dict[str, tuple[int, Application]] = {}
    asked: set[tuple[str, str, str]] = set()
    name = terms.applications
    rows = _rows(folder, name, Application, found)
    for line, row in rows:

        def say(column: str, found: str, expected: str, line=line) -> None:
            problems.append(Problem(name, found, expected, line, column))

        earlier = first.setdefault(row.application, (line, row))
        for column_name in type(row).model_fields.keys() - {"facility", "service", "units", "least"}:
            if getattr(row, column_name) != getattr(earlier[1], column_name):
                say(column_name, "another value", f"what line {earlier[0]} says of {row.application}")
        if row.service and row.service not in site.services:
            say("service", repr(row.service), f"a service of the catalogue{nearest(row.service, site.services)}")
        if row.facility and row.facility not in site.facilities:
            say("facility", repr(row.facility), f"a facility{nearest(row.facility, site.facilities)}")
        if (key := (row.application, row.facility, row.service)) in asked:
            say("service", f"{row.service!r} of {row.facility} again", "each service of a facility once")
        asked.add(key)
        if row.least and row.units and row.least > row.units:
            say("least", str(row.least), f"no more than the {row.units} units asked")
        if row.submitted and row.submitted.tzinfo is None and not terms.clock:
            say("submitted", f"{row.submitted.isoformat()}, of no zone", "an offset, or `clock` in call.yaml")
    for withdrawn in terms.withdrawn:
        if withdrawn not in first:
            expected = f"an application{nearest(withdrawn, first)}"
            problems.append(Problem("call.yaml", repr(withdrawn), expected, None, "withdrawn"))
    return [row for _, row in rows]


def _scores(folder: Path, terms: Call, found: CallFile) -> list[Score]:
    problems, known = found.problems, {row.application for row in found.applications}
    name = terms.scores
    rows = _rows(folder, name, Score, found)
    seen: dict[tuple[str, str, str], int] = {}
    for line, row in rows:

        def say(column: str, found: str, expected: str, line=line) -> None:
            problems.append(Problem(name, found, expected, line, column))

        if row.application not in known:
            say("application", repr(row.application), f"one of {terms.applications}{nearest(row.application, known)}")
        if row.conflict == "yes" and not row.criterion:
            continue
        if row.criterion not in terms.criteria:
            expected = f"{one_of(terms.criteria)}{nearest(row.criterion, terms.criteria)}"
            say("criterion", repr(row.criterion) if row.criterion else "nothing", expected)
        if row.score is None and row.conflict == "no":
            say("score", "nothing", f"a number from {terms.scale.min} to {terms.scale.max}")
        elif row.score is not None and not terms.scale.min <= row.score <= terms.scale.max:
            say("score", str(row.score), f"a number from {terms.scale.min} to {terms.scale.max}")
        key = (row.application, row.reviewer, row.criterion)
        if key in seen:
            say("criterion", f"{row.criterion!r} again (first in line {seen[key]})", "one score each")
        seen.setdefault(key, line)
    return [row for _, row in rows]


def _rows(folder: Path, name: str, model: type[Model], found: CallFile) -> list[tuple[int, Model]]:
    return read_sheet(folder / name, name, model, found.problems, told=found.told, commented=False)
