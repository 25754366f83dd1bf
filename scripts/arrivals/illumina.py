"""An Illumina run folder that was demultiplexed: its FASTQ files, by sample sheet and names, as runs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lxml import etree

from scripts.arrivals import demultiplexing, samplesheet
from scripts.arrivals.demultiplexing import UNDETERMINED, Table
from scripts.arrivals.found import Found, inside
from scripts.lib.refusal import Refusal
from scripts.lib.sequencing import Sequenced

#: As bcl2fastq and BCL Convert name files; without lane splitting there is no lane, index reads are I1 and I2.
FASTQ = re.compile(r"(?P<name>.+)_S(?P<number>\d+)(_L(?P<lane>\d{3}))?_(?P<read>[RI]\d)_(?P<chunk>\d{3})\.fastq\.gz")
SHEET, INFO = "SampleSheet.csv", "RunInfo.xml"
ALL_LANES = ""


@dataclass(frozen=True)
class RunInfo:
    """What RunInfo.xml says; `cycles` of all reads that are no index."""

    run: str
    flowcell: str
    day: str
    reads: int
    cycles: int


def is_run_folder(folder: Path) -> bool:
    return (folder / INFO).is_file() or (folder / SHEET).is_file()


def find(folder: Path, site: Path) -> Found:
    """The runs of a run folder. Raises Refusal where sheet, names and files do not agree."""
    info = _info(folder / INFO)
    samples = samplesheet.read(_sheet(folder))
    of = {name: sample.id for sample in samples.values() for name in sample.names}
    files: dict[tuple[str, str], dict[str, Path]] = defaultdict(dict)
    for path in sorted(folder.rglob("*.fastq.gz")):
        _sort(path, of, files)
    found = Found()
    if not files:
        raise Refusal(
            str(folder), "no FASTQ of a sample", "files as G001_S1_L001_R1_001.fastq.gz", "demultiplex it first"
        )
    lanes, table = demultiplexing.read(folder, info.cycles)
    bases: dict[str, dict[str, int]] = defaultdict(dict)
    _check_lanes(folder, files)
    for (sample, lane), mates in sorted(files.items()):
        if more := sorted(mates.keys() - {"R1", "R2"}):
            # Of three reads one is most often a molecular barcode, and nobody says which.
            expected = "R1 and R2 alone"
            raise Refusal(str(mates[more[0]]), f"read {more[0]} of {sample}", expected, "import it with --pattern")
        missing = {f"R{number}" for number in range(1, min(info.reads, 2) + 1)} - mates.keys()
        if missing or "R1" not in mates:
            where = f"{folder}, {sample}{f', lane {lane}' if lane else ''}"
            raise Refusal(where, f"no {', '.join(sorted(missing or {'R1'}))}", "a file of each read", "copy it again")
        run = f"{info.flowcell}-{lane}" if lane else info.flowcell
        row = {"sample": sample, "run": run, "read1": inside(site, mates["R1"])}
        row |= {"read2": inside(site, mates["R2"])} if "R2" in mates else {}
        row |= {"platform": "ILLUMINA", "flowcell": info.flowcell, "lane": lane, "acquired": info.day}
        found.runs.append(row)
        if (count := _bases(table, sample, lane)) is not None:
            bases[sample][run] = count
    sequenced = {sample for sample, _ in files}
    for sample in samples.keys() - sequenced:
        found.remarks.append(f"{sample}: in {SHEET}, and no FASTQ of it.")
    found.remarks.sort()
    found.samples = [
        {"sample": name, "proposal": sample.project} for name, sample in samples.items() if name in sequenced
    ]
    if lanes:
        found.sequenced = Sequenced(info.run, info.flowcell, lanes, dict(bases))
    else:
        found.remarks.append(f"{folder}: no statistics of demultiplexing, so yields are not known.")
    return found


def _bases(table: Table, sample: str, lane: str) -> int | None:
    """The bases of a sample in a lane, or in all of them."""
    counts = [each for (number, name), each in table.items() if name == sample and lane in (number, ALL_LANES)]
    known = [each.bases for each in counts if each.bases is not None]
    return sum(known) if known and len(known) == len(counts) else None


def _sort(path: Path, of: dict[str, str], files: dict[tuple[str, str], dict[str, Path]]) -> None:
    """Put a FASTQ to its sample, lane and read; index reads and what no index claims belong to nobody."""
    told = FASTQ.fullmatch(path.name)
    if told is None:
        expected = "names as G001_S1_L001_R1_001.fastq.gz"
        raise Refusal(str(path), f"{path.name!r}", expected, "import it as a folder, with --pattern")
    if told["name"] == UNDETERMINED or told["read"].startswith("I"):
        return
    if told["name"] not in of:
        raise Refusal(str(path), f"{told['name']!r}", f"a sample of {SHEET}", "take the sheet that it was made with")
    lane = str(int(told["lane"])) if told["lane"] else ALL_LANES
    before = files[of[told["name"]], lane].setdefault(told["read"], path)
    if before != path:
        raise Refusal(str(path), f"the same sample, lane and read as {before}", "one file", "keep one demultiplexing")


def _check_lanes(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    """Raises Refusal for a sample with files of lanes and of all lanes in one: they hold the same reads."""
    lanes: dict[str, set[str]] = defaultdict(set)
    for sample, lane in files:
        lanes[sample].add(lane)
    for sample, found in sorted(lanes.items()):
        if ALL_LANES in found and len(found) > 1:
            told = f"files of {sample} by lane and of all lanes together"
            raise Refusal(str(folder), told, "one of the two", "keep one demultiplexing")


def _sheet(folder: Path) -> Path:
    """The sheet that it was demultiplexed with: BCL Convert's copy beside its reports, else that of the run."""
    copies = [*sorted(folder.rglob(f"Reports/{SHEET}")), folder / SHEET]
    found = next((path for path in copies if path.is_file()), None)
    if found is None:
        raise Refusal(str(folder), f"no {SHEET}", "the sheet that it was demultiplexed with", "copy it there")
    return found


def _info(path: Path) -> RunInfo:
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        run = etree.parse(str(path), parser).getroot().find("Run")
        cycles = [
            int(read.get("NumCycles")) for read in run.iterfind("Reads/Read") if read.get("IsIndexedRead", "N") == "N"
        ]
        flowcell = run.findtext("Flowcell").strip()
        name = run.get("Id").strip()
    except (OSError, etree.XMLSyntaxError, AttributeError, TypeError, ValueError) as error:
        raise Refusal(str(path), f"no run ({error})", "RunInfo.xml of the instrument", "copy it again") from error
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name) or not flowcell:
        raise Refusal(str(path), f"{name!r} of flow cell {flowcell!r}", "the ids of run and flow cell", "copy it again")
    # MiSeq writes 000000000-ABCDE for the flow cell ABCDE.
    return RunInfo(name, re.sub(r"^0+-", "", flowcell), _day(run.findtext("Date") or ""), len(cycles), sum(cycles))


def _day(text: str) -> str:
    """The day of the run as instruments of all ages write it; '' for other ways."""
    for read in (lambda day: datetime.strptime(day, "%y%m%d"), _of_novaseq, datetime.fromisoformat):
        with suppress(ValueError):
            return read(text.strip()).date().isoformat()
    return ""


def _of_novaseq(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p")
