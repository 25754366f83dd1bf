"""The second half of `./filiera demo`: the life of one order, from release to the certificate of its deletion.

On a copy of the demo site, so that the packages of the first half stay; the time is passed in (`--now`), which its
ledger allows, because it was begun as a rehearsal. The agreement ends in the year after the packages were made.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from scripts.cli import console
from scripts.ledger import certificate
from scripts.ledger.store import Ledger
from scripts.lib.files import remove_tree

ORDER = "P002/CNR-IBIOM/GEN-WGS-30X"
COPY = "life"
CERTIFICATE = f"{certificate.FOLDER}/{ORDER}/{certificate.NAME}"
PURGE = f"purge --confirm {ORDER}"
#: The commands of a life, each with what happens there.
LIFE = (
    ("The scientist may have it", f"release {ORDER} --now {{year}}-06-01T10:00"),
    ("The service agreement ends", f"terminate {ORDER} --on {{year}}-11-30 --now {{year}}-12-01T10:00"),
    ("What is kept how long", "retention --now {year}-12-01T10:00"),
    ("Once: the facility makes the key that signs certificates", "ledger --make-key"),
    ("A minute too early", f"{PURGE} --now {{next}}-02-28T23:59"),
    ("At midnight", f"{PURGE} --now {{next}}-03-01T00:00"),
)
AFTER = (
    ("Anybody can verify the certificate", f"ledger --verify-certificate {{site}}/{CERTIFICATE}"),
    ("No run brings it back", "run --proposal P002"),
    ("Nothing in the ledger was changed by hand", "ledger --check"),
)


def show(site: Path, call: Callable[[list[str]], int]) -> bool:
    """Live through it once, or say how it ended; whether it ended well.

    call  the launcher: takes a command line, returns its exit code
    """
    copy = site / COPY
    done = Ledger(copy).account(ORDER).state == "deleted"
    if not done:
        _copy(site, copy)
    told = "How the life of an order ended" if done else "The life of an order"
    console.tell(f"\n{told}: {ORDER}, on a copy of the site ({console.shown(copy)})")
    for what, command in AFTER if done else (*LIFE, *AFTER):
        _step(copy, what, command, call)
    return Ledger(copy).account(ORDER).state == "deleted" and not (copy / "deliveries" / ORDER).exists()


def _step(copy: Path, what: str, command: str, call: Callable[[list[str]], int]) -> None:
    where, year = console.shown(copy), datetime.now(UTC).year + 1
    words = [word.format(site=where, year=year, next=year + 1) for word in [*command.split(), "--directory", "{site}"]]
    console.tell(f"\n{what}\n  $ ./filiera {shlex.join(words)}")
    call(words)


def _copy(site: Path, copy: Path) -> None:
    part = site / f".part-{COPY}"
    remove_tree(part)
    shutil.copytree(site, part, symlinks=True, ignore=shutil.ignore_patterns(COPY, part.name, "lock"))
    remove_tree(copy)
    part.rename(copy)
