"""`./filiera check`: every problem of a site at once, and the orders that could run."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator

from scripts.cli import console, desk
from scripts.ledger import borrowed, claims
from scripts.ledger.store import Ledger
from scripts.lib import tools
from scripts.lib.registry import Site, originals, private


def arguments(parser: ArgumentParser) -> None:
    console.site_argument(parser)


def main(arguments) -> int:
    site, ledger = desk.inspected(arguments.directory)
    keys = private.read_keys(site.directory, site.config)
    named = originals.openly_named(site, keys)
    site.problems += named
    site.remarks += originals.unsearched(keys, site.config.ordinary_words)
    console.sheets(site.told)
    for problem in site.problems:
        console.say(str(problem))
    if site.problems:
        count = len(site.problems)
        console.say(f"{count} problem{'s' * (count > 1)} in {console.shown(arguments.directory)}.")
    desk.say_closed(site)
    for remark in [*site.remarks, *_remarks(site, ledger)]:
        console.say(remark)
    absent = list(tools.missing(site.orders.values()))
    for service, key, program in absent:
        console.say(f"{service}: its {key} {program} is not on this machine; install {tools.advice(program)}.")
    for branch in {order.branch.name: order.branch for order in site.orders.values()}.values():
        if lacking := tools.lacking(branch):
            console.say(f"{branch.name}: {', '.join(lacking)} missing on this machine: ./filiera install {branch.name}")
    waiting = {service for service, _, _ in absent}
    for order in site.orders.values():
        if order.service_id in waiting or any(order.proposal.proposal in problem.proposals for problem in named):
            continue
        samples, runs = len(order.samples), len(order.all_runs())
        console.tell(f"{order.id}: ready, {samples} samples, {runs} runs.")
    if not site.problems and not site.orders and not site.closed:
        console.tell("No orders: samples.tsv names no samples of an awarded proposal.")
    return 1 if site.problems or absent else 0


def _remarks(site: Site, ledger: Ledger) -> Iterator[str]:
    """What is no error, and good to know before the first purge."""
    if site.runs and not site.config.received:
        yield (
            "config/config.yaml, key received: found nothing, expected the folders in which received files arrive, as"
            " [incoming]. Until then a purge takes for received what runs.tsv names outside of Filiera's own folders."
        )
    accounts = ledger.accounts()
    yield from borrowed.remarks(site, accounts, claims.every(site, accounts))
