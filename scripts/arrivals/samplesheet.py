"""Illumina's SampleSheet.csv, version 1 (bcl2fastq, [Data]) and 2 (BCL Convert, [BCLConvert_Data])."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from scripts.lib.refusal import Refusal

TABLES = ("bclconvert_data", "data")
REDO = "take the sheet that the run was demultiplexed with"


@dataclass(frozen=True)
class Sample:
    """A sample of the sheet; `names` is how its files may be called, `lanes` empty: all lanes."""

    id: str
    names: tuple[str, ...]
    project: str
    lanes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SampleSheet:
    """The samples in the order of the sheet, and `instrument`, its own name for the kind of instrument."""

    samples: dict[str, Sample]
    version: int
    header: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> SampleSheet:
    """Read a sheet of either version. Raises Refusal when it is none."""
    sections = _sections(path)
    header = {line[0].strip(): line[1].strip() for _, line in sections.get("header", []) if len(line) > 1}
    version = 2 if header.get("FileFormatVersion") == "2" else 1
    name = next((name for name in TABLES if sections.get(name)), "")
    if not name:
        raise Refusal(str(path), "no samples", "a section [Data] or [BCLConvert_Data]", REDO)
    (_, titles), *rows = sections[name]
    columns = {title.strip().lower(): place for place, title in enumerate(titles) if title.strip()}
    if "sample_id" not in columns:
        found = f"columns {', '.join(filter(None, map(str.strip, titles)))}"
        raise Refusal(f"{path}, [{name}]", found, "a column Sample_ID", REDO)
    samples: dict[str, Sample] = {}
    for number, row in rows:

        def cell(column: str, row=row) -> str:
            place = columns.get(column)
            return row[place].strip() if place is not None and place < len(row) else ""

        if not (sample := cell("sample_id")):
            raise Refusal(f"{path}, line {number}", "no Sample_ID", "the sample's id", REDO)
        lanes = tuple(cell("lane").replace("+", " ").split())
        before = samples.get(sample)
        if before and before.project != cell("sample_project"):
            found = f"{sample!r} of two projects"
            raise Refusal(f"{path}, line {number}", found, "each sample in one", REDO)
        names = tuple(dict.fromkeys(filter(None, (sample, cell("sample_name")))))
        samples[sample] = Sample(
            sample, names, cell("sample_project"), tuple(dict.fromkeys((before.lanes if before else ()) + lanes))
        )
    _check_names(path, samples)
    return SampleSheet(samples, version, header)


def _check_names(path: Path, samples: dict[str, Sample]) -> None:
    """Two samples whose files would be called alike cannot be told apart."""
    of: dict[str, str] = {}
    for sample in samples.values():
        for name in sample.names:
            if of.setdefault(name.casefold(), sample.id) != sample.id:
                found = f"{name!r} for {of[name.casefold()]} and {sample.id}"
                raise Refusal(str(path), found, "a name of its own for each sample", REDO)


def _sections(path: Path) -> dict[str, list[tuple[int, list[str]]]]:
    """The filled lines of each section, by its name in small letters, with their numbers."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(str(path), f"byte {error.object[error.start]:#x}, not UTF-8", "a text", REDO) from error
    sections: dict[str, list[tuple[int, list[str]]]] = {}
    current = ""
    for number, line in enumerate(csv.reader(text.splitlines()), 1):
        first = line[0].strip() if line else ""
        if first.startswith("[") and first.endswith("]"):
            current = first[1:-1].strip().lower()
            sections.setdefault(current, [])
        elif any(cell.strip() for cell in line):
            sections.setdefault(current, []).append((number, line))
    return sections
