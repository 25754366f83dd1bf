"""`./filiera status`: where each order stands, what failed and why, and the command that goes on."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict

from scripts.cli import console, desk, outcome


def arguments(parser: ArgumentParser) -> None:
    console.site_argument(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def main(arguments) -> int:
    site, _ = desk.opened(arguments.directory)
    standings = [
        outcome.standing(site, order, outcome.newest_events(site.directory, order)) for order in site.orders.values()
    ]
    if arguments.json:
        orders = [{**asdict(one), "package": str(one.package) if one.package else None} for one in standings]
        console.tell(
            json.dumps(
                {"orders": orders, "closed": site.closed, "problems": [str(problem) for problem in site.problems]},
                indent=2,
            )
        )
        return 0
    for problem in site.problems:
        console.say(str(problem))
    desk.say_closed(site)
    if not standings:
        console.tell("No orders that could run.")
        return 0
    rows = [
        [one.order, one.state, f"{one.done}/{one.total}", console.shown(one.package) if one.package else "-"]
        for one in standings
    ]
    console.tell(console.table(["order", "state", "files", "newest package"], rows))
    for one in standings:
        for cause in one.causes:
            console.tell(f"\n{one.order} failed: {cause}")
    for proposal in dict.fromkeys(one.order.split("/")[0] for one in standings if one.state != "delivered"):
        where = console.shown(arguments.directory)
        console.tell(f"\nTo go on with {proposal}: ./filiera run --directory '{where}' --proposal {proposal}")
    return 0
