"""Real export tables of quantification programs: which program, how many runs and compounds, and areas to the digit."""

from __future__ import annotations

import csv
import math

import pytest

from scripts.intake.examine import examine
from scripts.intake.verdict import Expected
from scripts.lib import areas

#: File -> program, runs, compounds, and one area by (run as an id, compound, its product's m/z or None): minutes, area.
REAL = {
    "MassLynx_QuantifyCompoundSummary_all_columns.txt": ("TargetLynx", 4, 4, "070120_CQA_22_18_gmL", "CAT", 3.2, 5.961),
    "OpenLabCDS_Report.txt": ("OpenLab CDS", 1, 37, "Std_500", "Tréhalose", 32.884, 72.35709),
    "Shimadzu_GCMS_13CPROT1.txt": ("LabSolutions", 1, 246, "13CPROT1", "Glyoxylate (1MEOX) _TMS 1_m0", 6.393, 388),
    "Xcalibur_results_inj1_Long.XLS": (
        "Xcalibur", 1, 6, "020622_Std_290920_106_inj1_220603204908", "EC", 26.0, 699666.669962455,
    ),
    "MassHunter_wide_AreaOnly.csv": ("MassHunter", 65, 16, "007_SOLV_Blank01", "S1P d16:1 [M>113]", None, 221),
    "MassHunter_CompoundTable_RT-Area-FWHM.csv": (
        "MassHunter", 27, 8, "008_LTR_LTR01", "S1P d16:1 [M>60]", 3.463, 11181,
    ),
    "MassHunter_WideTable_Qualifier.csv": ("MassHunter", 42, 6, "Conditioning1", "Sph d17:0 [ISTD]", None, 278780),
    "Skyline_MoleculeTransitionResults.csv": ("Skyline", 6, 6, "SBLK1", "Aldosterone", 2.49, 121860),
    "Skyline_lipidr_A1.csv": ("Skyline", 11, 19, "S2A", "PE 34:1", 3.95, 160307),
    "ElMaven_TargetedGroupReport.csv": ("El-MAVEN", 4, 67, "091215_240i", "NADPH", 15.3, 151.35),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(shared_data):
    return shared_data / "metabolomics" / "vendor_area_tables"


@pytest.mark.parametrize("name", REAL)
def test_a_real_export_is_read_as_it_is(folder, name):
    program, runs, compounds, run, compound, minutes, area = REAL[name]
    told, found = areas.read(folder / name)
    assert (told, len({row.run for row in found}), len({row.compound for row in found})) == (program, runs, compounds)
    mine = [row for row in found if (areas.run_id(row.run), row.compound, row.area) == (run, compound, area)]
    assert len(mine) == 1
    assert (mine[0].rt_s is None) if minutes is None else math.isclose(mine[0].rt_s, 60 * minutes, abs_tol=0.002)
    assert examine(folder / name, Expected(), kind="areas").facts["program"] == program


def test_every_area_of_el_mavens_report_is_that_of_its_cell(folder):
    # An independent reading: pandas-free, by place.
    with open(folder / "ElMaven_TargetedGroupReport.csv", newline="") as handle:
        rows = [row for row in csv.reader(handle) if row[4:5] not in ([""], ["medMz"])]
    cells = sorted(float(cell) for row in rows for cell in row[15:19])
    assert sorted(row.area for row in areas.read(folder / "ElMaven_TargetedGroupReport.csv")[1]) == cells


def test_what_was_not_found_has_no_area(folder):
    name = "MassLynx_QuantifyCompoundSummary_all_columns.txt"
    lines = [line.split("\t") for line in (folder / name).read_text("cp1252").splitlines()]
    missing = sum(line[0].isdigit() and not line[6] for line in lines)
    assert sum(row.area is None for row in areas.read(folder / name)[1]) == missing > 0
    found = areas.read(folder / "Xcalibur_results_inj1_Long.XLS")[1]
    assert {row.compound for row in found if row.area is None} == {"CAT_MS", "EC_MS", "PLZ_MS"}
    found = areas.read(folder / "Shimadzu_GCMS_13CPROT1.txt")[1]
    assert any(row.area is None for row in found) and not any(row.area == 0 for row in found if row.rt_s is None)
