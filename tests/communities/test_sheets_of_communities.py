"""What check says of the sheets, the recipe and the database of communities."""

from __future__ import annotations

import pytest

from scripts.branches.communities import demo
from scripts.lib import registry
from scripts.lib.files import read_tsv, write_tsv

DESIGN = demo.Design(samples=1, pairs=24, blank_pairs=2, members=2)


@pytest.fixture
def site(tmp_path):
    demo.write_site(tmp_path / "site", 1, DESIGN)
    return tmp_path / "site"


def changed(site, sheet: str, **cells) -> None:
    """The sheet with these cells in its last row; a cell of None takes the column's row away."""
    path = site / "config" / f"{sheet}.tsv"
    rows = read_tsv(path)
    rows[-1] |= cells
    write_tsv(path, list(rows[0]), rows)


def said(site) -> str:
    return "\n".join(map(str, registry.load(site).problems))


def test_the_planted_site_is_in_order(site):
    found = registry.load(site)
    assert (found.problems, [r for r in found.remarks if "primers" in r]) == ([], [])
    assert list(found.orders) == ["P001/CNR-IBIOM/GEN-AMPLICON"]


@pytest.mark.parametrize(
    ("sheet", "cells", "words"),
    [
        ("mocks", {"sequence": "ACGTX"}, "bases"),
        ("mocks", {"share": "0"}, "a positive number"),
        ("mocks", {"variant": "mock1"}, "'mock1' of EVEN12 again"),
        ("runs", {"read2": ""}, "one file"),
        ("environments", {"package": "soyl"}, "a package of MIxS"),
        ("environments", {"env_medium": "soil"}, "ENVO"),
        ("environments", {"elev": ""}, "MIxS asks of soil"),
        ("environments", {"sample": "X1"}, "'X1'"),
        ("environments", {"collection_date": "yesterday"}, "a date as"),
    ],
)
def test_an_error_of_a_sheet_is_told_with_what_was_expected(site, sheet, cells, words):
    changed(site, sheet, **cells)
    assert words in said(site)


def test_a_mock_that_no_sheet_knows_is_told(site):
    rows = read_tsv(site / "config/samples.tsv")
    for row in rows:
        row["level"] = row["level"] and "EVEN21"
    write_tsv(site / "config/samples.tsv", list(rows[0]), rows)
    assert "'EVEN21'" in said(site) and "a mock community of config/mocks.tsv" in said(site)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no sequence"),
        (">a\nACGT\n", "without ranks"),
        (None, "No such file"),
    ],
)
def test_a_database_that_is_none_is_told(site, text, words):
    path = site / "reference/16S.fasta"
    path.write_text(text) if text is not None else path.unlink()
    assert words in said(site)


def test_a_database_that_config_does_not_name_is_told(site):
    (site / "config/config.yaml").write_text("databases: {}\n")
    assert "one of `databases` in config.yaml" in said(site)


def test_primers_that_are_nowhere_in_the_database_are_worth_a_word(site):
    (site / "reference/16S.fasta").write_text(">a;tax=d:Bacteria,p:P;\nACGTACGTACGT\n")
    assert any("holds both primers" in remark for remark in registry.load(site).remarks)
