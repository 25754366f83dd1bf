"""Which records are marked, and as what."""

from __future__ import annotations

from types import SimpleNamespace

import pysam
import pytest

from scripts.branches.genomes.recipe import GenomesRecipe
from scripts.variants import filters

HEAD = """\
##fileformat=VCFv4.2
##contig=<ID=chr1,length=10000>
##contig=<ID=chr2,length=10000>
##INFO=<ID=RPBZ,Number=1,Type=Float,Description="Read position bias">
##INFO=<ID=END,Number=1,Type=Integer,Description="End">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">
##FORMAT=<ID=SP,Number=1,Type=Integer,Description="Strand bias">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB
"""


def judge(tmp_path, *rows: str) -> list[str]:
    """FILTER of each row: `chrom pos ref alt qual rpbz gtA:spA gtB:spB`, and AD of A if it matters."""
    lines = []
    for row in rows:
        chrom, pos, ref, alt, quality, bias, *samples = row.split()
        samples = [f"{each}:{'.' if each.count(':') < 2 else ''}".removesuffix(":") for each in samples]
        info = "." if bias == "." else f"END={bias[4:]}" if bias.startswith("END=") else f"RPBZ={bias}"
        lines.append("\t".join([chrom, pos, ".", ref, alt, quality, ".", info, "GT:SP:AD", *samples]))
    (tmp_path / "normalised.vcf").write_text(HEAD + "".join(f"{line}\n" for line in lines))
    paths = SimpleNamespace(normalised=str(tmp_path / "normalised.vcf"), bcf=tmp_path / "called.bcf")
    filters.main(paths, SimpleNamespace(recipe=GenomesRecipe().model_dump()))
    with pysam.VariantFile(str(paths.bcf)) as found:
        return [";".join(record.filter) for record in found]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("chr1 100 A C 50 0 0/1:0 0/0:0", "PASS"),
        ("chr1 100 A C 9.9 0 0/1:0 0/0:0", "LowQual"),
        ("chr1 100 A C 50 0 0/1:61 0/0:0", "StrandBias"),
        ("chr1 100 A C 50 0 0/1:61 0/1:3", "PASS"),  # another carrier is free of it
        ("chr1 100 A C 5 0 0/1:61 0/0:0", "LowQual;StrandBias"),
        ("chr1 100 A C 50 9 0/1:0 0/0:0", "PASS"),  # no indel near
        ("chr1 100 A . . END=200 0/0:. 0/0:.", ""),  # a block of a gVCF
    ],
)
def test_what_a_record_earns_by_itself(tmp_path, row, expected):
    assert judge(tmp_path, row) == [expected]


INSERTION, DELETION = "chr1 500 A ACGT 90 . 0/1:0 0/0:0", "chr1 500 ACGTACGT A 90 . 1/1:0 0/1:0"


@pytest.mark.parametrize(
    ("snp", "expected"),
    [
        ("chr1 480 A C 50 2.6 0/1:0 0/0:0", "IndelEnd"),
        ("chr1 479 A C 50 2.6 0/1:0 0/0:0", "PASS"),
        ("chr1 520 A C 50 -2.6 0/1:0 0/0:0", "IndelEnd"),
        ("chr1 521 A C 50 -2.6 0/1:0 0/0:0", "PASS"),
        ("chr1 510 A C 50 2.4 0/1:0 0/0:0", "PASS"),
        ("chr1 510 A C 50 2.6 0/1:0:20,10 0/0:0:30,0", "IndelEnd"),
        ("chr1 510 A C 50 2.6 0/1:0:19,11 0/0:0:30,0", "PASS"),  # too many reads for an artefact
        ("chr2 500 A C 50 2.6 0/1:0 0/0:0", "PASS"),
    ],
)
def test_bases_at_the_ends_of_reads_near_an_indel(tmp_path, snp, expected):
    rows = sorted([INSERTION, snp], key=lambda row: (row.split()[0], int(row.split()[1])))
    assert judge(tmp_path, *rows)[rows.index(snp)] == expected


@pytest.mark.parametrize(
    ("snp", "expected"),
    [
        ("chr1 507 T C 50 0 0/1:0 0/0:0", "InDeletion"),
        ("chr1 508 T C 50 0 0/1:0 0/0:0", "PASS"),
        ("chr1 507 T C 50 0 0/0:0 0/1:0", "PASS"),  # the other copy still has the base
        ("chr1 507 T C 50 0 0/1:0 0/1:0", "PASS"),  # one of two carriers has it
    ],
)
def test_what_is_deleted_on_every_copy_has_no_substitution(tmp_path, snp, expected):
    assert judge(tmp_path, DELETION, snp) == ["PASS", expected]


def test_an_indel_that_is_doubtful_itself_filters_nothing(tmp_path):
    assert judge(tmp_path, INSERTION.replace("90", "5"), "chr1 501 A C 50 9 0/1:0 0/0:0") == ["LowQual", "PASS"]


def test_filters_of_a_long_file_do_not_depend_on_what_is_far(tmp_path):
    rows = [f"chr{chrom} {pos} A C 50 0 0/1:0 0/0:0" for chrom in (1, 2) for pos in range(10, 9_000, 7)]
    assert set(judge(tmp_path, *rows)) == {"PASS"}


def test_every_filter_is_defined_with_threshold_and_reason(tmp_path):
    judge(tmp_path, INSERTION)
    with pysam.VariantFile(str(tmp_path / "called.bcf")) as found:
        text = str(found.header)
    assert '##FILTER=<ID=LowQual,Description="QUAL below 10">' in text
    assert all(f"##FILTER=<ID={name}," in text for name in ("StrandBias", "IndelEnd", "InDeletion"))
