"""The cluster of the tests: it touches nobody's Slurm, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import loopback
import psutil
import pytest

HELD = """
import sys, time
from pathlib import Path
import loopback
with loopback.running(Path(sys.argv[1])):
    loopback.ask("sbatch", "--output", "/dev/null", "--wrap", "sleep 500")
    loopback.until(lambda: loopback.ask("squeue", "-h", "-t", "R"), "a running job")
    print("running", flush=True)
    time.sleep(600)
"""


def alive(*names: str) -> bool:
    """Whether any process's name begins so."""
    living = (process for process in psutil.process_iter() if process.status() != psutil.STATUS_ZOMBIE)
    return any(process.name().startswith(names) for process in living)


def test_a_slurm_that_is_not_ours_is_not_touched(tmp_path):
    configuration = tmp_path / "slurm.conf"
    configuration.write_text("ClusterName=production\n")
    with pytest.raises(loopback.NotOurs, match="not of these tests"):
        loopback.claim(configuration, tmp_path)
    assert configuration.read_text() == "ClusterName=production\n"


@pytest.mark.parametrize(("version", "asked"), [((22, 5), False), ((24, 11), True)])
def test_no_cgroups_are_asked_for_and_those_of_another_slurm_are_not_touched(tmp_path, monkeypatch, version, asked):
    monkeypatch.setattr(loopback, "_version", lambda: version)
    configuration, cgroups = tmp_path / "slurm.conf", tmp_path / loopback.CGROUPS
    loopback.claim(configuration, tmp_path)
    assert cgroups.is_file() == asked
    assert not asked or "CgroupPlugin=disabled" in cgroups.read_text().splitlines()
    configuration.unlink()
    cgroups.write_text("ConstrainCores=yes\n")
    with pytest.raises(loopback.NotOurs, match="cgroup.conf: found a Slurm configuration"):
        loopback.claim(configuration, tmp_path)
    assert cgroups.read_text() == "ConstrainCores=yes\n" and not configuration.exists()


def test_a_daemon_that_ends_by_itself_is_told_with_its_last_words(tmp_path, monkeypatch):
    cluster = loopback.Loopback(tmp_path)
    monkeypatch.setattr(loopback, "_program", lambda name: "sh")
    cluster._launch("n1", "slurmd", "-c", "echo no cgroups; exit 1")
    cluster._daemons["n1"].wait()
    assert cluster._last_words() == "n1: no cgroups"


def test_a_link_that_leads_nowhere_is_not_ours_either(tmp_path):
    configuration = tmp_path / "slurm.conf"
    configuration.symlink_to(tmp_path / "unmounted")
    with pytest.raises(loopback.NotOurs):
        loopback.claim(configuration, tmp_path)
    assert configuration.is_symlink()


@pytest.mark.parametrize("ended", ["well", "killed"])
def test_nothing_is_left_behind(tmp_path, ended):
    if reason := loopback.unusable():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    if ended == "killed":
        other = subprocess.Popen(
            [sys.executable, "-c", HELD, tmp_path / "killed"],
            env=dict(os.environ, PYTHONPATH=str(Path(loopback.__file__).parent)),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert other.stdout.readline() == "running\n"
        other.kill()
        other.wait()
        loopback.until(lambda: not alive("slurmctld", "slurmd"), "the daemons' end with their suite")
        assert loopback.CONFIGURATION.is_file()
    with loopback.running(tmp_path) as cluster:
        assert cluster.queue("i") == []
        assert loopback.ask("sbatch", "--output", "/dev/null", "--wrap", "sleep 500")
        loopback.until(lambda: cluster.queue("T") == [("RUNNING",)], "a running job")
    loopback.until(lambda: not alive("slurm", "munged"), "the end of everything")
    assert not loopback.CONFIGURATION.exists()
