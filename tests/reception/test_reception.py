"""`./filiera reception`: verdicts, pseudonyms, labels, receipt, and what stays in the facility."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from scripts.cli import engine
from scripts.cli.__main__ import main
from scripts.lib import registry
from scripts.lib.registry.parcels import Received, load_parcel
from scripts.reception import labels, pseudonyms

PROPOSALS = (
    "proposal\tcall\ttitle\tstatus\thuman_data\n"
    "P1\tC\tHearts\tawarded\tpublic\nP2\tC\tWolves\tawarded\tno\nP3\tC\tBears\tsubmitted\tno\n"
)
AWARDS = "proposal\tfacility\tservice\tunits\nP1\tCNR-IBIOM\tGEN-WGS-30X\t3\n"
HEAD = (
    "barcode\tname\tdonor_name\tsender\tproposal\tfacility\tservice\tmaterial\tcondition\treceived\tvolume_ul"
    "\tconcentration_ng_ul\tdin\torganism\tsex\n"
)


def tube(barcode: str, name: str = "", donor: str = "", **changed) -> str:
    row = {"proposal": "P1", "facility": "CNR-IBIOM", "service": "GEN-WGS-30X", "material": "DNA"}
    row |= {"condition": "intact", "received": "2026-03-02", "volume_ul": 50, "concentration_ng_ul": 40, "din": 8}
    row |= {"organism": "Homo sapiens", "sex": "female"} | changed
    return "\t".join(map(str, [barcode, name or f"name of {barcode}", donor, "Dr Bianchi", *row.values()])) + "\n"


TUBES = tube("T1", "Rossi_heart", "Mario Rossi") + tube("T2", "Rossi_liver", "Mario Rossi", din=5)


@pytest.fixture
def site(tmp_path) -> Path:
    config = tmp_path / "config"
    config.mkdir()
    (config / "proposals.tsv").write_text(PROPOSALS)
    (config / "awards.tsv").write_text(AWARDS)
    (config / "samples.tsv").write_text("sample\tproposal\tfacility\tservice\n")
    (config / "runs.tsv").write_text("sample\trun\tread1\n")
    return tmp_path


def receive(site: Path, tubes: str = TUBES, *options: str, parcel: str = "X1") -> list[dict[str, str]]:
    """Receive a parcel; returns the rows of its verdicts."""
    sheet = site / "reception" / f"{parcel}.tsv"
    sheet.parent.mkdir(exist_ok=True)
    sheet.write_text(HEAD + tubes)
    assert main(["reception", "--directory", str(site), str(sheet), *options]) == 0
    head, *rows = (line.split("\t") for line in (site / "reception" / parcel / "verdicts.tsv").read_text().splitlines())
    return [dict(zip(head, row, strict=True)) for row in rows]


# What is wrong with a tube, its verdict and the words that say so.
JUDGED = {
    "as asked": ({}, "accepted", ""),
    "little DNA": ({"volume_ul": 30, "concentration_ng_ul": 12}, "rejected", "amount 360 ng, at least 500 needed"),
    "thin but enough": (
        {"volume_ul": 100, "concentration_ng_ul": 9},
        "accepted with remark",
        "concentration 9 ng/\u00b5l",
    ),
    "not measured": ({"din": ""}, "accepted with remark", "DIN not measured"),
    "no volume": ({"volume_ul": ""}, "rejected", "volume not measured; amount not measured"),
    "thawed": ({"condition": "thawed"}, "accepted with remark", "arrived thawed"),
    "leaking": ({"condition": "leaking"}, "rejected", "arrived leaking"),
    "RNA": ({"material": "RNA"}, "rejected", "GEN-WGS-30X takes DNA or blood, not RNA"),
    "another service": ({"service": "GEN-WES"}, "rejected", "GEN-WES at CNR-IBIOM was not awarded to P1"),
    "not offered": ({"facility": "CNR-IBSBC"}, "rejected", "CNR-IBSBC does not offer GEN-WGS-30X"),
    "not awarded": ({"proposal": "P3", "organism": "Ursus"}, "rejected", "proposal P3 is submitted, not awarded"),
    "human where none is": ({"proposal": "P2"}, "rejected", "human sample, but proposal P2 declares no human data"),
}


@pytest.mark.parametrize("case", JUDGED)
def test_a_tube_is_held_against_order_and_requirements(site, case):
    changed, verdict, words = JUDGED[case]
    (row,) = receive(site, tube("T1", **changed))
    assert (row["verdict"], bool(row["sample"])) == (verdict, verdict != "rejected")
    assert words in row["reason"]


def test_more_tubes_than_were_awarded_are_rejected(site):
    rows = receive(site, "".join(tube(f"T{number}") for number in range(5)), "--enter")
    assert [row["verdict"] for row in rows] == ["accepted"] * 3 + ["rejected"] * 2
    assert "the 3 samples awarded to P1/CNR-IBIOM/GEN-WGS-30X are here already" in rows[3]["reason"]
    assert receive(site, tube("U1"), parcel="X2")[0]["verdict"] == "rejected"


def test_receiving_again_gives_the_same_pseudonyms(site):
    before = receive(site, TUBES, "--enter")
    again = receive(site, TUBES + tube("T3"), "--enter")
    assert [row["sample"] for row in again[:2]] == [row["sample"] for row in before]
    assert registry.load(site).problems == []
    assert len(registry.load(site).samples) == 3


def test_a_tube_that_came_before_is_not_received_in_another_parcel(site):
    receive(site)
    (row,) = receive(site, tube("T1"), parcel="X2")
    assert row["reason"] == "barcode T1 came before, in parcel X1"


def test_a_donor_has_one_pseudonym_and_no_two_things_share_one(site):
    receive(site, TUBES + tube("T3", donor="Anna Verdi"), "--enter")
    samples = registry.load(site).samples
    donors = [sample.donor for sample in samples.values()]
    assert donors[0] == donors[1] != donors[2]
    assert len({*samples, *donors}) == 5


def test_a_pseudonym_that_is_taken_is_drawn_again():
    drawn = iter(["TAKEN", "A2", "A2", "A3"])
    parcel = type("P", (), {"id": "X1"})()
    tubes = [
        Received.model_validate(dict(zip(HEAD.strip().split("\t"), tube(code).strip().split("\t"), strict=True)))
        for code in ("T1", "T2")
    ]
    given = pseudonyms.assigned(parcel, tubes, [], ["TAKEN"], lambda: next(drawn))
    assert [key.sample for key in given.values()] == ["A2", "A3"]


def test_names_are_nowhere_but_in_the_key_table(site):
    receive(site, TUBES, "--enter")
    table = site / "private" / "reception_keys.tsv"
    assert "Rossi_heart" in table.read_text() and "Mario Rossi" in table.read_text()
    assert stat.S_IMODE(table.stat().st_mode) == 0o600
    assert stat.S_IMODE(table.parent.stat().st_mode) == 0o700
    engine.snapshot(site, "", [], {}, {})
    kept = {table, site / "reception" / "X1.tsv"}
    for path in site.rglob("*"):
        if path.is_file() and path not in kept:
            assert b"Rossi" not in path.read_bytes(), path


def test_a_received_sample_waits_to_be_measured_and_stops_nobody(site):
    receive(site, TUBES, "--enter")
    found = registry.load(site)
    assert {sample.status for sample in found.samples.values()} == {"waiting"}
    assert (found.problems, found.orders) == ([], {})


def test_labels_are_one_page_a_tube_and_always_the_same_bytes(site):
    rows = receive(site)
    path = site / "reception" / "X1" / "labels.pdf"
    before = path.read_bytes()
    receive(site)
    assert path.read_bytes() == before
    assert before.startswith(b"%PDF-1.") and before.rstrip().endswith(b"%%EOF")
    assert b"/Count 2" in before
    # The cross-reference table points at the objects it names.
    start = int(re.search(rb"startxref\s+(\d+)", before)[1])
    offsets = re.findall(rb"^(\d{10}) 00000 n", before[start:], flags=re.MULTILINE)
    for number, offset in enumerate(offsets, 1):
        assert before[int(offset) :].startswith(b"%d 0 obj" % number)
    assert len(rows) == 2


def test_the_printed_squares_are_the_pseudonyms_qr_code(monkeypatch):
    import segno

    drawn = []

    class Page:
        def rect(self, x, y, width, height, style):
            drawn.append((x, y, width))

    labels._code(Page(), "B7KQ2M9XD")
    code = segno.make_qr("B7KQ2M9XD", error="q")
    side = labels.CODE / code.symbol_size(border=0)[0]
    dark = {(round((x - labels.MARGIN) / side), round((y - labels.MARGIN) / side)) for x, y, _ in drawn}
    assert dark == {(x, y) for y, row in enumerate(code.matrix) for x, module in enumerate(row) if module}


def test_the_receipt_names_barcode_pseudonym_and_reason(site):
    rows = receive(site, TUBES + tube("T3", material="RNA"))
    text = (site / "reception" / "X1" / "receipt.md").read_text()
    assert f"| T1 | {rows[0]['sample']} | DNA | accepted | - |" in text
    assert f"| T2 | {rows[1]['sample']} | DNA | accepted with remark | DIN 5, at least 6 needed |" in text
    assert "| T3 | - | RNA | rejected | GEN-WGS-30X takes DNA or blood, not RNA |" in text
    assert "3 tubes, 2 accepted" in text


WRONG = {
    "the same tube twice": (tube("T1") + tube("T1"), "line 3, column barcode: found 'T1' again (first in line 2)"),
    "unknown service": (tube("T1", service="GEN-WGS-3OX"), "did you mean 'GEN-WGS-30X'?"),
    "unknown proposal": (tube("T1", proposal="P9"), "column proposal: found 'P9', expected a known proposal"),
    "no such condition": (tube("T1", condition="ok"), "column condition: found 'ok', expected intact, thawed, damaged"),
    "integrity above 10": (tube("T1", din=82), "column din: found 82, expected a number up to 10"),
    "two proposals": (tube("T1") + tube("T2", proposal="P2"), "found several proposals or senders"),
    "no day": (tube("T1", received="2.3.26"), "column received: found '2.3.26', expected a date as 2026-12-31"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_its_place(site, case):
    tubes, words = WRONG[case]
    (site / "x.tsv").write_text(HEAD + tubes)
    messages = [str(problem) for problem in load_parcel(site / "x.tsv", registry.load(site)).problems]
    assert any(words in message for message in messages), messages


def test_a_sheet_of_names_may_not_lie_where_files_are_copied(site, capsys):
    (site / "config" / "x.tsv").write_text(HEAD + TUBES)
    assert main(["reception", "--directory", str(site), str(site / "config" / "x.tsv")]) == 1
    assert "expected a place that is neither copied nor handed out" in capsys.readouterr().err
