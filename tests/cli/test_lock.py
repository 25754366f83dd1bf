"""Who holds a site, who died with it, and what may be cleared away after whom."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from scripts.cli import lock
from scripts.lib.refusal import Refusal

HOLD = "import sys; from pathlib import Path; from scripts.cli import lock\n"
HOLD += "with lock.alone(Path(sys.argv[1]), 'run'): print('held', flush=True); sys.stdin.read()"
PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}


@contextmanager
def another(root, site, way="end"):
    """Another process that holds the site, and ends well or is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, site], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            if way == "kill":
                process.send_signal(signal.SIGKILL)


def left(site, **changed):
    """As if somebody had died with the lock."""
    (site / ".filiera").mkdir(exist_ok=True)
    me = {"what": "run", "by": "ada", "process": 4711, "since": "2026-11-20 18:00"}
    me |= {"host": os.uname().nodename, "boot": lock.BOOT.read_text().strip()}
    (site / ".filiera" / "lock").write_text(json.dumps(me | changed))
    snakemakes(site)


def snakemakes(site):
    (site / ".snakemake" / "locks").mkdir(parents=True)
    (site / ".snakemake" / "locks" / "0.output.lock").write_text("results/x\n")


def text(site) -> str:
    return (site / ".filiera" / "lock").read_text()


def test_the_second_is_told_who_is_first_and_since_when(root, tmp_path):
    with another(root, tmp_path) as first:
        assert lock.living(tmp_path).process == first.pid
        words = rf"still going on \(run of .+ on .+, process {first.pid}, since \d{{4}}-\d\d-\d\d \d\d:\d\d\)"
        with pytest.raises(Refusal, match=words), lock.alone(tmp_path, "run"):
            pass
    assert lock.living(tmp_path) is None
    with lock.alone(tmp_path, "run") as dead:
        assert dead is None, "it ended well"


def test_what_one_that_was_killed_left_is_cleared(root, tmp_path):
    snakemake = [sys.executable, "-c", "print(1, flush=True); import sys; sys.stdin.read()"]
    with (
        another(root, tmp_path, "kill") as first,
        subprocess.Popen(snakemake, env=os.environ | {lock.MARK: str(tmp_path)}, **PIPES) as job,
        subprocess.Popen(snakemake, env=os.environ | {lock.MARK: "elsewhere"}, **PIPES) as others,
    ):
        job.stdout.readline(), others.stdout.readline()
        snakemakes(tmp_path)
        half = [".part-17-intake.json", "aligned.bam.part.bam", "aligned.bam.sort.0001.bam", "x.fa.part"]
        whole = ["intake.json", "aligned.bam", "departure.tsv", "x.party.bam"]
        for name in half + whole:
            (tmp_path / "results" / "runs").mkdir(parents=True, exist_ok=True)
            (tmp_path / "results" / "runs" / name).touch()
        first.send_signal(signal.SIGKILL)
        first.wait()
        with lock.alone(tmp_path, "purge") as dead:
            assert dead.process == first.pid
            assert job.poll() is not None and others.poll() is None
            assert not (tmp_path / ".snakemake" / "locks").exists()
            assert sorted(path.name for path in tmp_path.rglob("runs/*")) == sorted(whole)
    assert text(tmp_path) == ""


def test_a_lock_from_before_a_reboot_is_cleared(tmp_path):
    left(tmp_path, boot="of last week")
    assert lock.living(tmp_path) is None
    with lock.alone(tmp_path, "run") as dead:
        assert dead.by == "ada"
    assert not (tmp_path / ".snakemake" / "locks").exists()


def test_a_lock_of_another_machine_is_left_alone_until_a_person_answers_for_it(tmp_path):
    left(tmp_path, host="login2", boot="its own")
    assert lock.living(tmp_path).host == "login2"
    cure = r"run of ada on login2, process 4711, since 2026-11-20 18:00, .+ \(ps -p 4711\), .+: ./filiera unlock"
    with pytest.raises(Refusal, match=cure), lock.alone(tmp_path, "run"):
        pass
    assert (tmp_path / ".snakemake" / "locks").exists() and "login2" in text(tmp_path)
    with lock.alone(tmp_path, "unlock", overrule=True) as dead:
        assert dead.host == "login2"
    assert lock.living(tmp_path) is None and not (tmp_path / ".snakemake" / "locks").exists()


def test_nobody_overrules_a_process_that_lives_here(root, tmp_path):
    with another(root, tmp_path), pytest.raises(Refusal), lock.alone(tmp_path, "unlock", overrule=True):
        pass


def test_a_plain_snakemake_is_left_alone(tmp_path):
    snakemakes(tmp_path)
    with pytest.raises(Refusal, match="somebody started Snakemake itself"), lock.alone(tmp_path, "run"):
        pass
    assert (tmp_path / ".snakemake" / "locks").exists()


def test_where_snakemake_alone_was_killed_the_next_run_clears_up(tmp_path):
    with lock.alone(tmp_path, "run"):
        snakemakes(tmp_path)  # it was killed and could not take its lock away
    with lock.alone(tmp_path, "run") as dead:
        assert dead.process == os.getpid()
        assert not (tmp_path / ".snakemake" / "locks").exists()


@pytest.mark.parametrize("half", ["", "{", '{"what": "run"}'])
def test_a_lock_that_was_half_written_is_nobodys(tmp_path, half):
    (tmp_path / ".filiera").mkdir()
    (tmp_path / ".filiera" / "lock").write_text(half)
    with lock.alone(tmp_path, "run") as dead:
        assert dead is None
