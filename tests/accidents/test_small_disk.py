"""A file system that is really full: a tmpfs. Where none can be mounted, test_full_disk.py has to do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import as_it_should_be, copied, nothing_half

#: Bytes that are left when a run begins: its own folder, intake, and every later stage is the first to find no room.
ROOMS = (60_000, 100_000, 150_000, 250_000, 400_000, 600_000, 1_000_000, 1_500_000, 2_000_000, 3_000_000, 4_500_000)
PLENTY = 500_000_000


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={PLENTY}", "none", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def leave(disk: Path, room: int) -> None:
    """Let it have so many bytes more than what lies there now."""
    about = os.statvfs(disk)
    size = (about.f_blocks - about.f_bfree) * about.f_frsize + room
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


def test_a_disk_without_room_is_told_and_with_room_the_same_command_goes_on(root, truth, disk, rng, every):
    place = copied(truth.pristine, disk / "site")
    command = [root / "filiera", "run", "--directory", place, "--despite-disk"]
    for room in ROOMS if every else [rng.choice(ROOMS)]:
        leave(disk, round(room * rng.uniform(0.8, 1.25)))
        done = subprocess.run(command, capture_output=True, text=True)
        words = done.stdout + done.stderr
        assert done.returncode == 1 and "Traceback" not in words, words
        assert "no space left" in words.lower() or "disk is full" in words, words
        nothing_half(place, truth)
    leave(disk, PLENTY)
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    as_it_should_be(place, truth)
