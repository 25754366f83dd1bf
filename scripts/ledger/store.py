"""Where the ledger is kept: one append-only table, in SQLite or in PostgreSQL.

A writer holds the whole ledger's lock from reading what it decides on to its commit, so operators may work at once. The
table refuses changes and deletions (triggers); `scripts.ledger.check` finds what was done in spite of them.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from scripts.ledger.entries import START, Draft, Entry, canonical, chained
from scripts.ledger.states import CLOSED, Account, accounts
from scripts.lib import code
from scripts.lib.files import aside, read_json, write_json, write_tsv
from scripts.lib.refusal import Refusal

FOLDER = "ledger"
FILE, HEAD, MIRROR = "ledger.sqlite", "head.json", "closed.tsv"
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
          `head.json` (number and hash of the newest entry, a witness against its removal) and `closed.tsv` (the orders
          that no run may touch, for plain Snakemake)
    url   a PostgreSQL database, as config.yaml names it; '' for SQLite. libpq's environment holds the secrets
    """

    def __init__(self, site: Path, url: str = ""):
        self.site, self.url = Path(site), url
        self.folder = self.site / FOLDER
        self.name = url or str(self.folder / FILE)

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

    def guards(self) -> set[str]:
        """The triggers that are missing."""
        with self._told(), self._engine(writing=False).connect() as connection:
            kind = connection.dialect.name
            wanted = {words.split()[2] for words in GUARDS[kind] if words.startswith("CREATE TRIGGER")}
            return wanted - set(connection.execute(sa.text(GUARD_NAMES[kind])).scalars())

    # --- writing ------------------------------------------------------------------------------------------------------

    def enter(self, order: str, decide: Callable[[Account], list[Draft]], actor: str, now: datetime) -> Account:
        """Enter what `decide` makes of the order's account, all of it or nothing; returns the account after it.

        order  '' for what concerns the whole site
        now    aware; when it happened
        """
        with self._told():
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._engine(writing=True).begin() as connection:
                self._lock(connection)
                self._prepare(connection)
                known = tuple(self._trusted(connection, order))
                head = connection.execute(_HEAD).first()
                number, previous = head if head else (0, START)
                new = []
                for draft in decide(Account(order, known)):
                    number += 1
                    new.append(chained(number, previous, order, draft, actor, now, code.software()))
                    previous = new[-1].hash
                    connection.execute(TABLE.insert(), _row(new[-1]))
            self.witness()
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
                aside(copy.folder / FILE) as part,
                closing(sqlite3.connect(f"{(self.folder / FILE).absolute().as_uri()}?mode=ro", uri=True)) as here,
                closing(sqlite3.connect(part)) as there,
            ):
                here.backup(there)
            copy.witness()

    def witness(self) -> None:
        """Bring what lies beside the ledger up to date with it."""
        with self._told():
            self.folder.mkdir(parents=True, exist_ok=True)
            with open(self.folder / ".lock", "w", encoding="utf-8") as lock:
                # Read under the lock: a slower writer never puts an older head over a newer one.
                fcntl.flock(lock, fcntl.LOCK_EX)
                with self._engine(writing=False).connect() as connection:
                    head, closed = connection.execute(_HEAD).first(), connection.execute(_CLOSED).mappings().all()
                states = {row["order"]: dict(row) for row in closed}
                write_tsv(self.folder / MIRROR, ["order", "state", "since"], states.values())
                if head:
                    write_json(self.folder / HEAD, {"number": head.number, "hash": head.hash})

    def _trusted(self, connection: sa.Connection | None, order: str | None = None) -> list[Entry]:
        """The entries for who decides on them, of one order or all: what was changed by hand decides nothing."""
        if (head := self.folder / HEAD).is_file():
            number, digest = self.head()
            known = connection.execute(sa.select(TABLE.c.hash).where(TABLE.c.number == number)) if connection else None
            if not known or known.scalar() != digest:
                raise _changed(f"no entry {number} as {head.name} names it")
        entries = _entries(connection, order) if connection else []
        for entry in entries:
            if entry.hash != entry.expected_hash():
                raise _changed(f"{entry}, changed by hand")
        return entries

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest entry, as the witness beside the table names them."""
        path = self.folder / HEAD
        try:
            about = read_json(path)
            return int(about["number"]), str(about["hash"])
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise Refusal(str(path), "no entry's number and hash", "them", "put back the backup of it") from error

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


def _changed(found: str) -> Refusal:
    return Refusal("ledger", found, "what was entered", "see ./filiera ledger --check, and put back the backup")


def _row(entry: Entry) -> dict:
    return {**vars(entry), "details": canonical(entry.details)}
