"""Peak areas that were integrated elsewhere: what a table is, its header says; what is wrong with it, one sentence."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from scripts.branches.targeted.recipe import TargetedRecipe
from scripts.intake.examine import examine
from scripts.intake.verdict import Expected
from scripts.lib import areas
from scripts.lib.files import read_json
from scripts.lib.refusal import Refusal
from scripts.targeted import read_areas

MASSHUNTER = """\
Sample,,,,,Cortisol Method,,Cortisol Results,,,Qualifier (363.2 -> 97.1) Method,Qualifier (363.2 -> 97.1) Results,,\
Cortisol D4 (ISTD) Results,
,,Name,Data File,Type,Precursor Ion,Product Ion,RT,Area,Height,Product Ion,RT,Area,Height,RT,Area
!,,blank 1,Blank 1.d,Sample,363.2,121.1,,,,97.1,,,,3.064,540000
,,cal A,Cal_A.d,Cal,363.2,121.1,3.075,113697,20767,97.1,3.076,32400,5814,3.063,421302
"""
SKYLINE = """\
Molecule Name,Replicate Name,Precursor Mz,Product Mz,Retention Time,Area
Cortisol,Blank_1,363.2,121.1,#N/A,#N/A
Cortisol,Blank_1,363.2,97.1,#N/A,#N/A
Cortisol D4 (ISTD),Blank_1,367.2,121.1,3.064,540000
Cortisol,Cal_A,363.2,121.1,3.075,113697
Cortisol,Cal_A,363.2,97.1,3.076,32400
Cortisol D4 (ISTD),Cal_A,367.2,121.1,3.063,421302
"""
LIST = """\
run\tcompound\tion\tarea\trt_s
Blank_1\tCortisol\tquantifier\t\t
Blank_1\tCortisol\tqualifier\t\t
Blank_1\tCortisol D4 (ISTD)\tquantifier\t540000\t183.84
Cal_A\tCortisol\tquantifier\t113697\t184.5
Cal_A\tCortisol\tqualifier\t32400\t184.56
Cal_A\tCortisol D4 (ISTD)\tquantifier\t421302\t183.78
"""
GERMAN = LIST.replace("\t", ";").replace(".", ",")
TABLES = {"MassHunter": MASSHUNTER, "Skyline": SKYLINE, "list": LIST, "list with semicolons": GERMAN}


def ion(compound: str, number: int, product: float | None, precursor: float = 363.2) -> dict:
    kind = "qualifier" if number else "quantifier"
    return {"compound": compound, "number": number, "ion": kind, "mz": precursor, "product_mz": product}


IONS = [ion("Cortisol", 0, 121.1), ion("Cortisol", 1, 97.1), ion("Cortisol D4 (ISTD)", 0, 121.1, 367.2)]


def read(tmp_path, text: str, run: str, ions=IONS) -> dict:
    (tmp_path / "areas.csv").write_text(text, encoding="utf-8")
    paths = SimpleNamespace(received=[str(tmp_path / "areas.csv")], peaks=tmp_path / "areas.json")
    values = SimpleNamespace(tag={"run": run}, run=run, ions=ions, recipe=TargetedRecipe().model_dump())
    read_areas.main(paths, values)
    return read_json(paths.peaks)


@pytest.mark.parametrize(("program", "text"), TABLES.items(), ids=TABLES)
def test_all_programs_say_the_same_in_the_end(tmp_path, program, text):
    found = read(tmp_path, text, "Cal_A")
    assert found["source"] == program.split(" ")[0]
    assert [(peak["compound"], peak["ion"], peak["area"]) for peak in found["peaks"]] == [
        ("Cortisol", 0, 113697.0),
        ("Cortisol", 1, 32400.0),
        ("Cortisol D4 (ISTD)", 0, 421302.0),
    ]
    assert found["peaks"][0]["rt_s"] == pytest.approx(184.5)


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_a_blank_without_the_compound_is_a_result(tmp_path, text):
    peaks = read(tmp_path, text, "Blank_1")["peaks"]
    assert [peak["area"] for peak in peaks] == [None, None, 540000.0]


def test_a_qualifier_that_the_table_has_not_was_not_looked_for(tmp_path):
    text = "\n".join(line for line in LIST.splitlines() if "qualifier" not in line)
    assert [peak["ion"] for peak in read(tmp_path, text, "Cal_A")["peaks"]] == [0, 0]


SEMICOLONS = re.sub(r"(?<=\d)\.(?=\d)", ",", MASSHUNTER.replace(",", ";"))


@pytest.mark.parametrize(
    "text",
    [SEMICOLONS, MASSHUNTER.replace("\n", "\r"), MASSHUNTER.replace("Sample,,,,,Cort", ",,,,,Cort")],
    ids=["decimal commas", "line ends of old Macs", "first cell empty"],
)
def test_masshunter_elsewhere_says_the_same(tmp_path, text):
    assert read(tmp_path, text, "Cal_A")["peaks"] == read(tmp_path, MASSHUNTER, "Cal_A")["peaks"]


def test_masshunters_qualifiers_of_full_scans_have_one_mz(tmp_path):
    text = MASSHUNTER.replace("363.2 -> 97.1", "385.2")
    ions = [ion("Cortisol", 0, None, 363.2166), ion("Cortisol", 1, None, 385.1985)]
    assert [peak["area"] for peak in read(tmp_path, text, "Cal_A", ions)["peaks"]] == [113697, 32400]
    other = [ions[0], ion("Cortisol", 1, None, 345.206)]
    assert [peak["area"] for peak in read(tmp_path, text, "Cal_A", other)["peaks"]] == [113697]


def test_skylines_ions_of_full_scans_are_told_apart_by_mz(tmp_path):
    text = SKYLINE.replace("363.2,121.1", "363.2166,363.2166").replace("363.2,97.1", "385.1985,385.1985")
    ions = [ion("Cortisol", 0, None, 363.2166), ion("Cortisol", 1, None, 385.1985)]
    assert [peak["area"] for peak in read(tmp_path, text, "Cal_A", ions)["peaks"]] == [113697, 32400]


def test_what_programs_write_where_they_find_nothing_is_a_result(tmp_path):
    peaks = read(tmp_path, MASSHUNTER.replace("113697", "N/F"), "Cal_A")["peaks"]
    assert [peak["area"] for peak in peaks] == [None, 32400, 421302]


def test_a_data_files_name_becomes_the_runs_id():
    assert areas.run_id("006_EBLK Extracted.Blank.d") == "006_EBLK_Extracted_Blank"


WRONG = {
    "not a number": (LIST.replace("113697", "n.d."), "line 5, column area: found 'n.d.', expected a number from 0 on"),
    "negative": (SKYLINE.replace("113697", "-3"), "line 5, column area: found '-3'"),
    "twice": (LIST + LIST.splitlines()[4] + "\n", "line 8: found Cortisol of run Cal_A again (first in line 5)"),
    "no compound": (LIST.replace("compound\t", "analyte_name\t"), "line 1: found no column for the compound"),
    "no area": (MASSHUNTER.replace("Area", "Response"), "found no column Area below a heading"),
    "two columns of areas": (
        SKYLINE.replace("Area\n", "Area,Area\n").replace("113697\n", "113697,5\n"),
        "line 1: found the column area twice, expected one",
    ),
    "a quote that is not closed": (
        SKYLINE.replace("Cortisol D4", '"Cortisol D4', 1),
        "found cells that cannot be told apart (unexpected end of data)",
    ),
    "cut line": (SKYLINE.replace(",3.063,421302", ""), "line 7: found 4 cells, expected 6, as in line 1"),
    "a decimal comma that nobody quoted": (
        SKYLINE.replace("113697", "113697,5"),
        "found 7 cells, expected 6, as in line 1",
    ),
    "empty": ("", "found an empty table"),
    "run that is not there": (LIST.replace("Cal_A", "Cal_B"), "found no run 'Cal_A', expected it among Blank_1, Cal_B"),
    "two names for one run": (
        LIST + "Cal.A\tCortisol\tquantifier\t1\t\n",
        "found 2 runs that are 'Cal_A' as an id, expected one",
    ),
    "compound that is not there": (
        "\n".join(line for line in LIST.splitlines() if "D4" not in line),
        "found none, expected rows of Cortisol D4 (ISTD), a compound of config/targets.tsv",
    ),
    "two rows for an ion": (
        SKYLINE.replace(",Product Mz", ",Fragment"),
        "line 3: found Cortisol of run Blank_1 again (first in line 2), expected each ion of a run once",
    ),
}


@pytest.mark.parametrize(("text", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_in_one_sentence(tmp_path, text, words):
    with pytest.raises(Refusal) as told:
        read(tmp_path, text, "Cal_A")
    assert words in str(told.value) and "\n" not in str(told.value)


def test_intake_reads_the_whole_table_and_knows_the_run(tmp_path):
    path = tmp_path / "areas.csv"
    path.write_text(MASSHUNTER)
    verdict = examine(path, Expected(names=("Cal_A",), accepts=("areas",)), kind="areas")
    assert (verdict.format, verdict.facts["program"], verdict.facts["runs"]) == ("areas", "MassHunter", 2)
    with pytest.raises(Refusal, match="no run 'Cal_Z'"):
        examine(path, Expected(names=("Cal_Z",)), kind="areas")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_encoding_of_spreadsheets_says_the_same(tmp_path, encoding):
    path = tmp_path / "areas.csv"
    path.write_bytes(LIST.replace("Cortisol\t", "Coprécortisol\t").encode(encoding))
    facts = examine(path, Expected()).facts
    assert facts == {"program": "list", "runs": 2, "compounds": ["Coprécortisol", "Cortisol D4 (ISTD)"]}


def test_utf_16_that_is_cut_is_refused(tmp_path):
    path = tmp_path / "areas.csv"
    path.write_bytes(LIST.encode("utf-16")[:-1])
    with pytest.raises(Refusal, match="UTF-16 text that is cut"):
        examine(path, Expected())


def test_a_run_copied_under_another_name_is_the_same_content(tmp_path):
    path = tmp_path / "areas.tsv"
    path.write_text(LIST + LIST.partition("\n")[2].replace("Cal_A", "Cal_B").replace("Blank_1", "Blank_2"))
    content = {
        run: examine(path, Expected(names=(run,)), kind="areas").content for run in ("Cal_A", "Cal_B", "Blank_1")
    }
    assert content["Cal_A"] == content["Cal_B"] != content["Blank_1"]


def test_one_area_that_two_runs_share_by_chance_makes_neither_a_copy(tmp_path):
    path = tmp_path / "areas.tsv"
    path.write_text("run\tcompound\tarea\nBlank_1\tCortisol\t412\nBlank_2\tCortisol\t412\n")
    assert {examine(path, Expected(names=(run,)), kind="areas").content for run in ("Blank_1", "Blank_2")} == {""}


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"<html></html>", b"%PDF-1.4"])
def test_what_is_no_table_is_refused(tmp_path, data):
    path = tmp_path / "areas.csv"
    path.write_bytes(data)
    with pytest.raises(Refusal, match="a table of peak areas"):
        examine(path, Expected(), kind="areas")
