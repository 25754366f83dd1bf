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
from scripts.report import content, order

TAG = {"facility": "CNR-IBSBC", "proposal": "P7", "service": "MET-UNTARGETED"}
FACTS = {
    "facility": "CNR-IBSBC",
    "facility_name": "OASI",
    "contact": "us@example.org",
    "proposal": "P7",
    "title": "Bears in autumn",
    "call": "NOA-2026",
    "service": "MET-UNTARGETED",
    "service_title": "Untargeted metabolomics",
    "domain": "metabolomics",
    "samples": [{"sample": "B1", "role": "sample", "runs": 1}],
}
SPECTRA = {
    "spectra_per_ms_level": {"1": 3},
    "tic_sum": 60.0,
    "tic": {"rt_s": [1.0, 2.0, 10.0], "intensity": [10.0, 20.0, 30.0]},
}


def test_coverage_is_cumulative_and_stays_in_the_order_of_depth():
    histogram = np.array([[0, 10], [2, 40], [10, 50]])
    assert content.coverage([histogram], ["S"])["data"]["S"] == [[0, 100.0], [2, 90.0], [10, 50.0]]
    assert content.coverage([np.empty((0, 2))], ["S"])["data"] == {}


def test_duplicates_are_shown_by_library():
    text = "COMMAND: samtools markdup -T x\nEXAMINED: 200\nDUPLICATE TOTAL: 30\nESTIMATED_LIBRARY_SIZE: 900\n"
    data = content.duplicates([text], ["S_lib"])["data"]
    assert data == {"S_lib": {"EXAMINED": 200, "DUPLICATE TOTAL": 30, "ESTIMATED_LIBRARY_SIZE": 900, "share": 15.0}}


def test_the_acceptance_table_has_one_line_a_criterion_and_sample():
    rows = [
        {"sample": "S1", "metric": "m", "value": "3", "criterion": ">= 2", "verdict": "pass", "source": "x"},
        {"sample": "", "metric": "n", "value": "3", "criterion": "<= 2", "verdict": "fail", "source": "y"},
    ]
    rows = [{**row, "waived_by": "", "waived_on": "", "waived_because": ""} for row in rows]
    data = content.acceptance(rows)["data"]
    assert list(data) == ["S1: m", "order: n"]
    assert data["order: n"]["verdict"] == "fail"


def test_an_exome_shows_its_targets_and_a_genome_its_autosomes():
    genome = content.general_alignment([{"samples": {"S": {"mean_autosome_coverage": 30, "pct_autosomes_15x": 96}}}])
    assert [next(iter(header)) for header in genome["headers"]] == ["mean_autosome_coverage", "pct_autosomes_15x"]
    exome = content.general_alignment([{"samples": {"S": {"pct_targets_20x": 96}}}])
    assert [next(iter(header)) for header in exome["headers"]] == ["pct_targets_20x"]


@pytest.fixture
def job(tmp_path):
    """Paths and values of a small metabolomics order."""
    file = {"role": "file", "format": "mzml", "size": 1000, "sha256": "a" * 64, "notes": [], "facts": {}}
    write_json(tmp_path / "intake.json", {"files": [file]})
    write_json(tmp_path / "spectra.json", SPECTRA)
    write_json(tmp_path / "features.json", {"features": 12, "median_fwhm_s": 4.5})
    row = {"sample": "B1", "metric": "count_features", "value": "12", "criterion": ">= 1", "severity": "fail"}
    columns = [*row, "source", "verdict", "waived_by", "waived_on", "waived_because"]
    write_tsv(tmp_path / "acceptance.tsv", columns, [{**row, "source": "practice", "verdict": "pass"}])
    write_tsv(
        tmp_path / "alignment.tsv",
        ["sample", "run", "decision"],
        [{"sample": "B1", "run": "r1", "decision": "aligned"}],
    )
    paths = SimpleNamespace(
        verdicts=[tmp_path / "intake.json"],
        spectra=[tmp_path / "spectra.json"],
        features=[tmp_path / "features.json"],
        alignment=[tmp_path / "alignment.tsv"],
        acceptance=tmp_path / "acceptance.tsv",
        report=tmp_path / "report.html",
    )
    values = SimpleNamespace(tag=TAG, facts=FACTS, runs=[{"sample": "B1", "run": "r1"}])
    return paths, values


def test_the_report_names_facility_proposal_and_service_and_nothing_of_this_machine(job, tmp_path):
    order.main(*job)
    html = job[0].report.read_text()
    for words in ("CNR-IBSBC, OASI", "P7, NOA-2026", "MET-UNTARGETED, Untargeted metabolomics", "Bears in autumn"):
        assert words in html
    for section in (
        "Acceptance",
        "Received files",
        "Total ion chromatograms",
        "Retention-time alignment",
        "General Stat",
    ):
        assert section in html
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
