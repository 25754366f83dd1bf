"""A facility's page: what waits for whom, what is kept how long, the same bytes for the same site and time."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest

from scripts.report.facility import Line, page

TODAY = date(2026, 11, 22)
FACILITY = {"id": "F", "name": "Institute <of> Genomes", "contact": "us@example.org", "text": "", "logo": ""}
DONE = {"staged": True, "accepted": ["S1"], "versions": ["v1"], "report": "../../r.html", "package": "../../v1"}


def line(state: str, **more) -> Line:
    return Line("P1/F/V", "Wolves & bears", "Genomes", state, **more)


WAITS = {
    "not awarded": (line("submitted"), [("committee", "the award")]),
    "closed before it was in the ledger": (line("closed"), []),
    "errors in its sheets": (line("awarded", problems=2), "operator: 2 errors in the sheets"),
    "awarded and never run": (line("awarded"), [("operator", "run it")]),
    "a failed job": (line("running", causes=["it broke"]), "operator: 1 failed job"),
    "a sample not accepted": (line("packaged", released="v1", refused=["S2"], **DONE), "operator: S2 not accepted"),
    "a package not released": (line("packaged", **DONE), [("operator", "release v1")]),
    "a version after the released one": (
        line("packaged", released="v1", **DONE | {"versions": ["v1", "v2"]}),
        [("operator", "release v2")],
    ),
    "released": (line("released", released="v1", **DONE), "scientist: has v1"),
    "samples to follow": (line("released", released="v1", following=["S3"], **DONE), "scientist: S3 to follow"),
    "kept": (line("terminated", kept_to=date(2026, 11, 22), **DONE), []),
    "over": (line("expired", kept_to=date(2026, 11, 21), **DONE), "operator: its time is over"),
    "over and on hold": (line("expired", kept_to=date(2026, 11, 21), hold="appeal", **DONE), []),
    "deleted": (line("deleted", kept_to=date(2026, 1, 1)), []),
}


@pytest.mark.parametrize("case", WAITS)
def test_what_waits_for_whom(case):
    one, expected = WAITS[case]
    found = one.waits(TODAY)
    if isinstance(expected, list):
        assert found == expected
    else:
        assert any(f"{who}: {what}".startswith(expected) for who, what in found), found


class Links(HTMLParser):
    """Everything that a browser would load or open."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]


def test_the_page_shows_every_order_and_loads_nothing():
    lines = [one for one, _ in WAITS.values()]
    html = page(FACILITY, lines, TODAY)
    assert html.count("<article") == len(lines)
    assert "Institute &lt;of&gt; Genomes" in html and "Wolves &amp; bears" in html
    assert all(link.startswith(("#", "../../")) for link in Links(html).found)
    assert "<script" not in html and "url(" not in html and "@import" not in html


def test_days_left_are_counted_to_the_last_day():
    html = page(FACILITY, [line("terminated", kept_to=date(2026, 11, 30), **DONE)], TODAY)
    assert "2026-11-30</span> (8 days left)" in html
    html = page(FACILITY, [line("expired", kept_to=date(2026, 11, 20), **DONE)], TODAY)
    assert "2026-11-20</span> (over)" in html
    assert "3 months after the agreement, which ends" in page(FACILITY, [line("x", agreement_end="2026-12-31")], TODAY)


def test_a_withdrawn_sample_that_an_older_version_holds_is_said():
    html = page(FACILITY, [line("released", released="v2", withdrawn={"S2": ["v1"], "S4": []}, **DONE)], TODAY)
    assert "S2 was withdrawn, but is still in v1." in html
    assert "S4" not in html
    assert "1 accepted, 2 withdrawn" in html


def test_what_was_used_and_why_it_failed_are_shown():
    one = line("running", causes=["a <bad> file"], cpu_hours=212.44, peak_gb=11.26)
    html = page(FACILITY, [one], TODAY)
    assert "212.4 CPU h, up to 11.3 GB" in html
    assert "a &lt;bad&gt; file" in html


def test_the_same_site_and_time_give_the_same_page_and_one_can_print_it():
    lines = [one for one, _ in WAITS.values()]
    html = page(FACILITY, lines, TODAY)
    assert page(FACILITY, lines, TODAY) == html
    assert re.search(r"@media print", html) and 'name="viewport"' in html


def test_a_facility_without_orders_says_so():
    assert "No orders." in page(FACILITY, [], TODAY)
