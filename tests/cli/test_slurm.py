"""What a run tells Snakemake about the Slurm that it finds. Slurm's commands are stand-ins here."""

from __future__ import annotations

import pytest
import yaml

from scripts.cli import engine, slurm
from scripts.lib.refusal import Refusal
from scripts.lib.registry.models import Cluster

ACCOUNTING = "accounting_storage/slurmdbd"
NONE = "accounting_storage/none"


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Puts stand-ins on the PATH, and nothing else: name -> what it prints."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(**said: str) -> None:
        for name, text in said.items():
            (folder / name).write_text(f"#!/bin/sh\necho '{text}'\n")
            (folder / name).chmod(0o755)

    return put


def config(storage: str, age: str = "300 sec") -> str:
    return f"AccountingStorageType   = {storage}\nMinJobAge               = {age}"


def arguments(tmp_path, cluster: Cluster | None = None) -> dict[str, str]:
    """Option -> its value."""
    run = tmp_path / "20260102T030405Z-6"
    run.mkdir()
    words = slurm.arguments(engine.profile("slurm"), cluster or Cluster(), run)
    starts = [number for number, word in enumerate(words) if word.startswith("--")]
    return {words[start]: words[start + 1 : stop] for start, stop in zip(starts, [*starts[1:], None], strict=True)}


@pytest.mark.parametrize(("storage", "command"), [(ACCOUNTING, "sacct"), (NONE, "squeue")])
def test_sacct_is_asked_only_where_an_accounting_database_answers(tmp_path, commands, storage, command):
    commands(scontrol=config(storage), sacct="")
    assert arguments(tmp_path)["--slurm-status-command"] == [command]


def test_a_slurm_that_forgets_jobs_at_once_and_keeps_no_account_of_them_is_refused(tmp_path, commands):
    commands(scontrol=config(NONE, "2 sec"), sacct="")
    with pytest.raises(Refusal, match=r"forgotten after 2 s \(MinJobAge\)"):
        arguments(tmp_path)


def test_jobs_bear_the_name_of_their_run(tmp_path, commands):
    commands(scontrol=config(NONE))
    assert arguments(tmp_path)["--slurm-jobname-prefix"] == ["filiera-20260102T030405Z-6"]


def test_account_and_partitions_are_the_sites(tmp_path, commands):
    commands(scontrol=config(ACCOUNTING) + "\nPartitionName=short\nPartitionName=big", sacct="", sinfo="")
    cluster = Cluster(account="noa", partitions={"short": {"max_runtime": 240}, "big": {"max_mem_mb": 500_000}})
    said = arguments(tmp_path, cluster)
    (file,) = said["--slurm-partition-config"]
    with open(file, encoding="utf-8") as handle:
        assert yaml.safe_load(handle) == {"partitions": {"short": {"max_runtime": 240}, "big": {"max_mem_mb": 500_000}}}
    # A second list of defaults replaces the first: the profile's must be in it.
    assert "slurm_account=noa" in said["--default-resources"]
    assert {word.split("=")[0] for word in said["--default-resources"]} > {"mem_mb", "runtime", "beside"}


def test_another_executor_is_told_nothing(tmp_path, commands):
    commands()
    assert slurm.arguments(engine.profile("default"), Cluster(account="noa"), tmp_path) == []


def test_without_slurm_a_run_is_refused_with_the_way_out(tmp_path, commands):
    commands()
    with pytest.raises(Refusal, match="found no such command on this machine.*--profile default"):
        arguments(tmp_path)


BEGUN = """
[Sun Nov 22 18:08:09 2026] Group job quality_X (jobs in lexicogr. order):

    Job 7: Counting the alignments of sample G1
    Job 6: Measuring the depths of sample G1
[Sun Nov 22 18:08:09 2026]
Job 0: Counting the alignments of sample G1
Reason: Forced execution
Job 0: Counting the alignments of sample G1
Finished jobid: 0 (Rule: count_alignments)
Finished jobid: 0 (Rule: count_alignments)
Job 1: Measuring the depths of sample G1
Job 0: Measuring the depths of sample G1
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BEGUN, "Measuring the depths of sample G1"),
        (BEGUN + "Error in rule measure_depths:\n    jobid: 1\n", "Measuring the depths of sample G1"),
        (BEGUN + "Finished jobid: 1 (Rule: measure_depths)\n", ""),
        ("", ""),
    ],
    ids=["killed", "failed", "killed between two", "never begun"],
)
def test_of_jobs_submitted_together_the_one_under_way_is_blamed(text, message):
    assert slurm.under_way(text.splitlines()) == message


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-22T18:08:20 DUE TO TIME LIMIT ***", "TIMEOUT"),
        ("slurmstepd: error: *** STEP 7.0 ON n1 CANCELLED AT 2026-11-22T18:08:20 ***", "CANCELLED"),
        ("slurmstepd: error: JOB 7 ON n1 CANCELLED AT 2026-11-22T18:08:20 DUE TO NODE FAILURE", "NODE_FAIL"),
        ("slurmstepd: error: Step 7.0 exceeded memory limit (500 > 400), being killed", "OUT_OF_MEMORY"),
        (
            "slurmstepd-n1: error: StepId=13.batch exceeded memory limit (178741248 > 125829120), being killed",
            "OUT_OF_MEMORY",
        ),
        ("slurmstepd: error: Detected 1 oom_kill event in StepId=7.batch.", "OUT_OF_MEMORY"),
        ("samtools: error: CANCELLED", ""),
        ("srun: error: n2: task 0: Exited with exit code 1", ""),
    ],
)
def test_what_slurm_says_when_it_ends_a_job(line, state):
    assert slurm.told(["rule x:", line]) == state
