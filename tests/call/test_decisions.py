"""Who takes part, in which order, and who gets what."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.call import outcome
from scripts.call.award import awards
from scripts.call.rank import Ranked, lot
from scripts.call.screen import Applied
from scripts.lib import registry
from scripts.lib.refusal import Refusal
from scripts.lib.registry.calls import Application, Call, Deadline, load_call
from tests.call.calls import APPLICATIONS, TERMS, scores, site, write


@pytest.fixture
def decided(tmp_path):
    """Decide on a call with these texts; application -> its decision."""

    def decide(**texts):
        found = load_call(write(tmp_path / "call", **texts), registry.load(tmp_path))
        assert found.problems == []
        return {each.applied.id: each for each in outcome.decide(found)}

    site(tmp_path)
    return decide


# --- the deadline -----------------------------------------------------------------------------------------------------


def deadline(zone: str, day: str = "2026-04-15", minute: str = "23:59") -> Deadline:
    return Deadline(day=day, minute=minute, zone=zone)


def test_in_april_the_legal_time_of_italy_and_literal_cet_are_an_hour_apart():
    assert deadline("Europe/Rome").end == datetime(2026, 4, 15, 22, 0, tzinfo=UTC)
    assert deadline("UTC+01:00").end == datetime(2026, 4, 15, 23, 0, tzinfo=UTC)


def test_in_winter_they_are_the_same():
    assert deadline("Europe/Rome", "2026-01-15").end == deadline("UTC+01:00", "2026-01-15").end


@pytest.mark.parametrize("zone", ["CET", "CEST", "MET", "EST5EDT", "Etc/GMT-1", "Europe/Roma", "GMT+1", ""])
def test_a_zone_that_may_mean_two_things_is_refused(zone):
    with pytest.raises(ValueError):
        deadline(zone)


def test_a_minute_that_the_clocks_skip_or_show_twice_is_refused():
    with pytest.raises(ValueError, match="skip"):
        deadline("Europe/Rome", "2026-03-29", "02:30")
    with pytest.raises(ValueError, match="twice"):
        deadline("Europe/Rome", "2026-10-25", "02:30")


@pytest.mark.parametrize(
    ("zone", "submitted", "late"),
    [
        ("Europe/Rome", "2026-04-15T23:59:59", False),
        ("Europe/Rome", "2026-04-16T00:00:00", True),
        ("UTC+01:00", "2026-04-16T00:00:00", False),  # a clock in Italy: 23:00 by literal CET
        ("UTC+01:00", "2026-04-16T00:59:59", False),
        ("UTC+01:00", "2026-04-16T01:00:00", True),
        ("Europe/Rome", "2026-04-15T21:59:59Z", False),
        ("Europe/Rome", "2026-04-15T22:00:00Z", True),
    ],
)
def test_an_application_is_late_from_the_end_of_the_stated_minute(decided, zone, submitted, late):
    terms = TERMS.replace("zone: Europe/Rome", f"zone: {zone}")
    rows = APPLICATIONS.replace(
        "2026-04-01T10:00\tCNR-IBIOM\tGEN-WGS-30X\t6", f"{submitted}\tCNR-IBIOM\tGEN-WGS-30X\t6"
    )
    scored = scores(A1=(5, 5), A2=(4, 4), A3=(3, 3), A4=(1, 1))
    one = decided(terms=terms, applications=rows, scored=scored)["A1"]
    assert (one.status == "excluded") is late
    if late:
        assert one.reason.startswith("late: submitted 2026-04-16")


# --- who takes part ---------------------------------------------------------------------------------------------------


def test_late_and_incomplete_applications_are_excluded_with_the_reason(decided):
    found = decided()
    assert found["A4"].status == found["A5"].status == "excluded"
    assert "deadline was 2026-04-15 23:59 (Europe/Rome, UTC+02:00)" in found["A4"].reason
    assert found["A5"].reason == "incomplete: no email"


def test_what_the_call_does_not_give_or_was_taken_back_is_excluded(decided):
    rows = APPLICATIONS.replace("GEN-WGS-30X\t6\t5", "GEN-WES\t6\t5")
    found = decided(terms=TERMS + "withdrawn: [A1]\n", applications=rows)
    assert found["A2"].reason == "asks for GEN-WES of CNR-IBIOM, which this call does not give"
    assert found["A1"].reason == "withdrawn by the applicant"


def test_scores_of_a_reviewer_with_a_conflict_of_interest_are_left_out(decided):
    scored = scores(A1=(0, 3, 3), A2=(4, 4), A3=(3, 3)).replace("A1\tR1\timpact\t0\tno", "A1\tR1\timpact\t0\tyes")
    one = decided(scored=scored)["A1"].ranked
    assert one.score == 3
    assert (one.reviewers, one.left_out) == (("R2", "R3"), ("R1",))


def test_a_proposal_is_never_ranked_on_too_few_scores(decided):
    lone = scores(A1=(5, 5), A2=(4, 4), A3=(3, 3)).replace("A1\tR1\timpact\t5\tno", "A1\tR1\timpact\t5\tyes")
    with pytest.raises(Refusal, match="A1 with 1 reviewers"):
        decided(scored=lone)
    with pytest.raises(Refusal, match="A1 without impact by R1"):
        decided(scored=lone.replace("A1\tR1\timpact\t5\tyes\n", ""))


# --- the ranking ------------------------------------------------------------------------------------------------------


def test_the_score_is_the_weighted_mean_of_the_means(decided):
    scored = scores(A1=(3, 4), A2=(4, 4), A3=(3, 3)).replace("A1\tR1\toriginality\t3", "A1\tR1\toriginality\t5")
    assert decided(scored=scored)["A1"].ranked.score == Fraction(2 * Fraction(9, 2) + Fraction(7, 2) * 2, 4)


def test_equal_scores_are_decided_by_the_stated_keys_in_turn(decided):
    # A1 and A2 score 4 alike; A2 is more original, which is asked first; then the earlier; then the lot.
    scored = scores(A1=(4, 4), A2=(4, 4), A3=(3, 3))
    more = scored.replace("A2\tR1\toriginality\t4", "A2\tR1\toriginality\t5").replace(
        "A2\tR1\timpact\t4", "A2\tR1\timpact\t2"
    )
    found = decided(scored=more)
    assert found["A2"].ranked.rank == 1
    assert found["A2"].ranked.tie == "equal score: before A1 by originality"
    found = decided(scored=scored)
    assert (found["A1"].ranked.rank, found["A2"].ranked.tie) == (1, "equal score: behind A1 by submitted")
    found = decided(scored=scored, terms=TERMS.replace("[originality, submitted]", "[]"))
    assert found["A1"].ranked.tie.endswith("by lot")


def test_the_lot_can_be_checked_by_everyone():
    import hashlib

    terms = Call.model_validate({**MINIMAL, "lot": "public text"})
    assert lot(terms, "A1") == hashlib.sha256(b"public text:A1").hexdigest()


# --- the awards -------------------------------------------------------------------------------------------------------


def test_awards_follow_the_rank_until_the_budget_is_spent(decided):
    found = decided()
    # 10 genomes: A1 gets 6; 4 are left, too few for A2 (needs 5), enough for A3 (2 of 9); 1000 euro buy 11 at 90.
    assert [line.awarded for line in found["A1"].lines] == [6]
    assert found["A2"].status == "reserve"
    assert found["A2"].reason == "passed over: 4 units of GEN-WGS-30X at CNR-IBIOM were left, and it needs 5"
    assert [line.awarded for line in found["A3"].lines] == [4, 11]
    assert "awarded in part" in found["A3"].reason


def test_below_the_threshold_nothing_is_awarded(decided):
    found = decided(scored=scores(A1=(5, 5), A2=(2.5, 2.5), A3=(2.4, 2.5)))
    assert found["A2"].status == "reserve"
    assert found["A3"].status == "declined"
    assert "2.4500 is below the call's threshold of 2.5" in found["A3"].reason


KEYS = [("F1", "S1"), ("F1", "S2"), ("F2", "S1")]
MINIMAL = {
    "call": "C",
    "contact": "c@x.example",
    "deadline": {"day": "2026-04-15", "minute": "23:59", "zone": "Europe/Rome"},
    "criteria": {"merit": 1},
    "scale": {"min": 0, "max": 5},
    "lot": "x",
    "budget": [{"facility": "F1", "service": "S1", "units": 1}],
}


@st.composite
def competitions(draw):
    """A budget (units or euro) and a ranking of proposals that ask for any of it."""
    budget = []
    for facility, service in KEYS:
        if draw(st.booleans()):
            measure = {"units": draw(st.integers(0, 20))}
        else:
            measure = {"euro": draw(st.integers(0, 2000)), "unit_cost": draw(st.integers(1, 300))}
        budget.append({"facility": facility, "service": service, **measure})
    ranked = []
    for rank in range(1, draw(st.integers(1, 12)) + 1):
        asked = []
        for facility, service in draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True)):
            units = draw(st.integers(1, 15))
            least = draw(st.one_of(st.none(), st.integers(1, units)))
            asked.append(
                Application(application=f"A{rank}", facility=facility, service=service, units=units, least=least)
            )
        applied = Applied(f"A{rank}", asked[0], tuple(asked), None)
        ranked.append(Ranked(rank, applied, Fraction(draw(st.integers(0, 5))), {}, (), (), ""))
    ranked.sort(key=lambda each: -each.score)
    threshold = draw(st.one_of(st.none(), st.integers(0, 5)))
    return Call.model_validate({**MINIMAL, "budget": budget, "threshold": threshold}), ranked


@settings(deadline=None)
@given(competitions())
def test_awards_never_exceed_the_budget_and_leave_nothing_that_the_next_could_use(competition):
    terms, ranked = competition
    decisions = awards(terms, ranked)
    left = {}
    for budget in terms.budget:
        key = (budget.facility, budget.service)
        given = [line.awarded for each in decisions for line in each.lines if (line.facility, line.service) == key]
        cost = sum(given) * (budget.unit_cost or 1)
        assert cost <= (budget.units if budget.euro is None else budget.euro)
        left[key] = budget.whole_units - sum(given)
    for each in decisions:
        if each.status == "reserve":
            assert any(left[line.facility, line.service] < line.least for line in each.lines)


@settings(deadline=None)
@given(competitions())
def test_a_better_rank_is_passed_over_only_for_what_it_could_not_use(competition):
    terms, ranked = competition
    left = {(budget.facility, budget.service): budget.whole_units for budget in terms.budget}
    for each, place in zip(awards(terms, ranked), ranked, strict=True):
        assert each.applied is place.applied
        asked = [(row.facility, row.service, row.units, row.least or row.units) for row in place.applied.asked]
        usable = all(left[facility, service] >= least for facility, service, _, least in asked)
        worthy = terms.threshold is None or place.score >= terms.threshold
        assert each.status == ("declined" if not worthy else "accepted" if usable else "reserve")
        assert each.reason
        if each.status == "accepted":
            for (facility, service, units, _), line in zip(asked, each.lines, strict=True):
                assert line.awarded == min(units, left[facility, service])
                left[facility, service] -= line.awarded
