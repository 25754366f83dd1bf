"""The ledger's witness, `head.json` beside it: it names the newest entry, so that none is removed or rewritten unseen.

It is written twice for each entry: before the table has the entry, together with the one before, and after. Whoever is
killed in between leaves a witness that fits the table with the entry or without it; no other difference is put right
by itself.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.ledger.entries import START
from scripts.lib.files import SPOILT, read_json, sync, write_json
from scripts.lib.refusal import Refusal

HEAD, LOCK = "head.json", ".lock"
WAITS_S = (0.1, 0.4)
CHECKED = "see ./filiera ledger --check, and put back the backup"
ACCEPTED = "answer for the ledger as it is: ./filiera ledger --accept-head REASON --by NAME"


@dataclass(frozen=True)
class Head:
    """Number and hash of an entry; 0 and the chain's start for none."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"entry {self.number}, {self.hash}"


class Witness:
    """The witness of the ledger in `folder`."""

    def __init__(self, folder: Path):
        self._folder, self._path = folder, folder / HEAD

    @property
    def is_there(self) -> bool:
        return self._path.is_file()

    def heads(self) -> list[Head]:
        """The newest entry as the witness names it; before it was certain that the table has it, the one before too."""
        return heads(self._path)

    def doubt(self, newest: Head) -> str:
        """What is wrong with the witness of a table whose newest entry is this, or ''."""
        if not self.is_there:
            return f"no {HEAD}, which vouches for the newest entry" if newest.number else ""
        named = self.heads()
        if newest in named:
            return ""
        if named[0].number < newest.number:
            return f"entry {newest.number} as the newest, where {HEAD} names entry {named[0].number}"
        return f"no entry {named[0].number} as {HEAD} names it"

    def confirm(self, newest: Head) -> None:
        """Raise Refusal unless it names the newest entry, or soon will: where `held` does not reach other machines, one
        of them may be about to write it."""
        for wait in (*WAITS_S, None):
            if not (doubt := self.doubt(newest)):
                return
            if wait is None:
                raise _doubted(doubt)
            time.sleep(wait)

    def confirm_known(self, known: Callable[[Head], bool], empty: bool) -> None:
        """Raise Refusal unless an entry that it names is in the table; who only reads may be late by some entries."""
        if not self.is_there:
            if not empty:
                raise _doubted(f"no {HEAD}, which vouches for the newest entry")
        elif not any(known(each) or each == Head(0, START) for each in self.heads()):
            raise _doubted(f"no entry {self.heads()[0].number} as {HEAD} names it")

    def announce(self, newest: Head, before: Head) -> None:
        """Name an entry that the table is about to have."""
        self._write(vars(newest) | {"before": vars(before)})

    def write(self, newest: Head) -> None:
        """Name the newest entry."""
        self._write(dict(vars(newest)))

    def _write(self, about: dict[str, Any]) -> None:
        write_json(self._path, about)
        sync(self._path)
        sync(self._folder)

    @contextmanager
    def held(self, writing: bool = True) -> Iterator[None]:
        """Keep it and the table together: nobody writes (or, to write, reads) between the two."""
        if not writing and not (self._folder / LOCK).exists():
            yield
            return
        with open(self._folder / LOCK, "a" if writing else "r", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX if writing else fcntl.LOCK_SH)
            yield


def heads(path: Path) -> list[Head]:
    """The entry that a witness, or a copy of one, names; and the one before, where it was written in between."""
    try:
        about = read_json(path)
        about = about.get("ledger", about)  # as certificates, and answers for machines, have it
        return [_head(about), *([_head(about["before"])] if "before" in about else [])]
    except SPOILT as error:
        cure = "put back the backup of it" + (f", or take it away and {ACCEPTED}" if path.name == HEAD else "")
        raise Refusal(str(path), "no entry's number and hash", "them", cure) from error


def _head(about: Any) -> Head:
    return Head(int(about["number"]), str(about["hash"]))


def changed(found: str, cure: str = CHECKED) -> Refusal:
    """Nothing is decided on a ledger that was changed by hand."""
    return Refusal("ledger", found, "what was entered", cure)


def _doubted(found: str) -> Refusal:
    return changed(found, f"{CHECKED}, or {ACCEPTED}")
