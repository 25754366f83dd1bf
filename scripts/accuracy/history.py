"""Earlier runs of a site against the same truth, one line of JSON each.

Counts alone: no variant and no sample is named, so that a line may stay when its order's data are deleted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.accuracy.table import ALL, Row
from scripts.lib import files
from scripts.lib.refusal import Refusal

KEPT = ".filiera/accuracy.jsonl"


@dataclass(frozen=True)
class Entry:
    """A version of an order's package against a truth.

    time            in UTC
    truth, regions  digests: only where both are the same are runs compared
    strata          name -> digest
    made            what called the variants
    """

    time: str
    order: str
    version: str
    truth: str
    regions: str
    strata: Mapping[str, str]
    made: str
    rows: Sequence[Row]

    @property
    def against(self) -> tuple[str, str]:
        return self.truth, self.regions

    def row(self, stratum: str, kind: str, size: str = ALL) -> Row | None:
        return next((row for row in self.rows if row.name == (stratum, kind, size)), None)

    def before(self, row: Row, now: Entry) -> Row | None:
        """What this earlier run counted where a row of a later one counts, if its stratum was the same."""
        same = row.stratum == ALL or self.strata.get(row.stratum) == now.strata.get(row.stratum)
        return self.row(*row.name) if same else None


def read(site: Path) -> list[Entry]:
    """All lines, the oldest first. Raises Refusal for one that was changed by hand."""
    path, entries = site / KEPT, []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() if path.is_file() else [], 1):
        try:
            told = json.loads(line)
            entries.append(Entry(**told | {"rows": [Row(**row) for row in told["rows"]]}))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            where, cure = f"{KEPT}, line {number}", "restore it, or take the line out"
            raise Refusal(where, repr(line[:80]), "the counts of a benchmark as JSON", cure) from error
    return entries


def note(site: Path, entry: Entry) -> list[Entry]:
    """Add a run, or put it in the place of what the same version said of the same truth before; returns it behind those
    that were earlier."""
    (site / KEPT).parent.mkdir(parents=True, exist_ok=True)
    with files.held((site / KEPT).parent):
        entries = read(site)
        places = [place for place, one in enumerate(entries) if _which(one) == _which(entry)]
        place = places[0] if places else len(entries)
        entries[place : place + 1] = [entry]
        with files.written(site / KEPT) as handle:
            handle.writelines(json.dumps(asdict(one), sort_keys=True) + "\n" for one in entries)
    return [one for one in entries[: place + 1] if one.against == entry.against]


def _which(entry: Entry) -> tuple[str, ...]:
    return entry.order, entry.version, *entry.against
