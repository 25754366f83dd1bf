"""What `./filiera run` enters in the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from scripts.cli import desk, outcome, wholeness
from scripts.delivery import bag, inventory, publish
from scripts.ledger import claims, moves
from scripts.ledger.entries import Draft
from scripts.ledger.states import Account
from scripts.ledger.store import Ledger
from scripts.lib import keys
from scripts.lib.checksums import sha256
from scripts.lib.files import read_tsv
from scripts.lib.registry import Order, Site

UNFINISHED = ("", "awarded", "received", "running", "accepted")


def found_versions(site: Site, ledger: Ledger) -> None:
    """Enter versions that were published by a run that was killed before it could enter them."""
    accounts = ledger.accounts()
    for order in site.orders.values():
        known = {version.number for version in getattr(accounts.get(order.id), "versions", ())}
        for path in publish.versions(outcome.deliveries(site.directory, order)):
            number = int(path.name[1:])
            if number not in known and wholeness.is_whole(path):
                _packaged(site, ledger, order, path, found=True)


def begun(site: Site, ledger: Ledger, orders: Iterable[Order], run: str) -> None:
    """Enter that a run of these orders begins; not of those that are complete already."""
    accounts, claimed = ledger.accounts(), claims.of_sheets(site)
    for order in orders:
        account = accounts.get(order.id, Account(order.id))
        if account.state in UNFINISHED or outcome.standing(site, order, []).state == "waiting":
            own = claimed[order.id]
            _enter(ledger, order, lambda account, own=own: moves.begin(account, own.files, own.runs, run, own.batches))


def accepted(site: Site, ledger: Ledger, order: Order) -> None:
    """Enter that samples were accepted, though no package could be published."""
    refused = _refused(site, order)
    _enter(ledger, order, lambda account: moves.accept(account, refused))


def packaged(site: Site, ledger: Ledger, order: Order, version: Path) -> None:
    """Enter that a version was published just now."""
    _packaged(site, ledger, order, version, found=False)


def unchanged(site: Site, ledger: Ledger, order: Order, version: Path) -> None:
    """Enter that a run made again what was published before."""
    number, refused = int(version.name[1:]), _refused(site, order)
    _enter(ledger, order, lambda account: moves.unchanged(account, number, refused))


def _packaged(site: Site, ledger: Ledger, order: Order, version: Path, found: bool) -> None:
    fingerprint, staged = bag.fingerprint(version), _staged(site, order)
    recipients = keys.recipients(site.directory, order.proposal)
    folder = outcome.staged_folder(site.directory, order)
    if found and not (staged and publish.is_version_of(version, folder, recipients)):
        staged = ""  # what is staged now is another
    number, refused, own = int(version.name[1:]), _refused(site, order), claims.of_sheets(site)[order.id]

    def decide(account: Account) -> list[Draft]:
        owned = moves.news(account, own.files, own.runs, own.batches)
        return moves.package(account, number, fingerprint, staged, refused, found, owned)

    _enter(ledger, order, decide)


def gone(site: Site, account: Account, order: Order) -> str:
    """The newest version's name, when it is not there any more and what is staged would only bring it back; or ''."""
    newest = next((version for version in account.versions if version.number == account.newest), None)
    if newest is None or (outcome.deliveries(site.directory, order) / f"v{newest.number}").exists():
        return ""
    return f"v{newest.number}" if newest.staged and _staged(site, order) == newest.staged else ""


def _staged(site: Site, order: Order) -> str:
    """SHA-256 of the staged manifest, or ''."""
    path = outcome.staged_folder(site.directory, order) / "manifest.tsv"
    return sha256(path) if path.is_file() else ""


def _refused(site: Site, order: Order) -> set[str]:
    path = outcome.staged_folder(site.directory, order) / "data" / "00-Reports" / "acceptance.tsv"
    return inventory.refused(read_tsv(path)) if path.is_file() else set()


def _enter(ledger: Ledger, order: Order, decide) -> None:
    ledger.enter(order.id, decide, desk.actor(), datetime.now(UTC))
