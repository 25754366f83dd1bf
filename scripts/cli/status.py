"""`./filiera status`: where each order stands, what failed and why, and the command that goes on."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict

from scripts.cli import console, desk, outcome

#: States that a run takes further.
UNFINISHED = ("complete", "failed", "waiting")


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
        problems = [str(problem) for problem in site.problems]
        found = {"orders": orders, "closed": site.closed, "still_held": outcome.still_held(site), "problems": problems}
        console.tell(json.dumps(found, indent=2))
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
    for one in standings:
        if one.state == "not accepted":
            console.tell(f"\n{one.order}: no sample meets the criteria (acceptance.tsv says which), and a run changes")
            console.tell("nothing: waive them in config/waivers.tsv, measure again, or withdraw the samples.")
    _say_held(outcome.still_held(site))
    for proposal in dict.fromkeys(one.order.split("/")[0] for one in standings if one.state in UNFINISHED):
        where = console.shown(arguments.directory)
        console.tell(f"\nTo go on with {proposal}: ./filiera run --directory '{where}' --proposal {proposal}")
    return 0


def _say_held(held: dict[str, dict[str, list[str]]]) -> None:
    for order, samples in held.items():
        for sample, versions in samples.items():
            console.tell(f"\n{order}: {sample} was withdrawn, but is still in {', '.join(versions)}.")
            console.tell(
                f"It goes with the whole order: ./filiera terminate {order}, and ./filiera purge when it is due."
            )
