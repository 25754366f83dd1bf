"""Ledgers to test with, in SQLite and PostgreSQL, and orders that have come some way."""

from __future__ import annotations

from datetime import UTC, date, datetime

from scripts.ledger import moves
from scripts.ledger.entries import START, Draft, chained
from scripts.ledger.states import STATES, Account, Termination
from scripts.ledger.store import Ledger

ORDER = "P001/CNR-IBIOM/GEN-WGS-30X"
JUNE = datetime(2026, 6, 1, 12, tzinfo=UTC)
RULES = Termination(date(2026, 6, 30), "Europe/Rome", 3, 1, 2)


def enter(ledger: Ledger, decide, now: datetime = JUNE) -> Account:
    return ledger.enter(ORDER, decide, "ada", now)


def packaged(ledger: Ledger, version: int = 1) -> Account:
    """The order, run and published."""
    if not ledger.account(ORDER).closed:
        enter(ledger, lambda account: moves.begin(account, ["raw/a.fq"], [], "run 1"))
    return enter(ledger, lambda account: moves.package(account, version, f"{version:064}", f"{version:064}", []))


def walked(state: str) -> Account:
    """An account that has come to a state by the shortest way."""
    entries, previous = [], START
    for event in STATES[: STATES.index(state) + 1] if state else ():
        details = {**vars(RULES), "on": RULES.on.isoformat()} if event == "terminated" else {"version": 1}
        draft = Draft(event, details | {"fingerprint": "", "file": "", "sha256": ""})
        entries.append(chained(len(entries) + 1, previous, ORDER, draft, "ada", JUNE, "filiera"))
        previous = entries[-1].hash
    return Account(ORDER, tuple(entries))
