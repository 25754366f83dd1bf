"""A delivered VCF: called records under a header built from an allow-list, checked, compressed and indexed."""

import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import pysam
import pysam.bcftools
import pysam.version

from scripts.lib import files
from scripts.lib.tagging import Tag
from scripts.lib.vcf import Checker
from scripts.variants import blocks

KEPT = ("##FILTER=", "##INFO=", "##FORMAT=", "##ALT=")
# VCF 4.3 reserves MQ as Float, which bcftools declares as Integer.
WHOLE_MQ, MQ = "##INFO=<ID=MQ,Number=1,Type=Integer,", "##INFO=<ID=MQ,Number=1,Type=Float,"
CURE = "report it: the workflow wrote this line"


def header_lines(called: str, dictionary: str, tag: Tag, reference: str, source: str) -> list[str]:
    """The meta lines of a delivered VCF, without the `#CHROM` line.

    called      header text as the caller left it, of which only FILTER, INFO, FORMAT and ALT definitions are kept
    dictionary  SAM sequence dictionary, from which contigs get length and MD5
    """
    contigs, version = [], "VCFv4.2"
    for line in dictionary.splitlines():
        if line.startswith("@SQ"):
            fields = dict(field.split(":", 1) for field in line.split("\t")[1:])
            # Earlier versions know no colon in a name, as those of HLA alleles have.
            version = "VCFv4.3" if ":" in fields["SN"] else version
            contigs.append(f"##contig=<ID={fields['SN']},length={fields['LN']},md5={fields['M5']}>")
    return [
        f"##fileformat={version}",
        *tag.vcf_lines(),
        f"##source={source}",
        f"##reference={reference}",
        *(line.replace(WHOLE_MQ, MQ) for line in called.splitlines() if line.startswith(KEPT)),
        *contigs,
    ]


def selection(samples: Sequence[str], blocks: bool) -> list[str]:
    """bcftools view's options: these samples, and what at least one of them carries, or everything."""
    return ["--no-version", "-s", ",".join(samples), *([] if blocks else ["-c", "1"])]


class Paths(NamedTuple):
    bcf: str
    dict: str
    vcf: str
    tbi: str
    intervals: str = ""
    copies: str = ""
    fasta: str = ""


class Values(NamedTuple):
    tag: dict[str, str]
    reference: str
    caller: str
    samples: list[str]
    blocks: bool
    ploidy: int = 0


def with_unread(body: Iterator[str], paths: Paths, ploidy: int) -> Iterator[str]:
    """The lines from #CHROM on, with blocks where no read lies in `paths.intervals`."""
    yield next(body)
    with open(paths.intervals, encoding="utf-8") as table:
        rows = [(name, int(start), int(end)) for name, start, end, _ in map(str.split, table)]
    with open(paths.copies, encoding="utf-8") as bed:
        fields = map(str.split, bed)
        others = [blocks.Region(name, int(low) + 1, int(high), int(count)) for name, low, high, _, count in fields]
    with pysam.FastaFile(paths.fasta) as fasta:
        regions = blocks.cut(blocks.joined(rows), others, ploidy)
        yield from blocks.filled(body, regions, lambda name, at: fasta.fetch(name, at - 1, at))


def main(paths: Paths, values: Values) -> None:
    """Write `paths.vcf` (bgzip) and `paths.tbi` with `values.samples` of the called `paths.bcf`; records that none of
    them carries only where `values.blocks` asks for a gVCF. Refused, and not written, when it is not sound VCF."""
    caller = values.caller if values.caller != "bcftools" else f"bcftools {pysam.version.__bcftools_version__}"
    with open(paths.dict, encoding="utf-8") as handle:
        dictionary = handle.read()
    called = pysam.bcftools.view("--no-version", "--header-only", paths.bcf).partition("#CHROM\t")[0]
    lines = header_lines(called, dictionary, Tag(**values.tag), values.reference, caller)
    with files.aside(paths.vcf) as part:
        checker = Checker(paths.vcf, CURE)
        with tempfile.TemporaryDirectory(dir=part.parent) as folder:
            text = f"{folder}/records.vcf"
            options = selection(values.samples, values.blocks)
            pysam.bcftools.view(*options, "-o", text, paths.bcf, catch_stdout=False)
            # Record by record: a whole genome's variants are gigabytes of text.
            with open(text, encoding="utf-8") as records, pysam.BGZFile(str(part), "wb") as handle:
                body = (line.rstrip("\n") for line in records if not line.startswith("##"))
                body = with_unread(body, paths, values.ploidy) if values.blocks else body
                for number, line in enumerate(chain(lines, body), 1):
                    checker.line(number, line)
                    handle.write(f"{line}\n".encode())
        checker.end()
        with files.aside(paths.tbi) as index:
            pysam.tabix_index(str(part), preset="vcf", force=True, index=str(index))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
