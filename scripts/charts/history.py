"""What orders measured, one line of JSON each in the site: the median of each criterion's metric over its samples.

No sample is named, so that it may stay when an order's data are deleted. An order that is judged anew gets another
line; it counts once, with its newest values, where it first stood.
"""

from __future__ import annotations

import json
import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.lib import files
from scripts.lib.refusal import Refusal

KEPT = ".filiera/metrics.jsonl"


@dataclass(frozen=True)
class Entry:
    """An order's medians; `instrument` is what it was measured on, '' where no sheet says it, `time` in UTC."""

    time: str
    order: str
    instrument: str
    metrics: Mapping[str, float]

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
    if not entry.metrics or (before and (before.instrument, before.metrics) == (entry.instrument, entry.metrics)):
        return
    with files.written(site / KEPT) as handle:
        handle.writelines(json.dumps(asdict(one), sort_keys=True) + "\n" for one in [*known, entry])


def orders(entries: Iterable[Entry]) -> list[Entry]:
    """Each order once: its newest values, in the order in which they first came."""
    newest: dict[str, Entry] = {}
    for entry in entries:
        newest[entry.order] = entry  # keeps the first one's place
    return list(newest.values())
