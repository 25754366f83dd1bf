"""Workbooks, quotation marks and capitals: a site is the same however its sheets were saved."""

from __future__ import annotations

import csv
import shutil
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from scripts.lib import registry
from scripts.lib.refusal import Refusal
from scripts.lib.registry import entry

SHEETS = {
    "proposals": "proposal\tcall\ttitle\tstatus\thuman_data\tagreement_end\n"
    "P1\tC1\tWolves\tawarded\tno\t2026-12-31\nP2\tC1\tBears, brown\tawarded\tno\t\n",
    "samples": "sample\tproposal\tfacility\tservice\trole\torganism\treference\n"
    "W1\tP1\tCNR-IBIOM\tGEN-WGS-30X\t\tCanis lupus\tcanis\n"
    "B1\tP2\tCNR-IBSBC\tMET-UNTARGETED\t\tUrsus arctos\t\nQC\t-\tCNR-IBSBC\tMET-UNTARGETED\tpool\t\t\n",
    "runs": "sample\trun\tread1\tread2\tfile\tbatch\tinjection\tacquired\n"
    "W1\tL1\tW1_1.fq.gz\tW1_2.fq.gz\t\t\t\t2026-03-02\n"
    "B1\tr1\t\t\tb1.mzML\tM1\t2\t2026-03-02T14:30\nQC\tr0\t\t\tqc.mzML\tM1\t1\t\n",
    "awards": "proposal\tfacility\tservice\tunits\nP1\tCNR-IBIOM\tGEN-WGS-30X\t2\n",
}
FILES = ("W1_1.fq.gz", "W1_2.fq.gz", "b1.mzML", "qc.mzML", "ref.fa")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "config").mkdir(parents=True)
    for name in FILES:
        (folder / name).write_text("x")
    (folder / "config" / "config.yaml").write_text("references: {canis: {fasta: ref.fa}}\n")
    for name, text in SHEETS.items():
        (folder / "config" / f"{name}.tsv").write_text(text)
    return folder


def table(sheet, text: str) -> None:
    for row in csv.reader(text.splitlines(), delimiter="\t"):
        sheet.append([int(cell) if cell.isdigit() else cell or None for cell in row])


def as_workbooks(site: Path) -> None:
    for name, text in SHEETS.items():
        (site / "config" / f"{name}.tsv").unlink()
        book = openpyxl.Workbook()
        table(book.active, text)
        book.save(site / "config" / f"{name}.xlsx")


def as_workbook(site: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["What this is"])
    book.active.title = "Read me first"
    for name, text in SHEETS.items():
        (site / "config" / f"{name}.tsv").unlink()
        table(book.create_sheet(name), text)
    book.save(site / "config" / "sheets.xlsx")


def as_quoted(site: Path) -> None:
    for name, text in SHEETS.items():
        with open(site / "config" / f"{name}.tsv", "w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, delimiter="\t", quoting=csv.QUOTE_ALL)
            writer.writerows(csv.reader(text.splitlines(), delimiter="\t"))


def content(site: Path) -> dict:
    found = registry.load(site)
    assert [str(problem) for problem in found.problems] == []
    return {name: getattr(found, name) for name in ("proposals", "samples", "runs", "awards")}


@pytest.mark.parametrize("saved", [as_workbooks, as_workbook, as_quoted])
def test_a_site_is_the_same_however_its_sheets_were_saved(site, saved):
    before = content(site)
    saved(site)
    assert content(site) == before


@pytest.mark.parametrize(
    ("saved", "where"),
    [(as_workbooks, "config/samples.xlsx, line 2"), (as_workbook, "config/sheets.xlsx, table samples, line 2")],
)
def test_an_error_in_a_workbook_is_told_where_it_stands(site, monkeypatch, saved, where):
    monkeypatch.setitem(SHEETS, "samples", SHEETS["samples"].replace("GEN-WGS-30X", "GEN-WGS-3OX"))
    saved(site)
    (found,) = registry.load(site).problems
    assert found.where == f"{where}, column service"


def test_a_day_that_a_spreadsheet_shows_as_a_number_is_refused_with_its_cell(site):
    as_workbooks(site)
    path = site / "config" / "runs.xlsx"
    book = openpyxl.load_workbook(path)
    book.active["H2"] = 46083
    book.save(path)
    (found,) = registry.load(site).problems
    assert found.where == "config/runs.xlsx, line 2, column acquired"
    assert found.found == "'46083', which a spreadsheet shows as 2026-03-02"


def hidden_first(book) -> None:
    """Last year's rows, put away before this year's."""
    old = book.create_sheet("old", 0)
    table(old, SHEETS["runs"].replace("W1_", "X1_"))
    old.sheet_state = "hidden"


def days_as_cells(book) -> None:
    book.active["H2"], book.active["H3"] = datetime(2026, 3, 2), datetime(2026, 3, 2, 14, 30)


def days_of_an_old_macintosh(book) -> None:
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    days_as_cells(book)


def numbers_as_text(book) -> None:
    for cell in ("G3", "G4"):
        book.active[cell] = str(book.active[cell].value)
        book.active[cell].number_format = "@"


def numbers_with_decimals(book) -> None:
    for cell in ("G3", "G4"):
        book.active[cell] = float(book.active[cell].value)
        book.active[cell].number_format = "0.00"


def empty_around(book) -> None:
    """A blank line above, one between, and cells that were only coloured."""
    book.active.insert_rows(1)
    book.active.insert_rows(4)
    book.active["K40"].fill = openpyxl.styles.PatternFill("solid", fgColor="FFFF00")
    book.active["I3"] = "  "


def filtered(book) -> None:
    book.active.auto_filter.ref = "A1:H4"
    book.active.row_dimensions[3].hidden = book.active.column_dimensions["H"].hidden = True


FORMS = [hidden_first, days_as_cells, days_of_an_old_macintosh, numbers_as_text, numbers_with_decimals, empty_around]


@pytest.mark.parametrize("saved", [*FORMS, filtered])
def test_a_workbook_says_the_same_whatever_form_its_cells_have(site, saved):
    before = content(site)
    as_workbooks(site)
    path = site / "config" / "runs.xlsx"
    book = openpyxl.load_workbook(path)
    saved(book)
    book.save(path)
    assert content(site) == before


def test_a_sheet_that_stands_in_two_places_stops_the_site(site):
    shutil.copy(site / "config" / "samples.tsv", site / "samples.tsv")
    as_workbooks(site)
    (site / "samples.tsv").rename(site / "config" / "samples.tsv")
    found = registry.load(site)
    assert found.broken
    assert "config/samples.tsv and config/samples.xlsx" in str(found.problems[0])


def test_a_table_of_nearly_a_sheets_name_is_told_and_others_are_named(site):
    as_workbook(site)
    path = site / "config" / "sheets.xlsx"
    book = openpyxl.load_workbook(path)
    book["awards"].title = "award"
    book.save(path)
    found = registry.load(site)
    assert "found a table 'award', expected a sheet's name (did you mean 'awards'?)" in str(found.problems[0])
    assert any("Read me first" in remark for remark in found.remarks)


def test_a_damaged_workbook_is_told_once(site):
    for name in SHEETS:
        (site / "config" / f"{name}.tsv").unlink()
    (site / "config" / "sheets.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    found = registry.load(site)
    assert len(found.problems) == 1
    assert found.problems[0].where.startswith("config/sheets.xlsx")


@pytest.mark.parametrize("saved", [as_workbooks, as_workbook, as_quoted, lambda _site: None])
def test_a_command_adds_rows_to_a_sheet_however_it_was_saved(site, saved):
    saved(site)
    row = {"sample": "W2", "proposal": "P1", "facility": "CNR-IBIOM", "service": "GEN-WGS-30X", "status": "waiting"}
    row |= {"organism": "Canis lupus", "reference": "canis", "group": '"grey"', "reason": "=not measured"}
    with entry.alone(site) as read:
        assert entry.enter_samples(read, [row]) == ["W2"]
    found = registry.load(site)
    assert [str(problem) for problem in found.problems] == []
    assert {name: getattr(found.samples["W2"], name) for name in row} == row
    assert list(found.samples) == ["W1", "B1", "QC", "W2"]


def test_a_command_does_not_lose_what_a_spreadsheet_computed(site):
    as_workbooks(site)
    path = site / "config" / "samples.xlsx"
    book = openpyxl.load_workbook(path)
    book.active["J1"] = "=A1"
    book.save(path)
    kept = path.read_bytes()
    with pytest.raises(Refusal, match=r"samples.xlsx, table Sheet, cell J1: found a formula"):
        from scripts.lib.registry import spreadsheets

        spreadsheets.append(path, path.with_name("other.xlsx"), "", [{"sample": "W2"}])
    assert path.read_bytes() == kept


ALIKE = {
    "samples": ("samples", "B1\tP2", "w1\tP2", "samples.tsv, line 3, column sample: found 'w1', where line 2 has 'W1'"),
    "proposals": ("proposals", "P2\t", "p1\t", "proposals.tsv, line 3, column proposal: found 'p1'"),
    "batches": ("runs", "qc.mzML\tM1", "qc.mzML\tm1", "runs.tsv, line 4, column batch: found 'm1'"),
    "runs": ("runs", "QC\tr0\t\t\tqc.mzML", "B1\tR1\t\t\tqc.mzML", "runs.tsv, line 4, column run: found 'R1'"),
}


@pytest.mark.parametrize(("sheet", "old", "new", "words"), ALIKE.values(), ids=ALIKE)
def test_names_that_differ_in_capitals_alone_do_not_coexist(site, sheet, old, new, words):
    path = site / "config" / f"{sheet}.tsv"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert any(words in str(problem) for problem in registry.load(site).problems)


def test_references_do_not_differ_in_capitals_alone(site):
    (site / "config" / "config.yaml").write_text("references: {canis: {fasta: ref.fa}, Canis: {fasta: ref.fa}}\n")
    (found,) = registry.load(site).problems
    assert "found 'Canis' beside 'canis'" in str(found)


def test_a_folder_that_is_not_there_is_said_to_be_missing(site, tmp_path):
    path = site / "config" / "runs.tsv"
    path.write_text(path.read_text().replace("b1.mzML", "raw/deep/b1.mzML"))
    (found,) = registry.load(site).problems
    assert found.found == "'raw/deep/b1.mzML', whose folder raw does not exist"
    with pytest.raises(Refusal, match="found no such directory"):
        registry.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "command", ["check", "run", "status", "unlock", "facility", "reception", "due", "usage", "import"]
)
def test_every_command_says_that_a_site_is_not_there(tmp_path, monkeypatch, capsys, command):
    from scripts.cli import __main__ as cli

    rest = ["parcel.tsv"] if command in ("reception", "import") else []
    assert cli.main([command, *rest, "--directory", str(tmp_path / "nowhere")]) == 1
    assert "nowhere: found no such directory" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()
