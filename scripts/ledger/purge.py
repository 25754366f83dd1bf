"""Deletion of an order: first a plan with every path's hash, then the deletion, then the signed certificate.

A purge that was killed anywhere is resumed by the same call. What appears meanwhile gets a further plan.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scripts.ledger import certificate, check, holdings, moves
from scripts.ledger.entries import Draft
from scripts.ledger.holdings import Holdings
from scripts.ledger.plan import STAYS, Plan, remove_folder
from scripts.ledger.states import Account
from scripts.ledger.store import FOLDER as LEDGER
from scripts.ledger.store import Ledger
from scripts.lib.checksums import sha256
from scripts.lib.files import remove_tree, written
from scripts.lib.refusal import Refusal

FOLDER = "ledger/purges"  # plans and notes, until the certificate is written
ROUNDS = 5
HARD = "hard links that nothing told of: the data stay there"
BEHIND = "it lies behind a link, which alone was removed"
NEEDED = "it was planned, and is not the order's alone any more"


@dataclass(frozen=True)
class Act:
    """A purge that somebody does.

    held     what the order holds, by the sheets of now
    backups  what the site's config says may still hold copies
    reason   why, though it was published less than the retention time ago
    strange  versions that the ledger does not know
    """

    ledger: Ledger
    order: str
    held: Holdings
    key: Ed25519PrivateKey
    backups: list[str]
    actor: str
    now: datetime
    reason: str = ""
    strange: tuple[str, ...] = ()

    @property
    def root(self) -> Path:
        return self.ledger.site

    @property
    def folder(self) -> Path:
        return self.root / FOLDER / self.order

    def enter(self, decide) -> Account:
        return self.ledger.enter(self.order, decide, self.actor, self.now)


def done(ledger: Ledger, order: str) -> Path | None:
    """The certificate of an order that is deleted, else None."""
    if ledger.account(order).state != "deleted":
        return None
    _refuse_links(ledger.site, ledger.site / FOLDER / order)
    remove_tree(ledger.site / FOLDER / order)  # left by a purge that was killed at its very end
    return certificate.place(ledger.site, order)


def carry_out(act: Act) -> Path:
    """Delete what an order holds, or go on with it; returns the certificate.

    Raises Refusal when it may not be deleted (yet), and when the disk does not let it.
    """
    if place := done(act.ledger, act.order):
        return place
    place = certificate.place(act.root, act.order)
    for folder in (act.folder, place.parent):
        _refuse_links(act.root, folder)
    with _told(act):
        check.demand(act.ledger)
        act.enter(lambda account: moves.expire(account, act.now, act.reason, act.strange))
        if not place.exists():
            _delete(act)
            certificate.write(place, _content(act), act.key)
        _conclude(act, place)
    return place


def _refuse_links(site: Path, folder: Path) -> None:
    """Raise Refusal when a link below ledger/ brings a folder or file in, which would be written to, or deleted."""
    for path in (folder, *folder.glob("*")):
        below = path.relative_to(site / LEDGER)
        if os.path.realpath(path) != os.path.join(os.path.realpath(site / LEDGER), below):
            raise Refusal(str(path), "what a link brings in", "one of the ledger's own", "remove the link")


def _delete(act: Act) -> None:
    """Carry out the plans that there are, then new ones for as long as something is there."""
    for plan in Plan.written(act.root, act.folder):
        _carry_out(act, plan)
    number = len(Plan.written(act.root, act.folder))
    for plan in (Plan(act.root, act.folder, number + more) for more in range(1, ROUNDS + 1)):
        _keep_manifests(act)
        paths = holdings.walk(act.root.resolve(), act.held)
        if not plan.write(paths, {"order": act.order, "actor": act.actor, "kept": act.held.kept}):
            return
        _carry_out(act, plan)
    found = f"new files after {ROUNDS} rounds of deletion"
    raise Refusal(act.order, found, "folders that nothing writes to", "stop what writes there, and start again")


def _carry_out(act: Act, plan: Plan) -> None:
    """Enter a plan's hash before anything of it is deleted; what was entered must still be the plan."""
    digest = sha256(plan.path)

    def decide(account: Account) -> list[Draft]:
        entered = [entry.details["sha256"] for entry in account.entries if entry.event == "purge planned"]
        if plan.number > len(entered):
            return [Draft("purge planned", {"plan": plan.number, "sha256": digest})]
        if entered[plan.number - 1] != digest:
            raise Refusal(str(plan.path), "a plan that was changed", "the one that the ledger names", "put it back")
        return []

    act.enter(decide)
    plan.carry_out(act.held.holds)
    # The folders above the order's, where they hold nothing else, up to the site's own (results, deliveries, ...).
    for name in act.held.folders:
        for parent in list(Path(name).parents)[:-2]:
            remove_folder(act.root / parent)


def _keep_manifests(act: Act) -> None:
    """Copy the versions' manifests: what was there stays known."""
    keep = certificate.place(act.root, act.order).parent
    for manifest in holdings.manifests(act.root, act.order):
        with written(keep / f"{manifest.parent.name}.manifest.tsv", "wb") as handle:
            handle.write(manifest.read_bytes())


def _content(act: Act) -> dict:
    """What the certificate says, by the plans and their notes alone."""
    plans = Plan.written(act.root, act.folder)
    actors = list(dict.fromkeys([*(plan.about["actor"] for plan in plans), act.actor]))
    every = [file for plan in plans for file in plan.outcomes()]
    files = [file for file in every if file["outcome"] != STAYS]
    kept = {path: reason for plan in plans for path, reason in plan.about["kept"].items()} | act.held.kept
    kept |= {file["path"]: NEEDED for file in every if file["outcome"] == STAYS and file["path"] not in kept}
    gone = {file["path"] for file in files}
    kept |= _behind(act.root, [link for plan in plans for link in plan.links()], kept)
    if linked := [file["path"] for file in files if file.get("other_names")]:
        kept[f"other names of {linked[0]}" + (f" and {len(linked) - 1} more" if linked[1:] else "")] = HARD
    named = [{"path": path, "reason": reason} for path, reason in sorted(kept.items()) if path not in gone]
    account = act.ledger.account(act.order)
    return certificate.content(act.ledger, account, files, named, act.backups, actors, act.now)


def _behind(root: Path, links: list[tuple[str, str]], kept: dict[str, str]) -> dict[str, str]:
    """What removed links led to and is still there, as far as nothing else tells of it."""
    links = [(path, to) for path, to in links if not os.path.lexists(root / path) and os.path.lexists(root / to)]
    named = {f"what {path} links to": to for path, to in links}
    told = {os.path.realpath(root / name) for name in kept}
    told |= {os.path.realpath(root / to) for name, to in named.items() if name in kept}
    return {name: BEHIND for name, to in named.items() if os.path.realpath(root / to) not in told}


def _conclude(act: Act, place: Path) -> None:
    """Enter the certificate, which may have been written by a purge that was killed right after."""
    about = certificate.verify(place, act.key.public_key())
    if about["order"] != act.order:
        raise Refusal(str(place), f"the certificate of {about['order']}", f"that of {act.order}", "take it away")
    if left := next(holdings.walk(act.root.resolve(), act.held), None):
        found = f"a certificate, though {left} is there"
        raise Refusal(str(place), found, "one of what is gone", "take it away, the same command goes on")
    name, digest = str(place.relative_to(act.root)), sha256(place)
    act.enter(lambda account: moves.delete(account, name, digest))
    remove_tree(act.folder)


@contextmanager
def _told(act: Act) -> Iterator[None]:
    """Say in a sentence what the disk will not do."""
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
