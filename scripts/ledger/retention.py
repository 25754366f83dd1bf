"""How long an order is kept: calendar months, counted in the facility's time zone."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it has no such day.

    As Regulation (EEC, Euratom) No 1182/71, Art. 3(2)(c) counts periods expressed in months.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def begin_of_next_day(day: date, zone: str) -> datetime:
    """00:00 local time of the day after.

    Where clocks skip that midnight it is the moment they skip it; where they show it twice, the first time.
    """
    local = ZoneInfo(zone)
    # By way of UTC: a time of day that the zone's clocks skip becomes one that they show.
    return datetime.combine(day + timedelta(days=1), time(), local).astimezone(UTC).astimezone(local)


def at(now: datetime | None, zone: str) -> datetime:
    """`now` as a moment in UTC: by the machine's clock when none is given, by the zone's when it names none."""
    if now is None:
        return datetime.now(UTC)
    # In UTC, because moments of one zone are compared by what its clocks show, which is not unique.
    return (now if now.tzinfo else now.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
