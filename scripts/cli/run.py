"""`./filiera run`: check, snapshot, Snakemake, publish, enter it in the ledger, and a table of what became of each."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from scripts.cli import (
    charting,
    console,
    desk,
    disk,
    engine,
    entering,
    facility,
    journal,
    lock,
    notify,
    outcome,
    partial,
    passes,
    queue,
    record,
    shipped,
    slurm,
    usage,
    vanished,
)
from scripts.delivery import bag, publish, staging
from scripts.ledger.store import Ledger
from scripts.lib import files, keys, registry
from scripts.lib.deliverables import payload
from scripts.lib.files import read_tsv
from scripts.lib.plan.package import wanted
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Order, Site


@dataclass(frozen=True)
class Aim:
    """What a run is to do.

    orders   those that it works on
    asked    what a person asked for, where it is less than everything of these orders
    options  that for Snakemake: what is forced, memory, targets
    """

    orders: list[Order]
    asked: Mapping[str, Any] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)


def arguments(parser: ArgumentParser) -> None:
    common_arguments(parser)
    parser.add_argument(
        "--partial",
        action="store_true",
        help="deliver the samples of --proposal that are measured and sound, the others as the next version",
    )
    parser.add_argument("snakemake", nargs="*", metavar="-- ARGUMENTS", help="arguments for Snakemake, after --")


def common_arguments(parser: ArgumentParser) -> None:
    """What every command takes that runs orders."""
    console.site_argument(parser)
    parser.add_argument(
        "--profile", default="default", metavar="P", help="a profile of workflow/profiles/, or a directory"
    )
    parser.add_argument("--proposal", default="", metavar="ID", help="this proposal alone")
    parser.add_argument(
        "--reason", default="", metavar="TEXT", help="why there is another version, for the CHANGES.md in its package"
    )
    parser.add_argument(
        "--despite-disk", action="store_true", help="begin although the disk may not have room for all that comes"
    )
    parser.add_argument("-n", "--dry-run", action="store_true", help="only say what would be done")


def main(arguments) -> int:
    extra = engine.checked(arguments.snakemake)
    asked = {"arguments": extra} if extra else {}
    return perform(arguments, lambda site, orders, _profile: Aim(orders, asked, extra), arguments.partial)


def perform(arguments, choose: Callable[[Site, list[Order], Path], Aim | None], in_part: bool = False) -> int:
    """Check a site, run what is chosen of it, publish, enter it in the ledger, tell what became of each order.

    choose   takes the site, the orders of --proposal (or all) and the profile; None: there is nothing to do
    in_part  whether samples may be left out, for a partial delivery
    """
    directory = arguments.directory.resolve()
    profile = engine.profile(arguments.profile)
    site, ledger = desk.inspected(directory)
    without: set[str] = set()
    if in_part:
        site, without = _without(site, partial.unmeasured(site, _named(arguments.proposal)))
    refused = _say_refusals(site, arguments.proposal)
    for remark in site.remarks:
        console.say(remark)
    desk.say_closed(site, arguments.proposal)
    if site.broken:
        console.say("Nothing was run: put these right first.")
        return 1
    orders = site.select(arguments.proposal)
    if not orders:
        return _nothing(site, arguments.proposal, refused)
    aim = choose(site, orders, profile)
    if aim is None:
        return 1 if refused else 0
    if arguments.dry_run:
        ahead = sum(disk.bytes_ahead(directory, order) for order in aim.orders) / disk.GB

        def takes(jobs: Iterable[tuple]) -> str:
            return usage.in_words(usage.estimate(directory, jobs, profile, shipped.Shipped(site)), ahead)

        first = sum(passes.first(aim.orders, directory), [])
        return engine.dry_run(directory, profile, aim.orders, aim.options, without, first, takes)
    if not arguments.despite_disk:
        disk.admit(site, aim.orders)
    fitting = slurm.fitting(
        profile,
        site.config.cluster,
        lambda: engine.submissions(directory, profile, aim.orders, aim.options, without),
    )
    desk.clock()  # by which versions are dated
    human = any(proposal.human_data == "yes" for proposal in site.proposals.values())
    with files.kept_from_others(0o027 if human else 0), lock.alone(directory, "run"):
        for order in filter(lambda order: order.human, site.orders.values()):
            recipients = keys.recipients(directory, order.proposal)
            staging.settle(outcome.staged_folder(directory, order), outcome.deliveries(directory, order), recipients)
        entering.found_versions(site, ledger)
        folder = engine.snapshot(directory, arguments.proposal, aim.orders, site.closed, aim.asked, human)
        written = folder / "journal.jsonl"
        entering.begun(site, ledger, aim.orders, folder.name)
        cluster = [*slurm.arguments(profile, site.config.cluster, folder), *fitting]

        ways, told = site.config.notify, set[str]()

        def snakemake(*options: str) -> int:
            failures = notify.first_failure(ways, directory, written, told)
            with failures, queue.watched(bool(cluster), folder.name, written):
                return engine.run(directory, profile, arguments.proposal, [*cluster, *options], folder, without)

        code = passes.all_of_it(aim.orders, directory, folder, aim.options, snakemake)
        code = passes.made_again(directory, folder, code, lambda: snakemake(*aim.options))
        everything = site
        while code == 1 and (now := vanished.since(site, folder / "config", without)):
            refused, site = True, now
            aim = replace(aim, orders=[site.orders[order.id] for order in aim.orders if order.id in site.orders])
            if not aim.orders:
                break
            code = snakemake(*aim.options)
        if in_part and code == 1 and (failed := partial.failed(aim.orders, journal.read(written))):
            site, without = _without(site, without | failed)
            aim = replace(aim, orders=site.select(arguments.proposal))
            code = snakemake(*aim.options)
        if not aim.asked and _came_to_its_end(code, journal.read(written)):
            code = passes.what_was_left(aim.orders, directory, folder, snakemake) or code
        events = journal.read(written)
        if not any(event["event"] == "planned" for event in events) and code == 0:
            console.say("Nothing to be done: everything is up to date.")
        if _came_to_its_end(code, events):
            journal.note(written, "ended")
            if code == 0 and arguments.snakemake and engine.left_to_do(directory, profile, arguments.proposal, without):
                console.say("Nothing was published: with these arguments for Snakemake the orders are not complete.")
                return 0
            twice, memory = outcome.same_data(everything), journal.Memory(directory)
            rows = [
                _publish(site, ledger, order, memory.events(order), twice, arguments.reason) for order in aim.orders
            ]
            record.close(folder, directory, aim.orders, {row.order.id: row.what for row in rows}, code)
            _table(rows)
            if misfit := usage.sentence(events):
                console.say(misfit)
            facility.refresh(directory)
            code = 1 if refused or code or any(not row.ok for row in rows) else 0
            notify.ended(ways, directory, folder.name, code, {row.order.id: row.brief for row in rows})
            return code
        notify.ended(ways, directory, folder.name, code, {order.id: "not published" for order in aim.orders})
    if code == engine.INTERRUPTED:
        raise KeyboardInterrupt
    console.say(f"Nothing was published: Snakemake ended with exit code {code}. The same command goes on.")
    return 1


def _came_to_its_end(code: int, events: list[dict]) -> bool:
    """Whether all is done, or all that failures left possible. Only then may be published: a run that was cut short
    leaves orders neither failed nor complete."""
    return code == 0 or (code == 1 and any(event["event"] == "failed" for event in events))


def _named(proposal: str) -> str:
    if proposal:
        return proposal
    raise Refusal("--partial", "no proposal", "the one whose samples may be left out", "add --proposal ID")


def _without(site: Site, samples: set[str]) -> tuple[Site, set[str]]:
    """The site in which these samples wait, and the samples."""
    if samples:
        console.say(f"Left out for now, for a later version: {', '.join(sorted(samples))}.")
    return registry.load(site.directory, without=samples, closed=site.closed), samples


def _say_refusals(site: Site, proposal: str) -> bool:
    """Say every problem; returns whether one of them is a mistake (not only a proposal that may not run yet)."""
    mistake = False
    for problem in site.problems:
        if problem.proposals and proposal and proposal not in problem.proposals:
            continue
        console.say(f"{'Refused' if problem.proposals else 'Error'}: {problem}")
        mistake |= not problem.pending
    return mistake


def _nothing(site: Site, proposal: str, refused: bool) -> int:
    if proposal and proposal not in site.proposals:
        known = ", ".join(site.proposals) or "none"
        raise Refusal("--proposal", repr(proposal), f"a proposal of this site ({known})", "check the spelling")
    if proposal:
        console.say(f"Nothing was run: proposal {proposal} has no order that may run.")
        return 1
    console.say("Nothing to be done: no order may run.")
    return 1 if refused else 0


class _Row:
    """One order's line in the closing table, and the criteria that it does not meet."""

    def __init__(self, order: Order, ok: bool, what: str, package: Path | None = None, unmet: Sequence[str] = ()):
        self.order, self.ok, self.what, self.package, self.unmet = order, ok, what, package, unmet

    @property
    def brief(self) -> str:
        """The same without what an error said, which may quote names of files."""
        return self.what.partition(":")[0]


def _publish(site: Site, ledger: Ledger, order: Order, events: list[dict], twice: dict[str, str], reason: str) -> _Row:
    staged, account = outcome.staged_folder(site.directory, order), ledger.account(order.id)
    if account.closed:
        return _Row(order, False, f"not published: {account.state} since {account.since}")
    if journal.failures(events, order):
        count = len(journal.failures(events, order))
        return _Row(order, False, f"waits: {count} failed job{'s' * (count > 1)}, see ./filiera status")
    if not all((site.directory / path).exists() for path in wanted(order)):
        return _Row(order, False, "not published: what was asked for does not complete it, ./filiera run does")
    if clash := next((twice[sample.sample] for sample in order.samples if sample.sample in twice), ""):
        return _Row(order, False, f"not published: {clash}; find out which is right and correct runs.tsv")
    if version := entering.gone(site, account, order):
        return _Row(order, False, f"not published: {version} was, and is not there any more; put back the backup")
    charting.note(site, order)
    folder = outcome.deliveries(site.directory, order)
    try:
        recipients = keys.recipients(site.directory, order.proposal)
        done = publish.publish(staged, folder, bag.about(order), recipients, reason, account.newest)
        if done:
            (entering.packaged if done.new else entering.unchanged)(site, ledger, order, done.version)
        if done and order.human:
            staging.clear(staged)
    except (OSError, Refusal) as error:
        entering.accepted(site, ledger, order)
        return _Row(order, False, f"not published: {error}")
    if done is None:
        where = console.shown(outcome.acceptance(site.directory, order))
        unmet = outcome.unmet(site.directory, order)
        return _Row(order, False, f"not delivered: no sample meets the criteria, see {where}", unmet=unmet)
    listed = {row["sample"] for row in read_tsv(done.version / "manifest.tsv")}
    # Who has no file of its own is told of in those of the order.
    refused = sorted({row["sample"] for row in payload(order)} - {""} - listed)
    held = f", without {', '.join(refused)} (not accepted)" if refused else ""
    held += "".join(f"; {sample} {why}" for sample, why in order.absent.items())
    unmet = outcome.unmet(site.directory, order) if refused else []
    return _Row(order, True, ("delivered" if done.new else "already delivered") + held, done.version, unmet)


def _table(rows: list[_Row]) -> None:
    cells = [[row.order.id, row.what, console.shown(row.package) if row.package else "-"] for row in rows]
    console.tell("\n" + console.table(["order", "outcome", "package"], cells))
    for row in rows:
        if row.unmet:
            console.tell("\n".join([f"\n{row.order.id}, not accepted:", *(f"  {line}" for line in row.unmet)]))
