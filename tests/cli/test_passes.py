"""Whatever Snakemake forgets, each order at the end is staged, or its cause stands in the journal and in `status`."""

from __future__ import annotations

import json
import logging
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from scripts.cli import journal, passes
from scripts.cli.__main__ import main
from scripts.cli.plugins.snakemake_logger_plugin_filiera import LogHandler
from scripts.demo.generate import Size, generate
from scripts.lib import registry
from scripts.lib.plan.package import wanted

TINY = Size(contigs={"chr1": 3_000}, depth=2, compounds=4, gradient=100, human=False, targets=0)
GENOMES, SPECTRA = "P001/CNR-IBIOM/GEN-WGS-30X", "P001/CNR-IBSBC/MET-UNTARGETED"


@pytest.fixture(scope="module")
def generated(tmp_path_factory) -> Path:
    site = tmp_path_factory.mktemp("passes") / "tiny"
    generate(site, size=TINY)
    return site


class Run:
    """A site whose Snakemake is a stand-in: it stages the orders whose turn it is, and notes what it was asked."""

    def __init__(self, site: Path, *stages: list[str]):
        self.site, self.asked, self._stages = site, [], list(stages)
        self.orders = registry.load(site).select("P001")
        self.folder = site / journal.RUNS / "20260102T030405Z-6"
        self.folder.mkdir(parents=True)
        about = {"orders": [order.id for order in self.orders], "began": "now"}
        (self.folder / "run.json").write_text(json.dumps(about))
        self.journal = self.folder / "journal.jsonl"
        self.journal.touch()

    def __call__(self, *options: str) -> int:
        self.asked.append(options)
        for name in self._stages.pop(0):
            for path in wanted(next(order for order in self.orders if order.id == name)):
                (self.site / path).parent.mkdir(parents=True, exist_ok=True)
                (self.site / path).write_text("path\tsize\n")
        return 0

    def ends(self) -> int:
        return passes.what_was_left(self.orders, self.site, self.folder, self)

    def causes(self) -> dict[str, list[str]]:
        events = journal.read(self.journal)
        return {order.id: [one["cause"] for one in journal.failures(events, order)] for order in self.orders}


@pytest.fixture
def run(generated, tmp_path):
    return lambda *stages: Run(shutil.copytree(generated, tmp_path / "site"), *stages)


def fail(written: Path) -> str:
    cause = "found half a file, expected a whole one; ask for it again."
    wildcards = {"facility": "CNR-IBIOM", "proposal": "P001", "service": "GEN-WGS-30X"}
    job = {"rule": "judge_order", "wildcards": wildcards, "message": "Judging", "log": ["logs/x"]}
    journal.note(written, "failed", **job, cause=cause)
    return cause


def test_where_every_order_is_staged_nothing_is_asked_again(run):
    ours = run([GENOMES, SPECTRA])
    ours()
    assert ours.ends() == 0 and len(ours.asked) == 1


def test_an_order_that_was_forgotten_is_asked_for_once_more(run):
    ours = run([GENOMES], [SPECTRA])
    ours()
    assert ours.ends() == 0
    (word, *targets) = ours.asked[1]
    assert word == "--" and targets and all("/P001/MET-UNTARGETED/" in path for path in targets)
    assert ours.causes() == {GENOMES: [], SPECTRA: []}


def test_what_waits_for_a_failed_job_is_not_tried_again(run):
    ours = run([SPECTRA])
    ours()
    cause = fail(ours.journal)
    assert ours.ends() == 0 and len(ours.asked) == 1
    assert ours.causes() == {GENOMES: [cause], SPECTRA: []}


def test_what_is_forgotten_twice_is_a_failure_with_a_command(run, capsys):
    ours = run([GENOMES], [])
    ours()
    ours.ends()
    assert ours.causes() == {GENOMES: [], SPECTRA: [passes.LEFT]}
    assert main(["status", "--failed", "--directory", str(ours.site)]) == 1
    told = capsys.readouterr().out
    assert f"{SPECTRA}: delivery failed (write_manifest)" in told and passes.LEFT in told
    assert "--proposal P001 --step write_manifest" in told


def broken(written: Path) -> None:
    job = {"rule": "check_received_files", "wildcards": {"run": "R1"}, "message": "Intake", "log": ["logs/x"]}
    journal.note(written, "failed", **job, cause="found half a file.", output=["results/R1/intake.json"])


def test_parameters_of_known_batches_are_proposed_in_a_pass_before_the_rest(run):
    ours = run(*[[]] * 9)
    assert passes.all_of_it(ours.orders, ours.site, ours.folder, ["--cores", "1"], ours) == 0
    assert ours.asked == [("--cores", "1")], "a batch that has none yet is no reason"
    known = "results/CNR-IBSBC/batches/MET-UNTARGETED/LC0311/parameters.json"
    (ours.site / known).parent.mkdir(parents=True)
    (ours.site / known).touch()
    ours.asked.clear()
    passes.all_of_it(ours.orders, ours.site, ours.folder, ["--cores", "1"], ours)
    assert ours.asked == [("--cores", "1", "--", known), ("--cores", "1")]
    verdict = passes.run_folder(ours.orders[0], ours.orders[0].all_runs()[0][1]) + "/intake.json"
    (ours.site / verdict).parent.mkdir(parents=True)
    (ours.site / verdict).touch()
    assert passes.first(ours.orders, ours.site) == [[known]], "its files were received before the verdict"
    os.utime(ours.site / verdict, (0, 0))
    ours.asked.clear()
    passes.all_of_it(ours.orders, ours.site, ours.folder, ["--cores", "1"], ours)
    assert [asked[2:] for asked in ours.asked] == [("--", verdict), ("--", known), ()]
    broken(ours.journal)
    passes.all_of_it(ours.orders, ours.site, ours.folder, ["--cores", "1"], ours)
    assert ours.asked[-1] == ("--cores", "1", "--omit-from", "results/R1/intake.json"), "nothing is refused twice"


def test_a_job_whose_files_are_not_seen_is_a_failed_job(tmp_path, monkeypatch):
    """Snakemake reports an error then, but no failed job."""
    monkeypatch.setenv("FILIERA_JOURNAL", str(tmp_path / "journal.jsonl"))
    handler = LogHandler(SimpleNamespace(dryrun=False), None)
    handler.jobs[14] = {"rule": "pick_features", "wildcards": {"run": "R1"}, "message": "Picking", "log": ["logs/x"]}
    said = (
        "WorkflowError:\nError postprocessing group job 1f.\nMissingOutputException: Job 14  completed successfully, "
    )
    said += "but some output files are missing. Missing files after 60 seconds."
    record = logging.makeLogRecord({"msg": said, "levelno": logging.ERROR, "event": LogEvent.ERROR})
    handler.emit(record)
    handler.close()
    (failed,) = (event for event in journal.read(tmp_path / "journal.jsonl") if event["event"] == "failed")
    assert failed["rule"] == "pick_features" and "some output files are missing" in failed["cause"]
