"""release, terminate, retention, purge and ledger, as an operator calls them."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
from purge_sites import BACKUPS, ONE, TWO, make, tree

from scripts.cli.__main__ import main
from scripts.lib.files import remove_tree

ENDED, DUE = "2036-12-01T09:00", "2037-03-01T00:00"


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("made") / "a site", ended=False)


@pytest.fixture
def site(made, tmp_path) -> Path:
    shutil.copytree(made, tmp_path / "a site", symlinks=True)
    return tmp_path / "a site"


@pytest.fixture
def filiera(site, capsys):
    """Calls a command on the site."""

    def call(command: str, *arguments: str) -> Said:
        capsys.readouterr()
        code = main([command, *arguments, "--directory", str(site)])
        return Said(code, *capsys.readouterr())

    return call


def terminated(filiera, order: str = ONE, on: str = "2036-11-30") -> None:
    assert filiera("terminate", order, "--on", on, "--now", ENDED).code == 0


def test_the_whole_life_in_commands(filiera, site):
    said, head = filiera("release", ONE, "--by", "ada", "--now", "2036-06-02").out.splitlines()
    assert said == f"{ONE}: v1 is released." and head.startswith("Head of the ledger: entry ")
    answer = filiera("terminate", ONE, "--on", "2036-11-30", "--now", ENDED)
    assert answer.out == f"{ONE}: terminated, on 2036-11-30; kept to the end of 2037-02-28, then deleted.\n"
    assert "due" not in filiera("retention", "--now", "2037-02-28T23:59:59").out
    assert f"{ONE} is due: ./filiera purge {ONE}" in filiera("retention", "--now", DUE).out
    before = tree(site)
    answer = filiera("purge", "--now", DUE)
    assert f"./filiera purge --confirm {ONE}" in answer.out and "raw/M1.mzML" in answer.out and TWO not in answer.out
    assert tree(site) == before, "a dry run by default"
    answer = filiera("purge", "--confirm", ONE, "--by", "bruno", "--now", DUE)
    assert answer.code == 0 and "is deleted. Certificate: " in answer.out
    assert ONE not in filiera("retention").out and "deleted" in filiera("retention", ONE).out
    place = site / "ledger/certificates" / ONE / "certificate.json"
    answer = filiera("ledger", "--verify-certificate", str(place))
    assert "Sound: signed by signing_key.pub.pem" in answer.out
    assert f"May still hold copies: {BACKUPS[0]}." in answer.out
    history = filiera("ledger", ONE).out
    assert [line.split()[3] for line in history.splitlines()[2:]] == [
        *("awarded", "received", "running", "accepted", "packaged", "released", "terminated", "expired"),
        *("purge", "deleted"),
    ]
    assert "ada" in history and "bruno" in history
    assert filiera("ledger", "--check").out.startswith("The ledger is sound")


def test_the_whole_life_in_postgresql(database, tmp_path, capsys):
    site = make(tmp_path / "site", ended=False, url=database)

    def call(*arguments: str) -> str:
        assert main([*arguments, "--directory", str(site)]) == 0
        return capsys.readouterr().out

    call("release", ONE)
    call("terminate", ONE, "--on", "2036-11-30", "--now", ENDED)
    call("purge", "--confirm", ONE, "--now", DUE)
    assert not (site / "ledger/ledger.sqlite").exists() and not (site / "raw/M1.mzML").exists()
    assert json.loads(call("ledger", ONE, "--json"))[0]["state"] == "deleted"
    assert call("check").endswith(f"\n{TWO}: ready, 2 samples, 2 runs.\n")
    assert call("ledger", "--check").startswith("The ledger is sound")


def test_each_command_may_be_repeated(filiera):
    for arguments in (
        ("release", ONE),
        ("terminate", ONE, "--on", "2036-11-30", "--now", ENDED),
        ("retention", ONE, "--hold", "court case"),
        ("retention", ONE, "--lift", "settled"),
        ("purge", "--confirm", ONE, "--now", DUE),
    ):
        assert filiera(*arguments).code == 0
        first = filiera("ledger", ONE, "--json").json
        again = filiera(*arguments)
        assert again.code == 0 and "Traceback" not in again.err
        assert filiera("ledger", ONE, "--json").json[0]["entries"] == first[0]["entries"]


def test_every_answer_is_there_for_machines(filiera, site):
    assert filiera("release", ONE, "--json").json["state"] == "released"
    answer = filiera("terminate", ONE, "--on", "2036-11-30", "--now", ENDED, "--json").json
    assert answer["purge_from"] == "2037-03-01T00:00:00+01:00"
    (one,) = filiera("retention", "--json", "--now", DUE).json
    assert (one["order"], one["due"], one["state"]) == (ONE, True, "expired")
    (one,) = filiera("purge", "--json", "--now", DUE).json
    assert one["received"] == ["raw/M1.mzML"] and one["files"] > 5 and one["refused"] == ""
    assert filiera("purge", "--confirm", ONE, "--now", DUE, "--json").json["state"] == "deleted"
    assert {one["order"]: one["state"] for one in filiera("ledger", "--json").json} == {ONE: "deleted", TWO: "packaged"}
    assert filiera("ledger", "--check", "--json").json["sound"] is True
    place = site / "ledger/certificates" / ONE / "certificate.json"
    assert filiera("ledger", "--verify-certificate", str(place), "--json").json["order"] == ONE


REFUSED = {
    "unknown order": (("release", "P001/CNR-IBSBC/MET-UNTARGETTED"), "did you mean 'P001/CNR-IBSBC/MET-UNTARGETED'?"),
    "not an order": (("terminate", "P001"), "expected an order as P001/CNR-IBSBC/MET-UNTARGETED"),
    "not over": (("purge", "--confirm", ONE), "found an order that is packaged, expected one that is terminated"),
    "no date": (("terminate", ONE), "found no day of termination"),
    "to come": (("terminate", ONE, "--on", "2099-01-01"), "expected a day up to"),
    "no reason": (("retention", ONE, "--hold", " "), "found no reason"),
    "no order": (("retention", "--extend", "late"), "expected the ORDER that is meant"),
    "not ended": (("retention", ONE, "--extend", "late"), "expected one that is terminated"),
    "two orders": (("purge", ONE, "--confirm", TWO), "name one order"),
    "key again": (("ledger", "--make-key"), "found a key, expected none"),
    "no certificate": (("ledger", "--verify-certificate", "nowhere.json"), "No such file or directory"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_is_refused_in_one_line(filiera, name):
    arguments, words = REFUSED[name]
    answer = filiera(*arguments)
    assert answer.code == 1
    (line,) = answer.err.splitlines()
    assert words in line


def test_a_release_of_a_package_that_was_altered_or_is_gone_is_refused(filiera, site):
    remove_tree(site / "deliveries" / ONE / "v1")
    answer = filiera("release", ONE)
    assert answer.code == 1 and "found a package that is not the v1 that was published" in answer.err


def test_a_check_holds_the_packages_against_the_ledger(filiera, site):
    assert filiera("ledger", "--check").code == 0
    tags = site / "deliveries" / ONE / "v1/tagmanifest-sha256.txt"
    os.chmod(tags, 0o644)
    tags.write_text(tags.read_text() + "\n")
    remove_tree(site / "deliveries" / TWO / "v1")
    answer = filiera("ledger", "--check")
    assert answer.code == 1
    assert f"{ONE} v1 is not the package that was published" in answer.out
    assert f"{TWO} v1 was published, and is not there any more" in answer.out


def test_a_package_that_comes_back_after_its_deletion_is_found(filiera, site, made):
    terminated(filiera)
    assert filiera("purge", "--confirm", ONE, "--now", DUE).code == 0
    shutil.copytree(made / "deliveries" / ONE, site / "deliveries" / ONE)
    assert f"{ONE} v1 is there, but the order was deleted" in filiera("ledger", "--check").out


def test_a_ledger_that_was_changed_stops_every_command_but_its_check(filiera, site):
    with sqlite3.connect(site / "ledger/ledger.sqlite") as connection:
        connection.execute("DROP TRIGGER no_update")
        connection.execute("UPDATE entries SET actor = 'eve' WHERE number = 2")
    for arguments in (("release", ONE), ("retention",), ("purge", "--confirm", ONE), ("check",)):
        answer = filiera(*arguments)
        assert answer.code == 1 and "changed by hand" in answer.err
    answer = filiera("ledger", "--check")
    assert answer.code == 1 and "Found: entry 2 (" in answer.out and "no_update is missing" in answer.out


def test_nothing_is_released_after_the_end(filiera):
    terminated(filiera)
    answer = filiera("release", ONE)
    assert answer.code == 1 and "nothing is released after the agreement has ended" in answer.err


def test_the_sheet_proposes_the_end_and_the_ledger_decides(filiera, site):
    sheet = site / "config/proposals.tsv"
    head, *rows = sheet.read_text().splitlines()
    sheet.write_text("\n".join([f"{head}\tagreement_end", *(f"{row}\t2036-10-31" for row in rows)]) + "\n")
    answer = filiera("retention", "--now", ENDED)
    assert f"{ONE}: its agreement ended on 2036-10-31 by the sheet: ./filiera terminate {ONE}" in answer.out
    assert filiera("ledger").out.count("packaged") == 2
    assert filiera("terminate", ONE, "--now", ENDED, "--json").json["kept_to_end_of"] == "2037-01-31"
    sheet.write_text(sheet.read_text().replace("2036-10-31", "2036-08-31"))
    assert filiera("retention", "--json").json[0]["terminated"] == "2036-10-31"


def test_the_catalogue_says_how_long(filiera, site):
    (site / "config/catalogue.yaml").write_text(
        "services: {MET-UNTARGETED: {retention_months: 1, max_extensions: 1, extension_months: 2}}\n"
    )
    terminated(filiera)
    assert filiera("retention", "--json").json[0]["kept_to_end_of"] == "2036-12-30"
    assert filiera("retention", ONE, "--extend", "late").out.endswith("kept to the end of 2037-02-28.\n")
    assert "expected at most 1, as its service allows" in filiera("retention", ONE, "--extend", "late").err


def test_a_hold_keeps_what_is_due(filiera, site):
    terminated(filiera)
    filiera("retention", ONE, "--hold", "court case")
    answer = filiera("purge", "--confirm", ONE, "--now", DUE)
    assert answer.code == 1 and "found a hold (court case)" in answer.err
    assert (site / "raw/M1.mzML").exists()


def test_a_purge_without_a_key_or_with_wrong_sheets_deletes_nothing(filiera, site):
    terminated(filiera)
    key = site / "private/signing_key.pem"
    before = tree(site)
    key.rename(site / "private/elsewhere.pem")
    answer = filiera("purge", "--confirm", ONE, "--now", DUE)
    assert answer.code == 1 and "./filiera ledger --make-key" in answer.err
    (site / "private/elsewhere.pem").rename(key)
    sheet = site / "config/samples.tsv"
    sound = sheet.read_text()
    sheet.write_text(sound.replace("P002", "P003"))
    answer = filiera("purge", "--confirm", ONE, "--now", DUE)
    assert answer.code == 1 and "sheets without errors, which tell what other orders need" in answer.err
    sheet.write_text(sound)
    assert tree(site) >= before


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://me:geheim@host/db",
        "postgresql+psycopg://me@host/db?password=geheim",
        "mysql://me:geheim@host/db",
        "sqlite:///geheim.sqlite",
    ],
)
def test_a_configuration_that_does_not_say_which_ledger_is_refused(filiera, site, url):
    (site / "config/config.yaml").write_text(f"ledger: {url}\n")
    answer = filiera("release", ONE)
    assert answer.code == 1 and "without a password" in answer.err and "geheim" not in answer.err
    assert filiera("check").code == 1


def _purge(site: Path, name: str, results) -> None:
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 1)
        results.put(main(["purge", "--confirm", ONE, "--by", name, "--now", DUE, "--directory", str(site)]))


def test_of_two_purges_at_once_one_wins_and_the_other_says_so_or_finds_it_done(filiera, site):
    terminated(filiera)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    both = [context.Process(target=_purge, args=(site, name, results)) for name in ("ada", "bruno")]
    for one in both:
        one.start()
    codes = sorted(results.get() for _ in both)
    for one in both:
        one.join()
    assert codes in ([0, 0], [0, 1])
    entries = filiera("ledger", ONE, "--json").json[0]["entries"]
    assert [entry["event"] for entry in entries].count("deleted") == 1
    assert filiera("ledger", "--check").code == 0


def test_a_purge_beside_a_run_waits_for_it(filiera, site):
    import fcntl

    terminated(filiera)
    with open(site / ".filiera/lock", "a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        answer = filiera("purge", "--confirm", ONE, "--now", DUE)
    assert answer.code == 1 and "a run or purge that is still going on" in answer.err
    assert (site / "raw/M1.mzML").exists()


def test_a_purge_beside_a_plain_snakemake_waits_for_its_end(filiera, site):
    terminated(filiera)
    (site / ".snakemake/locks").mkdir(parents=True)
    (site / ".snakemake/locks/0.output.lock").write_text("results/x\n")
    answer = filiera("purge", "--confirm", ONE, "--now", DUE)
    assert answer.code == 1 and "somebody started Snakemake itself" in answer.err
    assert (site / "raw/M1.mzML").exists()


def test_a_ledger_folder_that_cannot_be_written_is_told(filiera, site, monkeypatch):
    def denied(*arguments, **options):
        raise PermissionError(13, "Permission denied", str(site / "ledger"))

    from scripts.ledger import store

    monkeypatch.setattr(store, "write_tsv", denied)
    answer = filiera("release", ONE)
    assert answer.code == 1 and "Permission denied" in answer.err and "Traceback" not in answer.err
