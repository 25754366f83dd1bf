"""Receive one run of a site: check its file or its two mates whole, and write the verdict the later stages wait for.

A file that is not sound raises a Refusal, so that only this job fails.

The verdict: {"verdict": "accepted", "tag": {...}, "files": [{role: read1 | read2 | file, format, size, sha256, md5,
content, facts, notes, values}]}. It holds no name, path or date. `verdict.same_content` compares those of several runs.
What the facts are, by format, is listed in docs/intake.md.
"""

from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from scripts.intake.examine import examine, examine_by, examine_pair
from scripts.intake.verdict import Expected
from scripts.lib.files import write_json
from scripts.lib.names import Names
from scripts.lib.refusal import Refusal
from scripts.lib.registry import private_names
from scripts.lib.registry.models import Config
from scripts.lib.tagging import Tag


class Paths(NamedTuple):
    """received   [R1] or [R1, R2] for FASTQ, one file for everything else
    reference  [FASTA, its .fai] of the order's reference, for BAM and CRAM; else nothing
    verdict    to write (JSON)
    """

    received: list[str]
    reference: list[str]
    verdict: str


class Stated(TypedDict, total=False):
    """What sheets and catalogue say of the run; whatever is absent or empty is not stated.

    kind         fastq, bam, ubam, cram, sam, mzml, mzxml, netcdf; '' = by the file's name
    checksums    parallel to received, {md5, sha256}; what the sheet leaves out is '' or absent
    examine      `module:function` that reads a file of a format that this room does not know; examine_code  its digest
    names        sample names that @RG SM may carry; default: the sample id
    contigs      {name: length} of the order's reference; default: read from its .fai
    read_limits, spectra_limits  the service's `intake` section; what is left out has its default

    All others are as in `Expected`.
    """

    kind: str
    checksums: list[dict[str, str]]
    accepts: list[str]
    platform: str
    flowcell: str
    lane: str
    polarity: str
    examine: str
    examine_code: str
    names: list[str]
    platforms: list[str]
    read_length_min: float
    read_length_max: float
    read_limits: dict[str, Any]
    spectra_limits: dict[str, Any]
    realign: bool
    srm: bool
    contigs: dict[str, int]
    contig_md5: dict[str, str]


class Values(NamedTuple):
    """private_names   where the table of original names lies, for which reads are searched; '' = nowhere
    ordinary_words  words that are no names at this site
    """

    tag: dict[str, str]
    expected: Stated
    private_names: str
    ordinary_words: list[str]


def main(paths: Paths, values: Values) -> None:
    tag = Tag(**{key: value or "" for key, value in values.tag.items()})
    received, stated = paths.received, values.expected
    checksums = [dict(sums or {}) for sums in stated.get("checksums") or [{} for _ in received]]
    if len(checksums) != len(received):
        raise ValueError(f"{len(received)} files but {len(checksums)} sets of checksums")
    expected = expectation(paths, values, tag)
    if examiner := stated.get("examine"):
        verdicts = [examine_by(examiner, received[0], stated["kind"], checksums[0])]
    elif len(received) == 2:
        verdicts = examine_pair(received, expected, checksums)
    elif len(received) == 1:
        kind = (stated.get("kind") or "").lower()
        role = "read1" if kind == "fastq" else "file"
        verdicts = [examine(received[0], expected, checksums[0], kind, role)]
    else:
        raise Refusal(
            f"run {tag}", f"{len(received)} files", "one file, or two FASTQ mates", "split the run in the sheet"
        )
    write_json(
        paths.verdict,
        {"verdict": "accepted", "tag": tag.items(), "files": [verdict.as_dict() for verdict in verdicts]},
    )


def expectation(paths: Paths, values: Values, tag: Tag) -> Expected:
    """What the sheets, the catalogue and the reference say about this run."""
    fasta = paths.reference[0] if paths.reference else ""
    stated: dict[str, Any] = {**values.expected, "fasta": fasta, "in_site": True}
    if values.private_names:
        # Read where it lies, and no input: what comes in at reception is no reason to read every file again.
        table = private_names(Path(), Config(private_names=values.private_names))
        stated["private"] = Names(table, also=values.ordinary_words)
    stated["names"] = values.expected.get("names") or [tag.sample]
    if fasta and not stated.get("contigs"):
        stated["contigs"] = fai_lengths(Path(f"{fasta}.fai"))
    return Expected.of(stated)


def fai_lengths(path: Path) -> dict[str, int]:
    """{contig: length in bases} from a FASTA index; empty when there is none."""
    if not path.is_file():
        return {}
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {row[0]: int(row[1]) for row in rows}


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
