"""A cluster that says no: what it does not start, and what it ends, is told with its own reason, and nothing waits for
ever."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import loopback
import pytest

from scripts.cli import journal, queue
from scripts.cli import slurm as launcher
from scripts.lib.refusal import Refusal
from scripts.lib.registry.models import Cluster

RUN = "20260102T030405Z-6"


@contextmanager
def cluster(folder: Path, more: str = "") -> Iterator[loopback.Loopback]:
    if reason := loopback.unusable():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with loopback.running(folder, more=more) as found:
        yield found


def ran(root: Path, folder: Path, *targets: str, retries: int = 0, meanwhile: Callable[[], None] = lambda: None):
    """The failed jobs of the Snakefile beside this test (rule -> cause), and all that was said."""
    (folder / "marks").mkdir(parents=True, exist_ok=True)
    written = folder / "journal.jsonl"
    profile, snakefile = root / "workflow" / "profiles" / "slurm", Path(__file__).with_name("limits.smk")
    command = [sys.executable, "-m", "snakemake", "--snakefile", snakefile, "--workflow-profile", profile]
    command += ["--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "5", "--logger", "filiera"]
    command += ["--slurm-jobname-prefix", f"filiera-{RUN}", "--retries", str(retries), "--", *targets]
    plugins = f"{root}:{root / 'scripts' / 'cli' / 'plugins'}"
    environment = dict(os.environ, CHECKOUT=str(root), PYTHONPATH=plugins, FILIERA_JOURNAL=str(written))
    said = folder / "said"
    with open(said, "w") as handle, queue.watched(True, RUN, written):
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=handle, stderr=handle)
        try:
            meanwhile()
            process.wait(timeout=400)
        finally:
            process.kill()
            process.wait()
    causes = {event["rule"]: event["cause"] for event in journal.read(written) if event["event"] == "failed"}
    return causes, said.read_text()


@pytest.fixture
def often(monkeypatch):
    """The queue is looked at every two seconds."""
    monkeypatch.setattr(queue, "EVERY", 2)


def test_what_a_partition_never_starts_is_ended_with_slurms_reason(root, tmp_path, often, capsys):
    with cluster(tmp_path / "slurm"):
        loopback.ask("scontrol", "update", "PartitionName=all", "MaxTime=45")
        causes, said = ran(root, tmp_path / "run", "alone.done", "a.second")
        assert loopback.ask("squeue", "-h") == "", "nothing is left in the queue"
    assert causes.keys() == {"alone", "first"}
    for cause in causes.values():
        assert "PartitionTimeLimit" in cause and "1:00:00" in cause and "all (45 minutes" in cause
        assert cause in said
    assert capsys.readouterr().err.count("PartitionTimeLimit") == 1, "told once"
    assert "invalid option" not in said


def test_what_sbatch_refuses_is_told_in_its_own_words(root, tmp_path, often):
    with cluster(tmp_path / "slurm", "EnforcePartLimits=ALL"):
        loopback.ask("scontrol", "update", "PartitionName=all", "MaxTime=45")
        causes, _ = ran(root, tmp_path / "run", "alone.done", "a.second")
    assert causes.keys() == {"alone", "first"}
    for cause in causes.values():
        assert "Requested time limit is invalid" in cause


def attempts(folder: Path, name: str) -> list[str]:
    """A line of each attempt of a job."""
    path = folder / "run" / "marks" / name
    return path.read_text().splitlines() if path.exists() else []


def test_a_job_that_was_ended_for_time_or_memory_gets_more_and_is_told_as_such(root, tmp_path, often):
    with cluster(tmp_path / "slurm"):
        causes, said = ran(root, tmp_path / "run", "slow.done", "sleeping.done", "hungry.done", retries=1)
    assert causes == {
        "slow": "it took longer than it was given (Slurm: TIMEOUT)",
        "sleeping": "it took longer than it was given (Slurm: TIMEOUT)",
        "hungry": "it needed more memory than it was given (Slurm: OUT_OF_MEMORY)",
    }, said
    assert (tmp_path / "run" / "slow.done").exists(), "done at the second attempt"
    assert attempts(tmp_path, "slow") == attempts(tmp_path, "sleeping") == ["1", "2"]
    assert attempts(tmp_path, "hungry") == ["400", "800"]


def test_a_node_that_vanished_is_told_as_such(root, tmp_path, often):
    with cluster(tmp_path / "slurm") as found:

        def lose() -> None:
            loopback.until(lambda: attempts(tmp_path, "lost"), "a job on a node to be lost", 200)
            found.kill_node(attempts(tmp_path, "lost")[0].split()[1])

        causes, said = ran(root, tmp_path / "run", "lost.done", meanwhile=lose)
    assert causes == {"lost": "its node failed (Slurm: NODE_FAIL)"}, said


def test_what_fits_nowhere_is_refused_before_anything_is_submitted(root, tmp_path):
    profile = root / "workflow" / "profiles" / "slurm"

    def submissions(runtime: int, mem_mb: int, cpus: int) -> list[dict]:
        asked = {"runtime": runtime, "mem_mb": mem_mb, "cpus": cpus}
        return [{"jobs": [{"rule": "align_reads", "name": "Aligning G1", **asked}], **asked}]

    with cluster(tmp_path / "slurm"):
        assert launcher.fitting(profile, Cluster(), lambda: submissions(10, 1000, 1)) == []
        loopback.ask("scontrol", "update", "PartitionName=all", "MaxTime=45")
        for asked in ((46, 1000, 1), (10, 8001, 1), (10, 1000, 5)):
            with pytest.raises(
                Refusal, match=r"align_reads \(Aligning G1\) asks .*all \(45 minutes, 8000 MB, 4 cores\)"
            ):
                launcher.fitting(profile, Cluster(), lambda asked=asked: submissions(*asked))
        narrow = Cluster(partitions={"all": {"max_runtime": 5}})
        with pytest.raises(Refusal, match=r"asks 10 minutes.*all \(5 minutes, 8000 MB, 4 cores\)"):
            launcher.fitting(profile, narrow, lambda: submissions(10, 1000, 1))
        with pytest.raises(Refusal, match="'lnog', expected a partition of this Slurm"):
            launcher.fitting(profile, Cluster(partitions={"lnog": {}}), lambda: submissions(10, 1000, 1))
        # A retry asks for more, but for no more than there is.
        (option, *held) = launcher.fitting(profile, Cluster(), lambda: submissions(20, 3000, 1))
        assert (option, held) == (
            "--set-resources",
            ["align_reads:runtime=min(20 * attempt, 45)", "align_reads:mem_mb=min(3000 * attempt, 8000)"],
        )
