"""What happened in runs: the journals that the logger plugin writes, and what they say about orders.

A run's folder holds `run.json` (what it was asked, and when it has ended what came of it), `journal.jsonl` (one JSON
object a line), the sheets that it read, and what it said. Events of jobs carry rule, wildcards, message and log:
`started` (memory in MB, minutes, threads), `finished` (CPU and wall seconds, peak memory in MB), `failed` (memory that
was asked in MB, cause, last words).
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from scripts.lib.files import read_json
from scripts.lib.plan import batches
from scripts.lib.registry import Order

#: A job: its rule, then its wildcards.
Job = tuple[Any, ...]
#: What it belongs to: kind, name, facility, service.
Place = tuple[str, str, str, str]
RUNS = ".filiera/runs"
LAST = 5  # lines of a log that are shown when its job failed
TELLING = re.compile(r"error|fail|cannot|can't|could not|unable|no such|invalid|denied|truncat|unexpected|abort", re.I)
#: What Slurm says of a job that it ended itself, whose own log knows nothing of it.
ENDED = {
    "OUT_OF_MEMORY": "it needed more memory than it was given",
    "TIMEOUT": "it took longer than it was given",
    "CANCELLED": "it was cancelled from outside",
    "NODE_FAIL": "its node failed",
    "PREEMPTED": "it had to make place for another",
}
SILENT = "its log is empty: it was killed, a tool is missing, or the disk is full"


def folders(site: Path) -> list[Path]:
    """The folders of the site's runs, the newest first."""
    return [path for path in sorted((site / RUNS).glob("*"), reverse=True) if (path / "journal.jsonl").is_file()]


def newest(site: Path) -> Path | None:
    """The folder of the site's newest run, or None."""
    return next(iter(folders(site)), None)


def read(journal: Path) -> list[dict]:
    """The journal's events; a last line that a kill cut short is left out."""
    return _events(journal.read_text(encoding="utf-8")) if journal.is_file() else []


def _events(text: str) -> list[dict]:
    events = []
    for line in text.splitlines():
        try:
            events.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return events


def since(journal: Path, place: int) -> tuple[list[dict], int]:
    """The events behind a place (in bytes) in the journal, and the place behind the last whole line: for who looks
    again and again while a run writes."""
    if not journal.is_file():
        return [], place
    with open(journal, "rb") as handle:
        handle.seek(place)
        written = handle.read()
    whole = written[: written.rfind(b"\n") + 1]
    return _events(whole.decode("utf-8")), place + len(whole)


def note(journal: Path, event: str, **about) -> None:
    """Write down what the launcher itself knows."""
    with open(journal, "a", encoding="utf-8") as handle:
        handle.write(json.dumps({"event": event, **about}) + "\n")


class Memory:
    """The runs of a site, each read once and sorted by what its jobs belong to, for who asks about many orders."""

    def __init__(self, site: Path):
        self._folders = folders(site)
        self._past: dict[Path, Past] = {}

    def runs(self) -> Iterator[Past]:
        """The newest first."""
        for folder in self._folders:
            if folder not in self._past:
                self._past[folder] = Past(folder)
            yield self._past[folder]

    def events(self, order: Order) -> list[dict]:
        """All that happened to an order since the last run that tried everything of it and came to its own end, with
        that. Of a run that a person ended, what happened before counts: what failed then was killed for it."""
        found: list[list[dict]] = []
        for past in self.runs():
            if order.id in past.orders:
                found.insert(0, [event for place in places(order) for event in past.happened.get(place, ())])
                if past.ended and not past.about.get("aim"):
                    break
        return list(itertools.chain(*found))

    def outcome(self, order: Order) -> str:
        """What the last run that came to publish an order said of its package."""
        told = (past.about.get("outcomes", {}).get(order.id, "") for past in self.runs())
        return next(filter(None, told), "")


class Past:
    """What one run wrote down.

    about     its run.json; `orders`: those that it ran
    ended     whether it came to its own end
    happened  the events of jobs up to where a person ended it, by what they belong to (see `places`)
    """

    def __init__(self, folder: Path):
        self.id, self._journal, self.about = folder.name, folder / "journal.jsonl", _about(folder)
        self.orders = set(self.about.get("orders", ()))

    @cached_property
    def events(self) -> list[dict]:
        return read(self._journal)

    @cached_property
    def ended(self) -> bool:
        return any(event["event"] == "ended" for event in self.events)

    @cached_property
    def happened(self) -> dict[Place, list[dict]]:
        found: dict[Place, list[dict]] = {}
        for event in itertools.takewhile(lambda event: event["event"] != "interrupted", self.events):
            if event.get("rule"):
                found.setdefault(place(event["wildcards"]), []).append(event)
        return found


def place(wildcards: Mapping[str, str]) -> Place:
    """What a job belongs to: an order, a run of an instrument, a batch, a reference, or (none of these) the site."""
    where = wildcards.get("facility", ""), wildcards.get("service", "")
    for kind in ("proposal", "run", "batch", "reference"):
        if kind in wildcards:
            return kind, wildcards[kind], *where
    return "", "", *where


def place_of(order: Order) -> Place:
    """What an order's own jobs belong to: those that no other shares."""
    return "proposal", order.proposal.proposal, order.facility_id, order.service_id


def places(order: Order) -> list[Place]:
    """What the jobs in an order's way belong to: itself, its runs, their batches, its references."""
    where = order.facility_id, order.service_id
    runs = dict.fromkeys(("run", run.key, *where) for _, run in order.all_runs())
    measured = [("batch", name, *where) for name in batches.names(order)]
    references = dict.fromkeys(("reference", sample.reference, "", "") for sample in order.samples)
    return [place_of(order), *runs, *measured, *references]


def _about(folder: Path) -> dict:
    try:
        return read_json(folder / "run.json")
    except (OSError, ValueError):
        return {}  # cut short when it was made: no run came of it


def said(logs: Iterable[str]) -> list[str]:
    """What a job's logs say, without empty lines."""
    lines: list[str] = []
    for log in logs:
        path = Path(log)
        if path.is_file():
            lines += path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line.rstrip() for line in lines if line.strip()]


def cause(lines: list[str], told: str = "") -> str:
    """Why a job failed, in one line of its own log: the refusal, else the last line that tells of an error, else the
    last. `told` is what Snakemake said of the job: that the cluster ended it is in no log."""
    for line in lines:
        if line.startswith("REFUSED "):
            return line.removeprefix("REFUSED ")
    for state, words in ENDED.items():
        if state in told:
            return f"{words} (Slurm: {state})"
    return next((line.strip() for line in reversed(lines) if TELLING.search(line)), (lines or [SILENT])[-1].strip())


def out_of_memory(event: dict) -> bool:
    """Whether a job failed for want of memory."""
    return event["cause"].startswith(ENDED["OUT_OF_MEMORY"])


def job(event: dict) -> Job:
    """What tells a job from others, in any run."""
    return event["rule"], *sorted(event["wildcards"].items())


def queued(events: Iterable[dict]) -> dict[Job, str]:
    """The jobs that wait in a cluster's queue, by what was last seen of it, with Slurm's reason ('' where none is known
    yet)."""
    submissions: dict[Job, str] = {}
    seen: dict[str, dict] = {}
    for event in events:
        if event["event"] == "started":
            submissions.pop(job(event), None)
        elif event["event"] == "submitted":
            submissions |= {job(one): event["slurm"] for one in event["jobs"]}
        elif event["event"] == "queue":
            seen[event["slurm"]] = event
    unseen = {"state": "PENDING", "reason": ""}
    stands = {key: seen.get(submission, unseen) for key, submission in submissions.items()}
    return {key: stand["reason"] for key, stand in stands.items() if stand["state"] == "PENDING"}


def jobs(events: list[dict]) -> dict[Job, dict]:
    """The last event of every job: where it stands."""
    return {job(event): event for event in events if event.get("rule")}


def in_the_way(order: Order) -> Callable[[Mapping[str, str]], bool]:
    """Tells of a job, by its wildcards, whether it is in an order's way, and not of a sample that is left out."""
    here, absent = set(places(order)), order.absent.keys()
    # A sample that is worked on by itself is a group of its name.
    naming = ("sample", *order.branch.groups)

    def concerned(wildcards: Mapping[str, str]) -> bool:
        return place(wildcards) in here and not {wildcards.get(name) for name in naming} & absent

    return concerned


def failures(events: list[dict], order: Order) -> list[dict]:
    """The failed jobs in an order's way (its own, its runs', its references') that nothing mended."""
    events = itertools.takewhile(lambda event: event["event"] != "interrupted", events)
    last, concerned = jobs([event for event in events if event["event"] != "started"]), in_the_way(order)
    return [event for event in last.values() if event["event"] == "failed" and concerned(event["wildcards"])]
