"""The states of an order, the legal moves between them, and an order's account: all that the ledger knows of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from scripts.ledger import retention
from scripts.ledger.entries import Entry, moment

#: From each state, where an order may go. A later run of a packaged or released order makes another version.
MOVES: dict[str, set[str]] = {
    "": {"awarded"},
    "awarded": {"received", "terminated"},
    "received": {"running", "terminated"},
    "running": {"running", "accepted", "terminated"},
    "accepted": {"running", "packaged", "terminated"},
    "packaged": {"running", "accepted", "released", "terminated"},
    "released": {"running", "accepted", "terminated"},
    "terminated": {"terminated", "expired"},  # to itself: a date that was wrong
    "expired": {"deleted"},
    "deleted": set(),
}
STATES = tuple(state for state in MOVES if state)
CLOSED = ("terminated", "expired", "deleted")
#: What is entered of an order without moving it.
EVENTS = ("files", "version", "hold", "lift", "extension", "purge planned", "note")
#: What is entered of the whole site: that its ledger is a rehearsal's, that somebody answers for another witness.
REHEARSAL, ACCEPTED = "rehearsal", "witness accepted"


@dataclass(frozen=True)
class Version:
    """A published version.

    fingerprint  SHA-256 that stands for all of it (its tag manifest's)
    staged       SHA-256 of the manifest that it was published from
    time         when it was entered
    released     when it was released; '' while it is not
    """

    number: int
    fingerprint: str
    staged: str
    time: str
    released: str = ""


@dataclass(frozen=True)
class Termination:
    """The end of the service agreement, with the rules that held when it was entered.

    on        day of termination, in the facility's time zone `zone`
    months    calendar months of retention
    extension_months, max_extensions  what the catalogue allows
    """

    on: date
    zone: str
    months: int
    extension_months: int
    max_extensions: int


@dataclass(frozen=True)
class Account:
    """Everything that the ledger knows of one order, read from its entries, oldest first."""

    order: str
    entries: tuple[Entry, ...] = ()

    def _last(self, *events: str) -> Entry | None:
        return next((entry for entry in reversed(self.entries) if entry.event in events), None)

    @property
    def state(self) -> str:
        """The state as entered; '' for an order that the ledger does not know."""
        last = self._last(*STATES)
        return last.event if last else ""

    @property
    def since(self) -> str:
        """When it came to its state; '' likewise."""
        last = self._last(*STATES)
        return last.time if last else ""

    @property
    def closed(self) -> bool:
        """Whether no run may touch it any more."""
        return self.state in CLOSED

    @property
    def versions(self) -> tuple[Version, ...]:
        """The published versions, oldest first, deleted ones included."""
        first = [entry for entry in self.entries if not entry.details.get("unchanged")]
        released = {e.details["version"]: e.time for e in first if e.event == "released"}
        return tuple(
            Version(
                entry.details["version"],
                entry.details["fingerprint"],
                entry.details.get("staged", ""),
                entry.time,
                released.get(entry.details["version"], ""),
            )
            for entry in first
            if entry.event in ("packaged", "version")
        )

    @property
    def newest(self) -> int:
        """Number of the newest version ever published; 0 when there was none."""
        return max((version.number for version in self.versions), default=0)

    @property
    def files(self) -> set[str]:
        """Every received file that was ever entered for it, as the sheets named it."""
        return {name for entry in self.entries for name in entry.details.get("files", ())}

    @property
    def runs(self) -> set[str]:
        """The folder of every instrument run that was ever entered for it."""
        return {name for entry in self.entries for name in entry.details.get("runs", ())}

    @property
    def batches(self) -> set[str]:
        """Every batch with shared pools that was ever entered for it."""
        return {name for entry in self.entries for name in entry.details.get("batches", ())}

    @property
    def termination(self) -> Termination | None:
        last = self._last("terminated")
        if last is None:
            return None
        rules = ("zone", "months", "extension_months", "max_extensions")
        return Termination(date.fromisoformat(last.details["on"]), *(last.details[name] for name in rules))

    @property
    def extensions(self) -> int:
        return sum(entry.event == "extension" for entry in self.entries)

    @property
    def last_day(self) -> date | None:
        """The last day on which it is kept; None while the agreement lives."""
        end = self.termination
        if end is None:
            return None
        return retention.months_later(end.on, end.months + self.extensions * end.extension_months)

    @property
    def purge_from(self) -> datetime | None:
        """The moment from which it may be deleted, with the facility's own offset from UTC."""
        day, end = self.last_day, self.termination
        return retention.begin_of_next_day(day, end.zone) if day else None

    def early(self, now: datetime) -> list[Version]:
        """The versions that were published, or released, less than the retention time ago, whenever the agreement
        ended."""
        end = self.termination
        if end is None:
            return []

        def kept_to(version: Version) -> datetime:
            day = max(map(moment, filter(None, (version.time, version.released)))).astimezone(ZoneInfo(end.zone)).date()
            return retention.begin_of_next_day(retention.months_later(day, end.months), end.zone)

        return [version for version in self.versions if now < kept_to(version)]

    @property
    def early_reason(self) -> str:
        """Why it may be deleted though versions of it are that young, or ''."""
        given = [entry.details["early"] for entry in self.entries if "early" in entry.details]
        return given[-1] if given else ""

    @property
    def hold(self) -> str:
        """Why it must not be deleted, or ''."""
        last = self._last("hold", "lift")
        return last.details["reason"] if last and last.event == "hold" else ""

    @property
    def certificate(self) -> dict[str, str]:
        """`file` (relative to the site) and `sha256` of the deletion certificate, or {}."""
        last = self._last("deleted")
        return {name: last.details[name] for name in ("file", "sha256")} if last else {}

    def facts(self, now: datetime) -> dict:
        """All of it as plain values, for tables, pages and JSON."""
        end = self.termination
        return {
            "order": self.order,
            "state": self.state_at(now),
            "since": self.since,
            "days": self.days_in_state(now),
            "versions": [vars(version) for version in self.versions],
            "terminated": end.on.isoformat() if end else "",
            "kept_to_end_of": self.last_day.isoformat() if end else "",
            "purge_from": self.purge_from.isoformat() if end else "",
            "due": bool(end) and self.purge_from <= now and self.state in ("terminated", "expired") and not self.hold,
            "extensions": self.extensions,
            "max_extensions": end.max_extensions if end else None,
            "hold": self.hold,
            "certificate": self.certificate,
        }

    def state_at(self, now: datetime) -> str:
        """The state, `expired` from the moment the time is over (it is entered when somebody acts on it)."""
        over = self.state == "terminated" and self.purge_from <= now
        return "expired" if over else self.state

    def days_in_state(self, now: datetime) -> int:
        """Whole days since it came to its state."""
        return (now - moment(self.since)).days if self.since else 0


def accounts(entries: Iterable[Entry]) -> dict[str, Account]:
    """The accounts of all orders, in the order of their first entries."""
    of_order: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.order:
            of_order.setdefault(entry.order, []).append(entry)
    return {order: Account(order, tuple(found)) for order, found in of_order.items()}
