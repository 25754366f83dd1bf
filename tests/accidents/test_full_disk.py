"""Disks that are full, read-only, slow or changed behind our back: one sentence, and the same command goes on."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from harness import as_it_should_be, ended, finish, launched, nothing_half, states

from scripts.lib.files import read_tsv

PERSON = "P004/UNIBA-DBBA/GEN-WGS-30X"
STAGED = "results/UNIBA-DBBA/P004/GEN-WGS-30X/package"
#: Each lets a run come further: the ledger, intake, alignment, packaging fail in turn.
LIMITS = (1_000, 30_000, 100_000, 300_000)


def shim(folder, name: str, script: str) -> dict[str, str]:
    """The environment in which a tool is another."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def run(root, place, **disturbed) -> tuple[int, str]:
    with launched(root, place, **disturbed) as process:
        return ended(process, place)


def test_a_disk_that_is_full_at_any_stage(root, truth, site, rng, every):
    # A limit on the size of files does what a full disk does, needs no mount, and works in every container.
    place = site(truth.pristine)
    for limit in LIMITS if every else [LIMITS[0], rng.choice(LIMITS[1:])]:
        code, words = run(root, place, largest=limit)
        assert code == 1 and "Traceback" not in words, words
        nothing_half(place, truth)
    finish(root, place)
    as_it_should_be(place, truth)


def test_a_disk_that_is_full_when_a_package_is_published(root, truth, site):
    place = site(truth.staged)
    largest = max(path.stat().st_size for path in (place / STAGED).rglob("*") if path.is_file())
    code, words = run(root, place, largest=largest - 1)
    assert code == 1 and "not published" in words and "File too large" in words, words
    nothing_half(place, truth)
    assert states(place)[PERSON][0] == "accepted"
    finish(root, place)
    as_it_should_be(place, truth)


@pytest.mark.parametrize("name", ["results", "deliveries", "ledger", "logs", ".filiera", ".snakemake"])
def test_a_place_that_cannot_be_written_is_named_before_anything_is_done(root, truth, site, name):
    # Root may write everywhere but where a file stands instead of a folder.
    place = site(truth.pristine)
    (place / name).touch()
    code, words = run(root, place)
    assert code == 1
    assert f"{place / name}: found not a directory, expected a folder that can be written" in words
    assert "the same command goes on" in words and "Traceback" not in words, words
    (place / name).unlink()
    assert not (place / "results").exists()


def test_a_received_file_that_vanishes_between_check_and_use(root, truth, site, tmp_path):
    place = site(truth.pristine)
    (read, *_) = [row["read1"] for row in read_tsv(place / "config" / "runs.tsv")]
    vanish = f'case "$*" in *.gz*) rm -f "{place / read}";; esac; exec {shutil.which("minimap2")} "$@"'
    code, words = run(root, place, environment=shim(tmp_path / "bin", "minimap2", vanish))
    assert code == 1 and f"found '{read}', which does not exist, expected a readable file" in words, words
    assert "Traceback" not in words
    nothing_half(place, truth)
    shutil.copy2(truth.pristine / read, place / read)
    finish(root, place)
    as_it_should_be(place, truth)


def test_results_that_appear_late_as_on_a_network_disk(root, truth, site, tmp_path):
    # Alignments get their names a second after their jobs have ended: that long a node may see less than another.
    place, mv = site(truth.pristine), shutil.which("mv")
    late = f'case "$2" in *.bam | *.cram) {{ sleep 1; {mv} "$@"; }} >/dev/null 2>&1 & ;; *) exec {mv} "$@" ;; esac'
    code, words = run(root, place, environment=shim(tmp_path / "bin", "mv", late))
    assert code == 0, words
    as_it_should_be(place, truth)


def test_clocks_that_disagree_make_nothing_run_twice(root, truth, site, tmp_path):
    """Received files that were copied this instant, and jobs on a node whose clock is an hour behind."""
    place = site(truth.pristine)
    for path in (path for folder in ("raw", "reference") for path in (place / folder).rglob("*.*")):
        path.touch()
    mv = shutil.which("mv")
    behind = f'{mv} "$@" && for last; do :; done && touch -h -d "1 hour ago" "$last"'
    code, words = run(root, place, environment=shim(tmp_path / "bin", "mv", behind))
    assert code == 0, words
    as_it_should_be(place, truth)
    # Small files are told apart by their content, which would hide what times do to large ones.
    command = [root / "filiera", "run", "-n", "--directory", place, "--", "--max-checksum-file-size", "0"]
    planned = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Nothing to be done" in planned.stdout, planned.stdout
