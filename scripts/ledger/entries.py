"""One line of the audit trail, and the chain of hashes that holds the lines together."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

START = "0" * 64  # what the first entry follows


@dataclass(frozen=True)
class Draft:
    """What is to be entered: a state that the order moves to, or something else that happened to it."""

    event: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One line of the ledger.

    number    1, 2, 3, ... without gaps
    time      when it happened, UTC; it may have been given (`--now`)
    entered   when it was written down by the machine's clock, UTC
    order     proposal/facility/service; '' for what concerns the whole site
    event     a state of the order, or another event
    software  version of Filiera
    previous  hash of the entry before
    hash      SHA-256 of `previous`, a line end, and the canonical JSON of the other fields
    """

    number: int
    time: str
    entered: str
    actor: str
    order: str
    event: str
    software: str
    details: dict[str, Any]
    previous: str
    hash: str

    def expected_hash(self) -> str:
        """The hash that the entry must have."""
        body = {name: value for name, value in vars(self).items() if name not in ("previous", "hash")}
        return hashlib.sha256(f"{self.previous}\n{canonical(body)}".encode()).hexdigest()

    def __str__(self) -> str:
        return f"entry {self.number} ({self.time}, {self.actor}, {self.order or 'site'}, {self.event})"


def canonical(value: Any) -> str:
    """JSON in one way only: sorted keys, no spaces, no escapes of letters, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def chained(number: int, previous: str, order: str, draft: Draft, actor: str, time: datetime, software: str) -> Entry:
    """The next entry of a chain whose head is `previous`; `time` is aware."""
    given = (number, stamp(time), stamp(datetime.now(UTC)), actor, order, draft.event, software, draft.details)
    unsealed = Entry(*given, previous, "")
    return Entry(*given, previous, unsealed.expected_hash())


def stamp(time: datetime) -> str:
    """A moment as text, in UTC and whole seconds."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """The moment that `stamp` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
