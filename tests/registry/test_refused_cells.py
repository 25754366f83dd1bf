"""A refused cell is told once, where it stands; what follows from it alone is not told besides."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts.demo.generate import Size, generate
from scripts.lib import registry
from scripts.lib.files import read_tsv, write_tsv

#: Sheets that the demo has not, in which others are named.
MORE = {
    "awards": [
        {"proposal": "P001", "facility": "CNR-IBIOM", "service": "GEN-WGS-30X", "units": "2"},
        {"proposal": "P001", "facility": "CNR-IBSBC", "service": "MET-UNTARGETED", "units": "3"},
        {"proposal": "P001", "facility": "CNR-IBSBC", "service": "MET-TARGETED", "units": "2"},
    ],
    "waivers": [
        {"proposal": "P002", "facility": "CNR-IBIOM", "service": "GEN-WGS-30X", "sample": "G003"}
        | {"metric": "pct_autosomes_15x", "by": "A. Rossi", "date": "2026-03-02", "reason": "agreed"},
    ],
    "pedigree": [{"donor": "D1", "father": "D2", "mother": "D3"}],
    "phenotypes": [{"sample": "G005", "term": "HP:0001250", "label": "Seizure", "excluded": "no"}],
}
DONORS = {"G001": "D1", "G002": "D2", "G003": "D3"}
SHEETS = ("proposals", "samples", "runs", "targets", "concentrations", *MORE)
#: What no column of ids, numbers, days or names of something known takes.
JUNK = "?!"
#: Columns of names that stand in the catalogue or configuration, and what is in none of them.
NAMED, UNKNOWN = ("facility", "service", "reference", "metric"), "Unknown9"


@pytest.fixture(scope="session")
def sound(tmp_path_factory) -> Path:
    site = tmp_path_factory.mktemp("sound") / "site"
    generate(site, size=Size(contigs={"chr1": 9000}, depth=1, compounds=12))
    config = site / "config"
    rows = read_tsv(config / "samples.tsv")
    for row in rows:
        row["donor"] = DONORS.get(row["sample"], "")
    write_tsv(config / "samples.tsv", list(rows[0]), rows)
    rows = read_tsv(config / "proposals.tsv")
    for row in rows:
        row["status"] = "awarded"
    write_tsv(config / "proposals.tsv", list(rows[0]), rows)
    for name, more in MORE.items():
        write_tsv(config / f"{name}.tsv", list(more[0]), more)
    assert [str(problem) for problem in registry.load(site).problems] == []
    return site


@pytest.fixture
def site(sound, tmp_path) -> Path:
    """The sound site; what its sheets name is shared with the others."""
    for path in sound.iterdir():
        if path.name != "config":
            (tmp_path / path.name).symlink_to(path)
    shutil.copytree(sound / "config", tmp_path / "config")
    return tmp_path


def kinds(sheet: str, rows: list[dict[str, str]]) -> list[int]:
    """One row of each kind: what is alone in its order or batch, and what is not."""
    seen: dict[tuple, int] = {}
    for number, row in enumerate(rows):
        told = [row.get(name, "") for name in ("proposal", "service", "role", "level", "ion", "batch")]
        seen.setdefault((*told, sheet), number)
    return list(seen.values())


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_refused_cell_is_told_once_and_nothing_that_follows_from_it(site, sheet):
    path = site / "config" / f"{sheet}.tsv"
    rows = read_tsv(path)
    refused = 0
    for number in kinds(sheet, rows):
        for column in rows[number]:
            for value in (JUNK, UNKNOWN) if column in NAMED else (JUNK,):
                changed = [dict(row) for row in rows]
                changed[number][column] = value
                write_tsv(path, list(rows[0]), changed)
                told = registry.load(site).problems
                assert len(told) <= 1, [str(problem) for problem in told]
                # What a quantifier's compound is, its qualifiers contradict.
                if told and (sheet, column) != ("targets", "compound"):
                    assert told[0].where.startswith(f"config/{sheet}.tsv, line {number + 2}, column ")
                refused += len(told)
    assert refused
