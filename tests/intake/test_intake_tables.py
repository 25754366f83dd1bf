"""Side files that operators give: target regions, variants, tables."""

from __future__ import annotations

import pytest
from intake_samples import write

from scripts.intake.examine import examine
from scripts.intake.verdict import Expected
from scripts.lib.refusal import Refusal

BED = "track name=t\nchr1\t0\t100\nchr1\t200\t300\nchr2\t5\t9\n"
TSV = "# made by hand\ncompound\tmz\trt\nbetaine\t118.0863\t474\ncholine\t104.107\t\n"
HEAD = "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=1000>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
VCF = (
    HEAD + "\tFORMAT\ts1\nchr1\t10\t.\tA\tG\t50\tPASS\t.\tGT\t0/1\nchr1\t20\trs1\tAT\tA,<DEL>\t.\t.\tAC=1,1\tGT\t1|1\n"
)
CONTIGS = {"chr1": 1000, "chr2": 1000}

FAULTS = [
    ("s.bed", BED.replace("0\t100", "\u0661\t100"), "line 2: .*the region"),
    ("s.bed", BED.replace("0\t100", "0\t99999999999"), "line 2: .*the region"),
    ("s.bed", BED.replace("chr1\t0", " chr1\t0"), "line 2: .*a name without blanks"),
    ("s.tsv", "mz,rt\n1,2\n", "columns separated by ','"),
    ("s.bed", BED.replace("0\t100", "100\t100"), "line 2: .*start 100 and end 100"),
    ("s.bed", BED.replace("0\t100", "-1\t100"), "line 2: .*the region"),
    ("s.bed", BED.replace("\t", " "), "blanks between the columns"),
    ("s.bed", BED.replace("chr2\t5\t9", "chr2\t5\t9\tname"), "line 4: .*4 columns, expected 3"),
    ("s.bed", BED.replace("chr2", "chr9"), "line 4: .*the sequence chr9"),
    ("s.bed", BED.replace("5\t9", "5\t9000"), "line 4: .*end 9000, expected at most 1000"),
    ("s.bed", BED.replace("\n", "\r\n"), "Windows line ends"),
    ("s.bed", "track name=t\n", "no region"),
    ("s.bed", BED.replace("chr2", "tracks"), "line 4: .*the sequence tracks"),
    ("s.bed", BED.replace("chr2", "chr\x002"), "line 4: .*control character 0x00|binary"),
    ("s.tsv", TSV.replace("\t474", ""), "line 3: .*2 columns, expected 3 as in the header"),
    ("s.tsv", TSV.replace("\trt", "\tmz"), "line 2: .*the column mz twice"),
    ("s.tsv", TSV.replace("\trt", "\t"), "line 2: .*no name for column 3"),
    ("s.tsv", TSV.replace("\t", ";"), "columns separated by ';'"),
    ("s.tsv", "a\tb\n", "no row"),
    ("s.tsv", "\ufeff" + TSV[15:], "byte order mark"),
    ("s.vcf", VCF.replace("VCFv4.2", "VCF"), "line 1: "),
    ("s.vcf", VCF.replace("PASS", "P\x00SS"), "line 4: .*control character 0x00"),
    ("s.vcf", VCF.replace("#CHROM\tPOS", "#CHROM POS"), "line 3: .*column names"),
    ("s.vcf", VCF.replace("\t10\t", "\tten\t"), "line 4: .*POS 'ten'"),
    ("s.vcf", VCF.replace("\tA\tG\t", "\tA\tQ\t"), "line 4: .*ALT 'Q'"),
    ("s.vcf", VCF.replace("\tA\tG\t", "\t5\tG\t"), "line 4: .*REF '5'"),
    ("s.vcf", VCF.replace("\t50\t", "\thigh\t"), "line 4: .*QUAL 'high'"),
    ("s.vcf", VCF.replace("\t0/1\n", "\n"), "line 4: .*9 columns, expected 10"),
    ("s.vcf", VCF.replace("\tGT\t0/1", "\tGT\t0/1:5"), "line 4: .*at most the values that FORMAT names"),
    ("s.vcf", VCF.replace("\nchr1\t20", "\nchr9\t20"), "line 5: .*the contig chr9"),
    ("s.vcf", VCF.replace("\n", "\r\n"), "line 1: .*Windows line ends"),
    ("s.vcf", VCF.replace("\t20\t", "\t2\t"), "line 5: .*POS 2 after 10"),
    ("s.vcf", VCF.replace("\t20\t", "\t2000\t"), "line 5: .*POS 2000"),
    ("s.vcf", VCF.replace("VCFv4.2", "VCFv4.3")[:-1], "the last line: .*no line end"),
    ("s.vcf", HEAD.rpartition("\n")[0] + "\n", "no line of column names"),
]


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize(("name", "text", "words"), FAULTS)
def test_fault(tmp_path, name, text, words, packed):
    with pytest.raises(Refusal, match=words):
        examine(write(tmp_path / (name + packed), text.encode()), Expected(contigs=CONTIGS))


def test_sound(tmp_path):
    bed = examine(write(tmp_path / "s.bed", BED.encode()), Expected(contigs=CONTIGS))
    assert (bed.facts["regions"], bed.facts["bases"], bed.facts["sorted"]) == (3, 204, True)
    tsv = examine(write(tmp_path / "s.tsv", TSV.replace("\n", "\r\n").encode()), Expected())
    assert (tsv.facts["columns"], tsv.facts["rows"]) == (["compound", "mz", "rt"], 2)
    assert tsv.notes == ["The lines end the Windows way (CRLF)."]
    vcf = examine(write(tmp_path / "s.vcf.gz", VCF.encode()), Expected(contigs=CONTIGS))
    assert (vcf.facts["records"], vcf.facts["samples"], vcf.facts["version"]) == (2, 1, "VCFv4.2")
    header = HEAD.replace("VCFv4.2", "VCFv4.3")
    assert examine(write(tmp_path / "h.vcf", header.encode()), Expected()).facts["records"] == 0
    newer = VCF.replace("VCFv4.2", "VCFv4.3").replace("\n", "\r\n")
    assert examine(write(tmp_path / "n.vcf", newer.encode()), Expected()).notes == [
        "The lines end the Windows way (CRLF)."
    ]


def test_columns_of_the_operators_own_are_noted(tmp_path):
    text = "chr1\t0\t100\tgene\texon\tNM_1\n"
    (note,) = examine(write(tmp_path / "s.bed", text.encode()), Expected()).notes
    assert "only the first three columns" in note


def test_odd_regions_are_noted(tmp_path):
    text = "chr2\t0\t100\nchr2\t50\t90\nchr1\t5\t9\nchr2\t500\t501\n"
    notes = examine(write(tmp_path / "s.bed", text.encode()), Expected()).notes
    assert notes == ["The regions are not sorted.", "1 regions overlap the one before."]
