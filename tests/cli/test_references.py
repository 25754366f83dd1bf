"""`check` and `run` read references, target regions and panels whole, once, and stop those who use what is wrong."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from scripts.cli import desk, references
from scripts.lib import registry
from scripts.lib.registry import examined

PROPOSALS = "proposal\tcall\ttitle\tstatus\thuman_data\nP1\tC\tWolves\tawarded\tno\nP2\tC\tBears\tawarded\tno\n"
SAMPLES = (
    "sample\tproposal\tfacility\tservice\torganism\treference\ttargets\n"
    "W\tP1\tCNR-IBIOM\tGEN-WES\tCanis lupus\twolf\twolf.bed\n"
    "B\tP2\tCNR-IBIOM\tGEN-WGS-30X\tUrsus arctos\tbear\t\n"
)
PANEL = (
    '##fileformat=VCFv4.2\n##INFO=<ID=AF,Number=A,Type=Float,Description="f">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr1\t3\t.\tG\tA\t.\t.\tAF=0.3\n"
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    files = {
        "config/proposals.tsv": PROPOSALS,
        "config/samples.tsv": SAMPLES,
        "config/runs.tsv": "sample\trun\tread1\nW\tL1\tw.fq\nB\tL1\tb.fq\n",
        "config/config.yaml": "references:\n  wolf: {fasta: wolf.fa}\n"
        "  bear: {fasta: bear.fa, allele_frequencies: bear.vcf}\n",
        "wolf.fa": ">chr1\nACGTACGT\n",
        "bear.fa": ">chr1\nACGT\n",
        "bear.vcf": PANEL,
        "wolf.bed": "chr1\t2\t5\n",
        "w.fq": "",
        "b.fq": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def rewritten(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1_000_000))


@pytest.mark.parametrize(
    ("name", "text", "words", "left"),
    [
        (
            "bear.fa",
            ">chr1\nAC-T\n",
            "config/config.yaml, line 3, column references.bear.fasta: found bear.fa, line 2: '-' in",
            "P1",
        ),
        (
            "wolf.fa",
            ">a,b\nACGT\n",
            "column references.wolf.fasta: found wolf.fa, line 1: the sequence name 'a,b'",
            "P2",
        ),
        (
            "wolf.bed",
            "1\t2\t5\n",
            "config/samples.tsv, line 2, column targets: found wolf.bed, line 1: the sequence 1",
            "P2",
        ),
        ("wolf.bed", "chr1 2 5\n", "column targets: found wolf.bed, line 1: blanks between the columns", "P2"),
        ("wolf.bed", "chr1\t2\t50\n", "column targets: found wolf.bed, line 1: end 50", "P2"),
        (
            "bear.vcf",
            PANEL.replace("\tG\tA", "\tC\tA"),
            "column references.bear.allele_frequencies: found bear.vcf: 1 of 1 SNPs with another base",
            "P1",
        ),
        ("bear.vcf", PANEL.replace("\nchr1", "\n1"), "bear.vcf: a panel on 1", "P1"),
    ],
)
def test_what_is_wrong_stops_its_users_and_nobody_else(site, name, text, words, left):
    rewritten(site / name, text)
    found, _ = desk.inspected(site)
    assert [words in str(problem) for problem in found.problems] == [True], list(map(str, found.problems))
    assert [order.split("/")[0] for order in found.orders] == [left]
    assert [order.split("/")[0] for order in registry.load(site).orders] == [left], "whoever loads the site knows"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("haploid: [chrM]", "column references.bear.haploid: found sequence 'chrM'"),
        ("sex_chromosomes: {x: chrX, y: chrY}", "column references.bear.sex_chromosomes: found sequence 'chrX'"),
        ("par: ['chr1:1-2']", "column references.bear.par: found the region chr1:1-2, expected sex_chromosomes"),
    ],
)
def test_what_is_said_of_copies_is_held_against_the_reference(site, said, words):
    config = (site / "config/config.yaml").read_text()
    (site / "config/config.yaml").write_text(config.replace("{fasta: bear.fa", f"{{fasta: bear.fa, {said}"))
    found, _ = desk.inspected(site)
    assert [words in str(problem) for problem in found.problems] == [True], list(map(str, found.problems))
    assert [order.split("/")[0] for order in found.orders] == ["P1"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", "column references.bear.par: found nothing, though about Y:"),
        (", par: ['X:1-9000']", "column references.bear.par: found regions of X alone, though about Y:"),
        (", par: ['X:1-9000', 'Y:1-9000']", None),
        (", par: []", None),
        (", par: ['X:9501-9600']", None),
    ],
)
def test_what_y_repeats_of_x_must_be_masked(site, said, words):
    x, y = ("".join(random.Random(seed).choices("ACGT", k=10_000)) for seed in (1, 2))
    alike = f"{x[:4_500]}{'A' if x[4_500] != 'A' else 'C'}{x[4_501:9_000]}"
    rewritten(site / "bear.fa", f">chr1\nACGT\n>X\n{x}\n>Y\n{alike}{y}\n")
    config = (site / "config/config.yaml").read_text()
    declared = f"{{fasta: bear.fa, sex_chromosomes: {{x: X, y: Y}}{said}"
    (site / "config/config.yaml").write_text(config.replace("{fasta: bear.fa", declared))
    found, _ = desk.inspected(site)
    assert [words in str(problem) for problem in found.problems] == ([True] if words else []), found.problems
    assert desk.inspected(site)[0].problems == found.problems, "known from then on"


def test_files_are_read_once_and_again_when_they_change(site, monkeypatch):
    read = []
    lengths = references.fasta.lengths
    monkeypatch.setattr(references.fasta, "lengths", lambda path: read.append(Path(path).name) or lengths(path))
    assert len(desk.inspected(site)[0].orders) == 2
    assert sorted(read) == ["bear.fa", "wolf.fa"]
    desk.inspected(site)
    assert len(read) == 2
    rewritten(site / "bear.fa", ">chr1\nA\n>chr1\nA\n")
    assert len(desk.inspected(site)[0].orders) == 1
    rewritten(site / "bear.fa", ">chr1\nACGT\n")
    # Its user's order is none as long as it is known to be wrong: that it has changed is seen all the same.
    assert len(desk.inspected(site)[0].orders) == 2
    assert read[2:] == ["bear.fa", "bear.fa"]
    assert set(json.loads((site / examined.KEPT).read_text())) == {
        "wolf.fa",
        "bear.fa",
        "wolf.bed\twolf.fa",
        "bear.vcf\tbear.fa",
    }
