"""The lines of docs/operations.md, as they stand: a site is backed up, lost and restored."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess

import pytest
from harness import as_it_should_be, copied, finish

from scripts.ledger import check
from scripts.ledger.entries import Draft, moment
from scripts.ledger.store import Ledger
from scripts.lib.files import remove_tree
from scripts.lib.refusal import Refusal


def documented(root, chapter: str) -> str:
    """The commands of a chapter."""
    text = (root / "docs" / "operations.md").read_text(encoding="utf-8").split(f"\n## {chapter}\n")[1]
    return re.search(r"```\n(.+?)```", text, flags=re.DOTALL)[1]


def carry_out(root, commands: str, place, backup) -> str:
    words = re.sub(r"\bSITE\b", str(place), re.sub(r"\bBACKUP\b", str(backup), commands))
    done = subprocess.run(["bash", "-euc", words], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_site_is_restored_by_the_documented_commands(root, truth, site, tmp_path):
    place, backup = site(truth.finished), tmp_path / "backup"
    carry_out(root, documented(root, "Backup"), place, backup)
    remove_tree(place)
    for name in ("raw", "reference", "library"):  # from the archive of the instruments
        copied(truth.finished / name, place / name)
    said = carry_out(root, documented(root, "Restore"), place, backup)
    assert "The ledger is sound" in said and " is whole: " in said
    assert "P004/UNIBA-DBBA/GEN-WGS-30X" in said
    finish(root, place)
    as_it_should_be(place, truth)


def test_a_ledger_is_backed_up_at_one_moment_though_somebody_writes(truth, site, tmp_path):
    ledger = Ledger(site(truth.finished))
    entries = ledger.entries()
    with sqlite3.connect(ledger.folder / "ledger.sqlite", isolation_level=None) as writing:
        writing.execute("BEGIN IMMEDIATE")
        writing.execute(
            "INSERT INTO entries SELECT number + 1, time, entered, actor, 'x', event, software, details, 'y', 'z'"
            " FROM entries ORDER BY number DESC LIMIT 1"
        )
        ledger.back_up(tmp_path / "copy")
        writing.execute("ROLLBACK")
    copy = Ledger(tmp_path / "copy")
    assert copy.entries() == entries and not check.findings(copy)
    with pytest.raises(Refusal, match="backups are not mixed"):
        ledger.back_up(tmp_path / "copy")


def test_a_witness_that_is_newer_than_the_ledger_is_found(truth, site, tmp_path):
    place = site(truth.finished)
    ledger = Ledger(place)
    ledger.back_up(tmp_path / "copy")
    (order, account), *_ = ledger.accounts().items()
    ledger.enter(order, lambda _: [Draft("hold", {"reason": "later"})], "ada", moment(account.since))
    shutil.copy(tmp_path / "copy" / "ledger" / "ledger.sqlite", ledger.folder)
    with pytest.raises(Refusal, match="head.json"):
        ledger.accounts()
