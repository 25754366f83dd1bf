"""The matrix and the mzTab-M say exactly what the consensus map holds, and every reference in them resolves."""

from __future__ import annotations

import csv
import re

import pyopenms as oms
import pytest
from pyteomics import mztab as reader

from tests.quantification.chain import TAG, tables

RUNS = [
    {"run": run, "sample": sample, "role": role, "batch": "B1", "injection": at, "polarity": polarity, "dilution": ""}
    for run, sample, role, at, polarity in (
        ("R1", "S1", "sample", 2, "positive"),
        ("R2", "S1", "sample", 3, "positive"),
        ("Q1", "QC", "pool", 1, "positive"),
        ("N1", "S2", "sample", "", "negative"),
    )
]
#: m/z, apex (s), charge and the area in each run; None: not found
PLANTED = [
    (118.0863, 40.0, 1, [1000.0, 3000.0, 2000.0, None]),
    (132.1019, 90.0, 0, [5e7, None, None, None]),
    (188.0712, 55.0, 0, [None, None, None, 4e5]),
    (268.1040, 75.0, 2, [1.5, 2.5, None, None]),
]


def feature(number, mz, rt, charge, area):
    made = oms.Feature()
    made.setUniqueId(number)
    made.setMZ(mz)
    made.setRT(rt)
    made.setCharge(charge)
    made.setIntensity(area)
    made.setMetaValue("rt_start", rt - 5.0)
    made.setMetaValue("rt_end", rt + 6.0)
    return made


@pytest.fixture
def written(tmp_path):
    """Link and tabulate the planted features; the title holds what could break a cell."""

    def write(planted=PLANTED, runs=RUNS):
        features = []
        for place, run in enumerate(runs):
            each = oms.FeatureMap()
            for number, (mz, rt, charge, areas) in enumerate(planted, start=1):
                if areas[place] is not None:
                    each.push_back(feature(number, mz, rt, charge, areas[place]))
            each.setMetaValue("polarity", run["polarity"])
            features.append(str(tmp_path / f"{place}.featureXML"))
            oms.FeatureXMLFile().store(features[-1], each)
        recipe = {"alignment": {"min_gain": 1}}
        return tables(tmp_path, features, runs, recipe=recipe, title="Plasma,\tpilot\nstudy")

    return write


def sections(path) -> dict[str, list[list[str]]]:
    """The file's lines by prefix, split at tabs."""
    found: dict[str, list[list[str]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line:
            prefix, *cells = line.split("\t")
            found.setdefault(prefix, []).append(cells)
    return found


def rows_of(found, header, prefix) -> list[dict[str, str]]:
    (columns,) = found[header]
    return [dict(zip(columns, cells, strict=True)) for cells in found.get(prefix, [])]


def test_the_matrix_holds_the_areas_and_leaves_gaps_empty(written):
    paths = written()
    with open(paths.matrix, encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    head = ["facility", "proposal", "service", "feature", "polarity", "mz", "rt_s", "charge"]
    assert list(rows[0]) == [*head, "S1:R1", "S1:R2", "QC:Q1", "S2:N1"]
    assert [row["feature"] for row in rows] == ["F00001", "F00002", "F00003", "F00004"]
    for row, (mz, rt, charge, areas) in zip(rows, PLANTED, strict=True):
        assert {key: row[key] for key in TAG} == TAG
        assert float(row["mz"]) == pytest.approx(mz, abs=1e-6)
        assert float(row["rt_s"]) == rt
        assert row["charge"] == (str(charge) if charge else "")
        assert [float(row[key]) if row[key] else None for key in list(row)[8:]] == areas
    assert [row["polarity"] for row in rows] == ["positive", "positive", "negative", "positive"]


def test_an_independent_reader_finds_the_same(written):
    found = reader.MzTab(str(written().mztab))
    assert (found.version, found.variant) == ("2.0.0-M", "M")
    assert found.metadata["title"] == "Plasma, pilot study"
    features = found.small_molecule_feature_table
    assert list(features["exp_mass_to_charge"]) == [row[0] for row in PLANTED]
    assert list(features["retention_time_in_seconds"]) == [row[1] for row in PLANTED]
    for place in range(4):
        areas = features[f"abundance_assay[{place + 1}]"]
        assert [None if area != area or area is None else area for area in areas] == [row[3][place] for row in PLANTED]
    assert len(found.small_molecule_evidence_table) == 0


def test_every_required_field_of_the_metadata_is_there(written):
    metadata = dict(sections(written().mztab)["MTD"])
    required = """mzTab-version mzTab-ID software[1] quantification_method ms_run[1]-location ms_run[1]-scan_polarity[1]
        assay[1] assay[1]-ms_run_ref study_variable[1] study_variable[1]-assay_refs study_variable[1]-description
        cv[1]-label cv[1]-full_name cv[1]-version cv[1]-uri database[1] database[1]-prefix database[1]-version
        database[1]-uri small_molecule-quantification_unit small_molecule_feature-quantification_unit
        id_confidence_measure[1]"""
    assert set(required.split()) <= set(metadata)
    assert metadata["mzTab-version"] == "2.0.0-M"
    assert metadata["assay[3]"] == "QC:Q1"
    assert metadata["software[2]"] == '[, , "OpenMS, the library", 3.6.0]'
    assert [metadata[f"custom[{place}]"] for place in (1, 2, 3)] == [
        f"[, , filiera_{key}, {value}]" for key, value in TAG.items()
    ]
    assert metadata["ms_run[4]-scan_polarity[1]"] == "[MS, MS:1000129, negative scan, ]"


def test_every_reference_resolves(written):
    found = sections(written().mztab)
    metadata = dict(found["MTD"])
    defined = {key for key in metadata if re.fullmatch(r"(sample|assay|study_variable)\[\d+\]", key)}
    defined |= {key.removesuffix("-location") for key in metadata if key.endswith("-location")}
    for key, value in metadata.items():
        if key.endswith(("_ref", "_refs")):
            assert set(value.split(" | ")) <= defined, key
    summaries, features = rows_of(found, "SMH", "SML"), rows_of(found, "SFH", "SMF")
    ids = [row["SMF_ID"] for row in features]
    assert len(set(ids)) == len(ids) == len(PLANTED)
    assert sorted(row["SMF_ID_REFS"] for row in summaries) == sorted(ids)
    assert all(row["SME_ID_REFS"] == "null" for row in features) and "SME" not in found
    for columns in (found["SMH"][0], found["SFH"][0]):
        for name in columns:
            if match := re.search(r"(assay|study_variable)\[\d+\]", name):
                assert match.group() in defined
    assigned = [assay for key, value in metadata.items() if key.endswith("assay_refs") for assay in value.split(" | ")]
    assert sorted(assigned) == [f"assay[{place}]" for place in range(1, 5)]


def test_columns_are_those_of_a_published_file_in_its_order(shared_data, written):
    ours = sections(written().mztab)
    example = sections(shared_data / "standards/mztab_m/MTBLS263.mztab")
    for header in ("SMH", "SFH", "SEH"):
        fixed = re.compile(r"(?!abundance|opt_|id_confidence_measure)\S")
        assert list(filter(fixed.match, ours[header][0])) == list(filter(fixed.match, example[header][0]))


def test_nothing_is_claimed_about_unknowns(written):
    found = sections(written().mztab)
    for row in rows_of(found, "SMH", "SML"):
        assert row["reliability"] == "4"
        for name in ("database_identifier", "chemical_formula", "chemical_name", "adduct_ions", "smiles", "inchi"):
            assert row[name] == "null"
    basis = {row["charge"] + row["opt_global_charge_basis"] for row in rows_of(found, "SFH", "SMF")}
    assert basis == {"1isotopes", "1assumed", "2isotopes"}
    assert dict(found["MTD"])["database[1]"] == '[, , "no database", null]'


def test_study_variables_are_the_roles_and_average_what_was_found(written):
    found = sections(written().mztab)
    metadata = dict(found["MTD"])
    assert (metadata["study_variable[1]"], metadata["study_variable[2]"]) == ("sample", "pool")
    assert metadata["study_variable[1]-assay_refs"] == "assay[1] | assay[2] | assay[4]"
    first, second, *_ = rows_of(found, "SMH", "SML")
    assert float(first["abundance_study_variable[1]"]) == 2000.0
    assert float(first["abundance_variation_study_variable[1]"]) == pytest.approx(0.707107)
    assert first["abundance_variation_study_variable[2]"] == "null"
    assert second["abundance_study_variable[2]"] == "null"


def test_no_cell_is_empty_and_no_path_is_told(written, tmp_path):
    text = written().mztab.read_text(encoding="utf-8")
    assert all(cell for line in text.splitlines() if line for cell in line.split("\t"))
    assert str(tmp_path) not in text and "file:" not in text
    named = [{**run, "files": [f"{run['sample']}_{run['run']}.mzML"]} for run in RUNS]
    metadata = dict(sections(written(runs=named).mztab)["MTD"])
    assert metadata["ms_run[1]-location"] == "S1_R1.mzML"


def test_no_features_give_tables_of_headers(written):
    paths = written(planted=[])
    assert paths.matrix.read_text(encoding="utf-8").count("\n") == 1
    found = sections(paths.mztab)
    assert "SMH" in found and "SFH" in found and "SML" not in found and "SMF" not in found
    assert reader.MzTab(str(paths.mztab)).variant == "M"


def test_the_same_input_gives_the_same_bytes(written):
    first = [written().matrix.read_bytes(), written().mztab.read_bytes()]
    assert first == [written().matrix.read_bytes(), written().mztab.read_bytes()]
