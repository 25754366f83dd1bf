"""Deletion of an order: first a plan with every path's hash, then the deletion, then the signed certificate.

A plan is written and synced before anything of it is deleted, and each path is noted before it goes, so that a purge
that was killed anywhere is resumed by the same call, and still knows what it deleted, what had changed since the plan,
and what somebody else had taken away. What appears meanwhile gets a further plan.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scripts.ledger import certificate, holdings, moves
from scripts.ledger.entries import Draft, canonical
from scripts.ledger.holdings import Holdings
from scripts.ledger.states import Account
from scripts.ledger.store import Ledger
from scripts.lib.checksums import sha256
from scripts.lib.files import read_json, remove_tree, write_json
from scripts.lib.refusal import Refusal

FOLDER = "ledger/purges"
DELETED, CHANGED, MISSING = "deleted", "changed since it was planned, deleted", "gone before it was deleted"
ROUNDS = 5
BATCH = 256  # paths noted, and synced, at once


@dataclass(frozen=True)
class Act:
    """A purge that somebody does.

    held     what the order holds, by the sheets of now
    backups  what the site's config says may still hold copies
    """

    ledger: Ledger
    order: str
    held: Holdings
    key: Ed25519PrivateKey
    backups: list[str]
    actor: str
    now: datetime

    @property
    def root(self) -> Path:
        return self.ledger.site

    @property
    def folder(self) -> Path:
        """Where plans and notes lie until the certificate is written."""
        return self.root / FOLDER / self.order

    def enter(self, decide) -> Account:
        return self.ledger.enter(self.order, decide, self.actor, self.now)


def done(ledger: Ledger, order: str) -> Path | None:
    """The certificate of an order that is deleted, else None."""
    if ledger.account(order).state != "deleted":
        return None
    remove_tree(ledger.site / FOLDER / order)  # left by a purge that was killed at its very end
    return certificate.place(ledger.site, order)


def carry_out(act: Act) -> Path:
    """Delete what an order holds, or go on with it; returns the certificate.

    Raises Refusal when it may not be deleted (yet), and when the disk does not let it.
    """
    if place := done(act.ledger, act.order):
        return place
    place = certificate.place(act.root, act.order)
    with _told(act):
        if act.enter(lambda account: moves.expire(account, act.now)).state == "expired" and not place.exists():
            for number in range(1, _plans(act) + 1):
                _enter_plan(act, number)
                _delete(act, number)
            _plan_and_delete(act, place.parent)
            certificate.write(place, _certificate(act), act.key)
        written = certificate.verify(place, act.key.public_key())
        if written["order"] != act.order:
            raise Refusal(str(place), f"the certificate of {written['order']}", f"that of {act.order}", "take it away")
        name, digest = str(place.relative_to(act.root)), sha256(place)
        act.enter(lambda account: moves.delete(account, name, digest))
        remove_tree(act.folder)
    return place


def _plan_and_delete(act: Act, keep: Path) -> None:
    for number in range(_plans(act) + 1, _plans(act) + 1 + ROUNDS):
        if not _plan(act, number, keep):
            return
        _delete(act, number)
    found = f"new files after {ROUNDS} rounds of deletion"
    raise Refusal(
        act.order, found, "folders that nothing writes to any more", "stop what writes there, and start again"
    )


# --- the plan ---------------------------------------------------------------------------------------------------------


def _plans(act: Act) -> int:
    return len(list(act.folder.glob("[0-9]*.plan.json")))


def _plan(act: Act, number: int, keep: Path) -> bool:
    """Write down what is there, with its hashes, and in the ledger the plan's; whether there is anything."""
    items = [_item(act.root, path) for path in holdings.walk(act.root.resolve(), act.held)]
    if not items and number > 1:
        return False
    _keep_manifests(act, keep)
    path = act.folder / f"{number}.plan.json"
    write_json(path, {"order": act.order, "kept": act.held.kept, "items": items, "actor": act.actor})
    _sync(path)
    _sync(path.parent)
    _enter_plan(act, number)
    return True


def _enter_plan(act: Act, number: int) -> None:
    """Enter a plan's hash before anything of it is deleted; what was entered must still be the plan."""
    path = act.folder / f"{number}.plan.json"
    digest = sha256(path)

    def decide(account: Account) -> list[Draft]:
        entered = [entry.details["sha256"] for entry in account.entries if entry.event == "purge planned"]
        if number > len(entered):
            return [Draft("purge planned", {"plan": number, "sha256": digest})]
        if entered[number - 1] != digest:
            raise Refusal(str(path), "a plan that was changed", "the one that the ledger names", "put it back")
        return []

    act.enter(decide)


def _item(root: Path, path: Path) -> dict:
    """A path as it is now. Links have no hash: what they lead to is not deleted through them."""
    full = root / path
    status = os.lstat(full)
    item = {"path": str(path), "kind": _kind(status.st_mode), "state": _state(status)}
    if item["kind"] == "file":
        item |= {"size": status.st_size, "sha256": sha256(full)}
    elif item["kind"] == "link" and not full.resolve().is_relative_to(root.resolve()):
        item["kind"] = "link out of the site"
    return item


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "file"
    return "link" if stat.S_ISLNK(mode) else "folder" if stat.S_ISDIR(mode) else "special file"


def _state(status: os.stat_result) -> list[int]:
    """What tells a file from one that was written since."""
    return [status.st_ino, status.st_size, status.st_mtime_ns]


def _keep_manifests(act: Act, keep: Path) -> None:
    """Copy the manifests of the versions: what was there stays known."""
    for manifest in sorted((act.root / "deliveries" / act.order).glob("v*/manifest.tsv")):
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{manifest.parent.name}.manifest.tsv").write_bytes(manifest.read_bytes())


# --- the deletion -----------------------------------------------------------------------------------------------------


def _delete(act: Act, number: int) -> None:
    """Delete what a plan names, as far as it is still there."""
    items = read_json(act.folder / f"{number}.plan.json")["items"]
    notes = _notes(act, number)
    with open(_notes_file(act, number), "a", encoding="utf-8") as journal:
        leaves = [item for item in items if item["kind"] != "folder"]
        for some in (leaves[start : start + BATCH] for start in range(0, len(leaves), BATCH)):
            going = [(act.root / item["path"], _note(act.root, item, notes.get(item["path"]))) for item in some]
            new = [note for _, note in going if note is not None]
            journal.writelines(canonical(note) + "\n" for note in new)
            journal.flush()
            os.fsync(journal.fileno())
            for path, _ in going:
                _unlink(path)
    for item in items:
        if item["kind"] == "folder":
            _remove_folder(act.root / item["path"])
    _remove_empty(act)


def _note(root: Path, item: dict, known: dict | None) -> dict | None:
    """What is to be written down before a path is deleted; None when that was done."""
    try:
        status = os.lstat(root / item["path"])
    except FileNotFoundError:
        return None if known else {"path": item["path"], "outcome": MISSING}
    last = known if known and "state" in known else item
    if _state(status) == last["state"]:
        return None if known else {"path": item["path"], "outcome": DELETED}
    return {**_item(root, Path(item["path"])), "outcome": CHANGED}


def _notes(act: Act, number: int) -> dict[str, dict]:
    """Path -> its last note. A line that a kill cut short was never acted upon."""
    path, found = _notes_file(act, number), {}
    whole = path.read_bytes().rpartition(b"\n")[0] if path.is_file() else b""
    for line in whole.splitlines():
        note = json.loads(line)
        found[note["path"]] = note
    if path.is_file() and len(whole) + 1 < path.stat().st_size:
        os.truncate(path, len(whole) + 1 if whole else 0)
    return found


def _notes_file(act: Act, number: int) -> Path:
    return act.folder / f"{number}.done.jsonl"


def _unlink(path: Path) -> None:
    if os.path.lexists(path):
        _writable(path.parent)
        os.unlink(path)


def _remove_folder(path: Path) -> None:
    """Remove a folder, unless something new is in it, which the next plan will find."""
    if path.is_dir() and not path.is_symlink() and not os.listdir(path):
        _writable(path.parent)
        os.rmdir(path)


def _writable(folder: Path) -> None:
    """Published folders are read-only."""
    mode = folder.stat().st_mode
    if not mode & stat.S_IWUSR:
        folder.chmod(mode | stat.S_IRWXU)


def _remove_empty(act: Act) -> None:
    """Remove the folders above the order's that hold nothing else, up to the site's own (results, deliveries, ...)."""
    for name in act.held.folders:
        for parent in list(Path(name).parents)[:-2]:
            _remove_folder(act.root / parent)


# --- the certificate --------------------------------------------------------------------------------------------------


def _certificate(act: Act) -> dict:
    plans = [read_json(act.folder / f"{number}.plan.json") for number in range(1, _plans(act) + 1)]
    files = chain.from_iterable(_outcomes(act, number, plan) for number, plan in enumerate(plans, 1))
    kept = [{"path": path, "reason": reason} for path, reason in sorted(plans[0]["kept"].items())]
    actors = list(dict.fromkeys([*(plan["actor"] for plan in plans), act.actor]))
    return certificate.content(act.ledger.account(act.order), list(files), kept, act.backups, actors, act.now)


def _outcomes(act: Act, number: int, plan: dict) -> Iterator[dict]:
    """What became of each file and link of a plan, as its certificate says it."""
    notes = _notes(act, number)
    for item in plan["items"]:
        if item["kind"] != "folder":
            both = {**item, **notes[item["path"]]}
            yield {name: both[name] for name in ("path", "kind", "size", "sha256", "outcome") if name in both}


# --- the disk ---------------------------------------------------------------------------------------------------------


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(act: Act) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refusal(
            f"purge of {act.order}",
            f"{error.strerror} at {error.filename or 'a file'}",
            "a disk with room, and folders that can be written",
            "put that right; the same command goes on where it stopped",
        ) from error


def extent(root: Path, paths: Iterable[Path]) -> tuple[int, int]:
    """Number and bytes of the files among some paths, links not followed."""
    sizes = [status.st_size for path in paths if stat.S_ISREG((status := os.lstat(root / path)).st_mode)]
    return len(sizes), sum(sizes)
