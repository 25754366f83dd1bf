"""Who is who, when names, codes, tables and operators do what they can to make two people one, or one two."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.cli.__main__ import main
from scripts.federation import people, pool, table
from scripts.lib import files, registry
from scripts.lib.files import read_json, read_tsv, write_json, write_tsv
from scripts.lib.refusal import Refusal
from scripts.lib.registry import persons
from tests.federation.cohort import counted, rows
from tests.federation.facilities import KEY, donors
from tests.federation.facilities import site as delivered

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = (
    "barcode", "name", "donor_name", "donor_code", "sender", "proposal", "facility", "service", "material",
    "condition", "received", "volume_ul", "concentration_ng_ul", "din", "organism", "sex",
)  # fmt: skip


def tube(barcode: str, donor: str = "", code: str = "", **changed) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "") | {"barcode": barcode, "name": f"name of {barcode}", "donor_name": donor}
    row |= {"donor_code": code, "sender": "Dr Bianchi", "proposal": "P1", "facility": "CNR-IBIOM"}
    row |= {"service": "GEN-WGS-30X", "material": "DNA", "condition": "intact", "received": "2026-03-02"}
    row |= {"volume_ul": "50", "concentration_ng_ul": "40", "din": "8", "organism": "Homo sapiens", "sex": "female"}
    return row | changed


@pytest.fixture
def desk(tmp_path) -> Path:
    """A site with two awarded proposals, of which one may have three samples."""
    config = tmp_path / "config"
    config.mkdir()
    head = "proposal\tcall\ttitle\tstatus\thuman_data\n"
    (config / "proposals.tsv").write_text(f"{head}P1\tC\tHearts\tawarded\tpublic\nP2\tC\tLungs\tawarded\tpublic\n")
    (config / "awards.tsv").write_text("proposal\tfacility\tservice\tunits\nP2\tCNR-IBIOM\tGEN-WGS-30X\t3\n")
    (config / "samples.tsv").write_text("sample\tproposal\tfacility\tservice\n")
    (config / "runs.tsv").write_text("sample\trun\tread1\n")
    return tmp_path


def sheet(desk: Path, tubes: list[dict], parcel: str = "X1") -> Path:
    path = desk / "reception" / f"{parcel}.tsv"
    write_tsv(path, list(COLUMNS), tubes)
    return path


def receive(desk: Path, tubes: list[dict], *options: str, parcel: str = "X1") -> int:
    return main(["reception", "--directory", str(desk), str(sheet(desk, tubes, parcel)), *options])


def keys(desk: Path) -> list[dict[str, str]]:
    return read_tsv(desk / "private" / "reception_keys.tsv") if (desk / "private").exists() else []


def verdicts(desk: Path, parcel: str = "X1") -> list[str]:
    return [row["verdict"] for row in read_tsv(desk / "reception" / parcel / "verdicts.tsv")]


# --- reception: which donor a tube is of ------------------------------------------------------------------------------

# Donors as (name, code) of each tube, and which of them must get one pseudonym (the same letter).
ONE = {
    "two people of one name": ([("Mario Rossi", "B1"), ("Mario Rossi", "B2")], "ab"),
    "one code in three spellings": ([("Mario Rossi", "BB-0012"), ("M. Rossi", "bb 0012"), ("Rossi", "BB0012")], "aaa"),
    "one code, full width": ([("", "BB12"), ("", "\uff22\uff2212")], "aa"),
    "codes without names": ([("", "B1"), ("", "B2"), ("", "b-1")], "aba"),
    "a name in other case and blanks": ([("Mario Rossi", ""), ("MARIO  ROSSI", "")], "aa"),
    "nothing said of either": ([("", ""), ("", "")], "--"),
    "a name twice between two codes": ([("Rossi", "B1"), ("Verdi", "B2"), ("Rossi", "B3"), ("Verdi", "B1")], "abca"),
}


@pytest.mark.parametrize("case", ONE)
@pytest.mark.parametrize("parcels", [1, 2])
def test_a_donor_is_known_by_code_and_else_by_name(desk, case, parcels):
    told, wanted = ONE[case]
    tubes = [tube(f"T{number}", *who) for number, who in enumerate(told)]
    if parcels == 1:
        assert receive(desk, tubes) == 0
    else:
        assert [receive(desk, [each], parcel=f"X{number}") for number, each in enumerate(tubes)] == [0] * len(tubes)
    given = [key["donor"] for key in keys(desk)]
    assert [bool(donor) for donor in given] == [letter != "-" for letter in wanted]
    same = {(a, b) for a in range(len(given)) for b in range(a) if given[a] and given[a] == given[b]}
    assert same == {(a, b) for a in range(len(wanted)) for b in range(a) if wanted[a] == wanted[b] != "-"}


# Donors of two tubes whom nobody can tell apart, and the words that ask.
ASKED = {
    "a code and none": (
        [("Mario Rossi", "B1"), ("Mario Rossi", "")],
        "nothing for 'Mario Rossi', who has a code",
    ),
    "none and a code": (
        [("Mario Rossi", ""), ("Mario Rossi", "B1")],
        "a code for 'Mario Rossi', who has none",
    ),
    "a code and none, other order": ([("Mario Rossi", "B1"), ("ROSSI Mario", "")], "column donor_code"),
    "other order of names": ([("Mario Rossi", ""), ("Rossi, Mario", "")], "who may be 'Mario Rossi'"),
    "lost accent": ([("Nicol\u00f2 Conte", ""), ("Nicolo Conte", "")], "column donor_name"),
    "an apostrophe": ([("Nicola D'Angelo", ""), ("Nicola DAngelo", "")], "who may be "),
    "a particle": ([("Anna De Luca", ""), ("DeLuca, Anna", "")], "who may be 'Anna De Luca'"),
    "a stroke": ([("S\u00f8ren Holm", ""), ("Soren Holm", "")], "column donor_name"),
    "separators elsewhere": ([("", "1-23"), ("", "12-3")], "found '12-3', which may be '1-23'"),
    "zeros that a spreadsheet dropped": ([("", "0012"), ("", "12")], "found '12', which may be '0012'"),
    "zeros behind letters": ([("", "PT-0012"), ("", "PT12")], "found 'PT12', which may be 'PT-0012'"),
    "a code of zeros": ([("Anna Verdi", "0"), ("Mario Rossi", "0")], "found '0', expected nothing"),
    "nobody in Italian": ([("ignoto", ""), ("Ignoto", "")], "found 'ignoto', expected nothing"),
    "no code in words": ([("Anna Verdi", "n/a"), ("Mario Rossi", "n/a")], "found 'n/a', expected nothing"),
    "a dash for a code": ([("Anna Verdi", "-"), ("Mario Rossi", "B1")], "found '-', expected nothing"),
    "nobody by name": ([("unknown", ""), ("Unknown", "")], "found 'unknown', expected nothing"),
}


@pytest.mark.parametrize("case", ASKED)
@pytest.mark.parametrize("parcels", [1, 2])
def test_who_cannot_be_told_apart_is_asked_for(desk, case, parcels, capsys):
    told, words = ASKED[case]
    first, second = (tube(f"T{number}", *who) for number, who in enumerate(told))
    if parcels == 1:
        code = receive(desk, [first, second])
    else:
        code = receive(desk, [first], parcel="X0") or receive(desk, [second])
    assert code == 1
    assert words in capsys.readouterr().err
    assert len(keys(desk)) <= parcels - 1


def test_a_code_that_comes_under_another_name_is_told(desk, capsys):
    assert receive(desk, [tube("T1", "Mario Rossi", "B1"), tube("T2", "Anna Verdi", "B1")]) == 0
    told = capsys.readouterr()
    assert "line 3: the code of a donor of another name" in told.err
    assert "Verdi" not in told.err + told.out


def test_two_proposals_of_one_donor_have_different_pseudonyms(desk):
    receive(desk, [tube("T1", "Mario Rossi", "B1")])
    receive(desk, [tube("T1", "Mario Rossi", "B1", proposal="P2")], parcel="X2")
    assert len({key["donor"] for key in keys(desk)}) == 2


# --- reception: a parcel that comes again -----------------------------------------------------------------------------

AGAIN = {
    "another sender's parcel of that name": ({"sender": "Dr Neri", "name": "x", "proposal": "P2"}, "column sender"),
    "another donor": ({"donor_name": "Anna Verdi"}, "column donor_name: found 'Anna Verdi'"),
    "another code": ({"donor_code": "B2"}, "column donor_code: found 'B2', expected 'B1', as the tube was received"),
    "a code that was lost": ({"donor_code": ""}, "column donor_code: found nothing"),
    "another service": ({"service": "GEN-WES"}, "column service: found 'GEN-WES', expected 'GEN-WGS-30X'"),
    "a tube that is gone": ({"barcode": "T9"}, "no tube 'T1', for which the parcel"),
    "another measure": ({"concentration_ng_ul": "1"}, "T1, which its receipt accepted, rejected now (amount 50"),
}  # fmt: skip


@pytest.mark.parametrize("case", AGAIN)
def test_what_was_received_is_not_another_thing_later(desk, case, capsys):
    changed, words = AGAIN[case]
    first = tube("T1", "Mario Rossi", "B1")
    assert receive(desk, [first]) == 0
    before, receipt = keys(desk), (desk / "reception" / "X1" / "receipt.md").read_text()
    assert receive(desk, [first | changed]) == 1
    assert words in capsys.readouterr().err
    assert (keys(desk), (desk / "reception" / "X1" / "receipt.md").read_text()) == (before, receipt)


def test_codes_may_be_added_to_what_was_received_without(desk, capsys):
    receive(desk, [tube("T1", "Mario Rossi"), tube("T2", "Mario Rossi"), tube("T3", "Anna Verdi", "B2")])
    (one, two, three) = (key["donor"] for key in keys(desk))
    assert one == two
    rows = [tube("T1", "Mario Rossi", "B2"), tube("T2", "Mario Rossi"), tube("T3", "Anna Verdi", "B2")]
    assert receive(desk, rows) == 1
    assert f"expected the code of donor {one}" in capsys.readouterr().err
    assert receive(desk, [tube("T1", "Mario Rossi", "B1"), *rows[1:]]) == 0
    assert [(key["donor"], key["donor_code"]) for key in keys(desk)] == [(one, "B1"), (one, ""), (three, "B2")]
    assert receive(desk, [tube("T4", "M. Rossi", "b1")], parcel="X2") == 0
    assert keys(desk)[-1]["donor"] == one


# --- reception: places ------------------------------------------------------------------------------------------------


def test_a_receipt_reserves_and_is_kept(desk):
    """What was received and not entered counts, in whichever order the desks go on."""
    own = [tube(f"T{number}", proposal="P2") for number in range(2)]
    assert receive(desk, own) == 0
    assert receive(desk, [tube(f"U{number}", proposal="P2") for number in range(2)], "--enter", parcel="X2") == 0
    assert verdicts(desk, "X2") == ["accepted", "rejected"]
    # A row put before the others takes nobody's place.
    assert receive(desk, [tube("S0", proposal="P2"), *own], "--enter") == 0
    assert verdicts(desk) == ["rejected", "accepted", "accepted"]
    assert registry.load(desk).problems == []
    assert len(registry.load(desk).samples) == 3


def test_tubes_of_before_count_too(desk, capsys):
    """A key table written before orders were noted in it."""
    receive(desk, [tube(f"T{number}", proposal="P2") for number in range(3)])
    table_ = desk / "private" / "reception_keys.tsv"
    old = [{name: row[name] for name in row if name not in ("facility", "service")} for row in keys(desk)]
    write_tsv(table_, list(old[0]), old)
    assert receive(desk, [tube("U0", proposal="P2")], parcel="X2") == 0
    assert verdicts(desk, "X2") == ["rejected"]
    with open(desk / "config" / "awards.tsv", "a") as handle:
        handle.write("P2\tCNR-IBIOM\tGEN-WES\t3\n")
    assert receive(desk, [tube("U0", proposal="P2")], parcel="X2") == 1
    assert "receive parcel X1 again" in capsys.readouterr().err
    assert receive(desk, [tube(f"T{number}", proposal="P2") for number in range(3)]) == 0
    assert receive(desk, [tube("U0", proposal="P2")], parcel="X2") == 0
    assert verdicts(desk, "X2") == ["rejected"]


def test_places_are_not_given_away_where_a_row_cannot_be_read(desk, capsys):
    with open(desk / "config" / "samples.tsv", "a") as handle:
        handle.write("S 1\tP2\tCNR-IBIOM\tGEN-WGS-30X\n")
    assert receive(desk, [tube("T1", proposal="P2")]) == 1
    assert "config/samples.tsv, line 2, column sample" in capsys.readouterr().err
    assert receive(desk, [tube("T1")], "--enter") == 0  # another proposal's mistake stops nobody
    assert (desk / "config" / "samples.tsv").read_text().count("\tP1\t") == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.yaml", "private_names: elsewhere/names.tsv\nprivate_names: private/other.tsv\n"),
        ("catalogue.yaml", "services: {GEN-WGS-30X: {input_requirements: {DNA: {criteria: {din: {min: nine}}}}}}\n"),
        ("catalogue.yaml", "services: {"),
    ],
)
def test_nothing_is_received_by_defaults_where_configuration_cannot_be_read(desk, name, text, capsys):
    """Else the key table would be another, and the thresholds those that are shipped."""
    (desk / "config" / name).write_text(text)
    assert receive(desk, [tube("T1", "Mario Rossi", "B1")]) == 1
    assert f"config/{name}" in capsys.readouterr().err
    assert not (desk / "private").exists()


def at_once(site: Path, commands: list[list[str]]) -> list[int]:
    """Run commands that all come as far as the sheets before one of them may write there."""
    with files.held(site / "config"):
        started = [
            subprocess.Popen([sys.executable, "-m", "scripts.cli", *command], cwd=ROOT, stdout=subprocess.DEVNULL)
            for command in commands
        ]
        time.sleep(5)
    return [process.wait(120) for process in started]


def test_three_desks_at_once_enter_a_parcel_once(desk):
    path = sheet(desk, [tube(f"T{number}", f"Donor {number}", f"B{number}") for number in range(40)])
    assert at_once(desk, [["reception", "--directory", str(desk), str(path), "--enter"]] * 3) == [0, 0, 0]
    entered = [row["sample"] for row in read_tsv(desk / "config" / "samples.tsv")]
    assert sorted(entered) == sorted(key["sample"] for key in keys(desk))
    assert len(set(entered)) == len(entered) == 40
    assert entered == [row["sample"] for row in read_tsv(desk / "reception" / "X1" / "verdicts.tsv")]


def test_three_parcels_at_once_share_out_an_award(desk):
    paths = [sheet(desk, [tube(f"{name}{n}", proposal="P2") for n in range(2)], name) for name in ("XA", "XB", "XC")]
    assert at_once(desk, [["reception", "--directory", str(desk), str(path), "--enter"] for path in paths]) == [0, 0, 0]
    given = [verdict for path in paths for verdict in verdicts(desk, path.stem)]
    assert sorted(given) == ["accepted"] * 3 + ["rejected"] * 3
    assert registry.load(desk).problems == []
    assert len(registry.load(desk).samples) == len(keys(desk)) == 3


def test_three_desks_at_once_enter_a_call_once(tmp_path):
    from tests.call.calls import site, write

    site(tmp_path / "site")
    command = ["call", "--directory", str(tmp_path / "site"), str(write(tmp_path / "call")), "--enter"]
    assert at_once(tmp_path / "site", [command] * 3) == [0, 0, 0]
    lines = (tmp_path / "site" / "config" / "proposals.tsv").read_text().splitlines()
    assert len(lines) == len(set(lines)) == 4
    assert registry.load(tmp_path / "site").problems == []


# --- the federation's counts ------------------------------------------------------------------------------------------


def cohort(seed: int, number: int, prefix: str) -> dict:
    return {f"{prefix}{place:02d}": person for place, person in enumerate(donors(seed, number))}


def federate(*arguments) -> int:
    return main(["federate", *map(str, arguments)])


def aggregate(folder: Path, *options: str, facility: str = "CNR-IBIOM", code: int = 0) -> Path:
    assert federate("aggregate", "--directory", folder, "--facility", facility, *options) == code
    return folder / "federation" / "tables" / facility


def in_two_proposals(folder: Path, people: dict, second: set[str], codes: dict[str, str]) -> Path:
    """A site of which some samples, of proposal P2, are delivered there."""
    delivered(folder, people, codes=codes)
    config = folder / "config"
    proposals, samples = read_tsv(config / "proposals.tsv"), read_tsv(config / "samples.tsv")
    write_tsv(config / "proposals.tsv", list(proposals[0]), [*proposals, proposals[0] | {"proposal": "P2"}])
    moved = [row | ({"proposal": "P2"} if row["sample"] in second else {}) for row in samples]
    write_tsv(config / "samples.tsv", list(samples[0]), moved)
    place = "deliveries/{}/CNR-IBIOM/GEN-WGS-30X/v1/manifest.tsv"
    for proposal, names in (("P1", people.keys() - second), ("P2", second)):
        write_tsv(folder / place.format(proposal), ["path", "sample"], [{"path": "x", "sample": n} for n in names])
    for name in second:
        there = folder / "results" / "CNR-IBIOM" / "P2" / "GEN-WGS-30X" / "federation" / name
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / "results" / "CNR-IBIOM" / "P1" / "GEN-WGS-30X" / "federation" / name, there)
    return folder


SPELT = {"A00": "BB-0001", "A01": "BB-0002", "A02": "BB-0003", "A03": "bb 0001"}


def test_one_code_under_two_pseudonyms_is_one_donor(tmp_path, capsys):
    people = cohort(1, 4, "A")
    folder = in_two_proposals(tmp_path, people, {"A03"}, SPELT)
    found = pool.read(aggregate(folder))
    assert found.number == 3 and found.about["disjoint"] == "checked"
    assert rows(table.sites(found.table)) == counted([people[name] for name in ("A00", "A01", "A02")])
    told = capsys.readouterr().out
    assert "4 delivered samples: 0 of donors who withdrew, 1 of donors counted already" in told
    assert "config/samples.tsv: 4 rows, 4 used" in told


@pytest.mark.parametrize("withdrawn", ["A00", "A03"])
def test_who_withdrew_under_one_pseudonym_leaves_under_all(tmp_path, withdrawn):
    people = cohort(1, 4, "A")
    folder = in_two_proposals(tmp_path, people, {"A03"}, SPELT)
    path = folder / "config" / "samples.tsv"
    changed = [row | ({"status": "withdrawn"} if row["sample"] == withdrawn else {}) for row in read_tsv(path)]
    write_tsv(path, list(changed[0]), changed)
    found = pool.read(aggregate(folder))
    assert rows(table.sites(found.table)) == counted([people[name] for name in ("A01", "A02")])


def test_two_codes_of_one_pseudonym_are_two_donors(tmp_path, capsys):
    """As reception once made them: two people of one name."""
    people = cohort(1, 3, "A")
    folder = delivered(tmp_path, people, codes={"A00": "B1", "A01": "B2", "A02": "B3"})
    path = folder / "config" / "samples.tsv"
    path.write_text(path.read_text().replace("D-A01", "D-A00"))
    assert pool.read(aggregate(folder)).number == 3
    names = folder / "private" / "reception_keys.tsv"
    names.write_text(names.read_text().replace("B3", ""))
    path.write_text(path.read_text().replace("D-A02", "D-A00"))
    aggregate(folder, code=1)
    assert "no code for sample A02, whose donor D-A00 has several" in capsys.readouterr().err


def test_nobody_says_checked_who_did_not_check(tmp_path, capsys):
    folder = in_two_proposals(tmp_path / "a", cohort(1, 4, "A"), {"A03"}, {"A00": "B1", "A01": "n/a"})
    aggregate(folder, code=1)
    assert "found 3 donors without a code, in 2 proposals, expected" in capsys.readouterr().err
    names = folder / "private" / "reception_keys.tsv"
    names.write_text(
        "sample\tname\tproposal\tparcel\tdonor_name\tdonor_code\n"
        "A00\tx\tP1\tX1\tRossi Mario\tB1\nA01\tx\tP1\tX1\tAnna\t\nA03\tx\tP2\tX2\tMARIO ROSSI\t\n"
    )
    aggregate(folder, code=1)
    told = capsys.readouterr().err
    assert "in 2 proposals (1 of them with a name that another has)" in told and "Rossi" not in told
    assert pool.read(aggregate(folder, "--declare", "Dr B")).about["disjoint"] == "declared: Dr B"
    one = aggregate(delivered(tmp_path / "b", cohort(2, 3, "B")))
    assert pool.read(one).about["disjoint"] == "by pseudonym: 3 of 3 donors have no code"
    assert federate("combine", one, "--out", tmp_path / "sum") == 0
    assert pool.read(tmp_path / "sum").about["disjoint"] == "by pseudonym: 3 of 3 donors have no code"


def test_a_proposal_that_is_not_counted_is_named(tmp_path, capsys):
    folder = in_two_proposals(tmp_path, cohort(1, 4, "A"), {"A03"}, SPELT)
    (folder / "A03.fq.gz").unlink()
    assert pool.read(aggregate(folder)).number == 3
    assert "Not counted, because ./filiera check does not let them run: P2." in capsys.readouterr().err


def test_who_withdrew_is_not_looked_for_in_another_table_of_names(tmp_path, capsys):
    folder = in_two_proposals(tmp_path, cohort(1, 4, "A"), {"A03"}, SPELT)
    with open(folder / "config" / "config.yaml", "a") as handle:
        handle.write("backups: none\n")
    aggregate(folder, code=1)
    assert "column backups: found 'none'" in capsys.readouterr().err


def test_a_row_that_may_withdraw_somebody_is_read_first(tmp_path, capsys):
    folder = in_two_proposals(tmp_path, cohort(1, 4, "A"), {"A03"}, SPELT)
    path = folder / "config" / "samples.tsv"
    path.write_text(path.read_text().replace("D-A03", "D A03"))
    aggregate(folder, code=1)
    assert "config/samples.tsv, line 5, column donor" in capsys.readouterr().err


def same_folder(folder: Path, one: Path) -> list[Path]:
    return [one, one]


def copied(folder: Path, one: Path) -> list[Path]:
    shutil.copytree(one, folder / "copy")
    return [one, folder / "copy"]


def copied_without_its_donors(folder: Path, one: Path) -> list[Path]:
    shutil.copytree(one, folder / "copy")
    known = read_json(folder / "copy" / "donors.json")
    told = {kind: [f"{number:064x}" for number in range(len(found))] for kind, found in known.items()}
    write_json(folder / "copy" / "donors.json", told)
    return [one, folder / "copy"]


def a_part(folder: Path, one: Path) -> list[Path]:
    aggregate(folder / "site", "--proposal", "P1")
    return [one, one.with_name("CNR-IBIOM-P1")]


def a_later_one(folder: Path, one: Path) -> list[Path]:
    """The same facility later, when another sample has come: neither holds the other."""
    kept = shutil.copytree(one, folder / "before")
    listing = next((folder / "site" / "deliveries").rglob("manifest.tsv"))
    listing.write_text(listing.read_text().replace("x\tA00\n", ""))
    return [kept, aggregate(folder / "site")]


def the_sum_and_a_part(folder: Path, one: Path) -> list[Path]:
    other = aggregate(delivered(folder / "other", cohort(3, 3, "C"), "UNIBA-DBBA"), facility="UNIBA-DBBA")
    assert federate("combine", one, other, "--out", folder / "both", "--declare", "Dr B") == 0
    return [folder / "both", other]


def one_donor_of_two_facilities(folder: Path, one: Path) -> list[Path]:
    """Another sample of a donor, measured at another facility of the site: another genome, the same pseudonym."""
    other = aggregate(delivered(folder / "more", cohort(4, 3, "E"), "UNIBA-DBBA"), facility="UNIBA-DBBA")
    secret = folder / "more" / "private" / "federation_tables.key"
    secret.write_text((folder / "site" / "private" / "federation_tables.key").read_text())
    path = folder / "more" / "config" / "samples.tsv"
    path.write_text(path.read_text().replace("D-E01", "D-A01"))
    return [one, aggregate(folder / "more", facility="UNIBA-DBBA") or other]


def one_donor_whose_code_came_later(folder: Path, one: Path) -> list[Path]:
    """A donor without a code; then the code, another sample, and the first one is no longer delivered."""
    kept = shutil.copytree(one, folder / "before")
    people = cohort(4, 1, "E")
    more = delivered(folder / "more", people, codes={"E00": "B7"})
    shutil.copy(folder / "site" / "private" / "federation_tables.key", more / "private" / "federation_tables.key")
    path = more / "config" / "samples.tsv"
    path.write_text(path.read_text().replace("D-E00", "D-A01"))
    return [kept, aggregate(more)]


def a_copied_sample(folder: Path, one: Path) -> list[Path]:
    """The same reads, at another facility, under another name."""
    people = cohort(4, 2, "E") | {"E09": cohort(1, 4, "A")["A01"]}
    return [one, aggregate(delivered(folder / "more", people, "UNIBA-DBBA"), facility="UNIBA-DBBA")]


SEEN = (
    same_folder, copied, copied_without_its_donors, a_part, a_later_one, the_sum_and_a_part,
    one_donor_of_two_facilities, one_donor_whose_code_came_later, a_copied_sample,
)  # fmt: skip


@pytest.mark.parametrize("twice", SEEN, ids=lambda each: each.__name__)
def test_no_declaration_overrides_what_can_be_seen(tmp_path, twice, capsys):
    one = aggregate(delivered(tmp_path / "site", cohort(1, 4, "A")))
    tables = twice(tmp_path, one)
    assert federate("combine", *tables, "--out", tmp_path / "sum", "--declare", "Dr Bianchi") == 1
    told = capsys.readouterr().err
    assert any(words in told for words in ("whatever is declared", "named twice", "the same counts")), told
    assert not (tmp_path / "sum").exists()


def test_one_genome_under_two_pseudonyms_is_refused(tmp_path, capsys):
    people = cohort(1, 4, "A")
    aggregate(delivered(tmp_path, people | {"A09": people["A02"]}), code=1)
    assert "found samples A02 and A09 with the same genome" in capsys.readouterr().err


def test_a_table_of_before_is_added_to_nothing_and_still_read(tmp_path, capsys):
    one = aggregate(delivered(tmp_path / "a", cohort(1, 4, "A")))
    two = aggregate(delivered(tmp_path / "b", cohort(2, 4, "B"), "UNIBA-DBBA"), facility="UNIBA-DBBA")
    (two / "donors.json").write_text("[]\n")
    assert federate("combine", one, two, "--out", tmp_path / "sum", "--declare", "Dr B") == 1
    assert "aggregate it again" in capsys.readouterr().err
    assert pool.read(two).number == 4


def test_a_sites_secret_is_its_own(tmp_path):
    folder = delivered(tmp_path, cohort(1, 4, "A"))
    one = aggregate(folder)
    secret = folder / "private" / "federation_tables.key"
    assert secret.stat().st_mode & 0o777 == 0o600 and len(bytes.fromhex(secret.read_text())) == 32
    told = json.dumps(read_json(one / "donors.json"))
    assert "D-A" not in told and secret.read_text().strip() not in told and KEY not in told
    before = (one / "donors.json").read_bytes()
    assert (aggregate(folder) / "donors.json").read_bytes() == before


def test_spellings_of_codes_and_names():
    assert persons.code("BB-00 12") == persons.code("bb.0012") == persons.code("\uff22\uff22_0012") == "bb0012"
    assert persons.code("B1") != persons.code("B01")
    assert not persons.unclear("BB-0012", "bb 0012") and not persons.unclear("BB0012", "BB-00-12")
    assert persons.unclear("1-23", "12-3") and persons.unclear("BB-00-12", "BB-0012")
    assert persons.unclear("BB-0012", "BB12") and persons.unclear("1-023", "1-23") and not persons.unclear("100", "10")
    assert persons.alike("Rossi, Nicol\u00f2", "nicolo  ROSSI") and persons.alike("De Luca Anna", "Anna DeLuca")
    assert not persons.alike("Donor 12", "Donor 21") and not persons.alike("Maria Lori", "Mario Lari")


@pytest.mark.parametrize(
    ("one", "other", "clear"), [("0012", "12", 0), ("1-23", "12-3", 0), ("PT-012", "PT12", 0), ("100", "10", 1)]
)
def test_codes_that_may_be_one_are_not_counted_as_two(one, other, clear):
    told = [people.Told("S1", "D1", one, ""), people.Told("S2", "D2", other, "")]
    if clear:
        assert len({people.People(told).person(sample) for sample in ("S1", "S2")}) == 2
    else:
        with pytest.raises(Refusal, match=r"sample S2 that may be another's.*one spelling of each code"):
            people.People(told)


def test_donors_without_a_code_are_namesakes_wherever_their_words_end():
    names = ["Anna De Luca", "DeLuca Anna", "Donor 12", "Donor 21", "", ""]
    told = [people.Told(f"S{number}", f"D{number}", "", name) for number, name in enumerate(names)]
    assert people.People(told).namesakes(one.sample for one in told) == 2
