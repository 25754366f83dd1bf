"""A site together with its ledger, as every command that looks at orders' states takes them."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from scripts.cli import console
from scripts.ledger import retention
from scripts.ledger.entries import Draft
from scripts.ledger.states import Account
from scripts.ledger.store import Ledger
from scripts.lib import registry
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Site
from scripts.lib.registry.problems import nearest


def opened(directory: Path) -> tuple[Site, Ledger]:
    """A site, in which the orders that its ledger has closed are none, and the ledger."""
    site = registry.load(directory)
    ledger = Ledger(directory, site.config.ledger)
    closed = ledger.closed()
    return (site if closed == site.closed else registry.load(directory, closed=closed)), ledger


def writable(directory: Path) -> tuple[Site, Ledger]:
    """The same for who enters something. Raises Refusal when config.yaml does not say which ledger it is."""
    site, ledger = opened(directory)
    for problem in site.problems:
        if problem.file == "config/config.yaml" and not problem.proposals:
            raise Refusal(problem.where, problem.found, problem.expected, "put it right first")
    return site, ledger


def account(site: Site, ledger: Ledger, order: str) -> Account:
    """An order's account. Raises Refusal when neither sheets nor ledger know the order."""
    found = ledger.account(order)
    known = {*site.orders, *ledger.accounts()}
    if not found.state and order not in known:
        expected = f"an order as {min(known, default='P001/CNR-IBIOM/GEN-WGS-30X')}{nearest(order, known)}"
        raise Refusal("order", repr(order), expected, "see ./filiera status and ./filiera ledger")
    return found


def zone(site: Site, account: Account) -> str:
    """The time zone in which an order's days are counted: its facility's."""
    facility = site.facilities.get(account.order.split("/")[1])
    return facility.time_zone if facility else account.termination.zone if account.termination else "UTC"


def now(given: datetime | None, site: Site, account: Account) -> datetime:
    """The time to go by, aware."""
    return retention.at(given, zone(site, account))


def today(given: datetime | None, zone: str) -> date:
    """The day that a facility's calendar shows at the time to go by."""
    return retention.at(given, zone).astimezone(ZoneInfo(zone)).date()


def actor(by: str = "") -> str:
    """Who does it: the name that was given, else the login name."""
    try:
        return by or getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


MANY = 5
Decide = Callable[[Account], list[Draft]]


def enter(arguments, decide: Callable[[Site, Account, datetime], Decide]) -> tuple[Account, Account]:
    """Enter what a command does with its order; returns the account before and after it.

    decide  takes the site, the account and the time to go by, and gives what is decided on inside the ledger's lock
    """
    site, ledger = writable(arguments.directory)
    before = account(site, ledger, arguments.order)
    moment = now(arguments.now, site, before)
    decided = decide(site, before, moment)
    return before, ledger.enter(before.order, decided, actor(arguments.by), moment)


def tell(arguments, account: Account, text: str) -> None:
    """What a command did with an order: a sentence, or (`--json`) all that the ledger knows of the order."""
    moment = retention.at(arguments.now, account.termination.zone if account.termination else "UTC")
    console.tell(console.as_json(account.facts(moment)) if arguments.json else text)


def say_closed(site: Site, proposal: str = "") -> None:
    """Name the orders of the sheets that no run touches any more; when they are many, say how many."""
    named = {sample.order_id for sample in site.samples.values() if proposal in ("", sample.proposal)}
    closed = [order for order in site.closed if order in named]
    if len(closed) > MANY:
        console.say(f"{len(closed)} orders are closed, so no run touches them any more (./filiera ledger).")
        return
    for order in closed:
        console.say(f"{order}: {site.closed[order]}, so no run touches it any more (./filiera ledger {order}).")
