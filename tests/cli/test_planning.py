"""Many proposals are planned side by side, and what several of them need is counted once."""

from __future__ import annotations

import pytest

from scripts.cli import planning
from scripts.lib.refusal import Refusal

PROPOSALS = [f"P{number:02d}" for number in range(30)]


def job(rule: str, *reasons: str, **wildcards: str) -> dict:
    return {"rule": rule, "wildcards": wildcards, "reasons": list(reasons)}


def jobs(arguments: list[str], _first=()) -> list[dict]:
    own = [job("align_reads", "output files have to be generated", run=name) for name in arguments[0].split(",")]
    return [*own, job("prepare_reference", "updated input files"), job("all")]


@pytest.mark.parametrize("cores", [1, 2, 64])
def test_shared_jobs_are_counted_once_however_many_processes_plan(monkeypatch, cores):
    monkeypatch.setattr(planning.os, "sched_getaffinity", lambda _: range(cores))
    monkeypatch.setattr(planning, "_listed", jobs)
    found = planning.planned(lambda some: [some], PROPOSALS)
    assert planning.table(found) == [
        ["30", "align_reads", "output files have to be generated"],
        ["1", "prepare_reference", "updated input files"],
    ]


def test_a_site_is_planned_whole_when_no_proposal_is_named(monkeypatch):
    asked = []
    monkeypatch.setattr(planning, "_listed", lambda arguments, _first: asked.append(arguments) or [])
    assert planning.planned(lambda some: [some], [""]) == {}
    assert asked == [[""]]


def test_a_plan_that_cannot_be_made_is_told_in_snakemakes_last_words(tmp_path):
    with pytest.raises(Refusal, match="no such Snakefile"):
        planning.planned(lambda _: ["--snakefile", str(tmp_path / "no such Snakefile")], [""])
