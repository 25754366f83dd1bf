"""Where the ledger is kept: one append-only table, in SQLite or in PostgreSQL.

A writer holds the whole ledger's lock from reading what it decides on to its commit, so operators may work at once. The
table refuses changes and deletions (triggers); `scripts.ledger.check` finds what was done in spite of them.
"""

from __future__ import annotations

import json
import os
import pwd
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from scripts.ledger.entries import START, Draft, Entry, canonical, chained
from scripts.ledger.states import ACCEPTED, CLOSED, REHEARSAL, Account, accounts
from scripts.ledger.witness import HEAD, Head, Witness, changed
from scripts.lib import code
from scripts.lib.files import aside, write_tsv
from scripts.lib.refusal import Refusal

FOLDER = "ledger"
FILE, MIRROR = "ledger.sqlite", "closed.tsv"
LOCK_KEY = 0x46494C49  # any number that no other program locks in the same database
WAIT_S = 60

TABLE = sa.Table(
    "entries",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("time", sa.Text, nullable=False),
    sa.Column("entered", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("order", sa.Text, nullable=False, index=True),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("software", sa.Text, nullable=False),
    sa.Column("details", sa.Text, nullable=False),
    # Unique: no two entries can follow the same one.
    sa.Column("previous", sa.Text, nullable=False, unique=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
)
GUARDS = {
    "sqlite": [
        *(
            f"CREATE TRIGGER no_{verb.lower()} BEFORE {verb} ON entries BEGIN SELECT RAISE(ABORT, 'append only'); END"
            for verb in ("UPDATE", "DELETE")
        ),
        # INSERT OR REPLACE deletes without a DELETE.
        "CREATE TRIGGER no_replacement BEFORE INSERT ON entries WHEN EXISTS (SELECT 1 FROM entries "
        "WHERE number >= NEW.number OR previous = NEW.previous OR hash = NEW.hash) "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'append only'; END $$",
        *(
            f"CREATE TRIGGER no_{verb.lower()} BEFORE {verb} ON entries "
            f"FOR EACH {'STATEMENT' if verb == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION refuse_change()"
            for verb in ("UPDATE", "DELETE", "TRUNCATE")
        ),
    ],
}
GUARD_NAMES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entries'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'entries'::regclass AND tgenabled <> 'D'"
    " AND NOT tgisinternal",
}


class Ledger:
    """The ledger of a site.

    site  the site directory; `ledger/` in it holds the SQLite file, and beside it what the ledger writes for others:
          `head.json` (its witness: number and hash of the newest entry) and `closed.tsv` (the orders that no run may
          touch, for plain Snakemake)
    url   a PostgreSQL database, as config.yaml names it; '' for SQLite. libpq's environment holds the secrets
    """

    def __init__(self, site: Path, url: str = ""):
        self.site, self.url = Path(site), url
        self.folder = self.site / FOLDER
        self.name = url or str(self.folder / FILE)
        self.witness = Witness(self.folder)

    # --- reading ------------------------------------------------------------------------------------------------------

    def entries(self) -> list[Entry]:
        """All entries as they are, oldest first; none when there is no ledger yet."""
        with self._reading() as connection:
            return _entries(connection) if connection else []

    def accounts(self) -> dict[str, Account]:
        """The accounts of all orders. Raises Refusal when something was changed by hand, as `account` does."""
        with self._reading() as connection:
            return accounts(self._trusted(connection))

    def account(self, order: str) -> Account:
        """An order's account; an empty one when the ledger does not know it."""
        with self._reading() as connection:
            return Account(order, tuple(self._trusted(connection, order)))

    def closed(self) -> dict[str, str]:
        """Orders from `terminated` on, with their states: never targets of a run."""
        return {order: account.state for order, account in self.accounts().items() if account.closed}

    def newest(self) -> Head:
        """Number and hash of the newest entry."""
        with self._reading() as connection:
            return _head(connection) if connection else Head(0, START)

    def is_rehearsal(self) -> bool:
        """Whether it was begun as one, where time may be given."""
        with self._reading() as connection:
            first = sa.select(TABLE.c.event).where(TABLE.c.number == 1)
            return connection is not None and connection.execute(first).scalar() == REHEARSAL

    def guards(self) -> set[str]:
        """The triggers that are missing."""
        with self._told(), self._engine(writing=False).connect() as connection:
            kind = connection.dialect.name
            wanted = {words.split()[2] for words in GUARDS[kind] if words.startswith("CREATE TRIGGER")}
            return wanted - set(connection.execute(sa.text(GUARD_NAMES[kind])).scalars())

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nobody writes to table and witness meanwhile."""
        with self._told(), self.witness.held(writing=False):
            yield

    # --- writing ------------------------------------------------------------------------------------------------------

    def enter(self, order: str, decide: Callable[[Account], list[Draft]], actor: str, now: datetime) -> Account:
        """Enter what `decide` makes of the order's account, all of it or nothing; returns the account after it.

        order  '' for what concerns the whole site
        actor  who answers for it; who was logged in is entered beside the name where it is another
        now    aware; when it happened
        """
        return self._enter(order, decide, actor, now, self.witness.confirm)

    def begin_rehearsal(self, actor: str, now: datetime) -> None:
        """Make an empty ledger a rehearsal's, for good. Raises Refusal when anything was entered."""

        def decide(_) -> list[Draft]:
            if self.entries():
                found = "a ledger in which something was entered"
                raise Refusal(f"ledger {self.name}", found, "an empty one", "rehearse in a site of its own")
            return [Draft(REHEARSAL)]

        self.enter("", decide, actor, now)

    def accept_witness(self, reason: str, actor: str, now: datetime) -> None:
        """Somebody answers for it that the table is right, and its witness, gone or another, is not: from here on it
        speaks for the table again. Raises Refusal when there is nothing to answer for."""
        found: list[dict] = []

        def doubted(newest: Head) -> None:
            if not (doubt := self.witness.doubt(newest)):
                raise Refusal(HEAD, "the newest entry's number and hash", "another", "there is nothing to accept")
            found.append({"reason": reason, "found": doubt, "newest": vars(newest)})

        self._enter("", lambda _: [Draft(ACCEPTED, each) for each in found], actor, now, doubted)

    def _enter(self, order, decide, actor, now, confirm: Callable[[Head], None]) -> Account:
        with self._told(), ExitStack() as until_settled:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._engine(writing=True).begin() as connection:
                self._lock(connection)
                until_settled.enter_context(self.witness.held())
                self._prepare(connection)
                head = _head(connection)
                confirm(head)
                known, new, last = tuple(_sound(_entries(connection, order))), [], head
                for draft in decide(Account(order, known)):
                    signed = _signed(draft, actor)
                    new.append(chained(last.number + 1, last.hash, order, signed, actor, now, code.software()))
                    last = Head(new[-1].number, new[-1].hash)
                    connection.execute(TABLE.insert(), _row(new[-1]))
                if new:
                    self.witness.announce(last, head)
            self._settle()
        return Account(order, (*known, *new))

    def back_up(self, folder: Path) -> None:
        """A copy of the ledger as it is at one moment, whoever writes meanwhile, with the witness that goes with it.

        Raises Refusal for a PostgreSQL ledger, which its own pg_dump backs up.
        """
        if self.url:
            raise Refusal(f"ledger {self.name}", "PostgreSQL", "a ledger in SQLite", "pg_dump backs it up")
        copy = Ledger(folder)
        with self._told():
            copy.folder.mkdir(parents=True, exist_ok=True)
            if (copy.folder / FILE).exists():
                raise Refusal(str(copy.folder), "a ledger", "an empty folder", "name another: backups are not mixed")
            with (
                self.witness.held(writing=False),
                aside(copy.folder / FILE) as part,
                closing(sqlite3.connect(f"{(self.folder / FILE).absolute().as_uri()}?mode=ro", uri=True)) as here,
                closing(sqlite3.connect(part)) as there,
            ):
                here.backup(there)
                newest = there.execute("SELECT number, hash FROM entries ORDER BY number DESC LIMIT 1").fetchone()
                self.witness.confirm(Head(*newest) if newest else Head(0, START))
            copy._settle()

    def _settle(self) -> None:
        """Bring what lies beside the ledger up to date with it, under the witness's lock."""
        with self._engine(writing=False).connect() as connection:
            head, closed = _head(connection), connection.execute(_CLOSED).mappings().all()
        states = {row["order"]: dict(row) for row in closed}
        write_tsv(self.folder / MIRROR, ["order", "state", "since"], states.values())
        if head.number:
            self.witness.write(head)

    def _trusted(self, connection: sa.Connection | None, order: str | None = None) -> list[Entry]:
        """The entries for who decides on them, of one order or all: what was changed by hand decides nothing."""

        def known(head: Head) -> bool:
            query = sa.select(TABLE.c.hash).where(TABLE.c.number == head.number)
            return connection is not None and connection.execute(query).scalar() == head.hash

        self.witness.confirm_known(known, empty=not connection or not _head(connection).number)
        return _sound(_entries(connection, order)) if connection else []

    # --- engine -------------------------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection | None]:
        """A connection to read with; None when there is no ledger yet."""
        if not self.url and not (self.folder / FILE).exists():
            yield None
            return
        with self._told(), self._engine(writing=False).connect() as connection:
            yield connection if sa.inspect(connection).has_table(TABLE.name) else None

    def _engine(self, writing: bool) -> sa.Engine:
        if self.url:
            return sa.create_engine(self.url, poolclass=NullPool, hide_parameters=True)
        path = (self.folder / FILE).absolute()
        mode = "rwc" if writing else "ro"

        def connect():
            return sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=WAIT_S, isolation_level=None)

        engine = sa.create_engine("sqlite://", creator=connect, poolclass=NullPool)
        # sqlite3 would begin a transaction only at the first INSERT, after the reading that it depends on.
        begin = "BEGIN IMMEDIATE" if writing else "BEGIN"
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        return engine

    def _lock(self, connection: sa.Connection) -> None:
        if self.url:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK_KEY)))

    @staticmethod
    def _prepare(connection: sa.Connection) -> None:
        """Make table and triggers, where they are missing."""
        if not sa.inspect(connection).has_table(TABLE.name):
            TABLE.metadata.create_all(connection)
            for words in GUARDS[connection.dialect.name]:
                connection.exec_driver_sql(words)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in a sentence what the disk or the database will not do."""
        try:
            yield
        except (OSError, SQLAlchemyError) as error:
            cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise Refusal(
                f"ledger {self.name}",
                cause,
                "one that can be read and written",
                "put that right (space, permissions, server), the same command goes on",
            ) from error


_CLOSED = (
    sa.select(TABLE.c.order, TABLE.c.event.label("state"), TABLE.c.time.label("since"))
    .where(TABLE.c.event.in_(CLOSED))
    .order_by(TABLE.c.number)
)
_HEAD = sa.select(TABLE.c.number, TABLE.c.hash).order_by(TABLE.c.number.desc()).limit(1)


def _entries(connection: sa.Connection, order: str | None = None) -> list[Entry]:
    query = sa.select(TABLE).order_by(TABLE.c.number)
    if order is not None:
        query = query.where(TABLE.c.order == order)
    return [_entry(row) for row in connection.execute(query).mappings()]


def _entry(row) -> Entry:
    try:
        details = json.loads(row["details"])
    except ValueError:
        details = None
    if canonical(details) != row["details"]:
        # Changed by hand: no hash fits it, and `check` is to find it, not to stumble over it.
        details = {"not as it was written": row["details"]}
    return Entry(**{**row, "details": details})


def _sound(entries: list[Entry]) -> list[Entry]:
    for entry in entries:
        if entry.hash != entry.expected_hash():
            raise changed(f"{entry}, changed by hand")
    return entries


def _head(connection: sa.Connection) -> Head:
    found = connection.execute(_HEAD).first()
    return Head(found.number, found.hash) if found else Head(0, START)


def _signed(draft: Draft, actor: str) -> Draft:
    """The draft with the login that acted, where it gave itself another name."""
    return draft if actor == login() else Draft(draft.event, draft.details | {"login": login()})


def login() -> str:
    """Who is logged in, by the number of the user and not by variables that anybody sets."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"


def _row(entry: Entry) -> dict:
    return {**vars(entry), "details": canonical(entry.details)}
