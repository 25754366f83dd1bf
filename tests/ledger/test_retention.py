"""Three calendar months from the termination of the agreement, in the facility's time zone, to the minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import ORDER, RULES, enter, packaged

from scripts.ledger import moves, retention
from scripts.ledger.states import Termination
from scripts.lib.refusal import Refusal

ROME = "Europe/Rome"
DAYS = st.dates(date(1990, 1, 1), date(2199, 12, 31))
ZONES = st.sampled_from([ROME, "UTC", "America/Sao_Paulo", "Atlantic/Azores", "Africa/Cairo", "Pacific/Apia"])


@pytest.mark.parametrize(
    ("terminated", "last_day", "purge_from"),
    [
        # month ends, where the later month is shorter
        ("2026-11-30", "2027-02-28", "2027-03-01T00:00:00+01:00"),
        ("2027-11-30", "2028-02-29", "2028-03-01T00:00:00+01:00"),
        ("2026-11-29", "2027-02-28", "2027-03-01T00:00:00+01:00"),
        ("2027-11-29", "2028-02-29", "2028-03-01T00:00:00+01:00"),
        ("2026-11-28", "2027-02-28", "2027-03-01T00:00:00+01:00"),
        ("2026-01-31", "2026-04-30", "2026-05-01T00:00:00+02:00"),
        # and where it is longer: the same day, not the month's end
        ("2026-02-28", "2026-05-28", "2026-05-29T00:00:00+02:00"),
        ("2028-02-29", "2028-05-29", "2028-05-30T00:00:00+02:00"),
        ("2026-04-30", "2026-07-30", "2026-07-31T00:00:00+02:00"),
        # the end of a year
        ("2026-10-31", "2027-01-31", "2027-02-01T00:00:00+01:00"),
        ("2026-09-30", "2026-12-30", "2026-12-31T00:00:00+01:00"),
        # summer time begins on 28 March 2027 and ends on 31 October 2027: midnights have the offset of their own day
        ("2026-12-27", "2027-03-27", "2027-03-28T00:00:00+01:00"),
        ("2026-12-28", "2027-03-28", "2027-03-29T00:00:00+02:00"),
        ("2027-07-30", "2027-10-30", "2027-10-31T00:00:00+02:00"),
        ("2027-07-31", "2027-10-31", "2027-11-01T00:00:00+01:00"),
        # a century without a leap day
        ("2099-11-30", "2100-02-28", "2100-03-01T00:00:00+01:00"),
    ],
)
def test_three_calendar_months(ledger_of, terminated, last_day, purge_from):
    account = ledger_of(Termination(date.fromisoformat(terminated), ROME, 3, 1, 2))
    assert account.last_day.isoformat() == last_day
    assert account.purge_from.isoformat() == purge_from


def test_deletion_is_allowed_from_midnight_and_not_a_second_before(ledger_of):
    account = ledger_of(Termination(date(2026, 11, 30), ROME, 3, 1, 2))
    midnight = datetime(2027, 2, 28, 23, 0, tzinfo=UTC)
    assert account.state_at(midnight - timedelta(seconds=1)) == "terminated"
    with pytest.raises(Refusal, match="kept to the end of 2027-02-28"):
        moves.expire(account, midnight - timedelta(seconds=1))
    assert account.state_at(midnight) == "expired"
    (draft,) = moves.expire(account, midnight)
    assert draft.event == "expired"


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        # Where summer time begins at midnight, the next day begins at 01:00 of its clock.
        ("America/Sao_Paulo", "2018-11-03", "2018-11-04T01:00:00-02:00"),
        ("Africa/Cairo", "2026-04-23", "2026-04-24T01:00:00+03:00"),
        # Where clocks show midnight twice, the first one counts.
        ("Atlantic/Azores", "2026-10-24", "2026-10-25T00:00:00+00:00"),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", "2011-12-29", "2011-12-31T00:00:00+14:00"),
    ],
)
def test_midnights_that_clocks_skip_or_repeat(zone, day, begins):
    assert retention.begin_of_next_day(date.fromisoformat(day), zone).isoformat() == begins


@given(DAYS, st.integers(0, 40))
def test_the_same_day_of_a_later_month_or_its_last(day, months):
    later = retention.months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(DAYS, DAYS, st.integers(0, 40))
def test_who_ended_later_is_never_deleted_earlier(one, other, months):
    first, second = sorted([one, other])
    assert retention.months_later(first, months) <= retention.months_later(second, months)


@given(DAYS, ZONES)
def test_the_next_day_begins_when_this_one_is_over_everywhere(day, zone):
    begins = retention.begin_of_next_day(day, zone)
    local = ZoneInfo(zone)
    assert begins.astimezone(local).date() > day
    assert (begins.astimezone(UTC) - timedelta(seconds=1)).astimezone(local).date() <= day


def test_a_time_that_names_no_zone_is_the_facilitys():
    assert retention.at(datetime(2027, 3, 1), ROME) == datetime(2027, 2, 28, 23, tzinfo=UTC)
    assert retention.at(datetime(2027, 3, 1, tzinfo=UTC), ROME) == datetime(2027, 3, 1, tzinfo=UTC)
    assert abs(retention.at(None, ROME) - datetime.now(UTC)) < timedelta(minutes=1)


def test_extensions_add_months_to_the_day_of_termination_as_often_as_allowed(tmp_path):
    ledger = _sqlite(tmp_path)
    packaged(ledger)
    enter(ledger, lambda account: moves.terminate(account, Termination(date(2026, 11, 30), ROME, 3, 1, 2)))
    account = enter(ledger, lambda account: moves.extend(account, "the thesis is late"))
    assert account.last_day == date(2027, 3, 30), "counted from the termination, not from the end of February"
    account = enter(ledger, lambda account: moves.extend(account, "still late"))
    assert account.last_day == date(2027, 4, 30)
    with pytest.raises(Refusal, match="found 2 extensions, expected at most 2, as its service allows"):
        enter(ledger, lambda account: moves.extend(account, "and again"))


def test_a_hold_stops_the_deletion_until_it_is_lifted(ledger_of, tmp_path):
    ledger = _sqlite(tmp_path)
    packaged(ledger)
    enter(ledger, lambda account: moves.terminate(account, RULES))
    late = datetime(2030, 1, 1, tzinfo=UTC)
    account = enter(ledger, lambda account: moves.hold(account, "court case"))
    assert account.facts(late)["due"] is False
    with pytest.raises(Refusal, match="found a hold \\(court case\\)"):
        enter(ledger, lambda account: moves.expire(account, late))
    account = enter(ledger, lambda account: moves.lift(account, "settled"))
    assert account.facts(late)["due"] is True and account.order == ORDER


def test_the_rules_of_the_day_of_termination_hold_whatever_the_catalogue_says_later(tmp_path):
    ledger = _sqlite(tmp_path)
    packaged(ledger)
    enter(ledger, lambda account: moves.terminate(account, RULES))
    later = Termination(RULES.on, ROME, 1, 1, 0)
    assert enter(ledger, lambda account: moves.terminate(account, later)).last_day == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("given", "start", "end", "words"),
    [
        (None, None, None, "found no day of termination"),
        (None, None, date(2027, 1, 1), "found an agreement that ends on 2027-01-01"),
        (date(2026, 1, 1), date(2026, 2, 1), None, "expected a day from 2026-02-01, when the agreement began"),
    ],
)
def test_a_day_of_termination_that_cannot_be_is_refused(ledger_of, given, start, end, words):
    with pytest.raises(Refusal, match=words):
        moves.day_of_termination(ledger_of(None), given, start, end, date(2026, 12, 31))


def _sqlite(folder):
    from scripts.ledger.store import Ledger

    return Ledger(folder)


@pytest.fixture
def ledger_of(tmp_path):
    """Makes the account of an order that was terminated so (or not at all)."""

    def make(end: Termination | None):
        ledger = _sqlite(tmp_path / "of")
        account = packaged(ledger)
        return enter(ledger, lambda account: moves.terminate(account, end)) if end else account

    return make
