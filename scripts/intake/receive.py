"""Receive one run of a site: check its file or its two mates whole, and write the verdict the later stages wait for.

main(paths, values):

paths.received    list of the files as received: [R1] or [R1, R2] for FASTQ, one file for everything else
paths.verdict     the verdict to write (JSON)
paths.reference   optional: FASTA (plain or bgzip, with .fai) of the order's reference, for BAM and CRAM

values.tag        dict with facility, service, sample, run and, where it applies, proposal
values.kind       optional: fastq, bam, ubam, cram, sam, mzml, mzxml, netcdf; '' = by the file's name
values.checksums  optional: list parallel to received, of dicts {md5, sha256}; what the sheet leaves out is '' or absent
values.accepts    optional: list of formats the catalogue accepts
values.platform, values.flowcell, values.lane, values.polarity
                  optional: the sheet's cells, '' = not stated; polarity is positive, negative or both (switching)
values.names      optional: list of sample names that @RG SM may carry; default: the sample id
values.contigs    optional: {name: length} of the order's reference; default: read from paths.reference's .fai
values.contig_md5 optional: {name: MD5 of the sequence (M5)} of the order's reference
values.realign    optional: True when the recipe aligns BAM/CRAM input again (so that unmapped input and input on
                  another reference are welcome); default False
values.platforms  optional: list of platforms the service accepts (SAM's PL words)
values.read_length_min, values.read_length_max
                  optional: limits of the mean read length in bases; 0 = none
values.read_limits, values.spectra_limits
                  optional: dict of the service's `intake` section; what is left out has its default
values.private_names  optional: where the table of original names lies, for which reads are searched
values.ordinary_words optional: words that are no names at this site
values.srm        optional: True when the service measures SRM chromatograms; default False

values.examine    optional: `module:function` that reads a file of a format that this room does not know
values.expected   optional: several of them by their names, as one dict

Any value may be absent or empty. A file that is not sound raises a Refusal, so that only this job fails.

The verdict: {"verdict": "accepted", "tag": {...}, "files": [{role: read1 | read2 | file, format, size, sha256, md5,
content, facts, notes}]}. It holds no name, path or date. `verdict.same_content` compares the verdicts of several runs.
What the facts are, by format, is listed in docs/intake.md.
"""

from pathlib import Path
from types import SimpleNamespace

from scripts.intake.examine import examine, examine_by, examine_pair
from scripts.intake.verdict import Expected
from scripts.lib.files import write_json
from scripts.lib.names import Names
from scripts.lib.refusal import Refusal
from scripts.lib.registry import private_names
from scripts.lib.registry.models import Config
from scripts.lib.tagging import Tag


def main(paths, values) -> None:
    values = SimpleNamespace(**{**vars(values), **getattr(values, "expected", {})})
    tag = Tag(**{key: value or "" for key, value in dict(values.tag).items()})
    received = [paths.received] if isinstance(paths.received, str) else list(paths.received)
    checksums = [dict(sums or {}) for sums in getattr(values, "checksums", None) or [{} for _ in received]]
    if len(checksums) != len(received):
        raise ValueError(f"{len(received)} files but {len(checksums)} sets of checksums")
    expected = expectation(paths, values, tag)
    if examiner := getattr(values, "examine", ""):
        verdicts = [examine_by(examiner, received[0], values.kind, checksums[0])]
    elif len(received) == 2:
        verdicts = examine_pair(received, expected, checksums)
    elif len(received) == 1:
        kind = (getattr(values, "kind", "") or "").lower()
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


def expectation(paths, values, tag: Tag) -> Expected:
    """What the sheets, the catalogue and the reference say about this run."""
    fasta = getattr(paths, "reference", "") or ""
    fasta = fasta[0] if isinstance(fasta, list) else fasta
    stated = {**vars(values), "fasta": str(fasta), "in_site": True}
    if table := getattr(values, "private_names", "") or "":
        # Read where it lies, and no input: what comes in at reception is no reason to read every file again.
        stated["private"] = Names(
            private_names(Path(), Config(private_names=table)), also=getattr(values, "ordinary_words", None) or ()
        )
    stated["names"] = list(getattr(values, "names", None) or [tag.sample])
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
