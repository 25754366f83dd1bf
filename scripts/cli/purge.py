"""`./filiera purge`: delete what an order left when its time is over; without `--confirm`, only say what would go."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path

from scripts.cli import console, desk, lock
from scripts.delivery import publish
from scripts.ledger import certificate, check, claims, holdings, keys, moves, purge
from scripts.ledger.states import Account
from scripts.ledger.store import Ledger
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Site


def arguments(parser: ArgumentParser) -> None:
    console.order_arguments(parser, one=False)
    parser.add_argument("--confirm", metavar="ORDER", help="delete this order's data, for good")
    parser.add_argument(
        "--reason", default="", metavar="TEXT", help="why, though it was published less than the retention time ago"
    )


def main(arguments) -> int:
    if arguments.confirm is None:
        return _say(arguments)
    if arguments.order not in (None, arguments.confirm):
        raise Refusal("--confirm", arguments.confirm, f"the order that is named, {arguments.order}", "name one order")
    site, ledger = desk.writable(arguments.directory)
    account = desk.account(site, ledger, arguments.confirm)
    if place := purge.done(ledger, account.order):
        _refuse_again(site, ledger, account)
        return _told(arguments, ledger, account, place, "was deleted before")
    with lock.alone(arguments.directory, "purge"):
        # Only now nobody else changes anything: what is there, and what the ledger says, is read again.
        site, ledger = desk.writable(arguments.directory)
        written = purge.carry_out(_act(arguments, site, ledger, account))
    return _told(arguments, ledger, ledger.account(account.order), written, "is deleted")


def _told(arguments, ledger: Ledger, account: Account, place: Path, done: str) -> int:
    """Say that it was done, and of what stays, why."""
    about = certificate.read(place) if place.is_file() else {}
    kept = about.get("kept", [])
    lines = [f"{account.order} {done}. Certificate: {console.shown(place)}"]
    lines += [f"stays: {one['path']} ({one['reason']})" for one in kept]
    lines += [certificate.MARK] if certificate.is_rehearsal(about) else []
    desk.tell(arguments, account, "\n".join(lines), ledger.newest(), kept=kept)
    return 0


def _act(arguments, site: Site, ledger: Ledger, account: Account) -> purge.Act:
    check.demand(ledger)
    now, reason = desk.acting(arguments.now, site, account, ledger), arguments.reason.strip()
    strange = _strange(site, account)
    moves.expire(account, now, reason, strange)  # refused before anything is read, if it may not be deleted
    for problem in site.problems:
        if not problem.pending:
            expected = f"sheets without errors, which tell what other orders need ({problem.expected})"
            raise Refusal(problem.where, problem.found, expected, "put them right first: ./filiera check")
    key = keys.load(site.directory / site.config.signing_key)
    held = holdings.of(site, ledger.accounts(), account.order, claims.past(site.directory))
    actor, backups = desk.actor(arguments.by), site.config.backups
    return purge.Act(ledger, account.order, held, key, backups, actor, now, reason, strange)


def _strange(site: Site, account: Account) -> tuple[str, ...]:
    """The versions that would go, and that the ledger does not know: of a run that was killed before it entered them,
    or of a ledger that was lost."""
    known = {f"v{version.number}" for version in account.versions}
    known |= {Path(path).name for path in holdings.of_others(site.directory.resolve(), account.order)}
    there = publish.versions(site.directory / "deliveries" / account.order)
    return tuple(path.name for path in there if path.name not in known)


def _refuse_again(site: Site, ledger: Ledger, account: Account) -> None:
    """Raise Refusal when something of a deleted order is there again: a backup was put back, say."""
    held = holdings.of(site, ledger.accounts(), account.order, claims.past(site.directory))
    if there := [str(path) for path in holdings.walk(site.directory.resolve(), held)]:
        more = f" (and {len(there) - 1} more)" if there[1:] else ""
        cure = "no certificate speaks of it: take it away by hand, and see who put it back"
        raise Refusal(account.order, f"{there[0]}{more}, though it was deleted before", "nothing of it", cure)


def _say(arguments) -> int:
    """What would be deleted: of the order that is named, or of all that are due."""
    site, ledger = desk.opened(arguments.directory)
    if arguments.order:
        accounts = [desk.account(site, ledger, arguments.order)]
    else:
        every = ledger.accounts().values()
        accounts = [one for one in every if one.facts(desk.now(arguments.now, site, one))["due"]]
    past = claims.past(site.directory) if accounts else []
    found = [
        _forecast(site, ledger, account, past, desk.now(arguments.now, site, account), arguments.reason.strip())
        for account in accounts
    ]
    if arguments.json:
        console.tell(console.as_json(found))
        return 0
    if not found:
        console.tell("Nothing is due: see ./filiera retention.")
    for one in found:
        console.tell(f"{one['order']}: {one['files']} files, {one['bytes']:,} bytes, in")
        for path in one["received"] + one["folders"]:
            console.tell(f"  {path}")
        for path, reason in one["kept"].items():
            console.tell(f"  stays: {path} ({reason})")
        console.tell(f"  {one['refused'] or 'To delete them for good: ./filiera purge --confirm ' + one['order']}")
    return 0


def _forecast(
    site: Site, ledger: Ledger, account: Account, past: list[claims.Past], now: datetime, reason: str
) -> dict:
    held = holdings.of(site, ledger.accounts(), account.order, past)
    files, size = purge.extent(site.directory, holdings.walk(site.directory.resolve(), held))
    try:
        moves.expire(account, now, reason, _strange(site, account))
        refused = ""
    except Refusal as refusal:
        refused = f"Not yet: {refusal}"
    about = {"order": account.order, "files": files, "bytes": size, "refused": refused}
    return about | {"received": held.files, "folders": held.folders, "kept": held.kept}
