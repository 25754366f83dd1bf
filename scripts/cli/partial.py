"""A partial delivery: which samples of a proposal wait, so that the others are delivered now and they as the next one.

Only a proposal's own samples can be left out: without a pool or a reference nobody's results are what was promised.
"""

from __future__ import annotations

from collections.abc import Iterable

from scripts.cli import journal
from scripts.lib.registry import Order, Site


def unmeasured(site: Site, proposal: str) -> set[str]:
    """The proposal's samples that have no run yet, or not all of whose files are there."""
    return {
        name
        for name, sample in site.samples.items()
        if (sample.proposal, sample.role, sample.status) == (proposal, "sample", "active") and not _is_there(site, name)
    }


def _is_there(site: Site, sample: str) -> bool:
    paths = [path for run in site.runs.get(sample, ()) for path in run.received.values()]
    return bool(paths) and all((site.directory / path).is_file() for path in paths)


def failed(orders: Iterable[Order], events: list[dict]) -> set[str]:
    """The samples whose own jobs failed, in orders in which nothing else did."""
    out: set[str] = set()
    for order in orders:
        owners = {_owner(event["wildcards"], order) for event in journal.failures(events, order)}
        if "" not in owners:
            out |= owners
    return out


def _owner(wildcards: dict[str, str], order: Order) -> str:
    """The sample that a failed job concerns; '' when it concerns more than one of the proposal's own."""
    # A sample that is worked on by itself is a group of its name.
    named = {wildcards.get(name) for name in ("sample", *order.branch.groups)}
    for sample, run in order.all_runs():
        if wildcards.get("run") == run.key or sample.sample in named:
            return sample.sample if sample.role == "sample" else ""
    return ""
