"""What the report says in words: computed from the values, and nothing that does not stand in them."""

from __future__ import annotations

import re

import pytest

from scripts.report import sections, words

ROLES = {"S1": "sample", "S2": "sample", "POOL": "pool", "BLANK": "blank"}


def judged(sample: str, value: float | None, verdict: str, **more) -> dict:
    about = {"metric": "cov", "title": "covered positions", "unit": "%", "min": 95, "max": None, "severity": "fail"}
    about |= {"source": "a paper", "of": "sample", "definition": "d", "meaning": "calls may be missing"}
    return {**about, "sample": sample, "value": value, "verdict": verdict, "waiver": None, **more}


def summary(*criteria: dict, order: str = "pass", **samples: str) -> dict:
    return {"order": order, "samples": dict.fromkeys(ROLES, "pass") | samples, "criteria": list(criteria)}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (summary(), "Both samples were accepted."),
        (summary(S1="warn"), "Both samples were accepted."),
        (summary(S1="waived", POOL="fail"), "Both samples were accepted."),
        (summary(S2="fail"), "1 of 2 samples were accepted; S2 was not."),
        (summary(S1="fail", S2="fail"), "No sample was accepted, so nothing is delivered."),
        (summary(order="fail"), "A criterion on the order as a whole was missed, so nothing is delivered."),
    ],
)
def test_how_many_were_accepted(found, expected):
    assert words.outcome(found, ROLES) == expected


def test_a_metric_that_passes_everywhere_is_one_sentence():
    found = words.findings(summary(judged("S1", 96.25, "pass"), judged("S2", 99, "pass")))
    assert found == [("pass", "Covered positions: 96.25 to 99 % (asked: at least 95 %).")]


def test_what_was_missed_comes_first_with_its_meaning_and_consequence():
    found = words.findings(summary(judged("S1", 96, "pass"), judged("S2", 91.5, "fail")))
    sentence = (
        "Covered positions of S2: 91.5 % (asked: at least 95 %); calls may be missing. Consequence: not delivered."
    )
    assert found[0] == ("fail", sentence)
    assert [verdict for verdict, _ in found] == ["fail", "pass"]


def test_a_waiver_is_told_with_who_when_and_why():
    waiver = {"sample": "S2", "metric": "cov", "by": "R. Bianchi", "date": "2026-11-20", "reason": "no more material."}
    ((verdict, sentence),) = words.findings(summary(judged("S2", None, "waived", waiver=waiver)))
    assert verdict == "waived"
    assert "not measured" in sentence
    assert sentence.endswith("because this was waived by R. Bianchi on 2026-11-20: no more material.")


def test_two_waivers_of_one_metric_are_told_apart():
    waivers = [{"sample": name, "metric": "cov", "by": name, "date": "d", "reason": "r"} for name in ("S1", "S2")]
    found = words.findings(summary(*(judged(one["sample"], 1, "waived", waiver=one) for one in waivers)))
    assert len(found) == 2


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "%", "not measured"),
        (95.0, "%", "95 %"),
        (0.0301, "", "0.0301"),
        (31.456, "x", "31.46x"),
        (1240, "features", "1,240 features"),
        (3.4e6, "bases", "3.4 million bases"),
        (85e9, "bases", "85 billion bases"),
        (-0.4, "", "-0.4"),
    ],
)
def test_numbers_are_written_as_they_are_read(value, unit, expected):
    assert words.amount(value, unit) == expected


def test_long_lists_are_cut():
    assert words.listed(["A"]) == "A"
    assert words.listed(["A", "B", "C"]) == "A, B and C"
    assert words.listed([f"S{n}" for n in range(12)], most=3) == "S0, S1, S2 and 9 more"


def acceptance_rows(names: list[str]) -> list[str]:
    """First cell and header cells of the acceptance table of some samples and one criterion on the order."""
    rsd = {"metric": "rsd", "title": "spread", "of": "order", "min": None, "max": 30}
    criteria = [*(judged(name, 91, "fail") for name in names), judged("", 12, "pass", **rsd)]
    html = sections.acceptance(summary(*criteria))["data"]
    assert html.count('91 %\n<span class="verdict verdict-fail">fail</span>') == len(names)
    assert "at most 30 %" in html and "Threshold: a paper." in html
    return re.findall(r"<t[hd]>(\w+)", html)


def test_few_samples_stand_side_by_side():
    assert acceptance_rows(["S1", "S2"]) == ["Criterion", "S1", "S2", "covered", "Criterion", "Whole", "spread"]


def test_many_samples_stand_below_each_other():
    names = [f"S{number}" for number in range(30)]
    assert acceptance_rows(names) == ["Sample", "covered", *names, "Criterion", "Whole", "spread"]


def test_what_an_operator_wrote_is_text_and_no_markup():
    facts = {"proposal": "P", "title": "<script>x</script>", "call": "C & D", "service": "V", "service_title": "t"}
    facts |= {"facility": "F", "facility_name": "n", "samples": [], "absent": {}}
    html = sections.asked(facts)["data"]
    assert "<script>" not in html and "C &amp; D" in html
