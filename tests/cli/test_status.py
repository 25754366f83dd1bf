"""What `status` says of orders, samples and steps, from sheets, files and journals alone: nothing is run here."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from scripts.cli import console, journal, lock, outcome, run, status, watch
from scripts.cli.__main__ import main
from scripts.cli.progress import Board, Stand
from scripts.cli.stages import rules, stages
from scripts.demo.generate import Size, generate
from scripts.ledger.store import Ledger
from scripts.lib import branches, registry
from scripts.lib.files import read_tsv, write_tsv
from scripts.lib.plan import steps
from scripts.lib.refusal import Refusal

TINY = Size(contigs={"chr1": 3_000}, depth=2, compounds=4, gradient=100, human=False, targets=0)
WGS, OTHER, MET = "P001/CNR-IBIOM/GEN-WGS-30X", "P002/CNR-IBIOM/GEN-WGS-30X", "P001/CNR-IBSBC/MET-UNTARGETED"
GENOMES = {"facility": "CNR-IBIOM", "service": "GEN-WGS-30X"}
CAUSE = "a.fastq.gz, record 3: found no quality, expected one; ask for the file again."


@pytest.fixture(scope="module")
def generated(tmp_path_factory) -> Path:
    site = tmp_path_factory.mktemp("a site") / "tiny"
    generate(site, size=TINY)
    return site


@pytest.fixture
def site(generated, tmp_path) -> Path:
    return shutil.copytree(generated, tmp_path / "a site")


def make(site: Path, order: str, *names: str) -> None:
    """Leave the files of steps of an order (or of `sample step`), as if its jobs had."""
    for (sample, step), files in steps.cells(registry.load(site).orders[order]).items():
        if step in names or f"{sample} {step}" in names:
            for name in files:
                (site / name).parent.mkdir(parents=True, exist_ok=True)
                (site / name).touch()


def ran(site: Path, name: str, *events: dict, orders=(WGS, OTHER, MET), **about) -> Path:
    """Leave the record of a run."""
    folder = site / journal.RUNS / name
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"orders": list(orders), "began": "2026-11-22T09:59:00Z"} | about))
    (folder / "journal.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return folder


def event(kind: str, rule: str, **wildcards) -> dict:
    job = {"rule": rule, "wildcards": wildcards, "message": f"Doing {rule}", "log": [f"logs/{rule}.log"]}
    failed = {"cause": CAUSE, "last": ["REFUSED " + CAUSE]} if kind == "failed" else {}
    return {"event": kind, "time": "2026-11-22T10:00:00Z"} | job | failed


def run_of(site: Path, sample: str) -> str:
    return registry.load(site).runs[sample][0].key


ENDED, STOPPED = {"event": "ended"}, {"event": "interrupted"}


def test_before_the_first_run_everything_waits_for_one(site, capsys):
    assert main(["status", "--directory", str(site)]) == 0, "nothing failed"
    told = capsys.readouterr().out
    assert "waits for a run" in told
    assert f"./filiera run --directory '{site}' --proposal P002" in told


def test_a_failed_step_is_named_with_its_cause_and_the_narrowest_command(site, capsys):
    make(site, OTHER, "reads")
    failed = event("failed", "check_received_files", run=run_of(site, "G003"), **GENOMES)
    ran(site, "1", failed, ENDED)
    assert main(["status", "--directory", str(site)]) == 1
    told = capsys.readouterr().out
    assert f"{OTHER}, sample G003: intake failed (check_received_files)\n  {CAUSE}\n" in told
    assert f"./filiera rerun --directory '{site}' --proposal P002 --sample G003 --step check_received_files" in told

    (one,) = [one for one in Board(registry.load(site)).orders if one.standing.order == OTHER]
    assert one.cells["G003", "intake"] == Stand("failed")
    assert one.cells["G003", "reads"].waits_for == "intake of G003", "what was made of the file before is not done"
    assert one.cells["", "acceptance"].waits_for == "intake of G003"


def test_a_reference_that_failed_is_told_once_for_all_its_orders(site):
    ran(site, "1", event("failed", "prepare_reference", reference="demo1"), ENDED)
    (failure,) = Board(registry.load(site)).failures()
    assert failure.orders == [WGS, OTHER]
    assert failure.samples == ["G001", "G002", "G003"]
    assert failure.command.endswith("' --step prepare_reference")


def test_only_what_failed_and_everything_for_machines(site, capsys):
    ran(site, "1", event("failed", "write_methods", proposal="P001", **GENOMES), ENDED)
    assert main(["status", "--directory", str(site), "--failed"]) == 1
    told = capsys.readouterr().out
    assert "report failed (write_methods)" in told and "P002" not in told

    assert main(["status", "--directory", str(site), "--json"]) == 1
    facts = json.loads(capsys.readouterr().out)
    assert facts.keys() == {"orders", "failures", "run", "closed", "still_held", "problems"}
    (one,) = [one for one in facts["orders"] if one["order"] == WGS]
    assert one["state"] == "failed" and one["causes"] == [f"Doing write_methods: {CAUSE}"]
    assert one["steps"]["report"] == {"state": "failed", "waits_for": ""}
    assert one["samples"]["G001"]["intake"] == {"state": "waits", "waits_for": "a run"}
    (failure,) = facts["failures"]
    assert failure["command"] == one["command"]
    assert failure["step"] == "report" and failure["rule"] == "write_methods" and failure["samples"] == []


def test_while_a_run_is_going_on_it_says_what_is_at_work_and_disturbs_nobody(site, capsys, monkeypatch):
    make(site, WGS, "intake")
    started = event("started", "align_reads", run=run_of(site, "G001"), **GENOMES)
    again = [event("failed", "judge_order", proposal="P002", **GENOMES)]
    again += [event("started", "judge_order", proposal="P002", **GENOMES)]
    folder = ran(site, "1", {"event": "planned", "jobs": {"align_reads": 3, "all": 1}}, started, *again)
    with lock.alone(site, "run"):
        board = Board(registry.load(site))
        assert (board.run.alive, board.run.planned, len(board.run.running)) == (True, 3, 2)
        one, other, met = board.orders
        assert one.cells["G001", "alignment"] == Stand("running")
        assert one.cells["G001", "variants"] == Stand("waits", "alignment of G001")
        assert one.cells["G002", "alignment"] == Stand("waits", "its turn in the run")
        assert other.state == "running" and not other.failures, "tried again after it failed"
        assert met.cells["M001", "spectra"].waits_for == "its turn in the run"

        # It is watched until it ends: a line whenever something changed, where nobody sits at a terminal.
        beats = iter([lambda: None, lambda: journal.note(folder / "journal.jsonl", "ended")])
        monkeypatch.setattr(watch.time, "sleep", lambda seconds: next(beats)())
        main(["status", "--directory", str(site), "--watch"])
    told = capsys.readouterr().out
    assert told.count("0 of 3 done, 0 failed; Doing align_reads; Doing judge_order\n") == 1
    assert told.count("newest package") == 1


def test_a_run_that_was_killed_is_not_at_work(site):
    ran(site, "1", event("started", "align_reads", run=run_of(site, "G001"), **GENOMES))
    board = Board(registry.load(site))
    assert not board.run.alive
    assert board.orders[0].cells["G001", "alignment"].state == "waits"


@pytest.mark.parametrize(
    ("later", "orders", "aim", "expected"),
    [
        ([event("finished", "judge_order", proposal="P002", **GENOMES)], [OTHER], {"step": "judge_order"}, set()),
        ([event("finished", "write_methods", proposal="P002", **GENOMES)], [OTHER], {"step": "x"}, {"judge_order"}),
        ([ENDED], [OTHER], {}, set()),
        ([ENDED], [WGS], {}, {"judge_order"}),
        ([STOPPED, event("failed", "write_methods", proposal="P002", **GENOMES)], [OTHER], {}, {"judge_order"}),
        ([], [OTHER], {}, {"judge_order"}),
    ],
    ids=["mended", "another step", "a whole run", "of others", "ended by a person", "killed"],
)
def test_what_failed_is_known_until_it_is_mended_or_all_was_tried_again(site, later, orders, aim, expected):
    ran(site, "1", event("failed", "judge_order", proposal="P002", **GENOMES), ENDED)
    ran(site, "2", *later, orders=orders, aim=aim)
    (one,) = [one for one in Board(registry.load(site)).orders if one.standing.order == OTHER]
    assert {failure.rule for failure in one.failures} == expected


def test_what_could_not_be_published_waits_for_a_person(site, capsys):
    order = registry.load(site).orders[OTHER]
    make(site, OTHER, *(step for _, step in steps.cells(order)))
    write_tsv(outcome.staged_folder(site, order) / "manifest.tsv", ["path"], [{"path": "data/a"}])
    ran(site, "1", ENDED, outcomes={OTHER: "not published: the same data stand under two samples"})
    assert main(["status", "--directory", str(site)]) == 1
    told = capsys.readouterr().out
    assert f"{OTHER}: not published: the same data stand under two samples" in told


def test_an_error_in_the_sheets_waits_for_a_person(site, capsys):
    rows = read_tsv(site / "config/samples.tsv")
    write_tsv(site / "config/samples.tsv", list(rows[0]), [row | {"reference": "hg99"} for row in rows])
    assert main(["status", "--directory", str(site)]) == 1
    assert "hg99" in capsys.readouterr().err


def test_people_data_that_were_encrypted_and_cleared_are_done(site, monkeypatch):
    order = registry.load(site).orders[OTHER]
    make(site, OTHER, *(step for _, step in steps.cells(order)))
    package = site / "results/CNR-IBIOM/P002/GEN-WGS-30X/package"
    shutil.rmtree(package / "data")
    monkeypatch.setattr(registry.Order, "human", property(lambda order: order.id == OTHER))
    (one,) = [one for one in Board(registry.load(site)).orders if one.standing.order == OTHER]
    assert {stand.state for stand in one.cells.values()} == {"done"}


def test_a_step_is_a_rule_or_a_stage_and_a_misspelt_one_is_told_what_is_near():
    assert rules("align_reads") == {"align_reads"}
    assert rules("reads") == {"assess_reads", "assess_rna_reads"}
    assert stages()["write_gvcf"] == "variants"
    with pytest.raises(Refusal, match="did you mean 'align_reads'"):
        rules("align_read")
    assert {step.name for branch in branches.known().values() for step in branch.steps} <= set(stages().values())


@pytest.mark.parametrize(
    ("lines", "told", "expected"),
    [
        (["noise", f"REFUSED {CAUSE}"], "", CAUSE),
        (["[E::main] failed to open file", "[main] Real time: 3 s"], "", "[E::main] failed to open file"),
        (["Traceback", "KeyError: 'x'"], "", "KeyError: 'x'"),
        (["[main] Real time: 3 s"], "", "[main] Real time: 3 s"),
        (["working"], "status is: 'OUT_OF_MEMORY'", "it needed more memory than it was given (Slurm: OUT_OF_MEMORY)"),
        ([], "", journal.SILENT),
    ],
)
def test_the_cause_is_what_the_job_itself_said(lines, told, expected):
    assert journal.cause(lines, told) == expected


def test_text_and_exit_code_follow_from_the_same_board(site):
    board = Board(registry.load(site))
    assert not status.stuck(board)
    assert status.text(board, failed=True) == ["No job failed."]


def handed_over(number: str, *jobs: dict) -> dict:
    return {
        "event": "submitted",
        "slurm": number,
        "jobs": [{key: job[key] for key in ("rule", "wildcards")} for job in jobs],
    }


def seen(number: str, state: str, reason: str) -> dict:
    return {"event": "queue", "slurm": number, "state": state, "reason": reason}


def test_what_waits_in_a_clusters_queue_is_told_apart_with_slurms_reason(site, monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Rome")
    time.tzset()
    runs = [run_of(site, sample) for sample in ("G001", "G002", "G003")]
    at_work, waiting, unseen = (event("started", "align_reads", run=run, **GENOMES) for run in runs)
    submissions = handed_over("7", at_work), handed_over("8", waiting), handed_over("9", unseen)
    queue = seen("7", "PENDING", "Priority"), seen("7", "RUNNING", "None"), seen("8", "PENDING", "Resources")
    ran(site, "1", at_work, waiting, unseen, *submissions, *queue)
    with lock.alone(site, "run"):
        board = Board(registry.load(site))
        said = "\n".join(status.text(board))
    one, other = board.orders[0], next(one for one in board.orders if one.standing.order == OTHER)
    assert (one.cells["G001", "alignment"].state, one.cells["G002", "alignment"].state) == ("running", "queued")
    assert (one.state, other.state) == ("running", "queued")
    assert "At work since:\n  2026-11-22 11:00:00 CET  Doing align_reads\nIn the cluster's queue since:" in said
    assert said.count("Doing align_reads (Resources)") == 1
    assert (len(board.run.running), len(board.run.queued)) == (1, 2)
    monkeypatch.undo()
    time.tzset()


def test_a_table_fits_the_terminal_and_loses_nothing(monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    rows = [["P001/CNR-IBIOM/GEN-WGS-30X", "", "deliveries/P001/CNR-IBIOM/GEN-WGS-30X/v1"]]
    lines = console.table(["order", "", "package"], rows, indent="  ").splitlines()
    assert max(map(len, lines)) <= 40
    assert sorted("".join("".join(lines[2:]).split())) == sorted("".join(rows[0]))


def test_the_last_words_of_a_log_are_not_said_twice(site):
    failed = event("failed", "check_received_files", run=run_of(site, "G003"), **GENOMES)
    ran(site, "1", failed | {"cause": "samtools: cannot open x", "last": ["reading", "samtools: cannot open x"]}, ENDED)
    said = "\n".join(status.text(Board(registry.load(site))))
    assert said.count("samtools: cannot open x") == 1 and "| reading" in said


def test_an_order_that_was_not_completed_says_so_and_how_it_goes_on(site):
    found = registry.load(site)
    row = run._publish(found, Ledger(site), found.orders[WGS], [], {}, "")
    assert not row.ok and "./filiera run" in row.what and "Errno" not in row.what
