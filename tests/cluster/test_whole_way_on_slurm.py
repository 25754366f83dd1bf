"""An order on a cluster: the launcher is killed in the midst of it, and the same command ends with the same bytes."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import loopback
import pytest
from sites import SMALL, Answer

from scripts.cli import journal
from scripts.demo.generate import generate

ORDER = "P002/CNR-IBIOM/GEN-WGS-30X"
OPTIONS = ("--proposal", "P002", "--profile", "slurm")


@pytest.fixture(scope="module")
def again(slurm, filiera, tmp_path_factory) -> tuple[Path, Answer, list[tuple[str, ...]]]:
    """The small site's second proposal: its site, what the second call said, and all of Slurm's jobs."""
    site = tmp_path_factory.mktemp("cluster") / "small"
    generate(site, size=SMALL)
    command = [filiera.checkout / "filiera", "run", "--directory", site, *OPTIONS]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            loopback.until(lambda: ("RUNNING",) in slurm.queue("T"), "a running job", 180)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    assert slurm.queue("i"), "what was submitted outlives who submitted it"
    answer = filiera("run", site, *OPTIONS)
    rows = loopback.ask("squeue", "-h", "-t", "all", "-O", "Name:100,Comment:200,StartTime:30,EndTime:30").splitlines()
    return site, answer, [tuple(row.split()) for row in rows]


def test_the_same_command_ends_with_the_bytes_of_a_local_run(again, finished):
    site, answer, _ = again
    assert answer.code == 0, answer.err
    for made in sorted((finished[0] / "deliveries" / ORDER).rglob("manifest.tsv")):
        assert (site / made.relative_to(finished[0])).read_bytes() == made.read_bytes()


def test_no_job_of_the_dead_run_lives_when_one_of_the_next_begins(again):
    site, _, jobs = again
    dead, living = (f"filiera-{folder.name}" for folder in sorted((site / journal.RUNS).iterdir()))
    ended = [end for name, _, _, end in jobs if name.startswith(dead)]
    begun = [start for name, _, start, _ in jobs if name.startswith(living)]
    assert ended and begun and max(ended) <= min(begun)


def test_the_queue_names_facility_proposal_service_and_sample(again):
    _, _, jobs = again
    comments = [comment for _, comment, _, _ in jobs]
    assert any(comment.startswith("rule_variants_CNR-IBIOM_P002_GEN-WGS-30X_G003_") for comment in comments)
