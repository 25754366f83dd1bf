"""What demultiplexing said of a sequencing run: yield, quality and unassigned reads of each lane, and the bases of each
sample. Kept in the site when the run is imported, for the facility's page and for a word before anything is aligned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from scripts.lib.files import read_json, write_json

KEPT = ".filiera/sequencing"
GIGA = 1e9


@dataclass(frozen=True)
class Lane:
    """One lane.

    bases         its yield, the unassigned reads' too
    q30           share of its bases with quality 30 or more; None where nobody counted
    undetermined  share of its reads that no index claims
    """

    lane: str
    bases: int
    q30: float | None
    undetermined: float

    @property
    def gigabases(self) -> float:
        return self.bases / GIGA


@dataclass(frozen=True)
class Sequenced:
    """A sequencing run; `samples` has the bases of each sample's runs, which are called as in the sheet."""

    name: str
    flowcell: str
    lanes: Sequence[Lane]
    samples: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def keep(site: Path, sequenced: Sequenced) -> None:
    write_json(site / KEPT / f"{sequenced.name}.json", asdict(sequenced))


def kept(site: Path) -> list[Sequenced]:
    """Every imported sequencing run, by name."""
    return [_read(read_json(path)) for path in sorted((site / KEPT).glob("*.json"))]


def _read(value: dict[str, Any]) -> Sequenced:
    return Sequenced(**value | {"lanes": [Lane(**lane) for lane in value["lanes"]]})


def bases(known: Iterable[Sequenced], sample: str, runs: Iterable[str]) -> int | None:
    """The bases of a sample's runs; None where the yield of one of them is not known."""
    told: dict[str, int] = {}
    for sequenced in known:
        told |= sequenced.samples.get(sample, {})
    wanted = list(runs)
    return sum(told[run] for run in wanted) if wanted and all(run in told for run in wanted) else None


def top_up(sample: str, found: int | None, ordered_gb: float | None) -> str:
    """What to say of a sample whose yield is below what was ordered; '' when it is not, or nobody knows."""
    if found is None or ordered_gb is None or (missing := ordered_gb - found / GIGA) <= 0:
        return ""
    return f"{sample}: {found / GIGA:.3g} Gb of {ordered_gb:g} Gb ordered: top up {missing:.2g} Gb."
