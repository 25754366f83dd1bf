"""What happened in a run: the journal that the logger plugin writes, and what it says about orders."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from pathlib import Path

from scripts.lib.registry import Order

RUNS = ".filiera/runs"


def newest(site: Path, proposal: str = "") -> Path | None:
    """The folder of the site's newest run (that ran this proposal, if one is named), or None."""
    for folder in sorted((site / RUNS).glob("*"), reverse=True):
        if (folder / "journal.jsonl").is_file() and (not proposal or _ran(folder, proposal)):
            return folder
    return None


def _ran(folder: Path, proposal: str) -> bool:
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))["proposal"] in ("", proposal)


def read(journal: Path) -> list[dict]:
    """The journal's events; a last line that a kill cut short is left out."""
    events = []
    for line in journal.read_text(encoding="utf-8").splitlines() if journal.is_file() else []:
        try:
            events.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return events


def note_interrupt(journal: Path) -> None:
    """Write down that a person ended the run here: jobs that fail from now on were killed for it."""
    with open(journal, "a", encoding="utf-8") as handle:
        handle.write(json.dumps({"event": "interrupted"}) + "\n")


def cause(logs: Iterable[str]) -> str:
    """Why a job failed, in one line of its own log: the refusal, else the last line that says something."""
    lines: list[str] = []
    for log in logs:
        path = Path(log)
        if path.is_file():
            lines += path.read_text(encoding="utf-8", errors="replace").splitlines()
    for line in lines:
        if line.startswith("REFUSED "):
            return line.removeprefix("REFUSED ")
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else "its log is empty: it was killed, or a tool is missing"


def failures(events: list[dict], order: Order) -> list[dict]:
    """The failed jobs in an order's way (its own, its runs', its references') that no retry mended."""
    failed: dict[str, dict] = {}
    for event in itertools.takewhile(lambda event: event["event"] != "interrupted", events):
        job = json.dumps([event.get("rule"), event.get("wildcards")])
        if event["event"] == "failed" and _concerns(event["wildcards"], order):
            failed[job] = event
        elif event["event"] == "finished":
            failed.pop(job, None)
    return list(failed.values())


def _concerns(wildcards: dict[str, str], order: Order) -> bool:
    if "reference" in wildcards:
        return wildcards["reference"] in {sample.reference for sample in order.samples}
    if wildcards.get("facility") != order.facility_id or wildcards.get("service") != order.service_id:
        return False
    if "run" in wildcards:
        return wildcards["run"] in {run.key for _, run in order.all_runs()}
    if {wildcards.get("sample"), wildcards.get("callset")} & order.absent.keys():
        return False
    return wildcards.get("proposal") == order.proposal.proposal
