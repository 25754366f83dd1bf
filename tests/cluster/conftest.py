"""A real Slurm for the tests of this folder, started for each of its files (a second or two)."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

import loopback  # noqa: E402
from sites import filiera, finished  # noqa: E402, F401


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    """One file of this folder at a time, whatever other processes test: there is one Slurm on the machine."""
    if loopback.unusable():
        yield
        return
    with open("/var/lock/filiera-cluster-tests", "a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="module")
def slurm(tmp_path_factory) -> Iterator[loopback.Loopback]:
    """Three idle nodes, and nobody else's jobs."""
    if reason := loopback.unusable():
        # Where it counts, a cluster that was not tested is a failure.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    try:
        with loopback.running(tmp_path_factory.mktemp("slurm")) as cluster:
            yield cluster
    except loopback.NotOurs as refused:
        pytest.fail(str(refused))
