"""A real, imperfect series: its verdict is the right answer, and nothing is left out to get a better one."""

from __future__ import annotations

import pytest
from steroids import assays, series


@pytest.fixture(scope="module")
def found(shared_data):
    return series(shared_data / "metabolomics" / "steroids_calibration")


@pytest.fixture(scope="module")
def line(shared_data):
    """Read with a line weighted 1/x, whatever the rule would choose."""
    return assays(series(shared_data / "metabolomics" / "steroids_calibration", model="linear", weighting="1/x"))


def test_cortisone_is_accepted(found):
    cortisone = assays(found)["Cortisone"]
    assert cortisone["accepted"] and cortisone["reasons"] == []
    assert all(abs(level["bias_pct"]) < 5 for level in cortisone["control_levels"])
    assert (cortisone["lower"], cortisone["upper"]) == (1.39, 178.0)


@pytest.mark.parametrize(
    ("compound", "calibrators"), [("Aldosterone", "4 of 6 calibrators"), ("Cortisol", "3 of 6 calibrators")]
)
def test_what_does_not_read_back_is_refused_with_the_reason(found, compound, calibrators):
    assay = assays(found)[compound]
    assert not assay["accepted"]
    assert any(reason.startswith(calibrators) for reason in assay["reasons"])
    assert any("controls read within tolerance" in reason for reason in assay["reasons"])


def test_corticosterone_reads_back_but_its_low_controls_do_not(found):
    corticosterone = assays(found)["Corticosterone"]
    assert all(row["within"] for row in corticosterone["calibrators"])
    assert corticosterone["reasons"] == ["2 of 5 controls of level LQC, 50 % must"]


def test_no_calibrator_is_left_out(found):
    assert all(row["used"] for assay in assays(found).values() for row in assay["calibrators"])


def test_a_line_weighted_1_x_reads_back_as_was_measured_before(line):
    off = {name: [row["deviation_pct"] for row in assay["calibrators"]] for name, assay in line.items()}
    assert max(map(abs, off["Cortisone"])) < 13.5
    assert max(map(abs, off["Corticosterone"])) == pytest.approx(15, abs=0.5)
    assert (min(off["Aldosterone"]), max(off["Aldosterone"])) == pytest.approx((-37, 40), abs=0.5)
    assert (min(off["Cortisol"]), max(off["Cortisol"])) == pytest.approx((-35, 32), abs=0.5)


def test_excluding_is_not_possible_with_six_levels(shared_data):
    found = assays(series(shared_data / "metabolomics" / "steroids_calibration", exclude=True))
    assert all(row["used"] for assay in found.values() for row in assay["calibrators"])
    assert [name for name, assay in found.items() if assay["accepted"]] == ["Cortisone"]


def test_only_what_is_accepted_gets_a_concentration(found):
    given = {row["compound"] for row in found["results"] if row["result"] is not None}
    assert given == {"Cortisone"}
    assert all("not_accepted" in row["flags"] for row in found["results"] if row["compound"] != "Cortisone")


def test_a_blank_without_internal_standard_has_no_concentration(found):
    first = next(row for row in found["results"] if row["compound"] == "Cortisone" and row["place"] == 0)
    assert first["area"] == 810
    assert first["result"] is None and "internal_standard_low" in first["flags"]


def test_aldosterone_is_carried_over_into_the_blank(found):
    over = {name: assay["carry_over"] for name, assay in assays(found).items()}
    assert over["Aldosterone"]["pct_of_lowest"] == pytest.approx(100 * 417 / 1632)
    assert {name for name, each in over.items() if each["state"]} == {"Aldosterone"}


def test_samples_behind_the_last_control_are_flagged(found):
    assert found["bracketed"] == [False] * 4
