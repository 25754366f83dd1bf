"""Deletion deletes only its own: one row for each thing that somebody tries, what must stay, and in which words.

Every order here is due by the machine's own clock, so nothing but the rule in question stands between it and deletion.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import deletion_sites as sites
import pytest
from deletion_sites import CONFIG, ENDED, NOW, ONE, PUBLISHED, RECORD, TWO, declare, forget, name_in_runs, write

from scripts.cli.__main__ import main
from scripts.delivery import verify
from scripts.ledger import certificate, keys, moves, plan
from scripts.ledger.entries import START, chained
from scripts.ledger.states import Termination
from scripts.ledger.store import Ledger
from scripts.lib import registry
from scripts.lib.files import read_json, read_tsv, write_json, write_tsv

RUNS, RESULTS = "results/CNR-IBSBC/runs/MET-UNTARGETED", "results/CNR-IBSBC/P002/MET-UNTARGETED"
PACKAGE = f"deliveries/{TWO}/v1/data/M2/received/M2.mzML"
OWN_PACKAGE = f"deliveries/{ONE}/v1/data/M1/received/M1.mzML"


@dataclass
class Said:
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return sites.make(tmp_path_factory.mktemp("made") / "a site")


@pytest.fixture
def site(made, tmp_path) -> Path:
    shutil.copytree(made, tmp_path / "a site", symlinks=True)
    return tmp_path / "a site"


@pytest.fixture
def filiera(site, capsys):
    def call(command: str, *arguments: str) -> Said:
        capsys.readouterr()
        code = main([command, *arguments, "--directory", str(site)])
        return Said(code, *capsys.readouterr())

    return call


def purged(filiera, site: Path, *arguments: str) -> dict:
    """Purge the order that is due; its certificate."""
    answer = filiera("purge", "--confirm", ONE, *arguments)
    assert answer.code == 0, answer.err
    return read_json(certificate.place(site, ONE))


def kept(about: dict) -> dict[str, str]:
    return {one["path"]: one["reason"] for one in about["kept"]}


# --- a row that names what is somebody else's -------------------------------------------------------------------------


@dataclass
class Named:
    """What an ended order's row in runs.tsv names.

    file     as the sheet has it
    victim   what must stay, if it is spelled otherwise
    words    why it is kept
    prepare  what is done to the site before
    """

    file: str
    words: str
    victim: str = ""
    prepare: Callable[[Path], None] = lambda site: None


def linked(to: str, name: str) -> Callable[[Path], None]:
    def prepare(site: Path) -> None:
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(os.path.relpath(site / to, (site / name).parent), site / name)

    return prepare


def hard_linked(to: str, name: str) -> Callable[[Path], None]:
    return lambda site: os.link(site / to, site / name)


def once_configured(site: Path) -> None:
    """A reference that the configuration named when a run was made, and does not name now."""
    write(site / "old/reference.csv", "ACGT")
    path = site / "config/config.yaml"
    now = path.read_text()
    path.write_text(now.replace("demo:", "before: {fasta: old/reference.csv}, demo:"))
    sites.record(site, ".filiera/runs/20240101T000000Z-1", [TWO])
    path.write_text(now)


def once_in_sheets(site: Path) -> None:
    """Rows of the living order, of which a run's record and nothing else knows any more."""
    write(site / "raw/late.mzML", "spectra")
    name_in_runs(site, "raw/late.mzML", "M2")
    sites.record(site, ".filiera/runs/20240101T000000Z-1", [TWO])
    forget(site, TWO)


def other_batch(site: Path) -> None:
    """A pool of a batch in which nobody was measured yet."""
    write(site / "raw/POOL2.mzML", "spectra")
    sheet = site / "config/samples.tsv"
    rows = read_tsv(sheet)
    pool = rows[-1] | {"sample": "POOL2", "status": "waiting"}
    write_tsv(sheet, [*rows[0], "status"], [*rows, pool])
    sheet = site / "config/runs.tsv"
    rows = read_tsv(sheet)
    write_tsv(sheet, list(rows[0]), [*rows, sites.run("POOL2", "P2", "raw/POOL2.mzML", "B2")])


NO_PLACE, CONFIGURED, NEEDED = "is no place of received data", "config/config.yaml names it", "another order needs it"
NAMED = {
    "a reference": Named("reference/demo.fa.gz", CONFIGURED),
    "a reference by ..": Named("raw/../reference/demo.fa.gz", CONFIGURED, "reference/demo.fa.gz"),
    "a reference by a linked folder": Named(
        "raw/there/demo.fa.gz", CONFIGURED, "reference/demo.fa.gz", linked("reference", "raw/there")
    ),
    "a reference by another name": Named(
        "raw/hard.mzML", CONFIGURED, "reference/demo.fa.gz", hard_linked("reference/demo.fa.gz", "raw/hard.mzML")
    ),
    "a reference of an earlier configuration": Named(
        "old/reference.csv", "config/config.yaml named it", prepare=once_configured
    ),
    "a library": Named("library/compounds.tsv", "config/catalogue.yaml names it"),
    "a logo": Named("logos/ours.txt", "config/facilities.yaml names it"),
    "a recipient's key": Named("keys/scientist.pub", "config/proposals.tsv names it"),
    "target regions": Named("targets/regions.bed", "config/samples.tsv names it"),
    "the ledger": Named("ledger/ledger.sqlite", NO_PLACE),
    "the witness": Named("ledger/head.json", NO_PLACE),
    "the mirror": Named("ledger/closed.tsv", NO_PLACE),
    "the signing key": Named("private/signing_key.pem", CONFIGURED.replace("config/", "")),
    "its public half": Named("private/signing_key.pub.pem", "facility's key"),
    "the original names": Named("private/reception_keys.tsv", "names it"),
    "a sheet": Named("config/samples.tsv", NO_PLACE),
    "a sheet by ..": Named("raw/../config/samples.tsv", NO_PLACE, "config/samples.tsv"),
    "the configuration": Named("config/config.yaml", NO_PLACE),
    "another order's package": Named(PACKAGE, NO_PLACE),
    "another order's package by a linked folder": Named(
        "raw/there/M2.mzML", NO_PLACE, PACKAGE, linked(str(Path(PACKAGE).parent), "raw/there")
    ),
    "another order's package by another name": Named(
        "raw/hard.mzML", f"{PACKAGE} too (a hard link)", "raw/hard.mzML", hard_linked(PACKAGE, "raw/hard.mzML")
    ),
    "another order's manifest": Named(f"deliveries/{TWO}/v1/manifest.tsv", NO_PLACE),
    "another order's result": Named(f"{RESULTS}/package/manifest.tsv", NO_PLACE),
    "a batch's parameters": Named("results/CNR-IBSBC/batches/MET-UNTARGETED/B1/parameters.tsv", NO_PLACE),
    "another order's received file": Named("raw/M2.mzML", NEEDED),
    "the same by ..": Named("raw/../raw/M2.mzML", NEEDED, "raw/M2.mzML"),
    "the same by a linked folder": Named("there/M2.mzML", NEEDED, "raw/M2.mzML", linked("raw", "there")),
    "what the ledger alone knows as another's": Named("raw/M2.mzML", NEEDED, prepare=lambda site: forget(site, TWO)),
    "what a run's record alone knows as another's": Named("raw/late.mzML", NEEDED, prepare=once_in_sheets),
    "a batch's pool": Named("raw/POOL.mzML", NEEDED),
    "a pool of a batch of nobody": Named("raw/POOL2.mzML", NEEDED, prepare=other_batch),
    "a run's record": Named(f"{RECORD}/run.json", NO_PLACE),
    "a run's sheets": Named(f"{RECORD}/config/samples.tsv", NO_PLACE),
    "a facility's page": Named("reports/CNR-IBSBC/index.html", NO_PLACE),
    "what Snakemake knows": Named(".snakemake/x", NO_PLACE),
    "a parcel's sheet": Named(
        "reception/X1.tsv", NO_PLACE, prepare=lambda site: write(site / "reception/X1.tsv", "name")
    ),
    "a call's scores": Named(
        "calls/C1/scores.tsv", NO_PLACE, prepare=lambda site: write(site / "calls/C1/scores.tsv", "score")
    ),
    "no kind of file that is received": Named(
        "raw/notes.docx", "no kind", prepare=lambda s: write(s / "raw/notes.docx", "")
    ),
    "a folder": Named("raw", "it is no file", "raw/M2.mzML"),
    "a folder above its own": Named("deliveries", NO_PLACE, PACKAGE),
    "the site": Named("reference/..", "it is no file", "reference/demo.fa.gz"),
}


@pytest.mark.parametrize("declared", [False, True], ids=["undeclared", "declared"])
@pytest.mark.parametrize("name", NAMED)
def test_what_an_ended_orders_row_names_and_is_not_its_own_stays_and_is_told(filiera, site, name, declared):
    row = NAMED[name]
    row.prepare(site)
    name_in_runs(site, row.file)
    if declared:
        declare(site, "raw")
    victim = site / (row.victim or row.file)
    before = victim.read_bytes()
    answer = filiera("purge", "--confirm", ONE)
    assert answer.code == 0, answer.err
    if row.file != "ledger/ledger.sqlite":  # in which the purge is entered
        assert victim.exists() and (victim.name in ("head.json", "closed.tsv") or victim.read_bytes() == before)
    assert victim.exists()
    reason = kept(read_json(certificate.place(site, ONE)))[row.file]
    assert row.words in reason or (declared and "declares as `received`" in reason)
    assert f"stays: {row.file} (" in answer.out
    checked = filiera("ledger", "--check")
    assert checked.code == 0 or "it has another name" in checked.out
    assert not (site / "raw/M1.mzML").exists() and not (site / f"deliveries/{ONE}").exists()


@pytest.mark.parametrize("name", ["absolute", "absolute to a sheet"])
def test_an_absolute_path_is_no_way_round(filiera, site, name):
    file = str(site / ("reference/demo.fa.gz" if name == "absolute" else "config/runs.tsv"))
    name_in_runs(site, file)
    assert "names it" in (reason := kept(purged(filiera, site))[file]) or NO_PLACE in reason
    assert Path(file).exists()


def test_a_received_file_outside_of_the_declared_folders_stays(filiera, site):
    write(site / "elsewhere/M9.mzML", "spectra")
    name_in_runs(site, "elsewhere/M9.mzML")
    declare(site, "raw", "incoming")
    about = purged(filiera, site)
    assert kept(about)["elsewhere/M9.mzML"] == "it lies in no folder that config.yaml declares as `received`"
    assert (site / "elsewhere/M9.mzML").exists() and not (site / "raw/M1.mzML").exists()


@pytest.mark.parametrize(
    "folder", [".", "..", "/", "", "results", "config", "ledger", "raw/../deliveries", "private", ".filiera", "keys"]
)
def test_what_filiera_keeps_is_no_folder_of_received_files(filiera, site, folder):
    declare(site, folder)
    answer = filiera("check")
    assert answer.code == 1 and "where nothing is received" in answer.err
    assert filiera("purge", "--confirm", ONE).code == 1 and (site / "raw/M1.mzML").exists()


def test_a_declared_folder_that_is_a_link_declares_no_more_than_it_may(filiera, site):
    linked("config", "incoming")(site)
    declare(site, "incoming", "raw")
    name_in_runs(site, "incoming/samples.tsv")
    assert NO_PLACE in kept(purged(filiera, site))["incoming/samples.tsv"]


@pytest.mark.parametrize("declared", [False, True])
def test_a_link_that_was_received_goes_and_what_it_leads_to_goes_where_files_are_declared_to_arrive(
    filiera, site, declared
):
    write(site / "store/M7.mzML", "spectra")
    linked("store/M7.mzML", "raw/M7.mzML")(site)
    name_in_runs(site, "raw/M7.mzML")
    if declared:
        declare(site, "raw", "store")
    about = purged(filiera, site)
    assert not os.path.lexists(site / "raw/M7.mzML")
    assert (site / "store/M7.mzML").exists() is not declared
    assert ("what raw/M7.mzML links to" in kept(about)) is not declared


def test_a_link_to_what_another_order_needs_goes_alone(filiera, site):
    linked("raw/M2.mzML", "raw/M7.mzML")(site)
    name_in_runs(site, "raw/M7.mzML")
    declare(site, "raw")
    purged(filiera, site)
    assert (site / "raw/M2.mzML").read_text() == "spectra of M2"


# --- two orders, one file ---------------------------------------------------------------------------------------------


def ended(site: Path, order: str = TWO) -> None:
    rules = Termination(ENDED.date(), "Europe/Rome", 3, 1, 2)
    Ledger(site).enter(order, lambda account: moves.terminate(account, rules), "ada", ENDED)


@pytest.mark.parametrize("forgotten", [False, True], ids=["in the sheets", "in the ledger alone"])
def test_what_two_orders_name_goes_with_the_last_of_them(filiera, site, forgotten):
    name_in_runs(site, "raw/M1.mzML", "M2")
    Ledger(site).enter(TWO, lambda account: moves.begin(account, ["raw/M1.mzML"], [], "2"), "ada", PUBLISHED)
    if forgotten:
        forget(site, TWO)
    assert kept(purged(filiera, site))["raw/M1.mzML"] == NEEDED
    assert (site / "raw/M1.mzML").exists() and (site / "raw/POOL.mzML").exists()
    ended(site)
    assert filiera("purge", "--confirm", TWO).code == 0
    assert not (site / "raw/M1.mzML").exists() and not (site / "raw/M2.mzML").exists()


def test_a_run_that_two_orders_name_goes_with_the_last_of_them_though_the_sheets_forgot_it(filiera, site):
    (key,) = Ledger(site).account(ONE).runs
    Ledger(site).enter(TWO, lambda account: moves.begin(account, [], [key], "2"), "ada", PUBLISHED)
    forget(site, TWO)
    assert kept(purged(filiera, site))[f"{RUNS}/{key}"] == NEEDED
    assert (site / RUNS / key / "features.mzML").exists()


def test_a_batch_that_another_order_shares_by_the_record_of_its_run_alone_stays(filiera, site):
    forget(site, TWO)
    purged(filiera, site)
    assert (site / "results/CNR-IBSBC/batches/MET-UNTARGETED/B1/parameters.tsv").exists()
    assert (site / "raw/POOL.mzML").exists()


def test_pools_go_with_the_last_order_though_the_sheets_forgot_them(filiera, site):
    purged(filiera, site)
    ended(site)
    for name in ("samples", "runs"):
        sheet = site / "config" / f"{name}.tsv"
        sheet.write_text("".join(line for line in sheet.read_text().splitlines(True) if "POOL" not in line))
    assert filiera("purge", "--confirm", TWO).code == 0
    assert not (site / "raw/POOL.mzML").exists()
    assert not (site / "results/CNR-IBSBC/batches").exists()


def test_a_run_enters_what_it_shares_with_others(site):
    from scripts.cli import entering
    from scripts.lib import registry

    found = registry.load(site)
    shutil.rmtree(site / "results" / found.orders[TWO].path)
    entering.begun(found, Ledger(site), [found.orders[TWO]], "3")
    account = Ledger(site).account(TWO)
    assert account.files == {"raw/M2.mzML", "raw/POOL.mzML"} and account.batches == {"B1"} and len(account.runs) == 2


def test_a_pool_without_a_batch_does_not_take_all_batches_along(filiera, site):
    write(site / "results/CNR-IBSBC/batches/MET-UNTARGETED/B1+P002/parameters.tsv", "of P002")
    sheet = site / "config/runs.tsv"
    rows = read_tsv(sheet)
    rows += [sites.run("M1", "X1", "raw/X1.mzML", ""), sites.run("POOL", "X2", "raw/X2.mzML", "")]
    write_tsv(sheet, list(rows[0]), rows)
    write(site / "raw/X2.mzML", "spectra")
    purged(filiera, site)
    assert (site / "results/CNR-IBSBC/batches/MET-UNTARGETED/B1+P002/parameters.tsv").exists()


def test_a_record_whose_list_of_orders_was_shortened_stays_for_those_that_the_ledger_names(filiera, site):
    write_json(site / RECORD / "run.json", {"orders": [ONE]})
    purged(filiera, site)
    assert (site / RECORD / "config/samples.tsv").exists()


# --- the order's own folders ------------------------------------------------------------------------------------------


def test_a_reference_in_the_orders_own_results_stays_and_the_rest_goes(filiera, site):
    file = "results/CNR-IBSBC/P001/MET-UNTARGETED/reference/demo.fa.gz"
    write(site / file, "ACGT")
    (site / "config/config.yaml").write_text(CONFIG.replace("reference/demo.fa.gz", file))
    about = purged(filiera, site)
    assert (site / file).read_text() == "ACGT" and kept(about)[file] == CONFIGURED
    assert not (site / "results/CNR-IBSBC/P001/MET-UNTARGETED/package").exists()


def test_a_version_that_is_another_orders_by_its_manifest_stays(filiera, site):
    shutil.copytree(site / f"deliveries/{TWO}/v1", site / f"deliveries/{ONE}/v7")
    about = purged(filiera, site)
    assert kept(about)[f"deliveries/{ONE}/v7"] == "by its manifest it is another order's"
    assert (site / f"deliveries/{ONE}/v7/README.md").exists() and not (site / f"deliveries/{ONE}/v1").exists()


@pytest.mark.parametrize(
    ("name", "to"),
    [
        (f"deliveries/{ONE}", f"deliveries/{TWO}"),
        ("results/CNR-IBSBC/P001", "results/CNR-IBSBC/P002"),
        ("logs/CNR-IBSBC/P001", "config"),
        (RECORD, "config"),
    ],
)
def test_a_working_folder_that_is_a_link_is_refused(filiera, site, name, to):
    if name == RECORD:
        write_json(site / "config/run.json", {"orders": [ONE]})
    if (site / name).exists():
        (site / name).rename(site / "aside")
    linked(to, name)(site)
    write(site / to / "MET-UNTARGETED/x.tsv", "of somebody else")
    before = sites.content(site)
    answer = filiera("purge", "--confirm", ONE)
    if name == RECORD:  # the ledger knows that another order ran with it
        assert (site / "config/samples.tsv").exists()
        return
    assert answer.code == 1 and "a folder that a link brings in" in answer.err
    assert sites.content(site) == before


MOUNTED = [f"deliveries/{ONE}", "results/CNR-IBSBC/P001/MET-UNTARGETED", f"deliveries/{ONE}/v1/data", "deliveries/P001"]


@pytest.mark.parametrize("name", MOUNTED)
def test_a_working_folder_that_is_mounted_in_is_refused(filiera, site, monkeypatch, name):
    mounted(monkeypatch, site / name)
    if name == "deliveries/P001":  # as if the other proposal's were mounted there
        monkeypatch.setattr(os.path, "samefile", lambda one, other: Path(one) == site / "deliveries" / TWO)
    answer = filiera("purge", "--confirm", ONE)
    assert answer.code == 1 and "found a folder that is mounted" in answer.err
    assert (site / "raw/M1.mzML").exists()


def test_a_disk_of_its_own_for_results_is_no_hindrance(filiera, site, monkeypatch):
    mounted(monkeypatch, site / "results", site / "deliveries/P001")
    purged(filiera, site)


def mounted(monkeypatch, *places: Path) -> None:
    """As the kernel tells it of bind mounts, which tests may not make."""
    import psutil

    told = [SimpleNamespace(mountpoint=str(place.resolve())) for place in places]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: told)


@pytest.mark.parametrize("top", ["ledger/purges", "ledger/certificates"])
def test_a_folder_of_the_ledger_that_is_a_link_is_refused(filiera, site, top):
    linked("deliveries/P002", f"{top}/P001")(site)
    answer = filiera("purge", "--confirm", ONE)
    assert answer.code == 1 and "found what a link brings in, expected one of the ledger's own" in answer.err
    assert (site / PACKAGE).exists() and (site / "raw/M1.mzML").exists()


def test_a_certificate_that_comes_before_the_deletion_makes_no_order_deleted(filiera, site, tmp_path):
    """As one that the facility's own key signed in a copy of the site; its witness is what names the same entry."""
    shutil.copytree(site, tmp_path / "copy", symlinks=True)
    assert main(["purge", "--confirm", ONE, "--directory", str(tmp_path / "copy")]) == 0
    place = certificate.place(site, ONE)
    shutil.copytree(certificate.place(tmp_path / "copy", ONE).parent, place.parent)
    about = read_json(place) | {"ledger": read_json(site / "ledger/head.json")}
    certificate.write(place, about, keys.load(site / "private/signing_key.pem"))
    answer = filiera("purge", "--confirm", ONE)
    assert answer.code == 1 and "found a certificate, though " in answer.err
    assert Ledger(site).account(ONE).state == "expired" and (site / "raw/M1.mzML").exists()
    shutil.rmtree(place.parent)
    purged(filiera, site)


def test_data_that_stay_under_another_name_are_told(filiera, site):
    os.link(site / "raw/M1.mzML", site / "elsewhere.mzML")
    about = purged(filiera, site)
    (one,) = (file for file in about["files"] if file["path"] == "raw/M1.mzML")
    assert one["other_names"] == 1 and "other names of raw/M1.mzML" in kept(about)
    assert (site / "elsewhere.mzML").exists()


def test_spoilt_notes_of_a_purge_that_was_killed_are_told(filiera, site, monkeypatch):
    def killed(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(plan, "_unlink", killed)
        assert filiera("purge", "--confirm", ONE).code == 130
    notes = site / "ledger/purges" / ONE / "1.done.jsonl"
    notes.write_bytes(notes.read_bytes() + b"\0" * 9 + b"\n")
    answer = filiera("purge", "--confirm", ONE)
    assert answer.code == 1 and "1.done.jsonl: found a line that is no note" in answer.err
    notes.unlink()
    purged(filiera, site)


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, '{"orders": 3}', '{"orders": [{}]}', '{"orders": "abc"}'])
def test_a_spoilt_record_of_a_run_gives_nothing_away(filiera, site, text):
    write(site / ".filiera/runs/20240101T000000Z-9/run.json", text)
    purged(filiera, site)
    assert (site / ".filiera/runs/20240101T000000Z-9/run.json").exists() and (site / "raw/M2.mzML").exists()


@pytest.mark.parametrize("outside", [True, False])
def test_data_that_stay_behind_a_link_are_told(filiera, site, tmp_path, outside):
    """Somebody moved them to a larger disk."""
    own, disk = site / RESULTS.replace("P002", "P001") / "package", tmp_path / "disk" if outside else site / "disk"
    disk.mkdir()
    for name in ("data", "README.md"):
        (own / name).rename(disk / name)
        os.symlink(disk / name, own / name)
    stays = kept(purged(filiera, site))
    for name in ("data", "README.md"):
        told = f"what {(own / name).relative_to(site)} links to"
        assert (disk / name).exists() and stays.pop(told) == "it lies behind a link, which alone was removed"
    assert set(stays.values()) == {NEEDED}


def test_a_link_to_what_goes_too_or_is_told_anyhow_is_told_once(filiera, site):
    for name in ("raw/M1.mzML", "raw/POOL.mzML"):
        linked(name, f"{RESULTS.replace('P002', 'P001')}/{name.replace('/', '-')}")(site)
    assert not any(name.startswith("what ") for name in kept(purged(filiera, site)))


@pytest.mark.parametrize("outside", [True, False])
def test_a_version_that_a_link_brings_in_is_refused(filiera, site, tmp_path, outside):
    version, disk = site / f"deliveries/{ONE}/v1", tmp_path / "disk" if outside else site / "disk"
    version.chmod(0o755)
    version.rename(disk)
    os.symlink(disk, version)
    answer = filiera("purge", "--confirm", ONE)
    assert answer.code == 1 and "v1: found a folder that a link brings in" in answer.err
    assert (site / "raw/M1.mzML").exists() and Ledger(site).account(ONE).state == "terminated"


def test_a_name_that_a_certificate_cannot_state_is_told(filiera, site):
    odd = os.fsencode(site / RESULTS.replace("P002", "P001")) + b"/caf\xe9.txt"
    os.close(os.open(odd, os.O_CREAT))
    answer = filiera("purge", "--confirm", ONE)
    assert answer.code == 1 and "caf\\xe9.txt: found a name that is not UTF-8" in answer.err
    os.rename(odd, odd.replace(b"\xe9", b"e"))
    purged(filiera, site)


def test_what_is_put_back_after_its_deletion_is_told_by_the_next_purge(filiera, site, tmp_path):
    shutil.copytree(site / "results", tmp_path / "backup")
    purged(filiera, site)
    shutil.copytree(tmp_path / "backup", site / "results", dirs_exist_ok=True)
    answer = filiera("purge", "--confirm", ONE)
    assert answer.code == 1 and "though it was deleted before" in answer.err and answer.out == ""


def test_a_certificate_that_was_exchanged_is_found(filiera, site):
    purged(filiera, site)
    place = certificate.place(site, ONE)
    place.write_text(place.read_text().replace('"tape"', '"none"'))
    answer = filiera("ledger", "--check")
    assert answer.code == 1 and f"the certificate of {ONE} is not the one that was entered" in answer.out
    place.rename(site / "archived.json")
    assert filiera("ledger", "--check").code == 0
    assert "was deleted before" in filiera("purge", "--confirm", ONE).out


# --- a purge that was killed, and the world since ---------------------------------------------------------------------


def stopped_before_deleting(filiera, monkeypatch) -> None:
    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(plan, "_unlink", stop)
    assert filiera("purge", "--confirm", ONE).code == 130
    monkeypatch.undo()


def test_a_plan_is_not_carried_out_on_what_another_order_came_to_need(filiera, site, monkeypatch):
    stopped_before_deleting(filiera, monkeypatch)
    name_in_runs(site, "raw/M1.mzML", "M2")
    about = purged(filiera, site)
    assert (site / "raw/M1.mzML").exists() and kept(about)["raw/M1.mzML"] == NEEDED
    assert "raw/M1.mzML" not in {one["path"] for one in about["files"]}


def test_a_plan_is_not_followed_through_a_link_that_took_a_folders_place(filiera, site, monkeypatch):
    stopped_before_deleting(filiera, monkeypatch)
    folder, other = site / f"deliveries/{ONE}/v1/data/M1", site / "elsewhere"
    folder.parent.chmod(0o755)
    folder.rename(other)
    (other / "received").rename(other / "kept")
    write(other / "received/M1.mzML", "of somebody else")
    os.symlink(other, folder)
    purged(filiera, site)
    assert (other / "received/M1.mzML").read_text() == "of somebody else"


# --- the whole chain --------------------------------------------------------------------------------------------------


def tampered(site: Path, *words: str) -> None:
    with sqlite3.connect(site / "ledger/ledger.sqlite") as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for each in words:
            connection.execute(each)
        for _, sql in triggers:
            connection.execute(sql)


def rehashed(site: Path, change: Callable[[int, dict], dict]) -> None:
    """Rewrite the whole chain, as somebody who knows the code can; the witness is not told."""
    ledger, previous, rows = Ledger(site), START, []
    for entry in ledger.entries():
        body = change(entry.number, dict(vars(entry))) | {"previous": previous}
        made = type(entry)(**{**body, "hash": ""})
        rows.append({**vars(made), "hash": made.expected_hash()})
        previous = rows[-1]["hash"]
    tampered(site, "DELETE FROM entries")
    with sqlite3.connect(site / "ledger/ledger.sqlite") as connection:
        for row in rows:
            row["details"] = json.dumps(row["details"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            connection.execute(f"INSERT INTO entries VALUES ({', '.join('?' * len(row))})", list(row.values()))


def ended_on_a_long_gone_day(number: int, body: dict) -> dict:
    return body | {"actor": "eve"} if number == 2 else body


TAMPERED = {
    "another order's entry removed": (
        lambda site: tampered(site, f"DELETE FROM entries WHERE \"order\" = '{TWO}' AND event = 'running'"),
        "are missing",
    ),
    "another order's entry changed": (
        lambda site: tampered(site, f"UPDATE entries SET actor = 'eve' WHERE \"order\" = '{TWO}'"),
        "changed by hand",
    ),
    "a trigger dropped": (
        lambda site: sqlite3.connect(site / "ledger/ledger.sqlite").execute("DROP TRIGGER no_delete"),
        "the trigger no_delete is missing",
    ),
    "the witness gone": (lambda site: (site / "ledger/head.json").unlink(), "no head.json, which vouches"),
    "the witness gone and the chain rehashed": (
        lambda site: (rehashed(site, ended_on_a_long_gone_day), (site / "ledger/head.json").unlink()),
        "no head.json, which vouches",
    ),
    "the chain rehashed": (lambda site: rehashed(site, ended_on_a_long_gone_day), "as head.json names it"),
    "an older witness put back": (
        lambda site: write_json(site / "ledger/head.json", {"number": 3, "hash": Ledger(site).entries()[2].hash}),
        "head.json names entry 3",
    ),
    "a witness of nothing": (
        lambda site: write_json(site / "ledger/head.json", {"number": 0, "hash": START}),
        "head.json names entry 0",
    ),
    "a rehearsal set later": (
        lambda site: rehashed_as_rehearsal(site),
        "makes a rehearsal of a ledger that was not begun as one",
    ),
}


def rehashed_as_rehearsal(site: Path) -> None:
    """As somebody who can write to the table enters it, with the witness brought up to date."""
    last = Ledger(site).entries()[-1]
    from scripts.ledger.entries import Draft

    entry = chained(last.number + 1, last.hash, "", Draft("rehearsal"), "eve", NOW, "filiera")
    with sqlite3.connect(site / "ledger/ledger.sqlite") as connection:
        row = [*list(vars(entry).values())[:7], "{}", entry.previous, entry.hash]
        connection.execute(f"INSERT INTO entries VALUES ({', '.join('?' * len(row))})", row)
    write_json(site / "ledger/head.json", {"number": entry.number, "hash": entry.hash})


ACTS = {
    "purge": ("purge", "--confirm", ONE),
    "release": ("release", TWO),
    "terminate": ("terminate", TWO, "--on", ENDED.date().isoformat()),
    "terminate again": ("terminate", ONE, "--on", "2020-01-01", "--reason", "typing error"),
    "hold": ("retention", TWO, "--hold", "court case"),
    "lift": ("retention", ONE, "--lift", "settled"),
    "extend": ("retention", ONE, "--extend", "thesis"),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", TAMPERED)
def test_nothing_is_decided_on_a_ledger_any_part_of_which_was_tampered_with(filiera, site, name, act):
    tamper, words = TAMPERED[name]
    tamper(site)
    before, entries = sites.content(site), len(Ledger(site).entries())
    answer = filiera(*ACTS[act])
    assert answer.code == 1 and words in answer.err
    assert sites.content(site) == before and len(Ledger(site).entries()) == entries
    assert filiera("ledger", "--check").code == 1, "and it does not heal by itself"


# --- the witness ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["the witness gone", "the chain rehashed", "an older witness put back"])
def test_another_witness_is_accepted_by_a_named_person_with_a_reason_in_an_entry_of_its_own(filiera, site, name):
    TAMPERED[name][0](site)
    for arguments in (("--accept-head", " ", "--by", "ada"), ("--accept-head", "restored from tape")):
        answer = filiera("ledger", *arguments)
        assert answer.code == 1 and "expected a reason, and who answers for it" in answer.err
    answer = filiera("ledger", "--accept-head", "restored from tape", "--by", "ada")
    assert answer.code == 0, answer.err
    last = Ledger(site).entries()[-1]
    assert (last.order, last.event, last.actor, last.details["reason"]) == (
        *("", "witness accepted", "ada"),
        "restored from tape",
    )
    assert filiera("ledger", "--check").code == 0
    again = filiera("ledger", "--accept-head", "restored from tape", "--by", "ada")
    assert again.code == 1 and "nothing to accept" in again.err
    assert filiera("purge", "--confirm", ONE).code == 0


@pytest.mark.parametrize("name", ["ledger/head.json", f"{certificate.FOLDER}/{ONE}/certificate.json"])
@pytest.mark.parametrize(
    "text",
    ["", "\0\0\0\0", "[]", "[" * 100_000, '{"number": 1e400, "hash": "0"}', '{"ledger": {"number": 1, "hash": "0"}}'],
)
def test_a_spoilt_witness_or_certificate_is_told_in_a_sentence(filiera, site, name, text):
    write(site / name, text)
    for command in (["ledger", "--check"], ["release", TWO], ["purge", "--confirm", ONE]):
        answer = filiera(*command)
        assert answer.code == 1 and ("put back the backup" in answer.err or "is not sound" in answer.out)
    assert Path(site, "raw/M1.mzML").exists()


def test_a_spoilt_witness_is_taken_away_and_answered_for(filiera, site):
    (site / "ledger/head.json").write_text("\0")
    assert "take it away and answer" in filiera("ledger", "--check").err
    (site / "ledger/head.json").unlink()
    assert filiera("ledger", "--accept-head", "power cut", "--by", "ada").code == 0
    assert filiera("ledger", "--check").code == 0


def test_nobody_can_accept_a_chain_that_is_not_whole(filiera, site):
    TAMPERED["another order's entry changed"][0](site)
    (site / "ledger/head.json").unlink()
    answer = filiera("ledger", "--accept-head", "it is all right", "--by", "eve")
    assert answer.code == 1 and "changed by hand" in answer.err


def test_a_backup_of_a_ledger_whose_witness_is_gone_makes_no_new_one(filiera, site, tmp_path):
    (site / "ledger/head.json").unlink()
    answer = filiera("ledger", "--backup", str(tmp_path / "backup"))
    assert answer.code == 1 and "no head.json" in answer.err
    assert not (tmp_path / "backup/ledger/ledger.sqlite").exists()


@pytest.mark.parametrize("moment", ["before the table has it", "before the witness is settled"])
def test_who_is_killed_between_table_and_witness_leaves_a_sound_ledger(site, moment):
    """In a process of its own, that dies where the two do not name the same."""
    script = (
        "import os, sys; from pathlib import Path; from datetime import datetime, UTC;"
        "from scripts.ledger import store; from scripts.ledger.entries import Draft;"
        "ledger = store.Ledger(Path(sys.argv[1])); die = lambda *_: os._exit(9);"
    )
    script += (
        "store.TABLE.insert; announce = ledger.witness.announce;"
        "ledger.witness.announce = lambda *heads: (announce(*heads), die());"
        if moment.startswith("before the table")
        else "ledger._settle = die;"
    )
    script += f"ledger.enter('{TWO}', lambda _: [Draft('note', {{}})], 'ada', datetime.now(UTC))"
    before = len(Ledger(site).entries())
    done = subprocess.run([sys.executable, "-c", script, site], cwd=Path(__file__).parents[2])
    assert done.returncode == 9
    assert len(Ledger(site).entries()) == before + (0 if moment.startswith("before the table") else 1)
    assert main(["ledger", "--check", "--directory", str(site)]) == 0
    assert main(["retention", TWO, "--hold", "court case", "--directory", str(site)]) == 0


def test_release_and_purge_print_the_head_and_paper_outside_the_house_contradicts_a_rewritten_ledger(
    filiera, site, tmp_path
):
    released = filiera("release", TWO)
    head = read_json(site / "ledger/head.json")
    assert f"Head of the ledger: entry {head['number']}, {head['hash']}" in released.out
    shutil.copy(site / "ledger/head.json", tmp_path / "monday.json")
    answer = filiera("purge", "--confirm", ONE)
    newest = Ledger(site).entries()[-1]
    assert f"Head of the ledger: entry {newest.number}, {newest.hash}" in answer.out
    about = read_json(certificate.place(site, ONE))
    before = Ledger(site).entries()[-2]
    assert about["ledger"] == {"number": before.number, "hash": before.hash}
    shutil.copy(certificate.place(site, ONE), tmp_path / "sent.json")
    papers = [str(tmp_path / name) for name in ("monday.json", "sent.json")]
    assert filiera("ledger", "--check", "--against", *papers).code == 0
    rehashed(site, lambda number, body: body | {"actor": "eve"} if number == 2 else body)
    shutil.rmtree(site / "ledger/certificates")
    newest = Ledger(site).entries()[-1]
    write_json(site / "ledger/head.json", {"number": newest.number, "hash": newest.hash})
    assert filiera("ledger", "--check").code == 0, "nothing in the house knows it better"
    for paper in papers:
        answer = filiera("ledger", "--check", "--against", paper)
        assert answer.code == 1 and f"is not the one that {paper} names: the ledger was rewritten" in answer.out


def test_paper_that_names_no_entry_is_told(filiera, site, tmp_path):
    write(tmp_path / "letter.json", "[]")
    answer = filiera("ledger", "--check", "--against", str(tmp_path / "letter.json"))
    assert answer.code == 1 and "found no entry's number and hash" in answer.err


def test_who_was_logged_in_stands_beside_the_name_that_was_given(filiera, site, monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "eve")
    assert filiera("release", TWO, "--by", "carla").code == 0
    assert filiera("retention", TWO, "--hold", "court case").code == 0
    with sqlite3.connect(site / "ledger/ledger.sqlite") as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(entries)")]
    assert len(columns) == 10, "no new column"
    released, held = Ledger(site).entries()[-2:]
    import pwd

    me = pwd.getpwuid(os.getuid()).pw_name
    assert (released.actor, released.details["login"]) == ("carla", me)
    assert held.actor == me, "variables do not say who somebody is"


# --- the time ---------------------------------------------------------------------------------------------------------

LATER = (NOW + timedelta(days=4000)).strftime("%Y-%m-%dT%H:%M")
GIVEN = {
    "purge": ("purge", "--confirm", TWO),
    "release": ("release", TWO),
    "terminate": ("terminate", TWO, "--on", (NOW + timedelta(days=30)).date().isoformat()),
    "hold": ("retention", TWO, "--hold", "court case"),
    "extend": ("retention", ONE, "--extend", "thesis"),
    "lift": ("retention", ONE, "--lift", "settled"),
}


@pytest.mark.parametrize("act", GIVEN)
def test_no_time_but_the_clocks_is_taken_for_what_is_entered(filiera, site, act):
    rules = Termination(NOW.date() - timedelta(days=1), "Europe/Rome", 3, 1, 2)
    if act == "purge":
        Ledger(site).enter(TWO, lambda account: moves.terminate(account, rules), "ada", NOW)
    before, entries = sites.content(site), Ledger(site).entries()
    answer = filiera(*GIVEN[act], "--now", LATER)
    assert answer.code == 1 and "found " in answer.err and "expected the clock's time" in answer.err
    assert sites.content(site) == before and Ledger(site).entries() == entries


def test_reading_takes_any_time(filiera):
    assert filiera("purge", ONE, "--now", LATER).code == filiera("retention", "--now", LATER).code == 0


def test_a_clock_that_a_library_makes_up_is_refused(filiera, site, monkeypatch):
    """As libfaketime does it to the process that it is loaded into."""
    from scripts.cli import desk

    class Later(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone) + timedelta(days=4000)

    monkeypatch.setattr(desk, "datetime", Later)
    answer = filiera("purge", "--confirm", ONE)
    assert answer.code == 1 and "the clock: found " in answer.err and "expected the machine's" in answer.err
    assert (site / "raw/M1.mzML").exists()


def test_a_version_is_not_dated_by_a_clock_that_a_library_makes_up(filiera, site, monkeypatch):
    """What seems to have been published long ago could be purged at once."""
    from scripts.cli import desk

    class Earlier(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone) - timedelta(days=4000)

    monkeypatch.setattr(desk, "datetime", Earlier)
    entries = Ledger(site).entries()
    answer = filiera("run", "--despite-disk")
    assert answer.code == 1 and "the clock: found " in answer.err and Ledger(site).entries() == entries


def test_a_purge_that_was_begun_before_its_time_does_not_go_on(filiera, site):
    """As an earlier version let it, with a time that was given."""
    rules = Termination(NOW.date() - timedelta(days=1), "Europe/Rome", 3, 1, 2)
    ledger = Ledger(site)
    ledger.enter(TWO, lambda account: moves.terminate(account, rules), "ada", NOW)
    ledger.enter(TWO, lambda account: moves.expire(account, NOW + timedelta(days=4000)), "ada", NOW)
    answer = filiera("purge", "--confirm", TWO)
    assert answer.code == 1 and "found an order that is kept to the end of" in answer.err
    assert (site / "raw/M2.mzML").exists()


def rehearsal(folder: Path) -> Path:
    """The same site, begun as a rehearsal, by the command."""
    site = folder / "rehearsed"
    (site / "config").mkdir(parents=True)
    assert main(["ledger", "--begin-rehearsal", "--directory", str(site)]) == 0
    return sites.make(site)


def test_a_rehearsal_takes_times_and_its_certificate_says_so_across_the_page(tmp_path, capsys):
    site = rehearsal(tmp_path)
    assert main(["purge", "--confirm", ONE, "--now", LATER, "--directory", str(site)]) == 0
    assert "A REHEARSAL" in capsys.readouterr().out
    place = certificate.place(site, ONE)
    first, *_ = [line for line in place.read_text().splitlines() if line.strip("{ ")]
    assert "REHEARSAL" in first, "before all else"
    assert read_json(place)["statement"].startswith("A REHEARSAL")
    assert main(["ledger", "--verify-certificate", str(place), "--directory", str(site)]) == 0
    assert capsys.readouterr().out.startswith("A REHEARSAL")


def test_a_certificate_of_the_clock_says_nothing_of_a_rehearsal(filiera, site):
    assert "REHEARSAL" not in json.dumps(purged(filiera, site))


@pytest.mark.parametrize("done", ["as it is", "the ledger taken away"])
def test_no_rehearsal_is_made_of_a_site_that_was_in_earnest(filiera, site, done):
    if done != "as it is":
        shutil.rmtree(site / "ledger")
    answer = filiera("ledger", "--begin-rehearsal")
    assert answer.code == 1 and "rehearse in a site of its own" in answer.err
    assert filiera("purge", "--confirm", ONE, "--now", LATER).code == 1


def test_the_demos_ledger_is_begun_as_a_rehearsal(tmp_path):
    from scripts.cli import demo

    demo._generate(tmp_path / "demo", lambda folder: (folder / "config").mkdir(parents=True))
    assert Ledger(tmp_path / "demo").is_rehearsal()


@pytest.mark.parametrize("lacks", ["a rehearsal's ledger", "the planted truth"])
def test_the_demo_takes_no_site_in_earnest_for_its_own(filiera, site, tmp_path, lacks):
    """It makes some of its folders anew each time."""
    if lacks == "the planted truth":
        site = rehearsal(tmp_path)
    else:
        write(site / "truth/orders.tsv", "")
    write(site / "desks/letter.txt", "of the facility's own")
    assert main(["demo", "--directory", str(site)]) == 1
    assert (site / "desks/letter.txt").exists()


def test_of_a_link_nothing_but_itself_is_removed(tmp_path):
    from scripts.lib.files import remove_tree

    write(tmp_path / "other/x", "")
    (tmp_path / "other").chmod(0o555)
    os.symlink(tmp_path / "other", tmp_path / "link")
    remove_tree(tmp_path / "link")
    assert (tmp_path / "other/x").exists() and (tmp_path / "other").stat().st_mode & 0o777 == 0o555
    assert not os.path.lexists(tmp_path / "link")


# --- what was published a short while ago -----------------------------------------------------------------------------


def young(site: Path, what: str) -> None:
    """The order, ended long ago by what was entered, with a version that was published or released just now."""
    ledger = Ledger(site)
    if what == "published":
        ledger.enter(TWO, lambda account: moves.begin(account, [], [], "2"), "ada", NOW)
        ledger.enter(TWO, lambda account: moves.package(account, 2, "f", "", []), "ada", NOW)
    else:
        ledger.enter(TWO, moves.release, "ada", NOW)


@pytest.mark.parametrize("what", ["published", "released"])
def test_what_is_younger_than_the_retention_time_is_purged_with_a_reason_alone_that_the_certificate_repeats(
    filiera, site, what
):
    young(site, what)
    ended = filiera("terminate", TWO, "--on", ENDED.date().isoformat())
    assert ended.code == 0 and "purge will ask for a --reason" in ended.out
    assert "expected a reason" in filiera("purge", TWO).out, "and the forecast says so"
    for reason in ((), ("--reason", " ")):
        answer = filiera("purge", "--confirm", TWO, *reason)
        assert answer.code == 1 and "less than 3 months ago, expected a reason" in answer.err
        assert (site / "raw/M2.mzML").exists()
    assert filiera("purge", "--confirm", TWO, "--reason", "consent withdrawn, letter of 3 May").code == 0
    assert read_json(certificate.place(site, TWO))["early"] == "consent withdrawn, letter of 3 May"


def test_what_is_old_enough_needs_no_reason(filiera, site):
    assert "early" not in purged(filiera, site)


@pytest.mark.parametrize("lost", ["entry", "ledger"])
def test_a_version_that_the_ledger_does_not_know_is_told_and_purged_with_a_reason_alone(filiera, site, lost):
    """A run was killed before it entered it, or the whole ledger was lost, its witness too."""
    if lost == "ledger":
        shutil.rmtree(site / "ledger")
    else:
        shutil.copytree(site / f"deliveries/{ONE}/v1", site / f"deliveries/{ONE}/v2")
    name = "v1" if lost == "ledger" else "v2"
    answer = filiera("ledger", "--check")
    assert answer.code == 1 and f"{ONE} {name} is there, and was never entered" in answer.out
    assert filiera("terminate", ONE, "--on", ENDED.date().isoformat()).code == 0
    assert "expected a reason" in filiera("purge", ONE).out
    answer = filiera("purge", "--confirm", ONE)
    assert answer.code == 1 and f"found {name}, of which the ledger does not know when it was published" in answer.err
    assert (site / f"deliveries/{ONE}/{name}/README.md").exists() and (site / "raw/M1.mzML").exists()
    assert purged(filiera, site, "--reason", "the disk of the ledger broke")["early"] == "the disk of the ledger broke"


def test_a_package_of_an_order_that_the_ledger_does_not_know_is_told(filiera, site):
    strange = "P009/CNR-IBSBC/MET-UNTARGETED"
    shutil.copytree(site / f"deliveries/{TWO}", site / "deliveries" / strange)
    answer = filiera("ledger", "--check")
    assert answer.code == 1 and f"{strange} v1 is there, and was never entered" in answer.out


def test_another_date_of_termination_does_not_bring_the_catalogues_new_rules_in(filiera, site):
    catalogue = site / "config/catalogue.yaml"
    catalogue.write_text(catalogue.read_text().replace("{recipe", "{retention_months: 1, recipe"))
    day = (NOW - timedelta(days=60)).date().isoformat()
    assert filiera("terminate", ONE, "--on", day, "--reason", "typing error").code == 0
    assert Ledger(site).account(ONE).termination.months == 3
    assert "whose time is over" in filiera("purge", "--confirm", ONE).err


def test_while_an_order_is_on_hold_its_release_deletes_nothing(filiera, site, monkeypatch):
    monkeypatch.setattr(registry.Order, "human", property(lambda _: True))
    shutil.rmtree(site / RESULTS / "package/data")
    write(site / RESULTS / "M2/M2.bam", "reads")
    assert filiera("retention", TWO, "--hold", "court case").code == 0
    answer = filiera("release", TWO)
    assert answer.code == 0 and (site / RESULTS / "M2/M2.bam").exists(), answer.err
    assert filiera("retention", TWO, "--lift", "settled").code == 0
    assert filiera("release", TWO).code == 0 and not (site / RESULTS / "M2/M2.bam").exists()


# --- reading another order's file -------------------------------------------------------------------------------------


def test_a_row_may_read_another_orders_package_and_check_says_whose_and_how_long(filiera, site):
    name_in_runs(site, OWN_PACKAGE, "M2")
    answer = filiera("check")
    last = Ledger(site).account(ONE).last_day
    assert answer.code == 0, answer.err
    assert f"{TWO} reads {OWN_PACKAGE} of {ONE}, which is kept to the end of {last} and deleted then." in answer.err
    purged(filiera, site)
    assert not (site / OWN_PACKAGE).exists(), "its owner's time is over"


def test_check_says_of_a_received_file_that_another_order_named_it(filiera, site):
    name_in_runs(site, "raw/M1.mzML", "M2")
    answer = filiera("check")
    assert f"{TWO} reads raw/M1.mzML, as {ONE} does or did: it stays until the last of them is purged" in answer.err


def test_check_asks_where_files_are_received_and_does_not_fail_for_it(filiera, site):
    answer = filiera("check")
    assert answer.code == 0 and "config/config.yaml, key received: found nothing" in answer.err
    declare(site, "raw")
    assert "received" not in filiera("check").err


# --- what an earlier version wrote ------------------------------------------------------------------------------------

OLD = Path(__file__).parent / "old_site.tar.xz"
EARLIER = {number: f"P{number}/CNR-IBSBC/MET-TARGETED" for number in (1, 2, 3)}


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request, tmp_path) -> Path:
    """A site as version 0.1.0 left it: P1 released, P2 terminated, P3 purged with --now; P1 and P2 share a batch."""
    with tarfile.open(OLD) as archive:
        archive.extractall(tmp_path, filter="tar")
    site = tmp_path / "site"
    if request.param == "postgresql":
        import psycopg

        url = request.getfixturevalue("database")
        shutil.rmtree(site / "ledger")
        (tmp_path / "postgresql").rename(site / "ledger")
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            for part in copied(site / "ledger/ledger.sql"):
                part(connection)
        write(site / "config/config.yaml", f"backups: [tape]\nledger: {url}\n")
    return site


def copied(dump: Path) -> list[Callable]:
    """What a plain dump of pg_dump does."""
    text = "".join(line for line in dump.read_text().splitlines(True) if not line.startswith("--"))
    before, _, rest = text.partition("COPY public.entries")
    columns, _, rest = rest.partition(" FROM stdin;\n")
    rows, _, after = rest.partition("\\.\n")

    def copy(connection) -> None:
        with connection.cursor().copy(f"COPY public.entries{columns} FROM STDIN") as stream:
            stream.write(rows)

    return [lambda connection: connection.execute(before), copy, lambda connection: connection.execute(after)]


def test_a_site_of_an_earlier_version_is_sound_and_goes_on(old, capsys):
    def call(*arguments: str) -> Said:
        capsys.readouterr()
        return Said(main([*arguments, "--directory", str(old)]), *capsys.readouterr())

    checked = call("ledger", "--check")
    assert checked.code == 0, checked.out
    for number in (1, 2):
        assert verify.verify(old / "deliveries" / EARLIER[number] / "v1").whole
    place = certificate.place(old, EARLIER[3])
    certificate.verify(place, keys.load_public(place.with_name("facility.pub.pem")))
    assert read_json(place)["order"] == EARLIER[3]
    assert call("ledger", "--check", "--against", str(place)).code == 0
    assert "was deleted before" in call("purge", "--confirm", EARLIER[3]).out
    (old / "private/signing_key.pub.pem").unlink(missing_ok=True)
    keys.make(old / "private/signing_key.pem")
    assert "v1 was released before" in call("release", EARLIER[1]).out
    assert call("retention", EARLIER[1], "--hold", "inquiry").code == 0
    assert call("retention", EARLIER[1], "--lift", "settled").code == 0
    assert call("ledger", "--check").code == 0


@pytest.mark.parametrize("sheets", ["as they were", "emptied of P1"])
def test_what_orders_of_an_earlier_version_own_is_known_from_ledger_and_records(old, capsys, monkeypatch, sheets):
    """P2 is purged in its time: its own goes, and what P1 shares with it stays, whatever the sheets say now."""
    from scripts.cli import desk

    monkeypatch.setattr(desk, "acting", lambda *_: datetime(2027, 3, 2, tzinfo=UTC))
    (old / "private/signing_key.pub.pem").unlink(missing_ok=True)
    keys.make(old / "private/signing_key.pem")
    if sheets != "as they were":
        for name in ("samples", "runs", "proposals"):
            sheet = old / "config" / f"{name}.tsv"
            lines = sheet.read_text().splitlines(True)
            sheet.write_text("".join(line for line in lines if "P1" not in line and "B\t" not in line))
    capsys.readouterr()
    answer = main(["purge", "--confirm", EARLIER[2], "--directory", str(old)])
    said = capsys.readouterr()
    assert answer == 0, said.err
    assert not (old / "raw/P2.areas.tsv").exists() and not (old / "deliveries" / EARLIER[2]).exists()
    assert not list(old.glob("results/*/runs/*/rSP2*"))
    assert (old / "raw/P1.areas.tsv").exists() and "stays: raw/P1.areas.tsv (another order needs it)" in said.out
    assert len(list(old.glob("results/*/runs/*/r*"))) == 11, "P1's runs and the pools of the batch"
    assert verify.verify(old / "deliveries" / EARLIER[1] / "v1").whole
    assert main(["ledger", "--check", "--directory", str(old)]) == 0
