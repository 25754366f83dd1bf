"""Duplicates are told by the barcodes of molecules, in names or tags, and by the libraries of a received file."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from types import SimpleNamespace

import pysam
import pytest

from scripts.alignment import groups
from scripts.branches.genomes.alignment import Alignment

COMPLEMENT = str.maketrans("ACGT", "TGCA")
MARK = (
    "{source} {{ cat groups.sam && {aligner} r.fa {reads}; }} {barcoding} | samtools fixmate -m -u - -"
    " | samtools sort -u - | samtools markdup --barcode-tag LB - marked.bam"
)
#: Group, barcode, and how many pairs of one fragment have them.
PAIRS = [("A", "ACGT+TTGA", 3), ("A", "ACGA+TTGA", 1), ("B", "ACGT+TTGA", 2), ("B", "CCCC+TTGA", 1)]


class Wildcards(SimpleNamespace):
    def __getitem__(self, key: str) -> str:
        return getattr(self, key)


def genome(folder) -> tuple[str, str]:
    """The two mates of a fragment of a reference."""
    sequence = "".join(random.Random(1).choices("ACGT", k=5000))
    (folder / "r.fa").write_text(f">c\n{sequence}\n")
    return sequence[1000:1100], sequence[1200:1300].translate(COMPLEMENT)[::-1]


def named(style: str) -> list[tuple[str, str, str]]:
    """Name, group and barcode of each pair."""
    return [
        (style.format(f"{group}{kind}{number}", barcode), group, barcode)
        for kind, (group, barcode, count) in enumerate(PAIRS)
        for number in range(count)
    ]


def marked(folder, run: SimpleNamespace, umi: str) -> Counter:
    """Fragments of (group, barcode's number) that are marked; the tools are called as the rules call them."""
    orders = SimpleNamespace(
        measured=lambda wildcards: (None, None, run), recipe=lambda wildcards: {"umi": umi, "aligner": "minimap2"}
    )
    alignment = Alignment(orders, SimpleNamespace(of_aligned=lambda wildcards: ["r.fa"]))
    wildcards = Wildcards(facility="f", service="s", run="L1")
    own = folder / "results/f/runs/s/L1"
    own.mkdir(parents=True, exist_ok=True)
    found = [{"ID": "A", "LB": "libA"}, {"ID": "B", "LB": "libB"}] if run.format == "bam" else []
    several = groups.several({"files": [{"facts": {"read_groups": found}}]}, "L1")
    (own / "groups.sed").write_text(groups.edits(several, "L1"))
    (folder / "groups.sam").write_text("".join(f"@RG\tID:{group['ID']}\tSM:S\n" for group in several.values()))
    command = MARK.format(
        source=alignment.grouped_source(wildcards),
        aligner=alignment.aligner(wildcards),
        reads=alignment.aligner_reads(wildcards),
        barcoding=alignment.barcoding(wildcards),
    )
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise ValueError(done.stderr)
    with pysam.AlignmentFile(folder / "marked.bam") as bam:
        reads = list(bam)
    assert len(reads) == 14 and not any(read.is_unmapped for read in reads)
    return Counter(read.query_name.split(":")[0][:2] for read in reads if read.is_duplicate and read.is_read1)


def received(folder, style: str = "{}:x", tagged: bool = True) -> SimpleNamespace:
    """An unaligned BAM of two libraries."""
    header = {"HD": {"VN": "1.6"}, "RG": [{"ID": name, "SM": "S", "LB": f"lib{name}"} for name in "AB"]}
    with pysam.AlignmentFile(folder / "in.bam", "wb", header=header) as bam:
        for name, group, barcode in named(style):
            for flag, bases in zip((77, 141), genome(folder), strict=True):
                read = pysam.AlignedSegment(bam.header)
                read.query_name, read.flag, read.query_sequence = name, flag, bases
                read.query_qualities = pysam.qualitystring_to_array("I" * len(bases))
                read.set_tag("RG", group)
                if tagged:
                    read.set_tag("RX", barcode)
                bam.write(read)
    return SimpleNamespace(format="bam", layout="", file="in.bam", run="L1", received={"file": "in.bam"})


def fastq(folder, style: str) -> SimpleNamespace:
    for mate, bases in enumerate(genome(folder), 1):
        records = (f"@{name} {mate}:N:0:ACGT\n{bases}\n+\n{'I' * len(bases)}\n" for name, _, _ in named(style))
        (folder / f"{mate}.fq").write_text("".join(records))
    return SimpleNamespace(format="fastq", layout="", run="L1", received={"read1": "1.fq", "read2": "2.fq"})


STYLES = {
    "Illumina's": "{}:1:F:1:1:2:3:{}",
    "turned by Illumina's": "{}:1:F:1:1:2:3:r{}",
    "umi_tools'": "{}:1:F:1:1:2:3_{}",
    "fastp's": "{}:1:F:1:1:2:3:UMI_{}",
}


def test_a_received_file_is_told_by_tag_and_library(tmp_path):
    run = received(tmp_path)
    assert sum(marked(tmp_path, run, "none").values()) == 5, "by libraries alone: 4 pairs and 3, one of each stays"
    assert marked(tmp_path, run, "tag") == {"A0": 2, "B2": 1}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_names_tell_in_fastq_and_in_received_files(tmp_path, style):
    run = fastq(tmp_path, style)
    assert sum(marked(tmp_path, run, "none").values()) == 6, "nothing tells"
    assert sum(marked(tmp_path, run, "name").values()) == 4, "three barcodes, whatever the library: FASTQ knows none"
    assert marked(tmp_path, received(tmp_path, style, tagged=False), "name") == {"A0": 2, "B2": 1}


@pytest.mark.parametrize("umi", ["name", "tag"])
def test_a_read_without_barcode_is_refused(tmp_path, umi):
    for run in (received(tmp_path, tagged=False), fastq(tmp_path, "{}:1:F:1:1:2:3")):
        with pytest.raises(
            ValueError, match=rf"REFUSED read [AB]\d+:\S+: found no barcode .*expected one in the {umi} of"
        ):
            marked(tmp_path, run, umi)
