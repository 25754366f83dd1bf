"""Where an order stands, from its staged package, its published versions and the newest run's journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from scripts.cli import journal
from scripts.delivery import publish
from scripts.delivery.versions import listed
from scripts.intake import compare
from scripts.lib import keys
from scripts.lib.files import read_json, read_tsv
from scripts.lib.plan.package import wanted
from scripts.lib.plan.paths import PACKAGE, run_folder
from scripts.lib.registry import Order, Site
from scripts.lib.registry.models import SHARED

MOST = 10  # lines about one order


@dataclass(frozen=True)
class Standing:
    """One order's state.

    state    `delivered`, `complete` (staged, not published), `not accepted` (complete, but nothing may leave),
             `failed`, `waiting`
    package  folder of the newest published version
    done     staged files that exist, of `total` that a run leaves
    causes   one line for each failed job
    """

    order: str
    state: str
    package: Path | None
    done: int
    total: int
    causes: list[str] = field(default_factory=list)


def staged_folder(site: Path, order: Order) -> Path:
    name = PACKAGE.format(facility=order.facility_id, proposal=order.proposal.proposal, service=order.service_id)
    return site / name


def deliveries(site: Path, order: Order) -> Path:
    return site / "deliveries" / order.proposal.proposal / order.facility_id / order.service_id


def standing(site: Site, order: Order, events: list[dict]) -> Standing:
    """Where an order stands now."""
    files = [site.directory / name for name in wanted(order)]
    done = sum(path.exists() for path in files)
    causes = [f"{event['message']}: {event['cause']}" for event in journal.failures(events, order)]
    versions = publish.versions(deliveries(site.directory, order))
    newest = versions[-1] if versions else None
    if causes:
        state = "failed"
    elif done < len(files):
        state = "waiting"
    else:
        recipients = keys.recipients(site.directory, order.proposal)
        same = newest and publish.is_version_of(newest, files[-1].parent, recipients)
        state = "delivered" if same else "complete" if read_tsv(files[-1]) else "not accepted"
    return Standing(order.id, state, newest, done, len(files), causes)


def unmet(site: Path, order: Order) -> list[str]:
    """What keeps samples of the order back, a line each: the criteria of the staged acceptance.tsv that are failed."""
    path = acceptance(site, order)
    failed = [row for row in read_tsv(path) if row["verdict"] == "fail"] if path.is_file() else []
    lines = [
        f"{row['sample'] or 'the order'}: {row['metric']} is {row['value']}, must be {row['criterion']}"
        for row in failed
    ]
    more = [f"and {len(lines) - MOST} more in {path.relative_to(site)}"] if len(lines) > MOST else []
    return lines[:MOST] + more


def acceptance(site: Path, order: Order) -> Path:
    """The table of verdicts on the staged order."""
    return staged_folder(site, order) / "data" / "00-Reports" / "acceptance.tsv"


def still_held(site: Site) -> dict[str, dict[str, list[str]]]:
    """Order -> withdrawn sample -> the versions that were delivered with it and still are there."""
    found: dict[str, dict[str, list[str]]] = {}
    for sample in site.samples.values():
        if sample.status == "withdrawn" and sample.proposal != SHARED:
            order = f"{sample.proposal}/{sample.facility}/{sample.service}"
            for version in publish.versions(site.directory / "deliveries" / order):
                if any(row["sample"] == sample.sample for row in listed(version) or ()):
                    found.setdefault(order, {}).setdefault(sample.sample, []).append(version.name)
    return found


def same_data(site: Site) -> dict[str, str]:
    """Sample -> what it shares, for data that stand under two samples anywhere in the site.

    Within an order intake refuses that; between orders it would give one scientist's data to another.
    """
    runs: dict[tuple[str, str], Path] = {}
    for order in site.orders.values():
        for sample, run in order.all_runs():
            verdict = site.directory / run_folder(order, run) / "intake.json"
            if verdict.is_file():
                runs[sample.sample, run.run] = verdict
    named = [{"sample": sample, "run": run} for sample, run in runs]
    found: dict[str, str] = {}
    clashes = compare.clashes([read_json(path) for path in runs.values()], named)
    for files in sorted(clashes, key=lambda files: [compare.named(file) for file in files]):
        for file in files:  # of several files of a sample the first is named
            found.setdefault(file["sample"], "the same data stand under " + " and ".join(map(compare.named, files)))
    return found
