"""Killed at any moment: the same command ends with the same bytes, and no half file ever had a final name."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from harness import (
    as_it_should_be,
    ended,
    events,
    finish,
    kill_tree,
    launched,
    nothing_half,
    snakemake_of,
    unpublished,
    wait_for,
)

from scripts.cli import journal, lock

KILLER = Path(__file__).with_name("killer.py")


def pytest_generate_tests(metafunc):
    if "kills" in metafunc.fixturenames:
        every = metafunc.config.getoption("--every")
        metafunc.parametrize("kills", [pytest.param(10, id=f"sequence {n}") for n in range(5)] if every else [5])


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bytes(root, truth, site, rng, kills):
    place = site(truth.pristine)
    # A job is two events; so far apart, kills reach from a run's first job to its last.
    events_a_kill = 2 * truth.jobs // kills
    for _ in range(kills):
        before, moment = journal.newest(place), rng.randrange(1, 2 * events_a_kill)
        with launched(root, place) as process:
            if not wait_for(process, lambda before=before, moment=moment: events(place, before) >= moment):
                break
            rng.choice([kill_tree, kill_tree, kill_snakemake, kill_launcher, reboot])(process, place)
        nothing_half(place, truth)
    finish(root, place)
    as_it_should_be(place, truth)
    assert not lock.jobs(place)


def kill_snakemake(process, place):
    """As the kernel does when memory is short: the launcher says so, jobs that are left are the next run's to stop."""
    snakemake_of(process).kill()
    code, words = ended(process, place)
    assert code == 1 and "Snakemake ended with exit code -9. The same command goes on" in words
    assert lock.living(place) is None


def kill_launcher(process, place):
    """The site is not free before Snakemake has ended."""
    process.kill()
    process.wait()
    assert lock.living(place)
    answer = subprocess.run(
        [Path(process.args[0]), "run", "--directory", place], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1 and "still going on (run of" in answer.stderr
    kill_tree(process, place)


def reboot(process, place):
    """The lock is that of another start of the same machine."""
    kill_tree(process, place)
    path = place / ".filiera" / "lock"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"boot": "before"}))


def killed_at(place: Path, step: int) -> int:
    """Publish the site's staged packages, killed at a step; returns how many steps there were."""
    done = subprocess.run([sys.executable, KILLER, place, str(step)], capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return int(done.stdout.splitlines()[-1]) if done.returncode == 0 else step


def test_publishing_that_is_killed_at_any_step_ends_with_the_same_bytes(root, truth, site, rng, every):
    place = site(truth.staged)
    steps = killed_at(place, 0)
    as_it_should_be(place, truth)
    chosen = range(1, steps + 1) if every else sorted(rng.sample(range(1, steps + 1), 8))
    for step in chosen:
        place = site(truth.staged)
        killed_at(place, step)
        nothing_half(place, truth)
        assert killed_at(place, 0) is not None
        if (place / "deliveries").exists():
            as_it_should_be(place, truth)
    finish(root, place)
    as_it_should_be(place, truth)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
def test_an_interrupted_run_ends_its_jobs_and_lets_go_of_the_site(root, truth, site, number, rng):
    place = site(truth.pristine)
    moment = rng.randrange(2, 12)
    with launched(root, place) as process:
        assert wait_for(process, lambda: events(place, None) >= moment)
        # Ctrl-C goes to everything that the terminal started, kill to the launcher alone.
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        code, words = ended(process, place)
        assert code == 130, words
        assert "the same command goes on" in words and "Traceback" not in words
        assert not lock.jobs(place)
    assert lock.living(place) is None and (place / ".filiera" / "lock").read_text() == ""
    assert not (place / "deliveries").exists()
    nothing_half(place, truth)


def test_two_operators_at_once(root, truth, site):
    place = site(truth.staged)
    unpublished(place)
    with (
        launched(root, place) as one,
        subprocess.Popen(
            [root / "filiera", "run", "--directory", place], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as two,
    ):
        _, refused = two.communicate()
        first, words = ended(one, place)
    codes, said = [first, two.returncode], words + refused
    if codes != [0, 0]:  # else one of them had ended when the other began
        assert sorted(codes) == [0, 1]
        assert said.count("still going on (run of ") == 1 and ", since 2" in said
    as_it_should_be(place, truth)
