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
##INFO=<ID=FS,Number=1,Type=Float,Description="Strand bias">
##INFO=<ID=END,Number=1,Type=Integer,Description="End">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">
##FORMAT=<ID=SP,Number=1,Type=Integer,Description="Strand bias">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB
"""


def judge(tmp_path, *rows: str, caller: str = "bcftools", head: str = HEAD) -> list[str]:
    """FILTER of each row: `chrom pos ref alt qual rpbz gtA:spA gtB:spB`, and AD of A if it matters."""
    lines = []
    for row in rows:
        chrom, pos, ref, alt, quality, bias, *samples = row.split()
        samples = [f"{each}:{'.' if each.count(':') < 2 else ''}".removesuffix(":") for each in samples]
        info = bias if bias == "." or "=" in bias else f"RPBZ={bias}"
        lines.append("\t".join([chrom, pos, ".", ref, alt, quality, ".", info, "GT:SP:AD", *samples]))
    (tmp_path / "normalised.vcf").write_text(head + "".join(f"{line}\n" for line in lines))
    paths = SimpleNamespace(normalised=str(tmp_path / "normalised.vcf"), bcf=tmp_path / "called.bcf")
    filters.main(paths, SimpleNamespace(recipe=GenomesRecipe(caller=caller).model_dump()))
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
        ("chr1 100 A . . END=200 0/0:. 0/0:.", ""),  # a block of a gVCF
    ],
)
def test_what_a_record_earns_by_itself(tmp_path, row, expected):
    assert judge(tmp_path, row) == [expected]


@pytest.mark.parametrize(
    ("caller", "bias", "expected"),
    [("gatk", "FS=60.5", "StrandBias"), ("gatk", "FS=59", "PASS"), ("freebayes", ".", "PASS"), ("gatk", ".", "PASS")],
)
def test_strand_bias_is_what_the_caller_tells(tmp_path, caller, bias, expected):
    assert judge(tmp_path, f"chr1 100 A C 50 {bias} 0/1:. 0/0:.", caller=caller) == [expected]
    with pysam.VariantFile(str(tmp_path / "called.bcf")) as found:
        # What nobody measures is not said to have been looked at.
        assert ("StrandBias" in found.header.filters) == (caller == "gatk")


def test_a_caller_that_declares_no_strand_bias_is_judged_by_its_quality(tmp_path):
    head = "".join(line for line in HEAD.splitlines(keepends=True) if "ID=FS," not in line)
    assert judge(tmp_path, "chr1 100 A C 9 . 0/1:. 0/0:.", caller="deepvariant", head=head) == ["LowQual"]


def test_every_filter_is_defined_with_threshold_and_reason(tmp_path):
    judge(tmp_path, "chr1 100 A C 50 0 0/1:0 0/0:0")
    with pysam.VariantFile(str(tmp_path / "called.bcf")) as found:
        text = str(found.header)
    assert '##FILTER=<ID=LowQual,Description="QUAL below 10">' in text
    assert all(f"##FILTER=<ID={name}," in text for name in ("LowQual", "StrandBias"))


@pytest.mark.parametrize(
    ("genotype", "likelihoods", "told", "expected"),
    [
        ("1/1", "72,6,0", 127, 6),  # two reads
        ("0/1", "255,0,255", 127, 127),
        ("0/1", "30,0,40", 22, 22),  # the caller is less sure
        ("1/2", "90,60,50,40,0,33", 127, 33),
        ("1", "45,0", 127, 45),
        ("0/1", "0,12,20", 3, 0),  # called against its likelihoods
        ("./.", "0,0,0", 5, 5),
        ("0/1", ".", 50, 50),
        ("0/0/1/1", "9,4,0,4,9", 40, 40),  # in an order of its own
    ],
)
def test_no_genotype_is_surer_than_its_likelihoods(tmp_path, genotype, likelihoods, told, expected):
    more = (
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">\n'
        '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">\n'
    )
    head = HEAD.replace("#CHROM", f"{more}#CHROM").replace("\tB\n", "\n")
    row = f"chr1\t100\t.\tA\tC,G\t50\t.\t.\tGT:PL:GQ\t{genotype}:{likelihoods}:{told}\n"
    if genotype != "1/2":
        row = row.replace("C,G", "C")
    (tmp_path / "normalised.vcf").write_text(head + row)
    paths = SimpleNamespace(normalised=str(tmp_path / "normalised.vcf"), bcf=tmp_path / "called.bcf")
    filters.main(paths, SimpleNamespace(recipe=GenomesRecipe().model_dump()))
    with pysam.VariantFile(str(paths.bcf)) as found:
        assert [record.samples["A"]["GQ"] for record in found] == [expected]
