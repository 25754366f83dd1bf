"""`./filiera call`: from a folder of sheets to letters, and to rows of the site that `check` enforces."""

from __future__ import annotations

import json
import re

import frictionless
import openpyxl
import pytest

from scripts.cli.__main__ import main
from scripts.lib import registry
from scripts.lib.registry.calls import load_call
from tests.call.calls import APPLICATIONS, TERMS, scores, site, write


@pytest.fixture
def call(tmp_path):
    """Run the command on a call beside an empty site; returns its exit code."""
    site(tmp_path / "site")

    def run(*options: str, **texts) -> int:
        folder = write(tmp_path / "call", **texts)
        return main(["call", "--directory", str(tmp_path / "site"), str(folder), *options])

    return run


def test_the_outcome_is_a_table_with_reasons_and_a_letter_each(call, tmp_path):
    assert call() == 0
    folder = tmp_path / "call" / "outcome"
    assert sorted(path.name for path in (folder / "letters").iterdir()) == ["A1.md", "A2.md", "A3.md", "A4.md", "A5.md"]
    letters = {name: (folder / "letters" / f"{name}.md").read_text() for name in ("A1", "A2", "A3", "A4")}
    assert "**accepted**" in letters["A1"] and "| CNR-IBIOM | GEN-WGS-30X | 6 | 6 |" in letters["A1"]
    assert "**reserve list**" in letters["A2"] and "4 units of GEN-WGS-30X" in letters["A2"]
    assert "awarded in part" in letters["A3"]
    assert "**not be admitted**" in letters["A4"] and "late" in letters["A4"]
    # Who sat on the committee, and how the others fared, is nobody's business.
    assert not any(re.search(r"\bR\d\b", text) for text in letters.values())
    assert "A2" not in letters["A1"]
    told = json.loads((folder / "outcome.json").read_text())
    assert told["deadline"]["first_moment_too_late"] == "2026-04-15T22:00:00+00:00"
    assert told["budget"][1] == {
        "facility": "CNR-IBSBC", "service": "MET-UNTARGETED", "units": 11, "awarded": 11,
        "euro": "1000", "euro_awarded": "990",
    }  # fmt: skip


def test_the_table_is_a_valid_data_package(call, tmp_path):
    call()
    report = frictionless.validate(str(tmp_path / "call" / "outcome" / "datapackage.json"))
    assert report.valid, report.flatten()


def test_the_same_call_gives_the_same_bytes_whatever_the_order_of_its_rows(call, tmp_path):
    def outcome() -> dict:
        folder = tmp_path / "call" / "outcome"
        return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def turned(text: str) -> str:
        head, *rows = text.splitlines()
        return "\n".join([head, *reversed(rows)]) + "\n"

    scored = scores(A1=(4, 4), A2=(4, 4), A3=(3, 3))
    call(scored=scored)
    before = outcome()
    call(scored=turned(scored))
    assert outcome() == before


def test_spreadsheets_say_the_same_as_text(call, tmp_path):
    call()
    text = (tmp_path / "call" / "outcome" / "ranking.tsv").read_bytes()
    for name in ("applications", "scores"):
        book = openpyxl.Workbook()
        for line in (tmp_path / "call" / f"{name}.tsv").read_text().splitlines():
            book.active.append([int(cell) if cell.isdigit() else cell or None for cell in line.split("\t")])
        book.save(tmp_path / "call" / f"{name}.xlsx")
    terms = TERMS + "applications: applications.xlsx\nscores: scores.xlsx\n"
    assert call(terms=terms) == 0
    assert (tmp_path / "call" / "outcome" / "ranking.tsv").read_bytes() == text


def test_accepted_proposals_are_entered_once_and_nothing_else_changes(call, tmp_path):
    assert call("--enter") == 0
    config = tmp_path / "site" / "config"
    sheets = (config / "proposals.tsv").read_text(), (config / "awards.tsv").read_text()
    assert sheets[0].startswith("# ours\nproposal\tcall\ttitle\tstatus\thuman_data\n")
    assert "A1\tNOA-2026\tWolves\tawarded\tno" in sheets[0]
    assert sheets[1].splitlines()[1:] == [
        "A1\tCNR-IBIOM\tGEN-WGS-30X\t6", "A3\tCNR-IBIOM\tGEN-WGS-30X\t4", "A3\tCNR-IBSBC\tMET-UNTARGETED\t11"
    ]  # fmt: skip
    assert call("--enter") == 0
    assert ((config / "proposals.tsv").read_text(), (config / "awards.tsv").read_text()) == sheets
    assert registry.load(tmp_path / "site").problems == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"terms": TERMS.replace("units: 10", "units: 9")}, "6|4 units for A3/CNR-IBIOM/GEN-WGS-30X, expected 3"),
        ({"terms": TERMS + "withdrawn: [A1]\n"}, "'A1' as awarded in 'NOA-2026', which it no longer is"),
        ({"terms": TERMS.replace("call: NOA-2026", "call: TNA-2026")}, "'A1' of call 'NOA-2026'"),
    ],
)
def test_a_decision_that_was_entered_is_never_changed_silently(call, tmp_path, capsys, change, words):
    call("--enter")
    config = tmp_path / "site" / "config"
    sheets = (config / "proposals.tsv").read_text(), (config / "awards.tsv").read_text()
    assert call("--enter", **change) == 1
    assert re.search(words, capsys.readouterr().err)
    assert ((config / "proposals.tsv").read_text(), (config / "awards.tsv").read_text()) == sheets


def test_what_the_reserve_list_is_for(call, tmp_path):
    """An award that is given back goes to the next in rank, once the sheet says that it is closed."""
    call("--enter")
    path = tmp_path / "site" / "config" / "proposals.tsv"
    path.write_text(path.read_text().replace("A1\tNOA-2026\tWolves\tawarded", "A1\tNOA-2026\tWolves\tclosed"))
    (path.parent / "awards.tsv").unlink()
    assert call("--enter", terms=TERMS + "withdrawn: [A1]\n") == 0
    assert "A2\tNOA-2026\tBears\tawarded" in path.read_text()


WRONG = {
    "abbreviated zone": ("terms", "zone: Europe/Rome}", "zone: CET}", "deadline.zone: found 'CET', which does not say"),
    "unknown tie": (
        "terms",
        "[originality, sub",
        "[originalty, sub",
        "did you mean 'originality'?",
    ),
    "unknown service": ("terms", "WGS-30X, u", "WGS-3OX, u", "'GEN-WGS-3OX', expected a service of the catalogue"),
    "wrong facility": ("terms", "CNR-IBIOM, s", "CNR-IBSBC, s", "expected CNR-IBIOM or UNIBA-DBBA, which offer"),
    "two measures": ("terms", "units: 10", "units: 10, euro: 5", "neither units nor euro with unit_cost, or both"),
    "minute as a number": ("terms", '"23:59"', "23:59", "deadline.minute: found 1439, expected hours and minutes"),
    "no zone for a time": ("terms", "clock: Europe/Rome\n", "", "2026-04-01T10:00:00, of no zone"),
    "two titles": (
        "applications",
        "Otters\t2026-04-03T10:00\tCNR-IBS",
        "Seals\t2026-04-03T10:00\tCNR-IBS",
        "line 4 says",
    ),
    "no time": ("applications", "2026-04-02T10:00", "2 April", "line 3, column submitted: found '2 April'"),
    "least above units": ("applications", "6\t5\tno", "6\t7\tno", "line 3, column least: found 7"),
    "unknown application": ("scored", "A2\tR1\timp", "A9\tR1\timp", "column application: found 'A9'"),
    "unknown criterion": ("scored", "A2\tR1\timpact", "A2\tR1\timpcat", "did you mean 'impact'?"),
    "off the scale": ("scored", "A2\tR1\timpact\t4", "A2\tR1\timpact\t6", "found 6, expected a number from 0 to 5"),
    "scored twice": ("scored", "A2\tR1\timpact", "A2\tR1\toriginality", "again (first in line"),
    "no score": ("scored", "A2\tR1\timpact\t4", "A2\tR1\timpact\t", "column score: found nothing"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_its_place(tmp_path, case):
    text, old, new, words = WRONG[case]
    texts = {"terms": TERMS, "applications": APPLICATIONS, "scored": scores(A1=(5, 5), A2=(4, 4), A3=(3, 3))}
    assert old in texts[text]
    texts[text] = texts[text].replace(old, new, 1)
    folder = write(tmp_path / "call", **texts)
    messages = [str(problem) for problem in load_call(folder, registry.load(site(tmp_path / "site"))).problems]
    assert any(words in message for message in messages), messages


def test_a_spreadsheet_that_is_none_is_refused(tmp_path):
    folder = write(tmp_path / "call", terms=TERMS + "applications: a.xlsx\n")
    (folder / "a.xlsx").write_text("application\n")
    messages = list(map(str, load_call(folder, registry.load(site(tmp_path / "site"))).problems))
    assert any("a.xlsx: found no readable spreadsheet" in message for message in messages), messages
