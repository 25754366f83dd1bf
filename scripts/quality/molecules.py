"""What molecules reads come from, as far as they show it: spliced RNA, or DNA of which C was converted (bisulphite).

Reads over the junction of two exons are aligned in two parts, which follow each other in the read and lie an intron
apart in the genome. Mates that somebody joined into one read face each other, a fragment apart. Converted DNA has
hardly any C in what was sequenced of one strand, and hardly any G in the other.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from scripts.lib.files import write_json
from scripts.quality.metrics import summary_numbers

#: Reads that are looked at, about: chosen by their names, so that it is the same ones whatever their order.
READS = 100_000
#: Everything but qualities and mates, which cost most to decode.
FIELDS = 0xA2F
REVERSE, UNMAPPED, LEFT_OUT = 0x10, 0x4, 0xB00  # the latter: secondary, supplementary, failed
#: Bases by which the parts of a read may overlap or miss each other: those at a junction may fit on both sides.
SEAM = 15
#: Bases between the parts in the genome; introns of animals and plants.
INTRON = range(50, 500_001)
#: Bases between mates at most, about.
FRAGMENT = 2_000
#: C and G in a read from which their shares tell something, and the share of one of them that is hardly any.
ENOUGH, HARDLY = 15, 0.1
OPERATION = re.compile(r"(\d+)([MIDNSHP=X])")


class Part(NamedTuple):
    """An aligned part of a read: where it lies in the read as aligned, and in the genome (0-based, half-open)."""

    first: int
    last: int
    start: int
    end: int


def part(position: int, cigar: str) -> Part:
    """position: 1-based."""
    operations = [(int(size), kind) for size, kind in OPERATION.findall(cigar)]
    first = operations[0][0] if operations[0][1] in "SH" else 0
    used = sum(size for size, kind in operations if kind in "MI=X")
    span = sum(size for size, kind in operations if kind in "MDN=X")
    return Part(first, first + used, position - 1, position - 1 + span)


def split(fields: list[str]) -> str:
    """How a SAM record's read is aligned in two parts: `spliced` as those over introns, `joined` as two mates in one
    read; '' for others."""
    name, strand = fields[2], "-" if int(fields[1]) & REVERSE else "+"
    others = next((tag[5:] for tag in fields[11:] if tag.startswith("SA:Z:")), "")
    for other in filter(None, others.split(";")):
        contig, position, side, cigar, *_ = other.split(",")
        if contig != name:
            continue
        one, two = part(int(fields[3]), fields[5]), part(int(position), cigar)
        if side != strand:  # as the first part's strand has it
            two = Part(len(fields[9]) - two.last, len(fields[9]) - two.first, two.start, two.end)
        before, after = sorted([one, two])
        if abs(after.first - before.last) > SEAM:
            continue
        if side == strand and after.start - before.end in INTRON:
            return "spliced"
        if side != strand and abs(one.start - two.start) <= FRAGMENT:
            return "joined"
    return ""


def converted(sequence: str) -> bool | None:
    """Whether a read lacks C or G; None where it has too few of them to tell."""
    counts = sequence.count("C"), sequence.count("G")
    return min(counts) <= HARDLY * sum(counts) if sum(counts) >= ENOUGH else None


def shares(records: Iterator[str]) -> dict[str, float]:
    """The metrics of SAM records; what no read can tell is not there."""
    mapped = telling = lacking = 0
    parts = {"spliced": 0, "joined": 0, "": 0}
    for record in records:
        fields = record.rstrip("\n").split("\t")
        if not int(fields[1]) & UNMAPPED:
            mapped += 1
            parts[split(fields)] += 1
        if (told := converted(fields[9])) is not None:
            telling += 1
            lacking += told
    found = {}
    if mapped:
        found |= {f"pct_reads_{kind}": round(100 * parts[kind] / mapped, 2) for kind in ("spliced", "joined")}
    if telling:
        found["pct_reads_converted"] = round(100 * lacking / telling, 2)
    return found


def sampled(cram: str, fasta: str, reads: float) -> Iterator[str]:
    """About READS of the alignment's `reads` SAM records. Raises CalledProcessError."""
    command = ["samtools", "view", "-F", str(LEFT_OUT), "--reference", fasta, cram]
    for option in (f"required_fields={FIELDS}", "decode_md=0"):
        command[2:2] = ["--input-fmt-option", option]
    if reads > READS:
        command[2:2] = ["--subsample", f"{READS / reads:.9f}", "--subsample-seed", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield from process.stdout
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


class Paths(NamedTuple):
    cram: str
    fasta: str
    stats: str
    molecules: str


def main(paths: Paths, values: None) -> None:
    """Write the metrics of the delivered alignment `paths.cram` to `paths.molecules`."""
    reads = summary_numbers(Path(paths.stats).read_text(encoding="utf-8"))["sequences"]
    write_json(paths.molecules, shares(sampled(paths.cram, paths.fasta, reads)))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
