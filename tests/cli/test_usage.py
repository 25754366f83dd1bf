"""What jobs asked for and used, out of journals; what a run will take, by those and by shipped figures; what neither
knows is named, not guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.cli import __main__ as cli
from scripts.cli import engine, shipped, stages, usage
from scripts.demo.generate import Size, generate
from scripts.lib import registry
from scripts.lib.files import read_tsv

PLACE = {"facility": "F", "service": "S"}


def job(*known: str | float, service: str = "S", threads: int = 1, minutes: int | None = None) -> list[dict]:
    """Events of a job: its rule and run, MB asked, seconds of CPU and wall, MB used."""
    rule, run, asked, cpu, wall, peak = known
    about = {"rule": rule, "wildcards": {**PLACE, "service": service, "run": run}}
    used = {"cpu_s": cpu, "wall_s": wall, "peak_mb": peak}
    return [
        {"event": "started", **about, "memory_mb": asked, "runtime_min": minutes, "threads": threads},
        {"event": "finished", **about, **used},
    ]


@pytest.fixture
def site(tmp_path) -> Path:
    """Two runs of a site: aligning takes 1, 2 and 9 h of CPU in service S and 100 h in another."""
    runs = {
        "20260301T000000Z-1": [
            *job("align", "a", 16000, 3600, 1800, 15500, threads=2),
            *job("align", "b", 16000, 7200, 3600, 9000, threads=2),
            *job("sort", "a", 8000, 360, 360, 500, minutes=600),
            *job("call", "a", 1000, 3500, 3500, 500, minutes=60),
            {"event": "failed", "rule": "align", "wildcards": {**PLACE, "run": "z"}},
        ],
        "20260302T000000Z-2": [
            *job("align", "c", 16000, 32400, 16200, 9000, threads=2),
            *job("align", "d", 16000, 360000, 180000, 9000, service="T", threads=2),
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


class Elsewhere:
    """What shipped figures say: nothing of sizes, and of `guess` so many hours as its run is called."""

    def figures(self, rule, wildcards):
        return (3600 * int(wildcards["run"]), 2) if rule == "guess" else None

    def ratio(self, _rule, _wildcards, _done):
        return 1


class Nothing(Elsewhere):
    def figures(self, _rule, _wildcards):
        return None


def planned(*rules: str, service: str = "S") -> list[tuple]:
    return [
        (rule, tuple({**PLACE, "service": service, "run": str(number)}.items())) for number, rule in enumerate(rules)
    ]


def test_a_run_takes_what_its_like_took_here_of_the_same_service(site):
    found = usage.estimate(site, planned("align", "align", "sort"), profile(site, "cores: 4\n"), Nothing())
    # Medians: align 2 h of CPU in 1 h on 2 of 4 cores, twice; sort 0.1 h on one.
    assert found.cpu_hours == pytest.approx(4.1)
    assert found.wall_hours == pytest.approx(2 * 1 * 2 / 4 + 0.1 / 4)
    assert found.unknown == {}


def test_a_cluster_is_as_wide_as_its_profile_and_no_run_is_shorter_than_its_longest_job(site):
    found = usage.estimate(site, planned(*["align"] * 10), profile(site, "executor: slurm\njobs: 200\n"), Nothing())
    assert found.wall_hours == pytest.approx(1)
    assert found.cpu_hours == pytest.approx(20)


def test_a_service_that_has_not_run_goes_by_the_others_and_a_rule_that_has_not_is_named(site):
    found = usage.estimate(site, planned("sort", "join", "join", service="NEW"), profile(site, "cores: 1\n"), Nothing())
    assert found.cpu_hours == pytest.approx(0.1)
    assert found.unknown == {"join": 2}
    assert "without what nobody has measured (2 join)" in usage.in_words(found, 12)


def test_what_has_not_run_here_goes_by_shipped_figures_and_its_size(site):
    jobs = planned("sort", "guess", "guess", "other")  # whose runs are 0 to 3
    found = usage.estimate(site, jobs, profile(site, "cores: 2\n"), Elsewhere())
    assert found.cpu_hours == pytest.approx(0.1 + 1 + 2)
    assert found.wall_hours == pytest.approx(0.1 / 2 + (1 + 2) / 2)
    assert (found.shipped, found.unknown) == (2, {"other": 1})
    assert "(2 of them on another machine, because they have not run here yet)" in usage.in_words(found, 12)


@pytest.fixture(scope="module")
def received(tmp_path_factory) -> Path:
    """A site of the demo's generator, of which nothing has run."""
    path = tmp_path_factory.mktemp("received")
    generate(path, size=Size(contigs={"chr1": 8000}, compounds=12, gradient=150, human=False, targets=0))
    return path


def test_what_has_run_here_is_scaled_by_size_where_sizes_are_known(site):
    class Twice(Nothing):
        def ratio(self, rule, wildcards, done):
            return 2 if rule == "align" and done["run"] == "c" else 1

    # Of 1, 2 and 9 h the last was of half the size.
    assert usage.estimate(site, planned("align"), profile(site, "cores: 1\n"), Twice()).cpu_hours == pytest.approx(2)

    class Thrice(Nothing):
        def ratio(self, _rule, _wildcards, _done):
            return 3

    found = usage.estimate(site, planned("align"), site / "profile", Thrice())
    assert found.cpu_hours == pytest.approx(6)


def megabytes(site: Path, *names: str) -> float:
    return sum((site / name).stat().st_size for name in names) / 1e6


def test_a_job_is_as_large_as_what_was_received_for_its_run_sample_batch_order_or_reference(received):
    site = registry.load(received)
    known, place = shipped.Shipped(site), {"facility": "CNR-IBIOM", "service": "GEN-WGS-30X"}
    lanes = {run.lane: run for run in site.runs["G001"]}
    first = [lanes["1"].read1, lanes["1"].read2]
    sample = [path for run in lanes.values() for path in (run.read1, run.read2)]
    whole = sample + [path for run in site.runs["G002"] for path in (run.read1, run.read2)]
    spectra = [run.file for name in ("BLANK1", "POOL1", "M001", "M002", "M003") for run in site.runs[name]]
    sizes = [
        (place | {"run": lanes["1"].key}, first),
        (place | {"proposal": "P001", "sample": "G001"}, sample),
        (place | {"proposal": "P001", "callset": "G001"}, sample),
        (place | {"proposal": "P001"}, whole),
        ({"facility": "CNR-IBSBC", "service": "MET-UNTARGETED", "batch": "LC0311"}, spectra),
        ({"reference": "demo1"}, ["reference/demo1.fa.gz"]),
    ]
    for wildcards, files in sizes:
        assert known.megabytes(wildcards) == pytest.approx(megabytes(received, *files)), wildcards
    unknown = place | {"run": "nobody's"}
    assert known.megabytes(unknown) is None
    one, all_of_it = place | {"run": lanes["1"].key}, place | {"proposal": "P001"}
    assert known.ratio("align_reads", one, unknown) == known.ratio("no such rule", one, one) == 1
    assert known.ratio("align_reads", all_of_it, one) > 1


def test_the_shipped_figures_are_of_rules_that_there_are_and_of_nearly_all_that_an_order_needs(received, root):
    jobs = engine.jobs(received, root / "workflow" / "profiles" / "default", "")
    ordinary = {job["rule"] for job in jobs} - {"all"}
    figures = {row["rule"] for row in read_tsv(shipped.FIGURES)}
    assert figures <= stages.stages().keys()
    assert len(ordinary & figures) > 0.9 * len(ordinary), ordinary - figures


def test_rules_that_ask_too_much_or_too_little_are_named(site, capsys):
    assert cli.main(["usage", "--directory", str(site)]) == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert rows["align"].endswith("asks too little memory")
    assert rows["sort"].endswith("asks too much memory, too much time")
    assert rows["call"].endswith("asks too little time")
    assert rows["small"].split()[-3:] == ["10", "0", "0"]
    newest = [json.loads(line) for line in max(site.rglob("journal.jsonl")).read_text().splitlines()]
    assert usage.sentence(newest) == ""
    oldest = [json.loads(line) for line in min(site.rglob("journal.jsonl")).read_text().splitlines()]
    words = "Too little memory is asked by align; too little time is asked by call; too much memory is asked by sort; "
    words += "too much time is asked by sort: ./filiera usage."
    assert usage.sentence(oldest) == words


def test_a_site_in_which_nothing_ran_says_so(tmp_path, capsys):
    assert cli.main(["usage", "--directory", str(tmp_path)]) == 0
    assert "No job has run here yet." in capsys.readouterr().out
