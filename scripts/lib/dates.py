"""Days and moments as people write them. ISO 8601 in full and nothing else: a number may be a spreadsheet's count of
days, seconds since 1970 or a year, and whoever guesses is wrong in silence."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

#: What a day in a sheet can be at all; another is a slip of the finger.
FIRST, LAST = date(1950, 1, 1), date(2199, 12, 31)
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?")
#: Spreadsheets count days from here.
SERIAL_ZERO = date(1899, 12, 30)


class NoDate(ValueError):
    """What is no day; its words quote it, and say what it may have meant."""


def day(value: Any) -> date:
    """A day, from text as 2026-12-31 or what YAML made of it. Raises NoDate, which says what it may have been."""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    if isinstance(value, str) and DAY.fullmatch(value):
        value = _read(date, value)
    if isinstance(value, datetime) or not isinstance(value, date):
        raise NoDate(f"{value!r}{_meant(value)}")
    return _plausible(value, value)


def moment(value: Any) -> datetime:
    """A moment, as 2026-12-31T14:30; of a day, its beginning."""
    if isinstance(value, str) and MOMENT.fullmatch(value):
        value = _read(datetime, value)
    if not isinstance(value, datetime):
        return datetime.combine(day(value), datetime.min.time())
    return _plausible(value, value.date())


def _read(kind: Any, text: str) -> Any:
    try:
        return kind.fromisoformat(text)
    except ValueError as error:
        raise NoDate(f"{text!r}, which no calendar has") from error


def _plausible(value: Any, its_day: date) -> Any:
    if not FIRST <= its_day <= LAST:
        raise NoDate(f"'{value}', a year before {FIRST.year} or after {LAST.year}")
    return value


def _meant(value: Any) -> str:
    """What a number most likely means, for who wrote it."""
    text = str(value).removesuffix(".0")
    if re.fullmatch(r"(19|20)\d{6}", text):
        return f", which may mean {text[:4]}-{text[4:6]}-{text[6:]}"
    if re.fullmatch(r"[2-9]\d{4}", text):
        return f", which a spreadsheet shows as {SERIAL_ZERO + timedelta(days=int(text))}"
    return ""
