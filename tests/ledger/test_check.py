"""What is done to a ledger by hand is found."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from ledgers import JUNE, ORDER, RULES, enter, packaged

from scripts.ledger import check, moves
from scripts.ledger.store import Ledger
from scripts.lib.files import write_json
from scripts.lib.refusal import Refusal


def changed(ledger: Ledger, *words: str) -> None:
    """Do to the table what its triggers would refuse, as somebody with a database tool can."""
    if ledger.url:
        engine = sa.create_engine(ledger.url, poolclass=sa.pool.NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE entries DISABLE TRIGGER USER")
            for each in words:
                connection.exec_driver_sql(each)
            connection.exec_driver_sql("ALTER TABLE entries ENABLE TRIGGER USER")
        return
    with sqlite3.connect(ledger.folder / "ledger.sqlite") as connection:
        kept = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in kept:
            connection.execute(f"DROP TRIGGER {name}")
        for each in words:
            connection.execute(each)
        for _, sql in kept:
            connection.execute(sql)


@pytest.fixture
def full(ledger) -> Ledger:
    """A ledger with some history (7 entries)."""
    packaged(ledger)
    enter(ledger, moves.release)
    enter(ledger, lambda account: moves.terminate(account, RULES))
    return ledger


def test_a_ledger_that_nobody_touched_is_sound(full):
    assert check.findings(full) == []


FIELDS = ["time", "entered", "actor", '"order"', "event", "software", "previous", "hash"]


@pytest.mark.parametrize("field", FIELDS)
def test_a_changed_field_is_found(full, field):
    changed(full, f"UPDATE entries SET {field} = 'eve' WHERE number = 4")
    assert any("entry 4" in finding for finding in check.findings(full))


def test_nothing_is_decided_on_a_changed_entry(full):
    changed(full, "UPDATE entries SET details = replace(details, '2026-06-30', '2020-06-30')")
    for decide in (full.closed, lambda: enter(full, lambda account: moves.expire(account, JUNE))):
        with pytest.raises(Refusal, match="changed by hand, expected what was entered"):
            decide()


@pytest.mark.parametrize("details", ['{"version":2}', "{}", "not json", '{"refused": []}'])
def test_changed_details_are_found(full, details):
    changed(full, f"UPDATE entries SET details = '{details}' WHERE number = 4")
    assert any("entry 4" in finding for finding in check.findings(full))


def test_a_removed_entry_is_found(full):
    changed(full, "DELETE FROM entries WHERE number = 3")
    assert "entries 3 to 3 are missing" in check.findings(full)


def test_the_removed_first_entry_is_found(full):
    changed(full, "DELETE FROM entries WHERE number = 1")
    assert any("those before were removed" in finding for finding in check.findings(full))


def test_the_removed_last_entry_is_found_by_what_lies_beside(full):
    changed(full, "DELETE FROM entries WHERE number = 7")
    assert check.findings(full) == ["entry 7 is missing: head.json names it, and the last one here is 6"]


def test_a_missing_witness_is_found(full):
    (full.folder / "head.json").unlink()
    assert check.findings(full) == ["head.json is missing, which vouches for the newest entry"]


def test_nothing_is_entered_or_decided_after_the_newest_entries_were_removed(full):
    changed(full, "DELETE FROM entries WHERE number = 7")
    for use in (full.accounts, lambda: full.account(ORDER), lambda: packaged(full)):
        with pytest.raises(Refusal, match="found no entry 7 as head.json names it, expected what was entered"):
            use()


def test_a_new_table_does_not_take_the_place_of_one_that_was_removed(tmp_path):
    ledger = Ledger(tmp_path)
    packaged(ledger)
    (ledger.folder / "ledger.sqlite").unlink()
    with pytest.raises(Refusal, match="found no entry 5 as head.json names it"):
        packaged(ledger)


def test_an_emptied_table_is_found(full):
    changed(full, "DELETE FROM entries")
    assert check.findings(full) == ["the ledger is empty, but head.json names entry 7"]


def test_exchanged_entries_are_found(full):
    changed(full, *(f"UPDATE entries SET number = {a} WHERE number = {b}" for a, b in ((99, 3), (3, 4), (4, 99))))
    assert check.findings(full)


def test_a_rewritten_ledger_is_found_by_what_lies_beside(full, tmp_path):
    other = Ledger(tmp_path / "other")
    packaged(other)
    enter(other, moves.release)
    enter(other, lambda account: moves.hold(account, "x"))
    write_json(other.folder / "head.json", {"number": 7, "hash": full.entries()[-1].hash})
    assert any("the ledger was rewritten" in finding for finding in check.findings(other))


def test_missing_triggers_are_found(tmp_path):
    ledger = Ledger(tmp_path)
    packaged(ledger)
    with sqlite3.connect(ledger.folder / "ledger.sqlite") as connection:
        connection.execute("DROP TRIGGER no_update")
    assert check.findings(ledger) == ["the trigger no_update is missing: the table can be changed"]


def test_a_spoilt_witness_is_told(full):
    Path(full.folder / "head.json").write_text("[]")
    with pytest.raises(Refusal, match="found no entry's number and hash"):
        check.findings(full)


def test_postgresql_refuses_to_change_delete_or_empty(tmp_path, database):
    ledger = Ledger(tmp_path, database)
    packaged(ledger)
    before = ledger.entries()
    engine = sa.create_engine(database, poolclass=sa.pool.NullPool)
    for words in ("UPDATE entries SET actor = 'eve'", "DELETE FROM entries", "TRUNCATE entries"):
        with pytest.raises(sa.exc.DBAPIError, match="append only"), engine.begin() as connection:
            connection.exec_driver_sql(words)
    assert ledger.entries() == before


def test_a_database_that_does_not_answer_is_told_without_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "geheim")
    ledger = Ledger(tmp_path, f"postgresql+psycopg://filiera@/ledger?host={tmp_path}")
    with pytest.raises(Refusal, match="expected one that can be read and written") as refused:
        packaged(ledger)
    assert "geheim" not in str(refused.value)
