"""The check of mzTab-M: published files pass, each kind of fault is found with its line."""

from __future__ import annotations

import pytest

from scripts.lib import mztab
from scripts.lib.refusal import Refusal

VALID = ["MTBLS263", "manual_null_null_lipidomics", "manual_null_null_minimal_example", "minimal-m-2.0"]
WRONG = {
    "lipidomics-example-crosslink-error": "line 75: found SME_ID_REFS refers to 3",
    "lipidomics-example-wrong-msscan-ref": "line 85: found spectra_ref ms_run.1.:index=732",
}


@pytest.mark.parametrize("name", VALID)
def test_published_files_pass(shared_data, name):
    mztab.check(shared_data / "standards/mztab_m" / f"{name}.mztab")


@pytest.mark.parametrize("name", WRONG)
def test_the_deliberately_wrong_ones_are_refused(shared_data, name):
    with pytest.raises(Refusal, match=WRONG[name]):
        mztab.check(shared_data / "standards/mztab_m" / f"{name}.mzTab")


FAULTS = {
    "a reference to a run that is not there": (
        "assay[1]-ms_run_ref\tms_run[1]",
        "assay[1]-ms_run_ref\tms_run[9]",
        "refers to ms_run.9.",
    ),
    "a key twice": ("MTD\tdescription\t", "MTD\tmzTab-ID\t", "mzTab-ID a second time"),
    "no value": ("MTD\tmzTab-ID\tISAS", "MTD\tmzTab-ID\t\nCOM\tISAS", "metadata without a value"),
    "another version": ("2.0.0-M", "1.0.0", "mzTab-version 1.0.0"),
    "a required key missing": (
        "MTD\tquantification_method",
        "COM\tquantification_method",
        "no metadata quantification_method",
    ),
    "a cell too few": ("SME\t1\t", "SME\t", "cells, expected"),
    "an id twice": ("SME\t2\t", "SME\t1\t", "SME_ID 1 a second time"),
    "rows before their header": ("SFH\t", "COM\tSFH\t", "SMF before its SFH line"),
    "an unknown line": ("COM\tMeta", "XYZ\tMeta", "a line that begins with 'XYZ'"),
    "a word for a number": ("\t650.6432\t", "\tmuch\t", "'much' in exp_mass_to_charge"),
    "a charge with its sign": ("\t650.6432\t1\t", "\t650.6432\t-1\t", "charge -1, expected how many charges"),
    "an empty cell": ("\t650.6432\t", "\t \t", "an empty cell"),
    "a column of no assay": ("abundance_assay[1]", "abundance_assay[7]", "the column abundance_assay.7."),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_kind_of_fault_is_named(shared_data, tmp_path, fault):
    text = (shared_data / "standards/mztab_m/manual_null_null_lipidomics.mztab").read_text(encoding="utf-8")
    old, new, words = FAULTS[fault]
    assert old in text
    path = tmp_path / "x.mztab"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Refusal, match=words):
        mztab.check(path)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "x.mztab"
    path.write_bytes(b"MTD\tmzTab-version\t\xff\xfe\n")
    with pytest.raises(Refusal, match="not UTF-8"):
        mztab.check(path)
