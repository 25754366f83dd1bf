"""awards.tsv: how much of which service a proposal may have."""

from __future__ import annotations

import pytest

from scripts.lib import registry
from tests.registry.test_registry import change, site  # noqa: F401

AWARDS = "proposal\tfacility\tservice\tunits\nP1\tCNR-IBIOM\tGEN-WGS-30X\t1\n"


@pytest.fixture
def limited(site):  # noqa: F811
    (site / "config" / "awards.tsv").write_text(AWARDS)
    return site


def messages(folder) -> list[str]:
    return [str(problem) for problem in registry.load(folder).problems]


def test_as_many_samples_as_awarded_may_run_and_others_are_not_limited(limited):
    assert messages(limited) == []
    assert len(registry.load(limited).orders) == 2


def test_one_sample_more_stops_the_proposal_and_no_other(limited):
    change(limited, "samples.tsv", "B1\tP2", "W2\tP1\tCNR-IBIOM\tGEN-WGS-30X\t\tCanis lupus\tcanis\nB1\tP2")
    with open(limited / "config" / "runs.tsv", "a") as handle:
        handle.write("W2\tL1\treads/W2.fq.gz\t\t\t\t\n")
    (limited / "reads" / "W2.fq.gz").write_text("x")
    assert messages(limited) == [
        "config/samples.tsv, line 3, column service: found sample 2 of P1/CNR-IBIOM/GEN-WGS-30X,"
        " expected at most 1, as config/awards.tsv says."
    ]
    assert list(registry.load(limited).orders) == ["P2/CNR-IBSBC/MET-UNTARGETED"]


def test_a_service_that_was_not_awarded_does_not_run(limited):
    change(limited, "awards.tsv", "CNR-IBIOM", "UNIBA-DBBA")
    assert "P1/CNR-IBIOM/GEN-WGS-30X, which was not awarded" in messages(limited)[0]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("P1\t", "P9\t", "column proposal: found 'P9', expected a known one"),
        ("WGS-30X", "WGS-3OX", "did you mean 'GEN-WGS-30X'?"),
        ("\t1\n", "\t0\n", "column units: found '0', expected a whole number from 1"),
        (
            "\t1\n",
            "\t1\nP1\tCNR-IBIOM\tGEN-WGS-30X\t2\n",
            "line 3, column service: found P1/CNR-IBIOM/GEN-WGS",
        ),
    ],
)
def test_what_is_wrong_is_named(limited, old, new, words):
    change(limited, "awards.tsv", old, new)
    assert any(words in message for message in messages(limited)), messages(limited)
