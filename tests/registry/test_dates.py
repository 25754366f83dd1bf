"""A day is a day, or is refused with its cell: no number is taken for one."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from pydantic import TypeAdapter

from scripts.branches.targeted.targets import Concentration, Target
from scripts.lib import branches, dates
from scripts.lib.registry import calls, models, parcels, phenotypes, private

NUMBERS = ["46083", "46083.5", "20260302", "2026", "1772409600", "1e9", 46083, 46083.0, 20260302, 2026, True]
WORDS = [
    "2026-3-2",
    "02/03/2026",
    "2.3.2026",
    "2026-02-30",
    "2026-W10-1",
    "0026-03-02",
    "1900-01-00",
    "today",
    "2026-03",
]
ROWS = [models.Proposal, models.Award, models.Sample, models.Run, models.Parents, models.Waiver, models.Period]
ROWS += [
    parcels.Received,
    calls.Application,
    calls.Score,
    calls.Deadline,
    calls.Call,
    phenotypes.Phenotype,
    private.Key,
]
ROWS += [Target, Concentration, *(sheet.model for branch in branches.known().values() for sheet in branch.sheets)]


def dated() -> list:
    """Every field of every sheet and file that holds a day or a moment."""
    fields = [
        (model, name) for model in ROWS for name, field in model.model_fields.items() if "date" in str(field.annotation)
    ]
    assert len(fields) >= 9
    return [pytest.param(*each, id=f"{each[0].__name__}.{each[1]}") for each in fields]


def read(model, name, value):
    field = model.model_fields[name]
    from typing import Annotated

    return TypeAdapter(Annotated[field.annotation, *field.metadata]).validate_python(value)


@pytest.mark.parametrize("value", [*NUMBERS, *WORDS], ids=str)
@pytest.mark.parametrize(("model", "name"), dated())
def test_what_is_no_day_is_refused_everywhere(model, name, value):
    with pytest.raises(ValueError):
        read(model, name, value)


@pytest.mark.parametrize("value", ["2026-03-02", date(2026, 3, 2), datetime(2026, 3, 2)], ids=repr)
@pytest.mark.parametrize(("model", "name"), dated())
def test_what_is_a_day_is_that_day_everywhere(model, name, value):
    found = read(model, name, value)
    assert (found.year, found.month, found.day) == (2026, 3, 2)


def test_a_moment_may_have_a_zone():
    assert dates.moment("2026-03-02T14:30+01:00").utcoffset().total_seconds() == 3600
    assert dates.moment("2026-03-02 14:30:05").second == 5


def test_a_day_has_no_time():
    with pytest.raises(ValueError):
        dates.day("2026-03-02T14:30")


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("46083", "which a spreadsheet shows as 2026-03-02"),
        ("20260302", "which may mean 2026-03-02"),
        ("2026", "'2026'"),
    ],
)
def test_who_wrote_a_number_is_told_what_it_may_mean(value, meant):
    with pytest.raises(dates.NoDate, match=meant):
        dates.moment(value)
