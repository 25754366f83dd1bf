"""What a scientist gets: a table, a workbook, mzTab-M and a report, tagged, and the same bytes for the same order."""

from __future__ import annotations

import csv
import os
import re
import time
from types import SimpleNamespace

import numpy as np
import openpyxl
import pytest
from pyteomics import mztab as reader
from steroids import ion, run

from scripts.branches.targeted.recipe import TargetedRecipe
from scripts.calibration import deliver, metrics, quantify, report
from scripts.lib.files import read_json, write_json

TAG = {"facility": "CNR-IBSBC", "proposal": "P1", "service": "MET-TARGETED"}
LEVELS = (1, 2, 5, 10, 50, 100)
FORMULA = '=HYPERLINK("http://<x>")'  # a name that a spreadsheet would take for a formula, a browser for an element

SOFTWARE = {"OpenMS": "3.6.0", "SciPy": "1.16.3"}


def made(folder) -> SimpleNamespace:
    """All outputs of an order: A is accepted, the other compound does not read back; sample S2 is refused."""
    folder.mkdir()
    series = [run(f"C{level}", "calibrator", f"L{level}", place) for place, level in enumerate(LEVELS, start=2)]
    runs = [run("Q1", "control", "Q", 1), *series, run("B1", "blank", "", 8)]
    runs += [run("S1", "sample", "", 9, dilution=2.0), run("S2", "sample", "", 10), run("Q2", "control", "Q", 11)]
    runs = [{**each, "files": [], "polarity": "positive", "imported": False} for each in runs]
    area = {"Q1": 100, "Q2": 100, "S1": 200, "S2": 5000, "B1": 3} | {f"C{level}": 10 * level for level in LEVELS}
    paths = []
    for number, each in enumerate(runs):
        name, wrong = each["run"], 1.5 if number % 2 else 1.0
        peaks = [
            {"compound": "A", "ion": 0, "area": area[name], "rt_s": 100.0},
            {"compound": FORMULA, "ion": 0, "area": area[name] * wrong, "rt_s": 100.0},
            {"compound": "IS", "ion": 0, "area": None if name == "S1" else 500.0, "rt_s": 100.0},
        ]
        paths.append(folder / f"{name}.json")
        write_json(
            paths[-1], {"tag": TAG, "source": "full_scan", "polarity": "positive", "software": SOFTWARE, "peaks": peaks}
        )
    more = {"formula": "C6H12O6", "adduct": "[M+H]+", "ion": "quantifier"}
    ions = [{**ion("A"), **more}, {**ion(FORMULA), **more}, {**ion("IS", "internal_standard"), **more}]
    held = {f"L{level}": [float(level), "nmol/L"] for level in LEVELS} | {"Q": [10.0, "nmol/L"]}
    files = (
        "calibration.json",
        "metrics.json",
        "acceptance.tsv",
        "c.tsv",
        "c.xlsx",
        "c.mzTab",
        "calibration.html",
        "s.json",
        "told.json",
    )
    names = ("calibration", "metrics", "acceptance", "table", "workbook", "mztab", "page", "section", "told")
    out = SimpleNamespace(peaks=paths, **dict(zip(names, (folder / file for file in files), strict=True)))
    values = SimpleNamespace(tag=TAG, runs=runs, ions=ions, title="Sugars, pilot")
    values.concentrations, values.recipe = {"A": held, FORMULA: held}, TargetedRecipe().model_dump()
    quantify.main(out, values)
    metrics.main(out, values)
    out.acceptance.write_text("sample\tverdict\nS1\twarn\nS2\tfail\n")
    deliver.main(out, values)
    report.main(out, values)
    return out


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return made(tmp_path_factory.mktemp("outputs") / "one")


def rows(path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def test_every_row_is_tagged_and_refused_samples_have_none(paths):
    table = rows(paths.table)
    assert all({key: row[key] for key in TAG} == TAG and row["sample"] and row["run"] for row in table)
    assert {row["sample"] for row in table if row["role"] == "sample"} == {"S1"}
    assert "S2" not in paths.mztab.read_text() and "S2" not in str(
        list(openpyxl.load_workbook(paths.workbook)["all values"].values)
    )


def test_a_concentration_stands_where_all_is_well_and_a_reason_where_not(paths):
    mine = {row["compound"]: row for row in rows(paths.table) if row["sample"] == "S1"}
    assert (mine["A"]["concentration"], mine["A"]["measured"], mine["A"]["dilution"]) == ("40.0", "20.0", "2.0")
    assert mine[FORMULA]["concentration"] == "" and mine[FORMULA]["flags"] == "not_accepted"


def test_the_workbook_has_the_same_and_no_formulas(paths):
    book = openpyxl.load_workbook(paths.workbook)
    assert book.sheetnames == ["concentrations", "all values", "compounds"]
    head, sample = book["concentrations"].values
    assert head == ("sample", "run", "A (nmol/L)", f"{FORMULA} (nmol/L)")
    assert sample == ("S1", "S1", 40.0, "not_accepted")
    cells = [cell for sheet in book for row in sheet.rows for cell in row if FORMULA in str(cell.value)]
    assert len({cell.row == 1 for cell in cells}) == 2  # in a header as well as below
    assert all(cell.data_type == "s" for cell in cells)
    verdicts = {row[3]: row[5] for row in book["compounds"].iter_rows(min_row=2, values_only=True)}
    assert verdicts == {"A": "yes", FORMULA: "no"}


def test_an_independent_reader_finds_the_concentrations(paths):
    found = reader.MzTab(str(paths.mztab))
    assert (found.version, found.variant) == ("2.0.0-M", "M")
    molecules = found.small_molecule_table
    assert list(molecules["chemical_name"]) == ["A", FORMULA]
    sample = next(key for key, value in found.metadata.items() if value == "S1:S1").removeprefix("assay")
    assert float(molecules[f"abundance_assay{sample}"].iloc[0]) == 40
    assert float(found.small_molecule_feature_table[f"abundance_assay{sample}"].iloc[0]) == 200
    assert list(molecules["opt_global_unit"]) == ["nmol/L", "nmol/L"]
    assert [round(float(mass), 4) for mass in molecules["theoretical_neutral_mass"]] == [180.0634, 180.0634]


def test_the_report_says_the_verdicts_and_stands_alone(paths):
    text = paths.page.read_text(encoding="utf-8")
    assert text.count('<span class="yes">accepted') == 2  # in the summary and at its curve
    assert "calibrators read back within 15 %" in text
    assert "S1 (missing)" in text
    assert text.count("<svg") == 2
    assert all(value in text for value in TAG.values())
    for shown in (text, paths.section.read_text(encoding="utf-8")):
        assert "&lt;x&gt;" in shown and "<x>" not in shown
    assert not re.search(r"""(src|href)=["'](?!#)""", text)


def test_the_metrics_are_those_that_criteria_name(paths):
    found = read_json(paths.metrics)
    assert found["samples"]["S1"] == {
        "pct_targets_quantified": 100.0,
        "pct_internal_standards_in_limits": 0.0,
        "mass_offset_ppm": None,  # two compounds tell nothing
        "rt_residual_s": None,
    }
    assert found["samples"]["S2"]["pct_targets_quantified"] == 0.0  # beyond the range
    assert "B1" not in found["samples"]
    assert found["order"] == {
        "count_compounds_accepted": 1,
        "pct_compounds_accepted": 50.0,
        "count_control_levels": 1,
        "count_compounds_carried_over": 2,
        "pct_samples_bracketed": 100.0,
    }


def test_the_same_order_gives_the_same_bytes_at_another_time(paths, tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setitem(os.environ, "TZ", "Asia/Tokyo")
    again = made(tmp_path / "two")
    for name in ("table", "workbook", "mztab", "page", "metrics"):
        assert getattr(again, name).read_bytes() == getattr(paths, name).read_bytes(), name


def test_the_software_is_that_of_the_jobs(paths):
    lines = [line.split("\t")[2] for line in paths.mztab.read_text().splitlines() if line.startswith("MTD\tsoftware[")]
    names = [line.split(", ")[2] for line in lines]
    assert names == ["OpenMS", "SciPy", "statsmodels", "filiera"] and lines[0] == "[, , OpenMS, 3.6.0]"
    done = read_json(paths.told)
    assert {name: done[name] for name in ("spectra", "areas", "standards", "curves")} == {
        "spectra": True,
        "areas": False,
        "standards": False,
        "curves": True,
    }


def test_areas_from_elsewhere_name_who_integrated_them_and_nothing_of_ours():
    files = [{"programs": {"MassHunter": ""}}, {"programs": {}}]
    found = {"compounds": [{"batches": {"b1": None}}], "results": [{"standard_area": None}]}
    done = quantify.told(files, found)
    assert not done["spectra"] and done["areas"] and not done["curves"] and done["integrated_by"] == "MassHunter"
    assert [name for name, _ in quantify.software(files, done)] == ["MassHunter", "filiera"]


def test_concentrations_follow_from_the_delivered_areas_by_another_regression(paths):
    """numpy's least squares over the table as it was delivered, with the model and weights that the workbook states."""
    sheet = openpyxl.load_workbook(paths.workbook)["compounds"]
    head, *stated = sheet.values
    for compound in (dict(zip(head, row, strict=True)) for row in stated):
        mine = [row for row in rows(paths.table) if row["compound"] == compound["compound"]]
        known = [row for row in mine if row["role"] == "calibrator" and float(row["area"] or 0)]
        nominal = np.array([float(row["level"].removeprefix("L")) for row in known])
        area = np.array([float(row["area"]) for row in known])
        weights = {"none": nominal**0, "1/x": 1 / nominal, "1/x2": 1 / nominal**2}
        if compound["accepted"] != "yes":
            continue
        assert compound["model"] == "linear"
        slope, intercept = np.polyfit(nominal, area, 1, w=np.sqrt(weights[compound["weighting"]]))
        read = [row for row in mine if row["measured"]]
        assert len(read) >= len(LEVELS)
        for row in read:
            expected = (float(row["area"]) - intercept) / slope
            assert float(row["measured"]) == pytest.approx(expected, rel=1e-4, abs=1e-6)
            if row["role"] == "sample":
                assert float(row["concentration"]) == pytest.approx(expected * float(row["dilution"] or 1), rel=1e-4)
