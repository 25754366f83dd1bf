"""A targeted order the whole way, from a table of areas: six calibrators, two controls, a blank, two samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.lib.files import read_tsv, write_tsv

LEVELS = (1, 2, 5, 10, 50, 100)
UNTARGETED = {"pick_features", "link_features", "centroid_spectra", "tabulate_features"}


def table_of_areas(site: Path) -> None:
    """A site of two proposals that share a batch; the response of A is 0.01 a unit, of its standard 1000."""
    config = site / "config"
    proposals = ["proposal", "call", "title", "status", "human_data"]
    write_tsv(
        config / "proposals.tsv",
        proposals,
        [dict(zip(proposals, ("P1", "C1", "Sugars", "awarded", "no"), strict=True))],
    )
    runs = [
        ("Q1", "-", "control", "Q", 20),
        *((f"C{level}", "-", "calibrator", f"L{level}", level) for level in LEVELS),
    ]
    runs += [("B1", "-", "blank", "", 0), ("S1", "P1", "sample", "", 30), ("S2", "P1", "sample", "", 400)]
    runs += [("Q2", "-", "control", "Q", 20.5)]
    samples, sheet, areas = [], [], []
    for number, (name, proposal, role, level, value) in enumerate(runs, start=1):
        same = {"facility": "CNR-IBSBC", "service": "MET-TARGETED", "role": role, "level": level}
        samples.append({"sample": name, "proposal": proposal, **same, "dilution": 2 if name == "S1" else ""})
        record = {"sample": name, "run": f"r{name}", "file": "raw/areas.tsv", "batch": "B", "injection": number}
        sheet.append({**record, "polarity": "positive"})
        areas.append({"run": f"r{name}", "compound": "A", "area": 10 * value or "", "rt_s": 100})
        areas.append({"run": f"r{name}", "compound": "A D4", "area": 1000 if value else "", "rt_s": 99})
    write_tsv(config / "samples.tsv", list(samples[0]), samples)
    write_tsv(config / "runs.tsv", list(sheet[0]), sheet)
    write_tsv(site / "raw" / "areas.tsv", list(areas[0]), areas)
    columns = ["service", "compound", "role", "formula", "adduct", "rt_s", "internal_standard"]
    targets = [("A", "target", "C6H12O6", 100, "A D4"), ("A D4", "internal_standard", "C6H8D4O6", 100, "")]
    rows = [
        dict(zip(columns, ("MET-TARGETED", name, role, formula, "[M-H]-", time, standard), strict=True))
        for name, role, formula, time, standard in targets
    ]
    write_tsv(config / "targets.tsv", columns, rows)
    columns = ["level", "compound", "concentration", "unit"]
    held = [(f"L{level}", "A", level, "umol/L") for level in LEVELS] + [("Q", "A", 20, "umol/L")]
    write_tsv(config / "concentrations.tsv", columns, [dict(zip(columns, row, strict=True)) for row in held])


@pytest.fixture(scope="module")
def delivered(filiera, tmp_path_factory):
    site = tmp_path_factory.mktemp("targeted")
    table_of_areas(site)
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    (version,) = (site / "deliveries" / "P1" / "CNR-IBSBC" / "MET-TARGETED").glob("v*")
    return site, answer, version / "data"


def test_concentrations_of_both_samples_are_delivered_with_their_flags(delivered):
    rows = {row["sample"]: row for row in read_tsv(delivered[2] / "quantification" / "concentrations.tsv")}
    assert float(rows["S1"]["concentration"]) == pytest.approx(60)  # twice what was measured
    assert (rows["S2"]["concentration"], rows["S2"]["flags"]) == ("", "above_range")
    assert rows["B1"]["flags"] == "not_found,internal_standard_missing"
    assert {row["proposal"] for row in rows.values()} == {"P1"}


def test_every_promised_file_is_there_and_the_table_with_others_samples_is_not(delivered):
    names = {path.name for path in delivered[2].rglob("*") if path.is_file()}
    assert {f"concentrations.{kind}" for kind in ("tsv", "xlsx", "mzTab")} <= names
    assert {"calibration.html", "S1_rS1.peaks.tsv", "multiqc_report.html"} <= names
    assert "chromatograms.html" not in names  # nobody sent any
    assert not any("areas" in name for name in names)


def test_the_report_and_the_acceptance_say_that_the_compound_is_accepted_on_one_level_of_controls(delivered):
    verdicts = {row["metric"]: row["verdict"] for row in read_tsv(delivered[2] / "00-Reports" / "acceptance.tsv")}
    assert verdicts.pop("count_control_levels") == "warn"  # one level, where ICH M10 asks for three
    assert set(verdicts.values()) == {"pass"}
    assert "A, batch B" in (delivered[2] / "00-Reports" / "multiqc_report.html").read_text(encoding="utf-8")


def test_nothing_of_the_untargeted_branch_runs(delivered):
    assert not UNTARGETED & delivered[1].jobs.keys()


def test_another_concentration_of_a_level_is_quantified_again_and_nothing_is_read_again(filiera, delivered):
    site = delivered[0]
    sheet = site / "config" / "concentrations.tsv"
    sheet.write_text(sheet.read_text().replace("L50\tA\t50", "L50\tA\t51"))
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    assert answer.jobs["quantify_targets"] == 1
    assert not {"check_received_files", "read_areas"} & answer.jobs.keys()


def test_text_and_software_are_those_of_areas_from_elsewhere(delivered):
    text = (delivered[2] / "00-Reports" / "methods.md").read_text(encoding="utf-8")
    assert "Peak areas were integrated by another program" in text and "statsmodels" in text
    assert "OpenMS" not in text and "SciPy" not in text and "Received spectra" not in text
    mztab = (delivered[2] / "quantification" / "concentrations.mzTab").read_text(encoding="utf-8")
    assert "statsmodels" in mztab and "OpenMS" not in mztab
    crate = (delivered[2] / "ro-crate-metadata.json").read_text(encoding="utf-8")
    assert "#tool-statsmodels" in crate and "#tool-OpenMS" not in crate
