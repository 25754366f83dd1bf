"""The ledger tells what became of an order: legal moves only, nothing changed afterwards, many writers at once."""

from __future__ import annotations

import multiprocessing
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import JUNE, ORDER, RULES, enter, packaged, walked

from scripts.ledger import moves
from scripts.ledger.entries import START, Draft, chained
from scripts.ledger.states import CLOSED, MOVES, STATES, Account, Termination
from scripts.ledger.store import Ledger
from scripts.lib.files import read_json, read_tsv
from scripts.lib.refusal import Refusal


def states(ledger: Ledger) -> list[str]:
    return [entry.event for entry in ledger.account(ORDER).entries if entry.event in STATES]


def test_a_site_without_a_ledger_has_an_empty_one_and_reading_makes_none(tmp_path):
    assert Ledger(tmp_path).entries() == []
    assert Ledger(tmp_path).account(ORDER).state == ""
    assert list(tmp_path.iterdir()) == []


def test_the_whole_life_of_an_order(ledger):
    packaged(ledger)
    enter(ledger, moves.release)
    enter(ledger, lambda account: moves.terminate(account, RULES))
    after = datetime(2026, 10, 1, tzinfo=UTC)
    enter(ledger, lambda account: moves.expire(account, after))
    account = enter(ledger, lambda account: moves.delete(account, "ledger/certificate.json", "0" * 64))
    assert states(ledger) == list(STATES)
    assert account == ledger.account(ORDER)
    assert (account.state, account.closed, account.newest) == ("deleted", True, 1)
    assert account.certificate == {"file": "ledger/certificate.json", "sha256": "0" * 64}


@pytest.mark.parametrize(("start", "to"), [(a, b) for a in MOVES for b in STATES if b not in MOVES[a]])
def test_a_move_that_is_not_legal_is_refused(start, to):
    with pytest.raises(Refusal, match=f"found a move from {start or 'nothing'} to {to}"):
        moves.legal(walked(start), Draft(to))


ACTS = (
    lambda one: moves.begin(one, ["raw/a.fq"], [], "run"),
    lambda one: moves.accept(one, []),
    lambda one: moves.package(one, one.newest + 1, "f", "s", []),
    moves.release,
    lambda one: moves.terminate(one, RULES),
    lambda one: moves.extend(one, "late"),
    lambda one: moves.hold(one, "court case"),
    lambda one: moves.lift(one, "settled"),
    lambda one: moves.expire(one, datetime(2027, 1, 1, tzinfo=UTC)),
    lambda one: moves.delete(one, "certificate.json", ""),
)


@given(st.lists(st.sampled_from(ACTS), max_size=30))
def test_whatever_operators_do_in_whatever_order_only_legal_moves_come_of_it(acts):
    account = Account(ORDER)
    for act in acts:
        try:
            drafts = act(account)
        except Refusal:
            continue
        for draft in drafts:
            assert draft.event not in MOVES or draft.event in MOVES[account.state]
            held = account.hold
            entry = chained(len(account.entries) + 1, START, ORDER, draft, "ada", JUNE, "filiera")
            account = Account(ORDER, (*account.entries, entry))
            assert not (held and draft.event == "expired"), "what is on hold is not deleted"
            assert account.extensions <= RULES.max_extensions
        assert not account.closed or account.termination


def test_no_run_begins_once_the_agreement_has_ended():
    for state in CLOSED:
        with pytest.raises(Refusal, match=f"a move from {state} to running"):
            moves.begin(walked(state), [], [], "run")


def test_every_command_may_be_repeated_and_enters_nothing_again(ledger):
    packaged(ledger)
    for decide in (
        moves.release,
        lambda account: moves.terminate(account, RULES),
        lambda account: moves.hold(account, "court case"),
        lambda account: moves.lift(account, "settled"),
        lambda account: moves.expire(account, datetime(2027, 1, 1, tzinfo=UTC)),
        lambda account: moves.delete(account, "c.json", "0" * 64),
    ):
        enter(ledger, decide)
        before = ledger.entries()
        enter(ledger, decide)
        assert ledger.entries() == before


def test_a_later_version_leaves_the_released_one_released(ledger):
    packaged(ledger)
    enter(ledger, moves.release)
    account = packaged(ledger, version=2)
    assert account.state == "packaged"
    assert [(version.number, bool(version.released)) for version in account.versions] == [(1, True), (2, False)]
    assert enter(ledger, moves.release).versions[1].released


@pytest.mark.parametrize("released", [False, True])
def test_an_order_that_is_run_again_to_the_same_version_is_where_it_was_with_it(ledger, released):
    packaged(ledger)
    before = enter(ledger, moves.release) if released else ledger.account(ORDER)
    enter(ledger, lambda account: moves.begin(account, [], [], "run 2"))
    after = enter(ledger, lambda account: moves.unchanged(account, 1, []))
    assert (after.state, after.versions) == (before.state, before.versions)
    assert enter(ledger, lambda account: moves.unchanged(account, 1, [])).entries == after.entries


def test_a_version_published_while_the_agreement_ended_is_known_and_the_order_stays_terminated(ledger):
    packaged(ledger)
    enter(ledger, lambda account: moves.terminate(account, RULES))
    account = packaged(ledger, version=2)
    assert (account.state, account.newest) == ("terminated", 2)


def test_a_wrong_date_of_termination_is_put_right_with_a_reason_alone(ledger):
    packaged(ledger)
    enter(ledger, lambda account: moves.terminate(account, RULES))
    other = Termination(date(2026, 7, 30), *list(vars(RULES).values())[1:])
    with pytest.raises(Refusal, match="terminated on 2026-06-30"):
        enter(ledger, lambda account: moves.terminate(account, other))
    account = enter(ledger, lambda account: moves.terminate(account, other, "typing error"))
    assert account.last_day == date(2026, 10, 30)


def test_received_files_stay_known_when_the_sheets_no_longer_name_them(ledger):
    enter(ledger, lambda account: moves.begin(account, ["raw/a.fq", "raw/b.fq"], [], "1"))
    account = enter(ledger, lambda account: moves.begin(account, ["raw/c.fq"], [], "2"))
    assert account.files == {"raw/a.fq", "raw/b.fq", "raw/c.fq"}


def test_an_entry_follows_the_hash_of_the_one_before(ledger):
    packaged(ledger)
    entries = ledger.entries()
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.previous for entry in entries] == [START, *(entry.hash for entry in entries[:-1])]
    assert all(entry.hash == entry.expected_hash() for entry in entries)
    assert {entry.software.split()[0] for entry in entries} == {"filiera"}


def test_what_lies_beside_follows(ledger):
    packaged(ledger)
    newest = ledger.entries()[-1]
    assert read_json(ledger.folder / "head.json") == {"number": newest.number, "hash": newest.hash}
    assert read_tsv(ledger.folder / "closed.tsv") == []
    enter(ledger, lambda account: moves.terminate(account, RULES))
    assert [row["order"] for row in read_tsv(ledger.folder / "closed.tsv")] == [ORDER]
    assert ledger.closed() == {ORDER: "terminated"}


def test_a_decision_that_refuses_enters_nothing(ledger):
    packaged(ledger)
    before = ledger.entries()

    def half(account: Account):
        return moves.legal(account, Draft("released", {"version": 1}), Draft("deleted"))

    with pytest.raises(Refusal):
        enter(ledger, half)
    assert ledger.entries() == before


def _write(site: Path, url: str, name: str, number: int) -> None:
    ledger = Ledger(site, url)
    for index in range(number):
        ledger.enter(ORDER, lambda _, index=index: [Draft("note", {"of": name, "n": index})], name, JUNE)


def test_many_operators_at_once_never_lose_or_double_an_entry(ledger):
    context = multiprocessing.get_context("spawn")
    names, each = ["ada", "bruno", "carla", "dario"], 12
    operators = [context.Process(target=_write, args=(ledger.site, ledger.url, name, each)) for name in names]
    for one in operators:
        one.start()
    for one in operators:
        one.join()
    entries = ledger.entries()
    assert [entry.number for entry in entries] == list(range(1, len(names) * each + 1))
    assert [entry.previous for entry in entries] == [START, *(entry.hash for entry in entries[:-1])]
    for name in names:
        assert [entry.details["n"] for entry in entries if entry.actor == name] == list(range(each))
    assert read_json(ledger.folder / "head.json")["number"] == len(entries)


def _release(site: Path, url: str, name: str) -> None:
    Ledger(site, url).enter(ORDER, moves.release, name, JUNE)


def test_of_two_who_do_the_same_at_once_one_enters_it(ledger):
    packaged(ledger)
    context = multiprocessing.get_context("spawn")
    operators = [context.Process(target=_release, args=(ledger.site, ledger.url, name)) for name in ("ada", "bruno")]
    for one in operators:
        one.start()
    for one in operators:
        one.join()
    assert [one.exitcode for one in operators] == [0, 0]
    assert states(ledger).count("released") == 1


def test_a_disk_that_is_full_is_told_and_enters_nothing(tmp_path):
    ledger = Ledger(tmp_path)
    packaged(ledger)
    before = ledger.entries()
    engine = ledger._engine

    def full(writing):
        made = engine(writing)
        import sqlalchemy as sa

        @sa.event.listens_for(made, "connect")
        def limit(connection, _):
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")

        return made

    ledger._engine = full
    with pytest.raises(Refusal, match="full.*expected one that can be read and written"):
        for _ in range(200):
            enter(ledger, lambda account: [Draft("note", {"text": "x" * 1000})])
    ledger._engine = engine
    assert ledger.entries()[: len(before)] == before
    assert ledger.entries()[-1].hash == ledger.entries()[-1].expected_hash()


@pytest.mark.parametrize("kind", ["not a database", "folder is a file"])
def test_a_ledger_that_cannot_be_used_is_told(tmp_path, kind):
    if kind == "not a database":
        (tmp_path / "ledger").mkdir()
        (tmp_path / "ledger" / "ledger.sqlite").write_text("something else entirely, long enough to be read " * 9)
    else:
        (tmp_path / "ledger").write_text("")
    with pytest.raises(Refusal, match="expected one that can be read and written"):
        packaged(Ledger(tmp_path))


def test_sqlite_refuses_to_change_delete_or_replace(tmp_path):
    ledger = Ledger(tmp_path)
    packaged(ledger)
    row = "(3, '', '', 'eve', '', '', '', '', '', '')"
    for words in (
        "UPDATE entries SET actor = 'eve'",
        "DELETE FROM entries",
        f"INSERT OR REPLACE INTO entries VALUES {row}",
    ):
        with sqlite3.connect(ledger.folder / "ledger.sqlite") as connection, pytest.raises(sqlite3.Error):
            connection.execute(words)
    assert "eve" not in {entry.actor for entry in ledger.entries()}
