"""Copies of a sequence, the whole way: reads lie where the aligner puts them, and nothing is called from ties."""

from __future__ import annotations

from pathlib import Path

import pysam
import pytest
from test_real_sets import write

from benchmarks.genomics import copies, ties

DELIVERED = "deliveries/P/CNR-IBIOM/GEN-WGS-30X/v1/data/S/S"


@pytest.fixture(scope="module")
def made() -> copies.Genome:
    return copies.genome(piece=4_000, flank=3_000, every=500)


@pytest.fixture(scope="module")
def delivered(made, filiera, tmp_path_factory) -> tuple[Path, Path, Path]:
    """The site of one order, and what the bare chain aligns and calls of the same reads."""
    site = tmp_path_factory.mktemp("copies")
    reads = copies.reads(made, site, 30)
    fasta = site / "ref.fa"
    fasta.write_text("".join(f">{name}\n{sequence}\n" for name, sequence in made.reference.items()))
    config = site / "config"
    write(config / "config.yaml", "references: {copies: {fasta: ref.fa}}")
    write(config / "proposals.tsv", "proposal\tcall\ttitle\tstatus\thuman_data", "P\tC\tCopies\tawarded\tno")
    write(
        config / "samples.tsv",
        "sample\tproposal\tfacility\tservice\torganism\treference",
        "S\tP\tCNR-IBIOM\tGEN-WGS-30X\tMus musculus\tcopies",
    )
    names = "\t".join(path.name for path in reads)
    write(config / "runs.tsv", "sample\trun\tread1\tread2\tplatform", f"S\tL1\t{names}\tILLUMINA")
    relaxed = "{acceptance: {pct_autosomes_15x: {severity: warn}}}"
    write(config / "catalogue.yaml", "services:", f"  GEN-WGS-30X: {relaxed}")
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    bam, vcf = ties.bare(site, fasta, list(reads), "minimap2")
    pysam.index(str(bam))
    return site, bam, vcf


def placed(path: Path, fasta: Path) -> dict[tuple, tuple]:
    with pysam.AlignmentFile(str(path), reference_filename=str(fasta)) as reads:
        return {
            (read.query_name, read.is_read2, read.is_supplementary): (
                read.reference_name,
                read.reference_start,
                read.is_reverse,
                read.cigarstring,
                read.mapping_quality,
            )
            for read in reads
        }


def test_every_read_lies_where_the_aligner_puts_it(delivered):
    site, bare, _ = delivered
    found = placed(site / f"{DELIVERED}.cram", site / "ref.fa")
    assert len(found) > 20_000
    assert found == placed(bare, site / "ref.fa")


def test_identical_copies_are_as_deep_as_they_are_in_the_sample(delivered, made):
    site, *_ = delivered
    for name in ("identical", "tandem_identical"):
        depths = [ties.depths(site / f"{DELIVERED}.cram", site / "ref.fa", name, copy) for copy in made.copies[name]]
        assert all(24 <= depth <= 36 for depth in depths), (name, depths)


def test_each_copy_is_as_deep_as_in_the_bare_chain_and_sure_reads_lie_where_they_are_from(delivered, made):
    site, bare, _ = delivered
    cram, fasta = site / f"{DELIVERED}.cram", site / "ref.fa"
    ours, theirs = ties.misplaced(cram, fasta), ties.misplaced(bare, fasta)
    for name, pair in made.copies.items():
        for copy in pair:
            depth, wanted = (ties.depths(path, fasta, name, copy) for path in (cram, bare))
            assert abs(depth - wanted) <= 0.2 * wanted, (name, depth, wanted)
        (sure, wrong), (bare_sure, bare_wrong) = ours[name], theirs[name]
        assert wrong / sure <= bare_wrong / bare_sure, name


@pytest.fixture(scope="module")
def plain(delivered) -> set[copies.Variant]:
    """What the bare chain calls."""
    return ties.passing(delivered[2])


def test_no_more_is_false_or_lost_than_in_the_bare_chain(delivered, made, plain):
    called = ties.passing(delivered[0] / f"{DELIVERED}.vcf.gz")
    assert called - made.truth <= plain - made.truth
    assert made.truth - called <= made.truth - plain


def test_nothing_is_called_from_ties_and_everything_unique_is_found(delivered, made):
    called = ties.passing(delivered[0] / f"{DELIVERED}.vcf.gz")
    # Where a copy took its partner's bases, reads at the seams fit the partner better.
    assert {contig for contig, *_ in called - made.truth} <= {"converted"}
    within = {(name, at + 1) for name, pair in made.copies.items() for copy in pair for at in copy}
    lost = made.truth - called
    assert {contig for contig, *_ in lost} >= {"identical", "tandem_identical"}
    # At a contig's ends reads are few.
    ends = {each for each in lost if not 300 < each[1] < len(made.reference[each[0]]) - 300}
    assert {each for each in lost - ends if each[:2] not in within} == set()
