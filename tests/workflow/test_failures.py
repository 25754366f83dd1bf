"""A bad sample stops itself and its order, nobody else; and what was killed goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time

import pytest
from sites import as_if_never_published, change, standing, status_of

from scripts.lib.files import read_tsv, write_tsv

BAD = "P002/CNR-IBIOM/GEN-WGS-30X"


def damage(site) -> str:
    """Cut a FASTQ of P002 in half, and take its checksum from the sheet; returns the file's path in the sheet."""
    (run, *_) = [row for row in read_tsv(site / "config" / "runs.tsv") if row["sample"] == "G003"]
    path = site / run["read1"]
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    change(site / "config" / "runs.tsv", run["read1_sha256"], "")
    return run["read1"]


def test_a_broken_file_stops_its_order_and_no_other(filiera, site):
    shutil.rmtree(site / "results" / "CNR-IBIOM" / "P002")
    shutil.rmtree(site / "results" / "CNR-IBIOM" / "P001" / "GEN-WGS-30X" / "package" / "data" / "G001")
    as_if_never_published(site)
    path = damage(site)
    answer = filiera("run", site)
    assert answer.code == 1
    assert answer.failed == {"check_received_files": 1}
    assert f"{BAD}" in answer.out and "waits: 1 failed job" in answer.out
    assert answer.jobs["write_variants"] == 1
    assert answer.out.count("  delivered") == 2
    assert not (site / "deliveries" / BAD).exists()
    one = standing(filiera, site)[BAD]
    assert one["state"] == "failed"
    (cause,) = one["causes"]
    assert path.rsplit("/", 1)[1] in cause and "truncated" in cause.lower(), cause
    filiera("run", site, "--proposal", "P001")
    text = filiera("status", site).out
    assert "truncated" in text.lower(), "still known after another proposal ran"
    assert "--proposal P002" in text


def test_each_failure_stops_its_own_and_is_told_in_one_line(filiera, site):
    """A bad sample, an order that fails as a whole, and a broken reference; the order beside them is delivered."""
    (site / "results/CNR-IBIOM/P001/GEN-WGS-30X/package/manifest.tsv").unlink()
    bad = damage(site)
    pool = next(row for row in read_tsv(site / "config/runs.tsv") if row["sample"] == "POOL1")
    (site / pool["file"]).write_text("<html>Please log in</html>")
    change(site / "config/runs.tsv", pool["sha256"], "")
    whole = (site / "reference/demo1.fa.gz").read_bytes()
    (site / "reference/demo2.fa.gz").write_bytes(whole[: len(whole) // 2])
    change(site / "config/config.yaml", "references:\n", "references:\n  demo2: {fasta: reference/demo2.fa.gz}\n")
    change(site / "config/proposals.tsv", "submitted", "awarded")
    rows = read_tsv(site / "config/samples.tsv")
    rows = [row | ({"reference": "demo2"} if row["sample"] == "G004" else {}) for row in rows]
    write_tsv(site / "config/samples.tsv", list(rows[0]), rows)

    answer = filiera("run", site)
    assert answer.code == 1
    assert answer.failed == {"check_received_files": 2}
    # A reference is read whole before anything runs: nobody waits for a job to find it cut.
    assert [line for line in answer.err.splitlines() if "references.demo2.fasta" in line and "Refused" in line]
    assert "P001/CNR-IBIOM/GEN-WGS-30X     already delivered" in answer.out
    told = filiera("status", site)
    assert told.code == 1
    causes = {failure["rule"] + failure["orders"][0][:4]: failure for failure in status_of(filiera, site)["failures"]}
    assert bad.rsplit("/", 1)[1] in causes["check_received_filesP002"]["cause"]
    assert "expected" in causes["check_received_filesP001"]["cause"]
    assert not any(key.endswith("P003") for key in causes)
    for failure in causes.values():
        assert "\n" not in failure["cause"] and failure["cause"] in told.out
        assert failure["command"] in told.out

    (site / "reference/demo2.fa.gz").write_bytes(whole)
    mended = filiera("run", site, "--proposal", "P003")
    assert mended.code == 0, mended.err
    assert mended.jobs["prepare_reference"] == 1 and "check_received_files" not in mended.failed
    assert (site / "deliveries/P003/CNR-IBIOM/GEN-WGS-30X/v1").is_dir()


def test_a_reference_that_is_not_there_stops_those_who_use_it(filiera, site):
    change(site / "config/config.yaml", "references:\n", "references:\n  demo2: {fasta: reference/demo2.fa.gz}\n")
    rows = read_tsv(site / "config/samples.tsv")
    rows = [row | ({"reference": "demo2"} if row["sample"] == "G003" else {}) for row in rows]
    write_tsv(site / "config/samples.tsv", list(rows[0]), rows)
    answer = filiera("run", site)
    assert answer.code == 1
    assert "reference/demo2.fa.gz" in answer.err
    assert answer.out.count("already delivered") == 2


def test_the_same_data_under_samples_of_two_proposals_reach_neither(filiera, site):
    runs = read_tsv(site / "config" / "runs.tsv")
    (ours, *_), (theirs, *_) = ([run for run in runs if run["sample"] == name] for name in ("G003", "G001"))
    for mate in ("read1", "read2"):
        shutil.copyfile(site / theirs[mate], site / ours[mate])
        ours |= {f"{mate}_sha256": "", "flowcell": theirs["flowcell"], "lane": theirs["lane"]}
    write_tsv(site / "config" / "runs.tsv", list(ours), runs)
    answer = filiera("run", site)
    assert answer.code == 1
    words = f"the same data stand under sample G001, run {theirs['run']} read1 and sample G003, run {ours['run']} read1"
    assert answer.out.count(words) == 2
    assert [path.name for path in (site / "deliveries" / BAD).iterdir()] == ["v1"]


def test_a_stale_package_of_a_failed_order_is_not_published(filiera, site):
    damage(site)
    answer = filiera("run", site)
    assert answer.code == 1
    assert [path.name for path in (site / "deliveries" / BAD).iterdir()] == ["v1"]


def test_a_run_that_was_killed_goes_on_and_ends_with_the_same_bytes(filiera, finished, site):
    shutil.rmtree(site / "results")
    as_if_never_published(site)
    with subprocess.Popen(
        [filiera.checkout / "filiera", "run", "--directory", site, "--proposal", "P002"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + 120
        while not list((site / "results").glob("*/runs/*/*/aligned.bam")) and time.monotonic() < deadline:
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
    assert not (site / "deliveries").exists()
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 0, answer.err
    for manifest in sorted((finished[0] / "deliveries" / "P002").rglob("manifest.tsv")):
        again = site / manifest.relative_to(finished[0])
        assert again.read_bytes() == manifest.read_bytes(), again


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
def test_an_interrupted_run_publishes_nothing_and_says_how_to_go_on(filiera, site, number):
    shutil.rmtree(site / "results")
    as_if_never_published(site)
    with subprocess.Popen(
        [filiera.checkout / "filiera", "run", "--directory", site],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + 120
        while not list((site / "results").glob("*/runs/*/*/intake.json")) and time.monotonic() < deadline:
            time.sleep(0.1)
        # Ctrl-C goes to everything that the terminal started, kill to the launcher alone.
        if number == signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        words = process.stderr.read()
        assert process.wait() == 130
    assert "goes on" in words
    assert "Traceback" not in words
    assert not (site / "deliveries").exists()


def test_two_runs_of_one_site_do_not_meet(filiera, site):
    import fcntl

    with open(site / ".filiera" / "lock", "a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        answer = filiera("run", site)
    assert answer.code == 1
    assert "still going on" in answer.err


def test_a_received_file_that_vanishes_while_it_is_run_stops_its_order_and_no_other(
    filiera, site, tmp_path, monkeypatch
):
    as_if_never_published(site)
    run, *_ = [row for row in read_tsv(site / "config" / "runs.tsv") if row["sample"] == "G003"]
    (folder,) = (site / "results/CNR-IBIOM/runs/GEN-WGS-30X").glob(f"{run['run']}-*")
    for name in ("aligned.bam", "fastp.json"):
        (folder / name).unlink()
    shutil.rmtree(site / "results" / "CNR-IBIOM" / "P002")
    # The aligner takes the file away; who wants to read it next finds nothing.
    (tmp_path / "minimap2").write_text(
        f'#!/bin/sh\nrm -f "{site / run["read1"]}"\nexec {shutil.which("minimap2")} "$@"\n'
    )
    (tmp_path / "minimap2").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    answer = filiera("run", site)
    assert answer.code == 1
    assert "While it ran: config/runs.tsv, line " in answer.err
    assert f"column read1: found '{run['read1']}', which does not exist" in answer.err
    assert answer.out.count("  delivered") == 2 and not (site / "deliveries" / BAD).exists()


def test_a_wrong_sheet_gets_all_its_errors_and_nothing_runs(filiera, site):
    shutil.rmtree(site / "results")
    change(site / "config" / "samples.tsv", "organism", "organsim")
    change(site / "config" / "proposals.tsv", "submitted", "sumbitted")
    for command in ("check", "run"):
        answer = filiera(command, site)
        assert answer.code == 1
        assert "unknown column 'organsim'" in answer.err and "'sumbitted'" in answer.err
    assert not (site / "results").exists()
