"""The report is the same bytes however a file system lists a folder, and wherever temporary files lie."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts.lib.files import write_json
from scripts.report import order

FACTS = {
    "facility": "CNR-IBSBC",
    "facility_name": "OASI",
    "contact": "us@example.org",
    "text": "Spectra since 1999.",
    "proposal": "P7",
    "title": "Bears in autumn",
    "call": "NOA-2026",
    "service": "MET-TARGETED",
    "service_title": "Targeted metabolomics",
    "domain": "metabolomics",
    "branch": "targeted",
    "samples": [{"sample": f"B{number}", "role": "sample", "runs": 1} for number in range(4)],
    "absent": {},
}
#: What every Python that is started from here does before anything else: list folders in another order.
LISTING = """
import os
listed, scanned = os.listdir, os.scandir
class Scanned:
    def __init__(self, entries): self.entries = iter(entries)
    def __iter__(self): return self
    def __next__(self): return next(self.entries)
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def close(self): pass
def order(names, key): return sorted(names, key=key, reverse={reverse})
os.listdir = lambda path=".": order(listed(path), lambda name: str(name)[::{step}])
os.scandir = lambda path=".": Scanned(order(scanned(path), lambda entry: entry.name[::{step}]))
"""


def report(folder: Path) -> bytes:
    """A report with tables of several rooms, each of which names samples of its own."""
    folder.mkdir()
    write_json(folder / "intake.json", {"files": []})
    write_json(
        folder / "acceptance.json",
        {"order": "pass", "samples": {one["sample"]: "pass" for one in FACTS["samples"]}, "criteria": []},
    )
    (folder / "methods.md").write_text("# Methods\n\nWe looked closely.\n")
    tables = []
    for number, name in enumerate(("cells", "moulds", "algae", "yeasts")):
        path = folder / f"{name}_mqc.tsv"
        head = f"# id: {name}\n# section_name: {name} counted\n# plot_type: table\nSample\tnumber\n"
        path.write_text(f"{head}B{number}_{name}\t7\nB{number}_more\t8\n")
        tables.append(path)
    paths = SimpleNamespace(
        verdicts=[folder / "intake.json"],
        acceptance=folder / "acceptance.json",
        methods=folder / "methods.md",
        sections=tables,
        statistics=[],
        logo=[],
        report=folder / "report.html",
    )
    tag = {"facility": "CNR-IBSBC", "proposal": "P7", "service": "MET-TARGETED"}
    runs = [{"sample": "B1", "run": "r1"}]
    order.main(paths, SimpleNamespace(tag=tag, facts=FACTS, runs=runs, payload=[], meanings={}, names=[]))
    return paths.report.read_bytes()


@pytest.fixture(scope="module")
def usual(tmp_path_factory) -> bytes:
    return report(tmp_path_factory.mktemp("usual") / "job")


@pytest.mark.parametrize(("reverse", "step"), [(False, 1), (True, 1), (False, -1)], ids=["sorted", "reversed", "other"])
def test_in_any_order_of_a_listing(usual, tmp_path, monkeypatch, reverse, step):
    (tmp_path / "sitecustomize.py").write_text(LISTING.format(reverse=reverse, step=step))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    assert report(tmp_path / "job") == usual


@pytest.mark.parametrize("place", ["/dev/shm"])
def test_with_temporary_files_on_another_disk(usual, tmp_path, monkeypatch, place):
    monkeypatch.setattr("tempfile.tempdir", place)
    assert report(tmp_path / "job") == usual
