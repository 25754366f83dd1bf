"""A run for which the disk has no room is not begun."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from scripts.cli import disk, run
from scripts.cli.__main__ import main
from scripts.lib import registry
from scripts.lib.plan.paths import run_folder
from scripts.lib.refusal import Refusal

ORDER = "P1/CNR-IBIOM/GEN-WGS-30X"
SHEETS = {
    "proposals.tsv": "proposal\tcall\ttitle\tstatus\thuman_data\nP1\tC1\tWolves\tawarded\tno\n",
    "samples.tsv": "sample\tproposal\tfacility\tservice\torganism\treference\n"
    "W1\tP1\tCNR-IBIOM\tGEN-WGS-30X\tCanis lupus\tcanis\n",
    "runs.tsv": "sample\trun\tread1\tread2\nW1\tL1\treads/1.fq.gz\treads/2.fq.gz\n",
    "config.yaml": "references: {canis: {fasta: ref.fa}}\n",
}
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """One order, for which 2,000 bytes were received."""
    for folder in ("config", "reads"):
        (tmp_path / folder).mkdir()
    for name, text in SHEETS.items():
        (tmp_path / "config" / name).write_text(text)
    for name in ("reads/1.fq.gz", "reads/2.fq.gz"):
        (tmp_path / name).write_bytes(bytes(1000))
    (tmp_path / "ref.fa").write_text(">chr1\nACGT\n")
    return tmp_path


def ahead(site: Path) -> float:
    loaded = registry.load(site)
    return disk.bytes_ahead(site, loaded.orders[ORDER])


def test_an_order_takes_a_multiple_of_what_was_received(site):
    assert ahead(site) == 5 * 2000
    (site / "config" / "catalogue.yaml").write_text("services: {GEN-WGS-30X: {disk: 2.5}}\n")
    assert ahead(site) == 2.5 * 2000


def test_what_it_took_already_is_subtracted(site):
    loaded = registry.load(site)
    ((_, run),) = loaded.orders[ORDER].all_runs()
    folder = site / run_folder(loaded.orders[ORDER], run)
    folder.mkdir(parents=True)
    (folder / "aligned.bam").write_bytes(bytes(100))
    assert ahead(site) == 5 * 2000 - 100


def test_a_staged_order_takes_nothing_more(site):
    package = site / "results" / "CNR-IBIOM" / "P1" / "GEN-WGS-30X" / "package"
    package.mkdir(parents=True)
    (package / "manifest.tsv").touch()
    assert ahead(site) == 0


def test_a_full_disk_is_told_before_anything_is_done_unless_a_person_overrules(site, monkeypatch, capsys):
    def begin(*_):
        raise Refusal("it", "begun", "", "")

    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12, 0))
    monkeypatch.setattr(run.lock, "alone", begin)
    assert main(["run", "--directory", str(site)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "found 0.0 GB free" in line and ORDER in line and "--despite-disk" in line
    assert main(["run", "--directory", str(site), "--despite-disk"]) == 1
    assert "found begun" in capsys.readouterr().err
