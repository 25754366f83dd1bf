"""Slurm's queue while a run is going on: why something waits is noted in the journal and told once, and what would wait
for ever is ended, with that as its cause.

Events of the journal: `queue` (slurm: a submission's id, state, reason) whenever that has changed, and `hopeless`
(slurm, cause) before a submission is cancelled.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scripts.cli import console, journal, slurm
from scripts.lib.refusal import Refusal

EVERY = 10  # seconds between looks
#: Every job waits for these now and then, and nobody has to know.
USUAL = ("", "None", "Priority", "Resources", "BeginTime", "Dependency", "Cleaning", "Prolog")
#: Reasons that no time and no other job's end takes away, by Slurm's list of them (job_reason_codes): the request
#: itself is over a limit, or who asks may not. What a whole account, user or QOS uses up comes free again, a node comes
#: back (a job of ours asks for one, so that PartitionNodeLimit says that it is down), who held a job may let it go.
NEVER = re.compile(
    r"PartitionTimeLimit|BadConstraints|InvalidAccount|InvalidQOS|AccountNotAllowed|QOSNotAllowed|DependencyNeverSatisfied"
    r"|AssocMaxWallDurationPerJobLimit|QOSMaxWallDurationPerJobLimit"
    r"|(Assoc|QOS)Max\w+Per(Job|Node)(Limit)?|QOSMin\w+"
)


@contextmanager
def watched(executor: bool, run: str, written: Path) -> Iterator[None]:
    """Look at the queue of a run again and again.

    executor  whether it runs on Slurm at all
    written   the run's journal
    """
    over, looked = threading.Event(), Look(run, written)

    def watch() -> None:
        while not over.wait(EVERY):
            with suppress(Refusal):  # the controller is away: it is asked again
                looked.again()

    watcher = threading.Thread(target=watch, daemon=True)
    if executor:
        watcher.start()
    try:
        yield
    finally:
        over.set()
        if watcher.ident is not None:
            watcher.join()


class Look:
    """What the last look at the queue saw, and what has been told."""

    def __init__(self, run: str, written: Path):
        self._run, self._written = run, written
        self._seen: dict[str, tuple[str, str]] = {}
        self._told: set[str] = set()

    def again(self) -> None:
        now = {job.id: job for job in slurm.queue(self._run)}
        for job in now.values():
            before = self._seen.get(job.id)
            if before != (job.state, job.reason):
                journal.note(self._written, "queue", slurm=job.id, state=job.state, reason=job.reason)
            elif job.state == "PENDING" and NEVER.fullmatch(job.reason):
                # Seen twice: Slurm may give a reason for a moment while a partition is being changed.
                journal.note(self._written, "hopeless", slurm=job.id, cause=_cause(job))
                slurm.end(job.id)
        waiting = Counter(job.reason for job in now.values() if job.state == "PENDING")
        for reason in sorted(waiting.keys() - self._told - set(USUAL)):
            count = waiting[reason]
            console.say(f"Slurm: {count} submission{'s wait' if count > 1 else ' waits'} ({reason})")
            self._told.add(reason)
        self._seen = {job.id: (job.state, job.reason) for job in now.values()}


def _cause(job: slurm.Queued) -> str:
    return (
        f"Slurm would never start it ({job.reason}): it asks for {job.time}, {job.memory} and {job.cores} cores, "
        f"expected what the partition gives: {slurm.gives(job.partition)}."
    )
