"""What happened in runs: the journals that the logger plugin writes, and what they say about orders.

A run's folder holds `run.json` (what it was asked, and when it has ended what came of it), `journal.jsonl` (one JSON
object a line), the sheets that it read, and what it said. Events of jobs carry rule, wildcards, message and log:
`started` (memory in MB, threads), `finished` (CPU and wall seconds, peak memory in MB), `failed` (cause, last words).
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable
from pathlib import Path

from scripts.lib.files import read_json
from scripts.lib.plan import batches
from scripts.lib.registry import Order

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
SILENT = "its log is empty: it was killed, or a tool is missing"


def folders(site: Path) -> list[Path]:
    """The folders of the site's runs, the newest first."""
    return [path for path in sorted((site / RUNS).glob("*"), reverse=True) if (path / "journal.jsonl").is_file()]


def newest(site: Path) -> Path | None:
    """The folder of the site's newest run, or None."""
    return next(iter(folders(site)), None)


def read(journal: Path) -> list[dict]:
    """The journal's events; a last line that a kill cut short is left out."""
    events = []
    for line in journal.read_text(encoding="utf-8").splitlines() if journal.is_file() else []:
        try:
            events.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return events


def note(journal: Path, event: str, **about) -> None:
    """Write down what the launcher itself knows."""
    with open(journal, "a", encoding="utf-8") as handle:
        handle.write(json.dumps({"event": event, **about}) + "\n")


class Memory:
    """The runs of a site, each read once, for who asks about many orders."""

    def __init__(self, site: Path):
        self.runs = [(_about(folder), folder / "journal.jsonl") for folder in folders(site)]
        self._read: dict[Path, list[dict]] = {}

    def events(self, order: str) -> list[dict]:
        """All that happened to an order since the last run that tried everything of it and came to its own end, with
        that. Of a run that a person ended, what happened before counts: what failed then was killed for it."""
        found: list[list[dict]] = []
        for about, journal in self.runs:
            if order in about.get("orders", ()):
                if journal not in self._read:
                    self._read[journal] = read(journal)
                events = self._read[journal]
                found.insert(0, list(itertools.takewhile(lambda event: event["event"] != "interrupted", events)))
                if not about.get("aim") and any(event["event"] == "ended" for event in found[0]):
                    break
        return list(itertools.chain(*found))

    def outcome(self, order: str) -> str:
        """What the last run that came to publish an order said of its package."""
        told = (about.get("outcomes", {}).get(order, "") for about, _ in self.runs)
        return next(filter(None, told), "")


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


def job(event: dict) -> str:
    """What tells a job from others, in any run."""
    return json.dumps([event.get("rule"), event.get("wildcards")], sort_keys=True)


def jobs(events: list[dict]) -> dict[str, dict]:
    """The last event of every job: where it stands."""
    return {job(event): event for event in events if event.get("rule")}


def failures(events: list[dict], order: Order) -> list[dict]:
    """The failed jobs in an order's way (its own, its runs', its references') that nothing mended."""
    events = itertools.takewhile(lambda event: event["event"] != "interrupted", events)
    last = jobs([event for event in events if event["event"] != "started"])
    return [event for event in last.values() if event["event"] == "failed" and concerns(event["wildcards"], order)]


def concerns(wildcards: dict[str, str], order: Order) -> bool:
    """Whether a job is an order's own, its runs' or its references'."""
    if "proposal" not in wildcards and "reference" in wildcards:
        return wildcards["reference"] in {sample.reference for sample in order.samples}
    if wildcards.get("facility") != order.facility_id or wildcards.get("service") != order.service_id:
        return False
    if "run" in wildcards:
        return wildcards["run"] in {run.key for _, run in order.all_runs()}
    if "batch" in wildcards:
        return wildcards["batch"] in batches.names(order)
    if {wildcards.get("sample"), wildcards.get("callset")} & order.absent.keys():
        return False
    return wildcards.get("proposal") == order.proposal.proposal
