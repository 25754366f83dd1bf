"""The ledger follows what runs do, and decides what they may do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime

from sites import change, standing

from scripts.delivery import bag
from scripts.ledger import moves
from scripts.ledger.states import Termination
from scripts.ledger.store import Ledger
from scripts.lib.checksums import sha256
from scripts.lib.files import remove_tree

WGS_1, WGS_2 = "P001/CNR-IBIOM/GEN-WGS-30X", "P002/CNR-IBIOM/GEN-WGS-30X"
LCMS = "P001/CNR-IBSBC/MET-UNTARGETED"
V1 = f"deliveries/{WGS_2}/v1"


def terminated(site, order: str) -> Ledger:
    ledger = Ledger(site)
    end = Termination(date(2026, 6, 30), "Europe/Rome", 3, 1, 2)
    ledger.enter(order, lambda account: moves.terminate(account, end), "ada", datetime(2026, 7, 1, tzinfo=UTC))
    return ledger


def events(ledger: Ledger, order: str) -> list[str]:
    return [entry.event for entry in ledger.account(order).entries]


def test_a_run_enters_where_each_order_stands(finished):
    ledger = Ledger(finished[0])
    accounts = ledger.accounts()
    assert set(accounts) == {WGS_1, WGS_2, LCMS}
    for account in accounts.values():
        assert [entry.event for entry in account.entries] == ["awarded", "received", "running", "accepted", "packaged"]
        assert all((finished[0] / path).is_file() for path in account.files)
    (version,) = accounts[WGS_2].versions
    assert (version.number, version.fingerprint) == (1, bag.fingerprint(finished[0] / V1))


def test_running_again_enters_nothing(filiera, finished):
    before = Ledger(finished[0]).entries()
    assert filiera("run", finished[0]).code == 0
    assert Ledger(finished[0]).entries() == before


def test_a_terminated_order_is_no_target_and_others_run_on(filiera, site, root):
    terminated(site, WGS_2)
    remove_tree(site / "results" / "CNR-IBIOM" / "P002")
    answer = filiera("run", site)
    assert answer.code == 0
    assert f"{WGS_2}: terminated, so no run touches it any more" in answer.err
    assert not answer.jobs and WGS_2 not in answer.out
    assert f"{WGS_2}: terminated" in filiera("check", site).err
    assert WGS_2 not in standing(filiera, site)
    command = [sys.executable, "-m", "snakemake", "--directory", site, "--cores", "1"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0 and "Nothing to be done" in done.stderr
    assert not (site / "results" / "CNR-IBIOM" / "P002").exists()


def test_a_closed_orders_files_may_be_gone_and_nobody_waits_for_them(filiera, site):
    ledger = terminated(site, WGS_1)
    for path in ledger.account(WGS_1).files:
        (site / path).unlink()
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    assert answer.out.count("already delivered") == 2


def test_a_proposal_all_of_whose_orders_are_closed_may_have_any_status(filiera, site):
    terminated(site, WGS_2)
    change(site / "config" / "proposals.tsv", "Wild relatives of the demo plant\tawarded", "Wild\tclosed")
    assert "P002, which has samples" not in filiera("check", site).err


def test_a_version_that_was_deleted_by_hand_is_not_silently_published_again(filiera, site):
    remove_tree(site / "deliveries" / WGS_2)
    answer = filiera("run", site)
    assert answer.code == 1
    assert "not published: v1 was, and is not there any more" in answer.out
    assert not (site / "deliveries" / WGS_2).exists()


def test_a_number_is_never_given_twice(filiera, site):
    remove_tree(site / "deliveries" / WGS_2)
    change(site / "config" / "proposals.tsv", "Wild relatives", "Tame relatives")
    assert filiera("run", site).code == 0
    assert [path.name for path in (site / "deliveries" / WGS_2).iterdir()] == ["v2"]
    assert [version.number for version in Ledger(site).account(WGS_2).versions] == [1, 2]


def test_a_version_published_by_a_run_that_was_killed_is_entered_later(filiera, site):
    remove_tree(site / "ledger")
    assert filiera("run", site).code == 0
    (version,) = (entry for entry in Ledger(site).account(WGS_2).entries if entry.event == "packaged")
    assert version.details["found"] is True
    assert version.details["fingerprint"] == bag.fingerprint(site / V1)
    assert version.details["staged"] == sha256(site / V1 / "manifest.tsv")


def test_half_a_version_is_not_entered(filiera, site):
    remove_tree(site / "ledger")
    victim = site / "deliveries" / WGS_2 / "v1" / "README.md"
    os.chmod(victim.parent, 0o755)
    victim.unlink()
    filiera("run", site)
    assert "packaged" not in events(Ledger(site), WGS_2)


def test_status_for_machines_names_closed_orders(filiera, site):
    terminated(site, WGS_2)
    assert json.loads(filiera("status", site, "--json").out)["closed"] == {WGS_2: "terminated"}
