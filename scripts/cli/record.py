"""The record of a run: what came of it, with which versions, and what its steps used, added to its `run.json`."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from scripts.cli import journal, resources
from scripts.lib import software
from scripts.lib.files import read_json, write_json
from scripts.lib.plan.paths import ORDER, fields_of
from scripts.lib.registry import Order


def close(folder: Path, site: Path, orders: Iterable[Order], outcomes: Mapping[str, str], code: int) -> None:
    """Complete a run's record, and the tables of what its orders' jobs used.

    orders    those that it ran, `outcomes` what became of the package of each
    code      Snakemake's exit code
    """
    orders, events = list(orders), journal.read(folder / "journal.jsonl")
    touched = {journal.place(event["wildcards"]) for event in _jobs(events)}
    worked = [order for order in orders if not touched.isdisjoint(journal.places(order))]
    for order in worked:
        resources.write(site, order)
    about = read_json(folder / "run.json") | {
        "ended": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "exit": code,
        "outcomes": dict(outcomes),
        "versions": _versions(site, worked),
        "steps": _steps(events),
    }
    write_json(folder / "run.json", about)


def _jobs(events: list[dict]) -> list[dict]:
    return [event for event in events if event["event"] in ("finished", "failed") and event["rule"] != "all"]


def _versions(site: Path, orders: Iterable[Order]) -> dict[str, str]:
    """Tools by the versions that they told where they ran, and what ran them."""
    found = {name: software.version(name) for name in ("filiera", "snakemake")}
    for order in orders:
        path = site / ORDER.format(**fields_of(order)) / "software.json"
        found |= read_json(path) if path.is_file() else {}
    return found


def _steps(events: list[dict]) -> dict[str, dict[str, float]]:
    """Rule -> jobs that finished and that failed, their CPU and wall seconds, the greatest peak memory in MB."""
    found: dict[str, dict[str, float]] = defaultdict(
        lambda: {"finished": 0, "failed": 0, "cpu_s": 0.0, "wall_s": 0.0, "peak_mb": 0.0}
    )
    for event in _jobs(events):
        step = found[event["rule"]]
        step[event["event"]] += 1
        for name in ("cpu_s", "wall_s"):
            step[name] = round(step[name] + event.get(name, 0.0), 2)
        step["peak_mb"] = max(step["peak_mb"], event.get("peak_mb", 0.0))
    return dict(sorted(found.items()))
