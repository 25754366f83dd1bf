"""What BCL Convert (Quality_Metrics.csv, Demultiplex_Stats.csv) and bcl2fastq (Stats.json) say of lanes and samples."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.lib.refusal import Refusal
from scripts.lib.sequencing import Lane

UNDETERMINED = "Undetermined"
REDO = "copy the reports of the run again"


@dataclass
class Counts:
    """Reads, bases and bases of quality 30 or more of a sample in a lane; None: nobody counted them."""

    reads: int = 0
    bases: int | None = None
    good: int | None = None

    def add(self, bases: int, good: int) -> None:
        self.bases, self.good = (self.bases or 0) + bases, (self.good or 0) + good


Table = dict[tuple[str, str], Counts]  # lane, sample


def read(folder: Path, cycles: int) -> tuple[list[Lane], Table]:
    """Lanes, and the counts of each lane and sample; nothing where there are no statistics.

    cycles  of all reads that are no index, for statistics that have reads alone
    """
    table: Table = defaultdict(Counts)
    if path := _one(folder, "Stats.json"):
        _of_bcl2fastq(path, table)
    elif path := _one(folder, "Demultiplex_Stats.csv"):
        _of_bcl_convert(path, _one(folder, "Quality_Metrics.csv"), cycles, table)
    return list(_lanes(table)), table


def _one(folder: Path, name: str) -> Path | None:
    """The file of a name below a folder. Raises Refusal for several, of which one may be an earlier attempt's."""
    found = sorted(folder.rglob(name))
    if len(found) > 1:
        listed = ", ".join(str(path.relative_to(folder)) for path in found)
        raise Refusal(str(folder), listed, f"one {name}", "name the folder of one demultiplexing")
    return found[0] if found else None


def _of_bcl2fastq(path: Path, table: Table) -> None:
    try:
        for lane in json.loads(path.read_text(encoding="utf-8"))["ConversionResults"]:
            number = str(lane["LaneNumber"])
            for name, entry in _of_lane(lane):
                counts = table[number, name]
                counts.reads += entry["NumberReads"]
                for read in _read_metrics(entry):
                    counts.add(read["Yield"], read["YieldQ30"])
    except (ValueError, KeyError, TypeError) as error:
        found = f"no such statistics ({error})"
        raise Refusal(str(path), found, "ConversionResults of bcl2fastq", REDO) from error


def _of_lane(lane: dict) -> Iterator[tuple[str, dict]]:
    for entry in lane["DemuxResults"]:
        yield entry["SampleId"], entry
    if "Undetermined" in lane:
        yield UNDETERMINED, lane["Undetermined"]


def _read_metrics(entry: dict) -> list[dict]:
    """Those of a sample in a lane; one without reads may have none."""
    return entry["ReadMetrics"] if entry["NumberReads"] else entry.get("ReadMetrics", [])


def _of_bcl_convert(path: Path, quality: Path | None, cycles: int, table: Table) -> None:
    try:
        for row in _rows(path):
            counts = table[row["Lane"], row["SampleID"]]
            counts.reads += int(row["# Reads"])
            if not quality and cycles:
                counts.add(int(row["# Reads"]) * cycles, int(row.get("# of >= Q30 Bases (PF)", 0)))
        for row in _rows(quality) if quality else ():
            # Index reads that were written as FASTQ are counted as well.
            if not (row["ReadNumber"] or "").startswith("I"):
                table[row["Lane"], row["SampleID"]].add(int(row["Yield"]), int(row["YieldQ30"]))
    except (ValueError, KeyError, TypeError) as error:
        found = f"no such statistics ({error})"
        raise Refusal(str(quality or path), found, "columns as BCL Convert writes them", REDO) from error


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def _lanes(table: Table) -> Iterator[Lane]:
    for lane in sorted({lane for lane, _ in table}, key=lambda lane: (len(lane), lane)):
        inside = {sample: counts for (each, sample), counts in table.items() if each == lane}
        bases = sum(counts.bases or 0 for counts in inside.values())
        good = sum(counts.good or 0 for counts in inside.values())
        reads = sum(counts.reads for counts in inside.values())
        lost = inside[UNDETERMINED].reads if UNDETERMINED in inside else 0
        yield Lane(lane, bases, good / bases if good else None, lost / reads if reads else 0.0)
