"""How far each order, sample and step is, and what it waits for: from sheets, files and journals, without Snakemake."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scripts.cli import console, journal, lock, outcome, working
from scripts.cli.stages import stages
from scripts.lib.plan import steps
from scripts.lib.registry import Order, Site

DONE, RUNNING, QUEUED, FAILED, WAITS = "done", "running", "queued", "failed", "waits"
A_RUN, ITS_TURN = "a run", "its turn in the run"


@dataclass(frozen=True)
class Stand:
    """Where a step stands.

    waits_for  what a step that is neither done nor in work waits for: steps, with their sample, or a run
    """

    state: str
    waits_for: str = ""


@dataclass(frozen=True)
class Failure:
    """A failed job.

    samples  those that it is about; none: the order as a whole
    cause    one line of its log; `last`: the last lines
    command  what runs it again, and what depends on it
    """

    orders: list[str]
    samples: list[str]
    step: str
    rule: str
    message: str
    cause: str
    last: list[str]
    log: list[str]
    command: str


@dataclass(frozen=True)
class Progress:
    """An order: its standing, the stand of each step of each sample (and of the order, under ''), failed jobs, and
    what its last run said of its package."""

    standing: outcome.Standing
    state: str
    cells: dict[steps.Cell, Stand]
    failures: list[Failure] = field(default_factory=list)
    outcome: str = ""

    @property
    def samples(self) -> dict[str, dict[str, Stand]]:
        """Sample -> step -> where it stands; the order as a whole under ''."""
        found: dict[str, dict[str, Stand]] = {}
        for (sample, step), stand in self.cells.items():
            found.setdefault(sample, {})[step] = stand
        return found

    def finished(self, sample: str) -> bool:
        return all(stand.state == DONE for stand in self.samples[sample].values())


@dataclass(frozen=True)
class Run:
    """The newest run: how many jobs it planned, finished, saw fail; those it is at, with the time they began; those in
    a cluster's queue, with the time they were submitted and Slurm's reason."""

    id: str
    alive: bool
    began: str
    planned: int
    finished: int
    failed: int
    running: list[dict[str, str]]
    queued: list[dict[str, str]]


class Board:
    """All orders of a site as they stand at this moment."""

    def __init__(self, site: Site):
        self.site = site
        self._memory = journal.Memory(site.directory)
        newest = next(self._memory.runs(), None)
        self._queued = journal.queued(newest.events) if newest else {}
        self.run = self._newest()
        self._touched = next(self._memory.runs()).orders if self.run and self.run.alive else set()
        self.orders = [self._progress(order) for order in site.orders.values()]

    def failures(self) -> list[Failure]:
        """Every failed job once, with all orders that it is in the way of."""
        found: dict[tuple[str, ...], Failure] = {}
        for failure in (each for one in self.orders for each in one.failures):
            key = (failure.rule, *failure.log)
            if key in found:
                found[key] = self._merged(found[key], failure)
            else:
                found[key] = failure
        return list(found.values())

    def _merged(self, one: Failure, other: Failure) -> Failure:
        orders, samples = one.orders + other.orders, list(dict.fromkeys(one.samples + other.samples))
        proposals = {order.split("/")[0] for order in orders}
        command = self._command(proposals.pop() if len(proposals) == 1 else "", samples, one.rule)
        return Failure(orders, samples, one.step, one.rule, one.message, one.cause, one.last, one.log, command)

    def _newest(self) -> Run | None:
        past = next(self._memory.runs(), None)
        if past is None:
            return None
        events = past.events
        # Only while nothing says that it has ended is the lock asked.
        over = any(event["event"] in ("ended", "interrupted") for event in events)
        alive = not over and lock.living(self.site.directory) is not None
        last = [event for event in journal.jobs(events).values() if event["rule"] != "all"]
        counts = {kind: sum(event["event"] == kind for event in last) for kind in ("finished", "failed")}
        planned = next((event["jobs"] for event in reversed(events) if event["event"] == "planned"), {})
        running, queued = [], []
        for event in last if alive else ():
            if event["event"] == "started":
                about = {key: event[key] for key in ("rule", "message", "time")}
                reason = self._queued.get(journal.job(event))
                running.append(about) if reason is None else queued.append(about | {"reason": reason})
        total = sum(count for rule, count in planned.items() if rule != "all")
        return Run(past.id, alive, past.about.get("began", ""), total, **counts, running=running, queued=queued)

    def _progress(self, order: Order) -> Progress:
        events = self._memory.events(order)
        standing = outcome.standing(self.site, order, events)
        failed = journal.failures(events, order)
        running: dict[steps.Cell, str] = {}
        if order.id in self._touched:
            last, concerned = journal.jobs(events).values(), journal.in_the_way(order)
            at_work = [event for event in last if event["event"] == "started" and concerned(event["wildcards"])]
            # Of several jobs of a step the one that runs counts more than those that wait.
            for event in sorted(at_work, key=lambda event: journal.job(event) not in self._queued):
                state = QUEUED if journal.job(event) in self._queued else RUNNING
                running |= dict.fromkeys(_cells(order, event), state)
            failed = [event for event in failed if not running.keys() >= set(_cells(order, event))]
        cells = self._stands(order, running, {cell for event in failed for cell in _cells(order, event)})
        at_work_as = RUNNING if RUNNING in running.values() else QUEUED
        state = at_work_as if running else standing.state
        return Progress(
            standing,
            state,
            cells,
            [self._failure(order, event) for event in failed],
            self._memory.outcome(order) if state == "complete" else "",
        )

    def _stands(
        self, order: Order, running: Mapping[steps.Cell, str], failed: set[steps.Cell]
    ) -> dict[steps.Cell, Stand]:
        expected = steps.cells(order)
        delivery = expected.pop(("", steps.DELIVERED))
        there = _there(self.site.directory, order)
        found = {cell: Stand(running[cell]) for cell in sorted(running)}
        found |= dict.fromkeys(sorted(failed), Stand(FAILED))

        def stand(cell: steps.Cell, files: list[str], first: list[steps.Cell]) -> Stand:
            if cell in found:
                return found[cell]
            open_ones = [other for other in first if other in found and found[other].state != DONE]
            if not open_ones and all(map(there, files)):
                return Stand(DONE)
            # What is stuck tells more than what only comes later.
            for kind in (FAILED, RUNNING, QUEUED):
                if named := [other for other in open_ones if found[other].state == kind]:
                    return Stand(WAITS, _named(named))
            return Stand(WAITS, next((found[other].waits_for for other in open_ones), self._next(order)))

        for cell, files in expected.items():
            found[cell] = stand(cell, files, steps.before(order, cell))
        found["", steps.DELIVERED] = stand(("", steps.DELIVERED), delivery, list(found))
        return {cell: found[cell] for cell in dict.fromkeys([*expected, *sorted(found)])}

    def _next(self, order: Order) -> str:
        return ITS_TURN if order.id in self._touched else A_RUN

    def _failure(self, order: Order, event: dict) -> Failure:
        samples = [name for name in steps.owners(order, event["wildcards"]) if name]
        return Failure(
            [order.id],
            samples,
            stages().get(event["rule"], event["rule"]),
            event["rule"],
            event["message"],
            event["cause"],
            event.get("last", []),
            event["log"],
            self._command(order.proposal.proposal, samples, event["rule"]),
        )

    def _command(self, proposal: str, samples: list[str], rule: str) -> str:
        words = ["--proposal", proposal] if proposal else []
        words += ["--sample", samples[0]] if len(samples) == 1 else []
        return self.command("rerun", *words, "--step", rule)

    def command(self, name: str, *words: str) -> str:
        """A command about this site, to be pasted."""
        where = ["--directory", console.shown(self.site.directory)]
        return shlex.join(["./filiera", name, *where, *words])


def _cells(order: Order, event: Mapping) -> list[steps.Cell]:
    step = stages().get(event["rule"], event["rule"])
    return [(sample, step) for sample in steps.owners(order, event["wildcards"])]


def _named(cells: list[steps.Cell]) -> str:
    """`alignment of G003 and 2 more`."""
    sample, step = cells[0]
    more = f" and {len(cells) - 1} more" if len(cells) > 1 else ""
    return step + (f" of {sample}" if sample else "") + more


def _there(site: Path, order: Order):
    """Whether a file is there, or was: clear copies of human data go."""
    away = working.taken_away(site, order)
    return lambda path: away(path) or (site / path).exists()
