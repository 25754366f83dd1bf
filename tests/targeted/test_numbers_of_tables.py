"""How a table writes its numbers is decided for the whole of it, and refused where two answers are left."""

from __future__ import annotations

import pytest

from scripts.lib.areas import parsed
from scripts.lib.refusal import Refusal


def table(*areas: str, delimiter: str = "\t", times: tuple[str, ...] = ()) -> bytes:
    """A plain list of one compound in as many runs as there are areas."""
    times = times or ("",) * len(areas)
    rows = [f"R{n}|C|{area}|{time}" for n, (area, time) in enumerate(zip(areas, times, strict=True))]
    return "\n".join(["run|compound|area|rt_min", *rows]).replace("|", delimiter).encode()


READ = {
    "points": (table("12.5", "950.25"), [12.5, 950.25]),
    "decimal commas": (table("12,5", "950,25"), [12.5, 950.25]),
    "decimal commas between semicolons": (table("12,5", "950", delimiter=";"), [12.5, 950]),
    "points between semicolons": (table("12.5", "950", delimiter=";"), [12.5, 950]),
    "Italian": (table("1.234,5", "950,5", "12.345"), [1234.5, 950.5, 12345]),
    "English": (table("1,234.5", "950.5", "12,345"), [1234.5, 950.5, 12345]),
    "Swiss": (table("1'234.5", "1’234.5".replace("’", "'"), "12.5"), [1234.5, 1234.5, 12.5]),
    "French": (table("1 234,5", "950,5"), [1234.5, 950.5]),
    "French, protected blanks": (table("1\u202f234,5", "1\u00a0234,5"), [1234.5, 1234.5]),
    "millions": (table("1.234.567", "12.345"), [1234567, 12345]),
    "exponents": (table("1.5E+06", "2e3", "3"), [1.5e6, 2000, 3]),
    "exponents with commas": (table("1,5E+06", "2e3"), [1.5e6, 2000]),
    "three decimals, all of them": (table("12.345", "1.234"), [12.345, 1.234]),
    "three decimals, told by the times": (table("12.345", "12", times=("1.5", "2.25")), [12.345, 12]),
    "three decimals, told by a zero": (table("12.345", "0.123", "7"), [12.345, 0.123, 7]),
    "whole numbers": (table("12", "1234567"), [12, 1234567]),
    "nothing found": (table("12", "N/F", "", "#N/A", "-----"), [12, None, None, None, None]),
}


@pytest.mark.parametrize(("raw", "expected"), READ.values(), ids=READ)
def test_a_table_that_says_one_thing_is_read(raw, expected):
    assert [area.area for area in parsed("t.tsv", raw)[1]] == expected


REFUSED = {
    "two signs": (
        table("12.345", "950,5", delimiter=";"),
        "line 3, column area: found '950,5' beside '12.345' of line 2",
    ),
    "two signs, other columns": (table("1.25", times=("3,5",)), "column rt_min: found '3,5' beside '1.25' of line 2"),
    "two signs between thousands": (table("1.234,5", "1,234.5"), "found '1,234.5' beside '1.234,5' of line 2"),
    "thousands or decimals": (table("12,345", "1,234"), "nothing in the table tells a decimal sign"),
    "thousands or decimals, points": (table("12.345", "950"), "nothing in the table tells a decimal sign"),
    "thousands or decimals, semicolons": (table("12.345", "1.234", delimiter=";"), "nothing in the table tells"),
    "thousands nowhere shown": (table("12.345", "950,5"), "found '950,5' beside '12.345'"),
    "groups that are none": (table("1.23.456"), "found '1.23.456', expected a number from 0 on"),
    "a word": (table("12", "high"), "found 'high', expected a number from 0 on"),
    "negative": (table("12", "-3"), "found '-3', expected a number from 0 on"),
    "beyond all numbers": (table("12", "1e999"), "found '1e999', expected a number from 0 on"),
}


@pytest.mark.parametrize(("raw", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_table_that_may_be_read_in_two_ways_is_refused(raw, sentence):
    with pytest.raises(Refusal) as refused:
        parsed("t.tsv", raw)
    assert sentence in str(refused.value)
