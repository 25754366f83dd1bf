"""What orders name, and ever named: received files, instrument runs, shared batches; by sheets, ledger and run records.

What several orders name stays until the last of them is purged, though the sheets name it no more for one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scripts.ledger.states import Account
from scripts.lib import registry
from scripts.lib.checksums import sha256
from scripts.lib.files import SPOILT, read_json
from scripts.lib.registry import Site
from scripts.lib.registry.models import SHARED, Run, Sample

RECORDS = ".filiera/runs"


@dataclass(frozen=True)
class Claim:
    """What one order names, or did: paths as the sheets have them, keys of runs, names of batches with shared pools."""

    files: set[str] = field(default_factory=set)
    runs: set[str] = field(default_factory=set)
    batches: set[str] = field(default_factory=set)

    def add(self, sample: Sample, run: Run) -> None:
        self.files.update(name for name in run.received.values() if "\0" not in name)
        self.runs.add(run.key)
        if sample.proposal == SHARED and run.batch:
            self.batches.add(run.batch)

    def join(self, files: set[str], runs: set[str], batches: set[str]) -> None:
        self.files.update(files)
        self.runs.update(runs)
        self.batches.update(batches)


@dataclass(frozen=True)
class Past:
    """The sheets that runs were made with, as their records keep them, and the orders that were run by them."""

    config: Path
    site: Site
    orders: set[str]


def every(site: Site, accounts: Mapping[str, Account], past: Iterable[Past] = ()) -> dict[str, Claim]:
    """The claim of each order that anything knows of; under `-/facility/service`, what serves a batch of nobody."""
    claims: dict[str, Claim] = defaultdict(Claim)
    for order, claim in of_sheets(site).items():
        claims[order].join(claim.files, claim.runs, claim.batches)
    for each in past:
        for order, claim in of_sheets(each.site).items():
            if order in each.orders:
                claims[order].join(claim.files, claim.runs, claim.batches)
    for order, account in accounts.items():
        claims[order].join(account.files, account.runs, account.batches)
    return claims


def of_sheets(site: Site) -> dict[str, Claim]:
    """By the sheets of now, whatever state an order is in. The pools of a batch are of all that were measured in it."""
    claims: dict[str, Claim] = defaultdict(Claim)
    measured = [(site.samples[name], run) for name, runs in site.runs.items() for run in runs]
    served: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for sample, run in measured:
        if sample.proposal != SHARED:
            served[sample.facility, sample.service, run.batch].add(sample.order_id)
    for sample, run in measured:
        orders = {sample.order_id}
        if sample.proposal == SHARED:
            orders = served.get((sample.facility, sample.service, run.batch)) or orders
        for order in orders:
            claims[order].add(sample, run)
    return dict(claims)


def records(site: Path) -> Iterator[tuple[Path, set[str]]]:
    """The folders of the records of runs, and the orders that each ran."""
    for path in sorted((site / RECORDS).glob("*/run.json")):
        try:
            yield path.parent, set(read_json(path)["orders"])
        except SPOILT:
            continue  # cut short when it was made: no run came of it


def past(site: Path) -> list[Past]:
    """All sheets that runs were made with, each text once; what else lies beside them says nothing of files."""
    found: dict[tuple[str, ...], tuple[Path, set[str]]] = {}
    for folder, orders in records(site):
        texts = tuple(sha256(path) for path in sorted((folder / "config").glob("*.*")) if path.name != "closed.tsv")
        _, known = found.setdefault(texts, (folder / "config", set()))
        known |= orders
    return [Past(path, registry.load(site, path.relative_to(site)), orders) for path, orders in found.values()]
