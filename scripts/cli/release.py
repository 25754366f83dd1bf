"""`./filiera release`: the scientist may have an order's newest package."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from scripts.cli import console, desk, wholeness, working
from scripts.delivery import bag
from scripts.ledger import moves
from scripts.ledger.states import Account
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Site


def arguments(parser: ArgumentParser) -> None:
    console.order_arguments(parser)


def main(arguments) -> int:
    before, after, head = desk.enter(arguments, _decide)
    done = "was released before" if before.state == "released" else "is released"
    desk.tell(arguments, after, f"{after.order}: v{after.newest} {done}.", head)
    site, _ = desk.opened(arguments.directory)
    if after.hold or after.order not in site.orders:
        return 0
    if count := working.forget(site, site.orders[after.order]):
        console.say(f"{count} clear copies of human data, which nothing needs any more, were deleted from results/.")
    return 0


def _decide(site: Site, account: Account, *_) -> desk.Decide:
    """Prove the package whole while nobody waits for the ledger; then decide."""
    moves.release(account)  # refused before anything is read
    wholeness.prove(_newest(site, account))
    return lambda account: _release(site, account)


def _newest(site: Site, account: Account) -> Path:
    """The newest version. Raises Refusal when it is not the one that was published."""
    newest = account.versions[-1]
    package = site.directory / "deliveries" / account.order / f"v{newest.number}"
    if not (package / bag.TAGS).is_file() or bag.fingerprint(package) != newest.fingerprint:
        found = f"a package that is not the v{newest.number} that was published"
        raise Refusal(console.shown(package), found, "that one", "see ./filiera verify, and put back the backup")
    return package


def _release(site: Site, account: Account) -> list:
    drafts = moves.release(account)
    _newest(site, account)
    return drafts
