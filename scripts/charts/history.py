"""What orders measured, one line of JSON each in the site: the median of each criterion's metric over its samples, and
over those of each flow cell.

No sample is named, so that it may stay when an order's data are deleted. An order that is judged anew gets another
line; it counts once, with its newest values, where it first stood.
"""

from __future__ import annotations

import json
import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from scripts.lib import files
from scripts.lib.refusal import Refusal

KEPT = ".filiera/metrics.jsonl"


@dataclass(frozen=True)
class Entry:
    """An order's medians; `instrument` is what it was measured on, '' where no sheet says it, `time` in UTC.

    flowcells  those of each flow cell, of the samples that it alone gave reads for; older lines have none
    """

    time: str
    order: str
    instrument: str
    metrics: Mapping[str, float]
    flowcells: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def facility(self) -> str:
        return self.order.split("/")[1]

    @property
    def service(self) -> str:
        return self.order.split("/")[2]


def medians(rows: Iterable[Mapping[str, str]]) -> dict[str, float]:
    """Metric -> median, of the rows of a table of acceptance."""
    values: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row["value"] != "not measured" and math.isfinite(value := float(row["value"])):
            values[row["metric"]].append(value)
    return {metric: statistics.median(found) for metric, found in sorted(values.items())}


def read(site: Path) -> list[Entry]:
    """All lines, the oldest first. Raises Refusal for one that was changed by hand."""
    path, entries = site / KEPT, []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() if path.is_file() else [], 1):
        try:
            entries.append(Entry(**json.loads(line)))
        except (ValueError, TypeError) as error:
            where, cure = f"{KEPT}, line {number}", "restore it, or take the line out"
            raise Refusal(where, repr(line[:80]), "an order's metrics as JSON", cure) from error
    return entries


def note(site: Path, entry: Entry) -> None:
    """Add an order's values, unless they are what was noted of it last."""
    known = read(site)
    before = next((one for one in reversed(known) if one.order == entry.order), None)
    if not entry.metrics or (before and replace(before, time=entry.time) == entry):
        return
    with files.written(site / KEPT) as handle:
        handle.writelines(json.dumps(asdict(one), sort_keys=True) + "\n" for one in [*known, entry])


def orders(entries: Iterable[Entry]) -> list[Entry]:
    """Each order once: its newest values, in the order in which they first came."""
    newest: dict[str, Entry] = {}
    for entry in entries:
        newest[entry.order] = entry  # keeps the first one's place
    return list(newest.values())


def of_flowcells(entries: Iterable[Entry]) -> dict[str, dict[str, float]]:
    """Each flow cell's metrics, the median of its orders', in the order in which flow cells first came."""
    values: dict[str, dict[str, list[float]]] = {}
    for entry in entries:
        for flowcell, metrics in entry.flowcells.items():
            for metric, value in metrics.items():
                values.setdefault(flowcell, defaultdict(list))[metric].append(value)
    return {
        flowcell: {metric: statistics.median(each) for metric, each in metrics.items()}
        for flowcell, metrics in values.items()
    }
