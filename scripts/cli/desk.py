"""A site together with its ledger, as every command that looks at orders' states takes them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from scripts.cli import console, references
from scripts.ledger import check, retention
from scripts.ledger.entries import Draft
from scripts.ledger.states import Account
from scripts.ledger.store import Ledger, login
from scripts.ledger.witness import Head
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


def inspected(directory: Path) -> tuple[Site, Ledger]:
    """The same when references and target regions have been read whole, so that what is wrong there is a problem."""
    site, ledger = opened(directory)
    return opened(directory) if references.examine(site) else (site, ledger)


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


def acting(given: datetime | None, site: Site, account: Account, ledger: Ledger) -> datetime:
    """The time of what is entered and cannot be undone: the clock's alone, but in a rehearsal. Raises Refusal when
    another is given."""
    if ledger.is_rehearsal():
        return now(given, site, account)
    if given:
        expected = "the clock's time, which alone counts for what is released or deleted"
        cure = "rehearse in a site of its own: ./filiera ledger --begin-rehearsal"
        raise Refusal("--now", given.isoformat(), expected, cure)
    return clock()


def clock() -> datetime:
    """The time by the machine's clock. Raises Refusal when this process sees another."""
    seen = datetime.now(UTC)
    # Started without our variables, which may bring in a library that makes up the time.
    asked = [sys.executable, "-IS", "-c", "import time; print(int(time.time()))"]
    told = int(subprocess.run(asked, env={}, capture_output=True, text=True, check=True).stdout)
    if abs(seen.timestamp() - told) > SECONDS_APART:
        machine = f"the machine's, {datetime.fromtimestamp(told, UTC):%Y-%m-%d %H:%M}"
        raise Refusal("the clock", f"{seen:%Y-%m-%d %H:%M}", machine, "start it without what makes up the time")
    return seen


def actor(by: str = "") -> str:
    """Who does it: the name that was given, else the login."""
    return by or login()


MANY = 5
SECONDS_APART = 60
Decide = Callable[[Account], list[Draft]]


def enter(arguments, decide: Callable[[Site, Account, datetime], Decide]) -> tuple[Account, Account, Head]:
    """Enter what a command does with its order; returns the account before and after it, and the ledger's head.

    decide  takes the site, the account and the time to go by, and gives what is decided on inside the ledger's lock
    """
    site, ledger = writable(arguments.directory)
    before = account(site, ledger, arguments.order)
    check.demand(ledger)
    moment = acting(arguments.now, site, before, ledger)
    decided = decide(site, before, moment)
    after = ledger.enter(before.order, decided, actor(arguments.by), moment)
    return before, after, ledger.newest()


def tell(arguments, account: Account, text: str, head: Head | None = None, **more) -> None:
    """What a command did with an order: a sentence, or (`--json`) all that the ledger knows of the order and `more`.

    head  the newest entry, to be kept on paper: a ledger that is rewritten later contradicts it
    """
    moment = retention.at(arguments.now, account.termination.zone if account.termination else "UTC")
    if arguments.json:
        told = {"ledger": vars(head)} if head else {}
        console.tell(console.as_json(account.facts(moment) | told | more))
        return
    console.tell(text)
    if head:
        console.tell(f"Head of the ledger: {head}")


def say_closed(site: Site, proposal: str = "") -> None:
    """Name the orders of the sheets that no run touches any more; when they are many, say how many."""
    named = {sample.order_id for sample in site.samples.values() if proposal in ("", sample.proposal)}
    closed = [order for order in site.closed if order in named]
    if len(closed) > MANY:
        console.say(f"{len(closed)} orders are closed, so no run touches them any more (./filiera ledger).")
        return
    for order in closed:
        console.say(f"{order}: {site.closed[order]}, so no run touches it any more (./filiera ledger {order}).")
