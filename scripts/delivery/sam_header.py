"""A received BAM or CRAM under a header of its own, made by an allow-list of SAM 1.6 fields and of what they may hold.
Reads stay: intake has looked into their names and tags."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pysam

from scripts.lib.tagging import Tag

ENDINGS = (".bam", ".cram")
ANY = r".+"
VERSION = r"v?\d[\d.]*(?:[-+._ ]?(?:alpha|beta|dev|post|rc|[abr])?\d*|[-+._](?:\d+|[0-9a-f]{7,40}))*"
TOOLS = (
    "bwa(?:-mem2?)?|bowtie2?|minimap2|STAR|hisat2|pbmm2|dragen|novoalign|gem(?:-mapper)?|sambamba|samtools(?:[.-][\\w.]+)?"
    "|samblaster|biobambam2?|bammarkduplicates2?|bamsormadup|fgbio|umi_?tools|picard|GATK|guppy|dorado|basecaller|bcl2fastq"
    "|bcl-?convert|ccs|lima|(?:GATK )?(?:MarkDuplicates(?:WithMateCigar|Spark)?|MergeBamAlignment|MergeSamFiles|SortSam"
    "|AddOrReplaceReadGroups|SamToFastq|FastqToSam|ApplyBQSR|BaseRecalibrator|PrintReads|IndelRealigner|CleanSam"
    "|FixMateInformation|ReorderSam|RevertSam)"
)
MODELS = (
    "(?:Illumina )?(?:HiSeq|NovaSeq|NextSeq|MiSeq|MiniSeq|iSeq|Genome Analyzer)[ -]?(?:X|Plus|II|Ten|[\\dx]*)?"
    "(?: (?:Plus|X|Ten))?"
    "|SEQUEL(?:II|IIE)?|REVIO|VEGA|PROMETHION|GRIDION|MINION|FLONGLE|AVITI|(?:DNBSEQ|MGISEQ|BGISEQ)-?[GT]?\\d*(?:RS)?"
)
#: Fields that tell of sequences, libraries and programs, and what they may hold. What others refer to (names of
#: sequences and libraries, ids of read groups and programs) stays as it is, and is searched like any text. Left out:
#: command lines, descriptions, centres, places of files, comments.
FIELDS = {
    "@HD": {"VN": r"\d+\.\d+", "SO": "[a-z]+", "GO": "[a-z]+", "SS": "[a-z]+(?::[a-z-]+)*"},
    "@SQ": {
        "SN": ANY,
        "LN": r"\d+",
        "M5": "[0-9A-Fa-f]{32}",
        "AS": r"(?:GRCh|GRCm|hg|mm|b|hs|T2T-|CHM|NCBI|ncbi)[\w.]*?\d[\w.]{0,12}",
        "AH": r"\*|[\w.]+:\d+-\d+",
        "TP": "linear|circular",
    },
    "@RG": {
        "ID": ANY,
        "PL": "(?i:ILLUMINA|ELEMENT|SINGULAR|ULTIMA|DNBSEQ|BGI|MGI|ONT|PACBIO|IONTORRENT|SOLID|LS454|CAPILLARY)",
        "PM": f"(?i:{MODELS})",
        "PU": r"[A-Za-z0-9-]*\d[A-Za-z0-9-]*(?:[._:]\d+)*(?:[._:-][ACGTN+-]+)?",
        "LB": ANY,
        "DT": r"\d{4}-?\d\d-?\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?",
        "PI": r"-?\d+(?:\.\d+)?",
        "FO": r"\*|[ACMGRSVTWYHKDBN]+",
        "KS": "[ACGT]+",
        "PG": ANY,
        "BC": "[ACGTN+-]+",
    },
    "@PG": {"ID": ANY, "PN": f"(?i:{TOOLS})", "VN": VERSION, "PP": ANY},
}


def header(text: str, tag: dict[str, str]) -> str:
    """The header's allowed fields, every read group under the sample's pseudonym, and the tag."""
    lines = []
    for line in text.splitlines():
        kind, *fields = line.split("\t")
        kept = [kind]
        for field in fields if kind in FIELDS else ():
            key, _, value = field.partition(":")
            if key in FIELDS[kind] and re.fullmatch(FIELDS[kind][key], value):
                kept.append(f"{key}:{value}")
        if kind in FIELDS:
            lines.append("\t".join([*kept, *([f"SM:{tag['sample']}"] if kind == "@RG" else [])]))
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
