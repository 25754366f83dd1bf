"""What jobs took on the machine of benchmarks/usage: for rules that have not run in a site yet.

CPU is a part that every job of a rule takes, and a part for each MB of received data that it is about: those of its
run, sample, batch or order, or the genome of its reference. That is known before anything has run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from scripts.cli import journal
from scripts.lib import code
from scripts.lib.files import read_tsv
from scripts.lib.plan import batches
from scripts.lib.registry import Order, Site

FIGURES = code.ROOT / "resources" / "usage" / "figures.tsv"
COLUMNS = ["rule", "threads", "cpu_s", "cpu_s_per_mb"]


class Shipped:
    """The figures, for the jobs of a site."""

    def __init__(self, site: Site):
        self._site = site

    def figures(self, rule: str, wildcards: Mapping[str, str]) -> tuple[float, int] | None:
        """CPU seconds and threads of a job; None for a rule that was not measured."""
        row = self._figures.get(rule)
        return (_seconds(row, self.megabytes(wildcards) or 0), int(row["threads"])) if row else None

    def ratio(self, rule: str, wildcards: Mapping[str, str], done: Mapping[str, str]) -> float:
        """How many times as much as one that is done another job of a rule takes, by their sizes; 1 where they are not
        known."""
        row, sizes = self._figures.get(rule), (self.megabytes(wildcards), self.megabytes(done))
        if row is None or not all(sizes):
            return 1
        new, old = (_seconds(row, size) for size in sizes)
        return new / old if old else 1

    def megabytes(self, wildcards: Mapping[str, str]) -> float | None:
        """MB (10^6 bytes) of received data that a job is about; None where the sheets do not know it."""
        place = journal.place(wildcards)
        order = self._orders.get(place)
        if order is None:
            return self._shared.get(place)
        named = (wildcards.get(name, "") for name in ("sample", *order.branch.groups))
        sample = next((name for name in named if name in order.runs), "")
        if not sample:
            return self._shared.get(place)
        return self._bytes(path for run in order.runs[sample] for path in run.received.values())

    @cached_property
    def _figures(self) -> dict[str, dict[str, str]]:
        return {row["rule"]: row for row in read_tsv(FIGURES)}

    @cached_property
    def _orders(self) -> dict[journal.Place, Order]:
        return {journal.place_of(order): order for order in self._site.orders.values()}

    @cached_property
    def _shared(self) -> dict[journal.Place, float]:
        """MB of orders, runs, batches and references."""
        files: dict[journal.Place, set[str]] = {}
        for order in self._site.orders.values():
            where, groups = (order.facility_id, order.service_id), batches.groups(order)
            for _, run in order.all_runs():
                places = [journal.place_of(order), ("run", run.key, *where), ("batch", groups[run.key], *where)]
                for place in places:
                    files.setdefault(place, set()).update(run.received.values())
        found = {place: self._bytes(paths) for place, paths in files.items()}
        references = self._site.config.references.items()
        return found | {("reference", name, "", ""): self._bytes([one.fasta]) for name, one in references}

    def _bytes(self, paths: Iterable[str | Path]) -> float:
        found = (self._site.directory / path for path in paths)
        return sum(path.stat().st_size for path in found if path.is_file()) / 1e6


def _seconds(row: Mapping[str, str], megabytes: float) -> float:
    return float(row["cpu_s"]) + float(row["cpu_s_per_mb"]) * megabytes
