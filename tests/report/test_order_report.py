"""The report of an order: what MultiQC is given, and that the page is the same each time it is made."""

from __future__ import annotations

import base64
import gzip
import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

from scripts.lib.files import write_json, write_tsv
from scripts.lib.tagging import Tag
from scripts.quality import sections
from scripts.quantification import runs
from scripts.report import order

TAG = {"facility": "CNR-IBSBC", "proposal": "P7", "service": "MET-UNTARGETED"}
FACTS = {
    "facility": "CNR-IBSBC",
    "facility_name": "OASI",
    "contact": "us@example.org",
    "text": "Spectra < since 1999.",
    "proposal": "P7",
    "title": "Bears in autumn",
    "call": "NOA-2026",
    "service": "MET-UNTARGETED",
    "service_title": "Untargeted metabolomics",
    "samples": [{"sample": "B1", "role": "sample", "runs": 1}],
    "absent": {"B2": "withdrawn"},
}
PAYLOAD = [{"path": "data/B1/B1_r1.featureXML", "sample": "B1", "deliverable": "features", "format": "featureXML"}]
SPECTRA = {
    "spectra_per_ms_level": {"1": 3},
    "tic_sum": 60.0,
    "tic": {"rt_s": [1.0, 2.0, 10.0], "intensity": [10.0, 20.0, 30.0]},
    "bpc": {"rt_s": [1.0, 2.0, 10.0], "intensity": [5.0, 15.0, 25.0]},
}


def test_coverage_is_cumulative_and_stays_in_the_order_of_depth():
    histogram = np.array([[0, 10], [2, 40], [10, 50]])
    assert sections.coverage([histogram], ["S"])["data"]["S"] == [[0, 100.0], [2, 90.0], [10, 50.0]]
    assert sections.coverage([np.empty((0, 2))], ["S"])["data"] == {}


def test_duplicates_are_shown_by_library():
    text = "COMMAND: samtools markdup -T x\nEXAMINED: 200\nDUPLICATE TOTAL: 30\nESTIMATED_LIBRARY_SIZE: 900\n"
    data = sections.duplicates([text], ["S_lib"], "marked")["data"]
    assert data == {"S_lib": {"EXAMINED": 200, "DUPLICATE TOTAL": 30, "ESTIMATED_LIBRARY_SIZE": 900, "share": 15.0}}


def test_an_exome_shows_its_targets_and_a_genome_its_autosomes():
    genome = sections.measured_alignment([{"samples": {"S": {"mean_autosome_coverage": 30, "pct_autosomes_15x": 96}}}])
    assert list(genome["headers"]) == ["mean_autosome_coverage", "pct_autosomes_15x"]
    exome = sections.measured_alignment([{"samples": {"S": {"pct_targets_20x": 96}}}])
    assert list(exome["headers"]) == ["pct_targets_20x"]


@pytest.fixture
def job(tmp_path):
    """Paths and values of a small metabolomics order."""
    file = {"role": "file", "format": "mzml", "size": 1000, "sha256": "a" * 64, "notes": [], "facts": {}}
    write_json(tmp_path / "intake.json", {"files": [file]})
    write_json(tmp_path / "spectra.json", SPECTRA)
    write_json(tmp_path / "features.json", {"features": 12, "median_fwhm_s": 4.5})
    judged = {"sample": "B1", "metric": "count_features", "value": 12, "min": 1, "max": None, "severity": "fail"}
    judged |= {"source": "practice", "of": "sample", "title": "features found", "unit": "features", "definition": "d"}
    judged |= {"meaning": "m", "verdict": "pass", "waiver": None}
    write_json(tmp_path / "acceptance.json", {"order": "pass", "samples": {"B1": "pass"}, "criteria": [judged]})
    (tmp_path / "methods.md").write_text("# Methods\n\nWe looked closely [1].\n")
    (tmp_path / "cells_mqc.tsv").write_text("# id: cells\n# section_name: Cells counted\nSample\tcells\nB1\t7\n")
    (tmp_path / "ours.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')
    write_tsv(
        tmp_path / "alignment.tsv",
        ["sample", "run", "decision"],
        [{"sample": "B1", "run": "r1", "decision": "aligned"}],
    )
    measured = [{"sample": "B1", "run": "r1"}]
    drawn = {name: tmp_path / f"{name}_mqc.json" for name in ("measured", "chromatograms", "retention_times")}
    sources = {"spectra": [tmp_path / "spectra.json"], "features": [tmp_path / "features.json"]}
    runs.main(SimpleNamespace(**drawn, **sources, alignment=tmp_path / "alignment.tsv"), SimpleNamespace(runs=measured))
    paths = SimpleNamespace(
        verdicts=[tmp_path / "intake.json"],
        statistics=[],
        acceptance=tmp_path / "acceptance.json",
        methods=tmp_path / "methods.md",
        sections=[*drawn.values(), tmp_path / "cells_mqc.tsv"],
        logo=[str(tmp_path / "ours.svg")],
        report=tmp_path / "report.html",
    )
    values = SimpleNamespace(
        tag=TAG,
        facts=FACTS,
        runs=measured,
        payload=PAYLOAD,
        meanings={row["deliverable"]: "" for row in PAYLOAD},
        names=[],
    )
    return paths, values


def test_the_report_tells_what_a_scientist_asks_in_order_and_nothing_of_this_machine(job, tmp_path):
    order.main(*job)
    html = job[0].report.read_text()
    for words in ("CNR-IBSBC, OASI", "P7, NOA-2026", "MET-UNTARGETED, Untargeted metabolomics", "Bears in autumn"):
        assert words in html
    titles = re.findall(r"<h2[^>]*>([^<]+)</h2>", html)
    assert titles == [
        "What was asked",
        "What it means",
        "Acceptance",
        "What was measured",
        "Chromatograms",
        "Times and m/z against a reference run",
        "Cells counted",
        "Received files",
        "How it was done",
        "What is in the package",
    ]
    for words in ("The sample was accepted.", "B2 is not in this version", "We looked closely [1].", "since 1999."):
        assert words in html
    assert "data:image/svg+xml;base64" in html, "the facility's logo"
    packed = re.search(r'id="mqc_compressed_plotdata">([A-Za-z0-9+/=]+)', html)[1]
    everything = html + gzip.decompress(base64.b64decode(packed)).decode()
    assert str(tmp_path) not in everything
    assert "/tmp/" not in everything


def test_the_report_is_the_same_bytes_each_time(job):
    order.main(*job)
    first = job[0].report.read_bytes()
    order.main(*job)
    assert job[0].report.read_bytes() == first


def test_what_differs_between_two_runs_of_multiqc_is_taken_out():
    def page(uuid: str, date: str, mtime: int) -> str:
        data = base64.b64encode(gzip.compress(json.dumps({"a": 1}).encode(), mtime=mtime)).decode()
        return (
            f'<script id="mqc_compressed_plotdata">{data}</script>reportUuid = "{uuid}"; configCreationDate = "{date}";'
        )

    first = page("57621b42-6b62-4661-a5d1-314f490f8669", "22 Nov 2026, 11:32 UTC", 1)
    second = page("aa37cd02-caaf-4469-8846-a0ff7d1430cb", "23 Nov 2026, 01:00 UTC", 2)
    assert order.reproducible(first, Tag(**TAG)) == order.reproducible(second, Tag(**TAG))


def test_who_makes_the_report_is_not_seen_in_it(job, tmp_path, monkeypatch):
    order.main(*job)
    first = job[0].report.read_bytes()
    (tmp_path / ".multiqc_config.yaml").write_text("title: Mine\nsection_comments: {cells: my own}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("MULTIQC_TITLE", "My own title")
    order.main(*job)
    assert job[0].report.read_bytes() == first
