"""The Python of the genomics branch: header, delivered VCF."""

from __future__ import annotations

import json
import subprocess
from types import SimpleNamespace

import pysam
import pysam.bcftools
import pytest

from scripts.alignment import groups, header
from scripts.lib.tagging import Tag
from scripts.variants import deliver

DICTIONARY = "@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:100\tM5:abc\tUR:file:///home/anna/ref.fa\n@SQ\tSN:chr2\tLN:50\tM5:def\n"


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


CALLED = """\
##fileformat=VCFv4.2
##FILTER=<ID=PASS,Description="All filters passed">
##bcftoolsCommand=mpileup -f /home/anna/ref.fa
##reference=file:///home/anna/ref.fa
##contig=<ID=chr1,length=100>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FILTER=<ID=LowQual,Description="QUAL below 20">
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
    values = SimpleNamespace(tag=tag, reference="ref1", caller="bcftools", samples=["S"], blocks=False)
    deliver.main(paths, values)
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


def verdict(*received: dict) -> dict:
    return {"files": [{"facts": {"read_groups": list(received)}}]}


A, B = {"ID": "a/1.[x]", "LB": "lib&A", "PU": "F.1"}, {"ID": "a", "PL": "ILLUMINA"}


def test_several_groups_keep_id_library_and_unit():
    assert groups.several(verdict(A, B), "L1") == {
        "a/1.[x]": {"ID": "L1.a/1.[x]", "LB": "lib&A", "PU": "F.1"},
        "a": {"ID": "L1.a", "PL": "ILLUMINA"},
    }
    assert groups.several(verdict(A), "L1") == {} and groups.single(verdict(A)) == {"LB": "lib&A", "PU": "F.1"}
    assert groups.single(verdict(A, B)) == {}
    assert groups.several({"files": [{"facts": {}}, {"facts": {}}]}, "L1") == {}


@pytest.mark.parametrize("barcode", ["", "\tRX:Z:ACGT-TT"])
@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ((A, B), ["r1\tRG:Z:L1.a/1.[x]\tLB:Z:lib&A", "r2\tRG:Z:L1.a", "r3\tRG:Z:L1.a/1.[x]\tLB:Z:lib&A"]),
        ((A,), ["r1\tRG:Z:L1\tLB:Z:lib&A", "r2\tRG:Z:L1\tLB:Z:lib&A", "r3\tRG:Z:L1\tLB:Z:lib&A"]),
        ((B,), ["r1\tRG:Z:L1", "r2\tRG:Z:L1", "r3\tRG:Z:L1"]),
    ],
)
def test_sed_gives_each_read_its_delivered_group_and_changes_nothing_else(received, expected, barcode, tmp_path):
    library = groups.single(verdict(*received)).get("LB", "")
    (tmp_path / "edits").write_text(groups.edits(groups.several(verdict(*received), "L1"), "L1", library))
    bodies = ["ACGT\n+\nRG:Z", "ACGT\n+\n@\tRG", "A\n+\nF"]
    given = [f"@{name}\tRG:Z:{group}{barcode}" for name, group in (("r1", A["ID"]), ("r2", "a"), ("r3", A["ID"]))]
    text = "".join(f"{name}\n{body}\n" for name, body in zip(given, bodies, strict=True))
    done = subprocess.run(["sed", "-f", tmp_path / "edits"], input=text, capture_output=True, text=True, check=True)
    assert done.stdout == "".join(f"@{name}{barcode}\n{body}\n" for name, body in zip(expected, bodies, strict=True))


def test_the_header_has_the_groups_that_were_received_and_of_an_only_one_the_sheet_has_the_last_word(tmp_path):
    own = {"SM": "S", "CN": "F"}
    stated = [{"ID": "L1"} | own, {"ID": "L2", "LB": "x"} | own, {"ID": "L3"} | own, {"ID": "L4", "PU": "F.2"} | own]
    paths = [tmp_path / f"{number}.json" for number in range(4)]
    found = (verdict(A, B), verdict(A), verdict(A), {"files": [{"facts": {}}, {"facts": {}}]})
    for path, each in zip(paths, found, strict=True):
        path.write_text(json.dumps(each))
    assert header.received_groups(stated, paths) == [
        {"ID": "L1.a/1.[x]", "LB": "lib&A", "PU": "F.1"} | own,
        {"ID": "L1.a", "LB": "S", "PU": "L1", "PL": "ILLUMINA"} | own,
        {"ID": "L2", "LB": "x", "PU": "F.1"} | own,
        {"ID": "L3", "LB": "lib&A", "PU": "F.1"} | own,
        {"ID": "L4", "LB": "S", "PU": "F.2"} | own,
    ]
