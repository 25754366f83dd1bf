"""What jobs asked for and used, out of journals; what a run will take; what has never run is named, not guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.cli import __main__ as cli
from scripts.cli import usage

PLACE = {"facility": "F", "service": "S"}


def job(rule: str, run: str, asked: float, cpu: float, wall: float, peak: float, service: str = "S", threads: int = 1):
    about = {"rule": rule, "wildcards": {**PLACE, "service": service, "run": run}}
    used = {"cpu_s": cpu, "wall_s": wall, "peak_mb": peak}
    return [
        {"event": "started", **about, "memory_mb": asked, "threads": threads},
        {"event": "finished", **about, **used},
    ]


@pytest.fixture
def site(tmp_path) -> Path:
    """Two runs of a site: aligning takes 1, 2 and 9 h of CPU in service S and 100 h in another."""
    runs = {
        "20260301T000000Z-1": [
            *job("align", "a", 16000, 3600, 1800, 15500, threads=2),
            *job("align", "b", 16000, 7200, 3600, 9000, threads=2),
            *job("sort", "a", 8000, 360, 360, 500),
            {"event": "failed", "rule": "align", "wildcards": {**PLACE, "run": "z"}},
        ],
        "20260302T000000Z-2": [
            *job("align", "c", 16000, 32400, 16200, 9000, threads=2),
            *job("align", "d", 16000, 360000, 180000, 9000, "T", threads=2),
            *job("small", "a", 1000, 1, 1, 10),
        ],
    }
    for name, events in runs.items():
        folder = tmp_path / ".filiera" / "runs" / name
        folder.mkdir(parents=True)
        (folder / "journal.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return tmp_path


def profile(folder: Path, text: str) -> Path:
    (folder / "profile").mkdir()
    (folder / "profile" / "profile.yaml").write_text(text)
    return folder / "profile"


def planned(*rules: str, service: str = "S") -> list[tuple]:
    return [
        (rule, tuple({**PLACE, "service": service, "run": str(number)}.items())) for number, rule in enumerate(rules)
    ]


def test_a_run_takes_what_its_like_took_here_of_the_same_service(site):
    found = usage.estimate(site, planned("align", "align", "sort"), profile(site, "cores: 4\n"))
    # Medians: align 2 h of CPU in 1 h on 2 of 4 cores, twice; sort 0.1 h on one.
    assert found.cpu_hours == pytest.approx(4.1)
    assert found.wall_hours == pytest.approx(2 * 1 * 2 / 4 + 0.1 / 4)
    assert found.unknown == {}


def test_a_cluster_is_as_wide_as_its_profile_and_no_run_is_shorter_than_its_longest_job(site):
    found = usage.estimate(site, planned(*["align"] * 10), profile(site, "executor: slurm\njobs: 200\n"))
    assert found.wall_hours == pytest.approx(1)
    assert found.cpu_hours == pytest.approx(20)


def test_a_service_that_has_not_run_goes_by_the_others_and_a_rule_that_has_not_is_named(site):
    found = usage.estimate(site, planned("sort", "call", "call", service="NEW"), profile(site, "cores: 1\n"))
    assert found.cpu_hours == pytest.approx(0.1)
    assert found.unknown == {"call": 2}
    assert "without what has not run here yet (2 call)" in usage.in_words(found, 12)


def test_rules_that_ask_too_much_or_too_little_are_named(site, capsys):
    assert cli.main(["usage", "--directory", str(site)]) == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert rows["align"].endswith("asks too little")
    assert rows["sort"].endswith("asks too much")
    assert rows["small"].split()[-1] == "10"
    newest = [json.loads(line) for line in max(site.rglob("journal.jsonl")).read_text().splitlines()]
    assert usage.sentence(newest) == ""
    oldest = [json.loads(line) for line in min(site.rglob("journal.jsonl")).read_text().splitlines()]
    words = "Too little memory is asked by align; too much memory is asked by sort: ./filiera usage."
    assert usage.sentence(oldest) == words


def test_a_site_in_which_nothing_ran_says_so(tmp_path, capsys):
    assert cli.main(["usage", "--directory", str(tmp_path)]) == 0
    assert "No job has run here yet." in capsys.readouterr().out
