"""From received mzML to the matrix on real runs, against what others found in them."""

from __future__ import annotations

import csv
import json
import math

import numpy as np
import pytest

from tests.quantification.chain import picked, table, tables


def matrix(tmp_path, received, role="sample"):
    """All steps with the default recipe: rows of the raw matrix, areas as float or None."""
    found = picked(tmp_path, {f"R{number}": path for number, path in enumerate(received, start=1)}, {})
    runs = []
    for number in range(1, len(received) + 1):
        assert json.loads((tmp_path / f"R{number}.json").read_text())["features"] > 0
        facts = {"batch": "B1", "injection": number, "polarity": "", "dilution": ""}
        runs.append({"run": f"R{number}", "sample": f"S{number}", "role": role, **facts})
    made = tables(tmp_path, runs=runs, **found)
    rows = []
    for row in table(made.matrix):
        areas = [row[f"{run['sample']}:{run['run']}"] for run in runs]
        areas = [float(area) if area else None for area in areas]
        rows.append({"mz": float(row["mz"]), "rt": float(row["rt_s"]), "charge": row["charge"], "areas": areas})
    return rows


def nearest(rows, mz, rt, ppm=10.0, seconds=6.0):
    """The row of this m/z that is nearest in time, or None."""
    near = [row for row in rows if abs(row["mz"] / mz - 1) < ppm * 1e-6 and abs(row["rt"] - rt) < seconds]
    return min(near, key=lambda row: abs(row["rt"] - rt), default=None)


def test_mzmine_finds_the_same_compounds_with_the_same_areas(shared_data, tmp_path):
    folder = shared_data / "metabolomics/mzmine_qc_pair"
    files = sorted(folder.glob("*.mzML"))
    rows = matrix(tmp_path, files, role="pool")
    with open(folder / "expected_results.csv", encoding="utf-8", newline="") as handle:
        expected = list(csv.DictReader(handle))
    ours, theirs, matched = [], [], []
    for row in expected:
        found = nearest(rows, float(row["mz"]), 60 * float(row["rt"]))
        if found is None:
            continue
        matched.append(id(found))
        for file, area in zip(files, found["areas"], strict=True):
            if area and row[f"datafile:{file.name}:area"]:
                ours.append(math.log10(area))
                theirs.append(math.log10(float(row[f"datafile:{file.name}:area"])))
    assert len(expected) == 120
    assert len(matched) >= 119
    assert len(set(matched)) == len(matched), "one of our rows stands for two of mzmine's"
    assert len(ours) >= 236
    assert np.corrcoef(ours, theirs)[0, 1] >= 0.995
    assert len(rows) <= 261, "recall must not be bought with false features"


def test_betaine_is_one_row_in_all_hilic_runs(shared_data, tmp_path):
    rows = matrix(tmp_path, sorted((shared_data / "metabolomics/hilic_ingalls").glob("*.mzML.gz")))
    betaine = nearest(rows, 118.0863, 474.0, seconds=3.0)
    assert betaine is not None
    assert all(area and area > 1e9 for area in betaine["areas"])


@pytest.mark.parametrize(
    ("name", "mz", "rt"),
    [
        ("2'-O-methylcytidine", 258.1085, 207.6),
        ("5-formylcytidine", 272.0877, 269.4),
        ("5-methyluridine", 259.0925, 291.6),
        ("adenosine", 268.1040, 220.8),
        ("deoxyadenosine", 252.1091, 243.0),
        ("inosine", 269.0880, 264.0),
    ],
)
def test_a_profile_run_yields_the_nucleosides(nucleosides, name, mz, rt):
    found = nearest(nucleosides, mz, rt)
    assert found is not None and found["charge"] == "1"


def test_a_profile_run_is_not_flooded_with_side_lobes(nucleosides):
    assert len(nucleosides) <= 21


@pytest.fixture(scope="module")
def nucleosides(shared_data, tmp_path_factory):
    file = shared_data / "metabolomics/openms_nucleosides/FeatureFinderMetaboIdent_1_input.mzML"
    return matrix(tmp_path_factory.mktemp("nucleosides"), [file])
