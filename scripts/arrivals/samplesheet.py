"""Illumina's SampleSheet.csv, version 1 (bcl2fastq, [Data]) and 2 (BCL Convert, [BCLConvert_Data])."""

from __future__ import annotations

import codecs
import csv
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.lib.refusal import Refusal

TABLES = ("bclconvert_data", "data")
REDO = "take the sheet that the run was demultiplexed with"


@dataclass(frozen=True)
class Sample:
    """A sample of the sheet; `names` is how its files may be called."""

    id: str
    names: tuple[str, ...]
    project: str


def read(path: Path) -> dict[str, Sample]:
    """The samples of a sheet of either version, by their ids, in its order. Raises Refusal when it is none."""
    sections = _sections(path)
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
        before = samples.get(sample)
        if before and before.project != cell("sample_project"):
            found = f"{sample!r} of two projects"
            raise Refusal(f"{path}, line {number}", found, "each sample in one", REDO)
        # Each lane has a line of its own, and may call the sample otherwise.
        names = tuple(dict.fromkeys(filter(None, (*(before.names if before else ()), sample, cell("sample_name")))))
        samples[sample] = Sample(sample, names, cell("sample_project"))
    _check_names(path, samples)
    return samples


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
    lines = _text(path).splitlines()
    sections: dict[str, list[tuple[int, list[str]]]] = {}
    current = ""
    for number, line in enumerate(csv.reader(lines, delimiter=_delimiter(lines)), 1):
        first = line[0].strip() if line else ""
        if first.startswith("[") and first.endswith("]"):
            current = first[1:-1].strip().lower()
            sections.setdefault(current, [])
        elif any(cell.strip() for cell in line):
            sections.setdefault(current, []).append((number, line))
    return sections


def _text(path: Path) -> str:
    """The sheet's text, as spreadsheet programs save it: UTF-8, or UTF-16 with its mark; else the comments of an old
    Windows. Raises Refusal for what is no text."""
    raw = path.read_bytes()
    encodings = ("utf-16",) if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            if "\0" not in (text := raw.decode(encoding)):
                return text
    raise Refusal(str(path), "bytes that are no text", "a sample sheet", REDO)


def _delimiter(lines: list[str]) -> str:
    """What stands between cells: where a comma is the decimal sign, spreadsheet programs write semicolons."""
    title = next((line for line in lines if "sample_id" in line.lower()), "")
    return max(",;\t", key=title.count)
