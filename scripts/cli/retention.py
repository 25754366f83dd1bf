"""`./filiera retention`: how long each order is kept, what is due, and what holds or extends it."""

from __future__ import annotations

from argparse import ArgumentParser

from scripts.cli import console, desk
from scripts.ledger import moves
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Site

HEADER = ["order", "state", "terminated", "kept to end of", "may be purged from", "extended", "hold"]


def arguments(parser: ArgumentParser) -> None:
    console.order_arguments(parser, one=False)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--hold", metavar="REASON", help="keep ORDER, whatever its dates say")
    what.add_argument("--lift", metavar="REASON", help="end the hold of ORDER")
    what.add_argument("--extend", metavar="REASON", help="keep ORDER longer, as often as its service allows")


def main(arguments) -> int:
    acts = {"hold": moves.hold, "lift": moves.lift, "extend": moves.extend}
    for name, move in acts.items():
        reason = getattr(arguments, name)
        if reason is not None:
            return _act(arguments, move, reason.strip())
    return _list(arguments)


def _act(arguments, move, reason: str) -> int:
    if not arguments.order:
        raise Refusal("order", "none", "the ORDER that is meant", "name it")
    if not reason:
        raise Refusal(arguments.order, "no reason", "one, which the ledger keeps", "say why")
    before, after, _ = desk.enter(arguments, lambda *_: lambda account: move(account, reason))
    kept = f"on hold ({after.hold})" if after.hold else "not on hold"
    until = f", kept to the end of {after.last_day}" if after.last_day else ""
    desk.tell(arguments, after, f"{after.order}: {kept}{until}.")
    return 0


def _list(arguments) -> int:
    site, ledger = desk.opened(arguments.directory)
    if arguments.order:
        desk.account(site, ledger, arguments.order)
    facts = [
        account.facts(desk.now(arguments.now, site, account))
        for account in ledger.accounts().values()
        if account.termination
        and (arguments.order == account.order or not arguments.order and account.state != "deleted")
    ]
    facts.sort(key=lambda one: (one["purge_from"], one["order"]))
    if arguments.json:
        console.tell(console.as_json(facts))
        return 0
    if not facts:
        console.tell("Nothing is kept for an agreement that was terminated.")
    else:
        rows = [
            [one["order"], one["state"], one["terminated"], one["kept_to_end_of"], one["purge_from"]]
            + [f"{one['extensions']} of {one['max_extensions']}", one["hold"] or "-"]
            for one in facts
        ]
        console.tell(console.table(HEADER, rows))
    for one in facts:
        if one["due"]:
            console.tell(f"\n{one['order']} is due: ./filiera purge {one['order']}")
    _propose(arguments, site, {account.order for account in ledger.accounts().values() if account.closed})
    return 0


def _propose(arguments, site: Site, closed: set[str]) -> None:
    """Name the agreements that have ended by the sheet, which only proposes, and not yet by the ledger."""
    for order in site.orders.values():
        end = order.proposal.agreement_end
        today = desk.today(arguments.now, order.facility.time_zone)
        if end and end < today and order.id not in closed and arguments.order in (None, order.id):
            console.tell(f"\n{order.id}: its agreement ended on {end} by the sheet: ./filiera terminate {order.id}")
