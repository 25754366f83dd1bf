"""What happens to jobs on a cluster, and that each is done in the end, and never twice at once."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import loopback
import pytest

from scripts.cli import slurm as launcher
from scripts.lib.refusal import Refusal


@dataclass(frozen=True)
class Met:
    """What the jobs of the Snakefile noted: one line for each attempt."""

    folder: Path
    code: int
    said: str

    def attempts(self, name: str) -> list[list[str]]:
        path = self.folder / "marks" / name
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture(scope="module")
def met(slurm, root, tmp_path_factory) -> Met:
    """The Snakefile beside this test under the house's own Slurm profile, with every accident while it runs."""
    folder = tmp_path_factory.mktemp("accidents")
    for name in ("marks", "go"):
        (folder / name).mkdir()
    profile, snakefile = root / "workflow" / "profiles" / "slurm", Path(__file__).with_name("Snakefile")
    command = [sys.executable, "-m", "snakemake", "--snakefile", snakefile, "--workflow-profile", profile]
    command += ["--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "5"]
    said = folder / "said"
    with open(said, "w") as handle:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(os.environ, CHECKOUT=str(root)), stdout=handle, stderr=handle
        )
    now = Met(folder, 0, "")

    def first(name: str) -> tuple[str, str]:
        """Job and node of the first attempt, once it is under way."""
        loopback.until(lambda: now.attempts(name), f"the first attempt of {name}: {said.read_text()[-500:]}", 180)
        return tuple(now.attempts(name)[0])

    try:
        # A node that is drained ends what it has; the controller is away for a while; both know nothing of it.
        _, node = first("drained")
        slurm.drain(node)
        first("restarted")
        # A controller that is killed forgets the steps of jobs, and so cannot end the one that takes too much memory.
        hungry = folder / "hungry.done"
        loopback.until(hungry.exists, "the second attempt of hungry", 180)
        loopback.until(lambda: slurm.saved() > hungry.stat().st_mtime, "the controller's notes")
        slurm.kill_controller()
        for name in ("drained", "restarted"):
            (folder / "go" / name).touch()
        slurm.start_controller()
        loopback.until(lambda: slurm.queue("i"), "the controller's answer")
        slurm.resume(node)
        loopback.ask("scancel", first("cancelled")[0])
        # The last, because all that runs there goes with it.
        loopback.until(lambda: len(list(folder.glob("*.done"))) == 4 and len(slurm.queue("i")) == 1, "their end", 180)
        slurm.kill_node(first("lost")[1])
        code = process.wait(timeout=240)
    finally:
        process.kill()
        process.wait()
    return Met(folder, code, said.read_text())


def test_every_job_is_done_in_the_end(met):
    assert met.code == 0, met.said[-3000:]
    assert len(list(met.folder.glob("*.done"))) == 5


def test_a_job_that_needs_more_memory_gets_it_at_the_next_attempt(met):
    assert met.attempts("hungry") == [["600"], ["1200"]]


def test_a_job_of_a_lost_node_is_done_once_more_elsewhere(met):
    # With Slurm's own requeue it would be done by both.
    (_, lost), (_, other) = met.attempts("lost")
    assert other != lost


def test_a_job_that_was_cancelled_from_outside_is_done_once_more(met):
    assert len(met.attempts("cancelled")) == 2


@pytest.mark.parametrize("name", ["drained", "restarted"])
def test_a_drained_node_and_a_restarted_controller_disturb_no_job(met, name):
    assert len(met.attempts(name)) == 1


def test_the_jobs_of_a_dead_run_are_cancelled_and_no_others(slurm, tmp_path):
    ours, theirs = "filiera-20260102T030405Z-6_1f", "filiera-20260102T030405Z-7_1f"
    for name in (ours, theirs):
        for command in ("sleep 500", "sleep 500"):
            loopback.ask("sbatch", "--job-name", name, "--output", str(tmp_path / "said"), "--wrap", command)
    launcher.cancel({"20260102T030405Z-6"})
    assert [name for (name,) in slurm.queue("j")] == [theirs, theirs]
    loopback.ask("scancel", "--name", theirs)


def test_without_an_answer_of_the_controller_nothing_is_taken_for_dead(slurm):
    slurm.kill_controller()
    try:
        with pytest.raises(Refusal, match="start again when it is up"):
            launcher.cancel({"20260102T030405Z-6"})
    finally:
        slurm.start_controller()
        loopback.until(lambda: loopback.ask("sinfo", "-h"), "the controller's answer")
