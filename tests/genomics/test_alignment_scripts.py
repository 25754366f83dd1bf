"""The Python of the genomics branch: regions, header, metrics, delivered VCF."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pysam
import pysam.bcftools
import pytest

from scripts.alignment import assessed_regions, header, metrics
from scripts.lib.tagging import Tag
from scripts.variants import deliver

DICTIONARY = "@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:100\tM5:abc\tUR:file:///home/anna/ref.fa\n@SQ\tSN:chr2\tLN:50\tM5:def\n"


def test_gaps_are_left_out():
    assert assessed_regions.without_gaps("NNACGTnnACN") == [(2, 6), (8, 10)]
    assert assessed_regions.without_gaps("NNN") == []
    assert assessed_regions.without_gaps("ACGT") == [(0, 4)]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["chr1", "chr22", "chrX", "chrM", "chr1_KI270706v1_random"], ["chr1", "chr22"]),
        (["20", "X", "hs37d5"], ["20"]),
        (["contigA", "contigB"], ["contigA", "contigB"]),
    ],
)
def test_coverage_is_measured_on_autosomes_where_there_are_any(names, expected):
    assert assessed_regions.autosomes(names) == expected


def test_the_header_is_built_from_what_may_be_told(monkeypatch):
    monkeypatch.setattr(header, "version", lambda program: "1.0")
    groups = [{"ID": "L1", "SM": "S", "LB": "lib", "PU": "F.1", "PL": "ILLUMINA", "CN": "F", "DS": "Anna's sample"}]
    text = header.header(DICTIONARY, groups, ["minimap2", "samtools"], Tag("F", "P", "V", "S"))
    assert text.splitlines() == [
        "@HD\tVN:1.6\tSO:coordinate",
        "@SQ\tSN:chr1\tLN:100\tM5:abc",
        "@SQ\tSN:chr2\tLN:50\tM5:def",
        "@RG\tID:L1\tSM:S\tLB:lib\tPU:F.1\tPL:ILLUMINA\tCN:F",
        "@PG\tID:minimap2\tPN:minimap2\tVN:1.0",
        "@PG\tID:samtools\tPN:samtools\tVN:1.0\tPP:minimap2",
        "@CO\tfiliera facility=F proposal=P service=V sample=S",
    ]


@pytest.mark.parametrize("program", ["minimap2", "bwa", "samtools"])
def test_every_aligner_tells_its_version(program):
    assert header.version(program)[0].isdigit()


def test_depth_metrics_by_hand():
    # 20 positions: 4 at 0, 9 at 15, 7 at 20, so the median is 15 and the deviations are 0 nine times, 5 seven times.
    found = metrics.depth_summary(np.array([[0, 4], [15, 9], [20, 7]]))
    assert found == {"mean": pytest.approx(13.75), "mad": 5, "pct_15x": 80, "pct_20x": 35}


STATS = "SN\traw total sequences:\t200\nSN\treads mapped:\t190\nSN\treads properly paired:\t180\t# x\n"
STATS += "SN\treads duplicated:\t20\nSN\tinsert size average:\t301.5\nSN\tinsert size standard deviation:\t50.1\n"


def test_metrics_have_the_names_of_the_standard():
    verdicts = [{"files": [{"facts": {"q30_bases": 70}}, {"facts": {"q30_bases": 30}}]}, {"files": [{"facts": {}}]}]
    found = metrics.metrics(STATS, np.array([[10, 1], [30, 1]]), verdicts, exome=False)
    assert found == {
        "mean_autosome_coverage": 20.0,
        "mad_autosome_coverage": 0.0,
        "pct_autosomes_15x": 50.0,
        "pct_reads_mapped": 95.0,
        "pct_reads_properly_paired": 90.0,
        "pct_reads_duplicated": 10.0,
        "mean_insert_size": 301.5,
        "insert_size_std_deviation": 50.1,
        "yield_bp_q30": 100,
    }
    exome = metrics.metrics(STATS, np.array([[10, 1], [30, 1]]), [], exome=True)
    assert exome["pct_targets_20x"] == 50.0
    assert "pct_autosomes_15x" not in exome


CALLED = """\
##fileformat=VCFv4.2
##FILTER=<ID=PASS,Description="All filters passed">
##bcftoolsCommand=mpileup -f /home/anna/ref.fa
##reference=file:///home/anna/ref.fa
##contig=<ID=chr1,length=100>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FILTER=<ID=LowQual,Description="Set if true: QUAL<20">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS
chr1\t10\t.\tA\tC\t50\tPASS\t.\tGT\t0/1
chr1\t20\t.\tG\tT\t5\tLowQual\t.\tGT\t0/1
"""


def test_the_delivered_vcf_keeps_records_and_loses_the_machine(tmp_path):
    (tmp_path / "called.vcf").write_text(CALLED)
    pysam.bcftools.view("-Ob", "-o", str(tmp_path / "called.bcf"), str(tmp_path / "called.vcf"), catch_stdout=False)
    (tmp_path / "ref.dict").write_text(DICTIONARY)
    paths = SimpleNamespace(
        bcf=str(tmp_path / "called.bcf"),
        dict=str(tmp_path / "ref.dict"),
        vcf=str(tmp_path / "S.vcf.gz"),
        tbi=str(tmp_path / "S.vcf.gz.tbi"),
    )
    tag = {"facility": "F", "proposal": "P", "service": "V", "sample": "S"}
    deliver.main(paths, SimpleNamespace(tag=tag, reference="ref1", quality=20.0))
    text = pysam.BGZFile(paths.vcf).read().decode()
    assert "anna" not in text
    for line in (
        "##filiera_proposal=P",
        "##reference=ref1",
        '##FILTER=<ID=LowQual,Description="QUAL below 20">',
        "##contig=<ID=chr1,length=100,md5=abc>",
    ):
        assert line in text.splitlines()
    with pysam.VariantFile(paths.vcf) as found:
        assert [(record.pos, list(record.filter)) for record in found.fetch("chr1", 0, 100)] == [
            (10, ["PASS"]),
            (20, ["LowQual"]),
        ]


def test_metrics_of_a_sample_are_written_with_its_tag(tmp_path):
    (tmp_path / "stats.txt").write_text(STATS)
    (tmp_path / "depth.tsv").write_text("10\t1\n30\t1\n")
    paths = SimpleNamespace(
        stats=tmp_path / "stats.txt", histogram=tmp_path / "depth.tsv", verdicts=[], metrics=tmp_path / "m.json"
    )
    metrics.main(paths, SimpleNamespace(tag={"facility": "F", "sample": "S"}, exome=False))
    found = json.loads((tmp_path / "m.json").read_text())
    assert found["tag"] == {"facility": "F", "sample": "S"}
    assert found["samples"]["S"]["pct_reads_mapped"] == 95.0
