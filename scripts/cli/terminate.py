"""`./filiera terminate`: the service agreement has ended, and retention counts from there."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, datetime

from scripts.cli import console, desk
from scripts.ledger import moves
from scripts.ledger.states import Account, Termination
from scripts.lib import dates
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Site


def arguments(parser: ArgumentParser) -> None:
    console.order_arguments(parser)
    parser.add_argument(
        "--on",
        type=dates.day,
        metavar="DATE",
        help="day on which the agreement ended, as 2026-12-31 (default: agreement_end of proposals.tsv)",
    )
    parser.add_argument("--reason", default="", metavar="TEXT", help="why a date that was entered before is wrong")


def main(arguments) -> int:
    def decide(site: Site, account: Account, now: datetime) -> desk.Decide:
        end = _end(site, account, arguments.on, now)
        return lambda known: moves.terminate(known, end, arguments.reason)

    before, after, _ = desk.enter(arguments, decide)
    done = "was terminated before" if before.termination == after.termination else "terminated"
    text = f"{after.order}: {done}, on {after.termination.on}; kept to the end of {after.last_day}, then deleted."
    if early := after.early(after.purge_from):
        named = " and ".join(f"v{version.number}" for version in early)
        text += f" {named} will be younger than {after.termination.months} months then: purge will ask for a --reason."
    desk.tell(arguments, after, text)
    return 0


def _end(site: Site, account: Account, given: date | None, now: datetime) -> Termination:
    """The termination with the rules of the order's service and facility."""
    proposal_id, _, service_id = account.order.split("/")
    service = site.services.get(service_id)
    if service is None:
        raise Refusal(account.order, f"service {service_id}", "a service of the catalogue", "say how long it is kept")
    zone, proposal = desk.zone(site, account), site.proposals.get(proposal_id)
    start, end = (proposal.agreement_start, proposal.agreement_end) if proposal else (None, None)
    day = moves.day_of_termination(account, given, start, end, desk.today(now, zone))
    return Termination(day, zone, service.retention_months, service.extension_months, service.max_extensions)
