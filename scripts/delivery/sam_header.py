"""A received BAM or CRAM under a header of its own, made by an allow-list of SAM 1.6 fields. Reads stay."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pysam

from scripts.lib.tagging import Tag

ENDINGS = (".bam", ".cram")
#: What tells of sequences, libraries and programs. Left out: command lines, descriptions, places of files, comments.
FIELDS = {
    "@HD": ("VN", "SO", "GO", "SS"),
    "@SQ": ("SN", "LN", "M5", "AS", "SP", "AN", "AH", "TP"),
    "@RG": ("ID", "PL", "PM", "PU", "LB", "CN", "DT", "PI", "FO", "KS", "PG", "BC"),
    "@PG": ("ID", "PN", "VN", "PP"),
}


def header(text: str, tag: dict[str, str]) -> str:
    """The header's allowed fields, every read group under the sample's pseudonym, and the tag."""
    lines = []
    for line in text.splitlines():
        kind, *fields = line.split("\t")
        if kind not in FIELDS:
            continue
        kept = [field for field in fields if field.partition(":")[0] in FIELDS[kind]]
        lines.append("\t".join([kind, *kept, *([f"SM:{tag['sample']}"] if kind == "@RG" else [])]))
    return "\n".join([*lines, Tag(**tag).sam_comment()]) + "\n"


def rehead(source: Path, target: Path, tag: dict[str, str]) -> None:
    """Write `source` with the new header to `target`."""
    with pysam.AlignmentFile(str(source), check_sq=False, require_index=False) as alignment:
        text = header(str(alignment.header), tag)
    lines = target.with_name(f"{target.name}.header")
    try:
        lines.write_text(text, encoding="utf-8")
        with open(target, "wb") as output:
            # -P: no @PG line of samtools' own, which would hold this command with its paths. The samtools in pysam
            # writes a CRAM to the process's own output.
            subprocess.run(["samtools", "reheader", "-P", lines, source], stdout=output, check=True)
    finally:
        lines.unlink(missing_ok=True)
