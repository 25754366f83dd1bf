"""The checker of VCF: what each version allows and what it refuses, line by line."""

from __future__ import annotations

import gzip
import re
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.lib.refusal import Refusal
from scripts.lib.vcf import Checker, check_file

COLUMNS = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT s1 s2".replace(" ", "\t")
RECORD = "chr1 100 . A G 50 PASS . GT 0/1 1/1"
OLD, NEW, ALL = ("4.1", "4.2"), ("4.3",), ("4.1", "4.2", "4.3")


def check(version: str, meta: list[str], records: list[str], columns: str = COLUMNS) -> Checker:
    """Records are written with blanks for tabs and '·' for blanks."""
    lines = [f"##fileformat=VCFv{version}", *meta, columns]
    lines += [record.replace(" ", "\t").replace("·", " ") for record in records]
    checker = Checker("s.vcf")
    for number, text in enumerate(lines, 1):
        checker.line(number, text)
    checker.end()
    return checker


def with_cell(place: int, value: str) -> str:
    cells = RECORD.split(" ")
    cells[place] = value
    return " ".join(cells)


def with_sample(format_: str, first: str, alt: str = "G") -> str:
    return f"chr1 100 . A {alt} 50 PASS . {format_} {first} ."


CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO = range(8)
MY = '##{}=<ID=MY,Number={},Type={},Description="d">'

# versions, line of the header
GOOD_META = [
    (ALL, '##INFO=<ID=X1,Number=1,Type=Integer,Description="with \\"quotes\\" and \\\\ in it, <and> commas">'),
    (ALL, '##INFO=<ID=X1,Number=.,Type=String,Description="">'),
    (ALL, '##INFO=<ID=X1,Number=1,Type=String,Description="d",Source="dbsnp",Version="138">'),
    (OLD, '##INFO=<ID=X1,Number=A,Type=Flag,Description="d">'),
    (ALL, '##INFO=<ID=SVLEN,Number=A,Type=Integer,Description="as in VCF 4.4 and many callers">'),
    (OLD, '##INFO=<ID=MQ,Number=1,Type=Integer,Description="d">'),
    (OLD, '##FORMAT=<ID=AD,Number=.,Type=Integer,Description="not reserved before 4.3">'),
    (OLD, '##FORMAT=<ID=GQ,Number=1,Type=Float,Description="as in the first printings, and freebayes">'),
    (ALL, '##FILTER=<ID=PASS,Description="All filters passed">'),
    (ALL, '##ALT=<ID=DUP:TANDEM,Description="d">'),
    (ALL, '##ALT=<ID=*,Description="any other allele">'),
    (ALL, '##ALT=<ID=NON_REF,Description="any other allele">'),
    (NEW, '##ALT=<ID=BND,Description="d">'),
    (NEW, '##ALT=<ID=R,Description="IUPAC code R = A/G">'),
    (ALL, '##contig=<ID=chr1,length=1000,assembly=B36,md5=f126cdf8a6e0c7f379d618ff66beb2da,species="Homo sapiens">'),
    (ALL, "##contig=<ID=HLA-A*01:01:01:01,length=3503>"),
    (ALL, "##reference=file:///seq/references/1000GenomesPilot-NCBI36.fasta"),
    (ALL, '##source=a free text = with <anything>, "really"'),
    (ALL, "##assembly=ftp://ftp.example.org:21/assembly.fa"),
    (ALL, "##assembly=file:///seq/assembly.fa"),
    (ALL, "##pedigreeDB=http://10.0.0.1/db?x=1"),
    (OLD, "##pedigreeDB=<http://example.org/db>"),
    (OLD, "##PEDIGREE=<Derived=PrimaryID,Original=GermlineID>"),
    (NEW, '##PEDIGREE=<ID=Child,Father=F,Mother=M,Description="a trio, not confirmed">'),
    (OLD, "##SAMPLE=<ID=S,Genomes=G1;G2,Mixture=.5;.5,Description=germline;tumour>"),
    (NEW, "##META=<ID=Tissue,Type=String,Number=.,Values=[Blood, Breast, ?]>"),
    (NEW, '##SAMPLE=<ID=S,Tissue=Blood,Description="d">'),
    (OLD, '##Title=<"free text in brackets">'),
    (ALL, '##Other=<ID=x,Whatever="y">'),
]

# versions, line of the header, words of the refusal
BAD_META = [
    (ALL, "##fileformat=VCFv4.2", "a second fileformat line"),
    (ALL, "##just words", "##key=value"),
    (ALL, "##reference=", "##key=value"),
    (ALL, '##INFO<ID=X1,Number=1,Type=Integer,Description="d">', "##key=value"),
    (ALL, "chr1\t1\t.\tA\tG\t.\t.\t.", "starts with ##"),
    (ALL, "##INFO=X1", "##INFO=<...>"),
    (ALL, '##INFO=<ID=X1,Number=1,Type=Integer,Description="d"', "closed by '>'"),
    (ALL, '##INFO=<ID=X1,Number=1,Type=Integer,Description="an "inner" quote">', "escaped"),
    (ALL, '##INFO=<ID=X1,Number=1,Type=Integer,Description="open>', "double quotes"),
    (ALL, "##INFO=<ID=X1,Number=1,Type=Integer,Description=bare>", "Description in double quotes"),
    (ALL, "##INFO=<ID=X1,Number=1,Type=Integer>", "Description first, in this order"),
    (ALL, '##INFO=<Number=1,ID=X1,Type=Integer,Description="d">', "in this order"),
    (ALL, '##INFO=<ID=X1,Number=1,Type=Integer,Description="d",ID=X2>', "ID twice"),
    (ALL, '##INFO=<ID=X1,Number=B,Type=Integer,Description="d">', "Number=B"),
    (ALL, '##INFO=<ID=X1,Number=-1,Type=Integer,Description="d">', "Number=-1"),
    (("4.1",), '##INFO=<ID=X1,Number=R,Type=Integer,Description="d">', "Number=R"),
    (ALL, '##INFO=<ID=X1,Number=1,Type=integer,Description="d">', "Type=integer"),
    (ALL, '##FORMAT=<ID=X1,Number=0,Type=Flag,Description="d">', "Type=Flag"),
    (NEW, '##INFO=<ID=X1,Number=A,Type=Flag,Description="d">', "Number=0 for a Flag"),
    (NEW, '##INFO=<ID=1X,Number=1,Type=Integer,Description="d">', "no digit first"),
    (NEW, '##INFO=<ID=X1,Number=1,Type=Integer,Description="d",Version=1>', "Version in double quotes"),
    (ALL, '##INFO=<ID=END,Number=1,Type=String,Description="d">', "Type=Integer for this reserved key"),
    (ALL, '##INFO=<ID=SVTYPE,Number=.,Type=String,Description="d">', "Number=1 for this reserved key"),
    (ALL, '##FORMAT=<ID=GQ,Number=1,Type=String,Description="d">', "Type=Integer.* for this reserved key"),
    (NEW, '##FORMAT=<ID=GQ,Number=1,Type=Float,Description="d">', "Type=Integer for this reserved key"),
    (NEW, '##FORMAT=<ID=AD,Number=.,Type=Integer,Description="d">', "Number=R for this reserved key"),
    (NEW, '##INFO=<ID=MQ,Number=1,Type=Integer,Description="d">', "Type=Float for this reserved key"),
    (ALL, '##FILTER=<ID=0,Description="d">', "other than 0"),
    (ALL, '##FILTER=<ID=a b,Description="d">', "without blanks"),
    (ALL, "##FILTER=<ID=q10>", "ID, Description first"),
    (ALL, '##ALT=<ID=FOO,Description="d">', "one of DEL"),
    (OLD, '##ALT=<ID=BND,Description="d">', "one of DEL"),
    *[(ALL, f'##ALT=<ID={name},Description="d">', "symbolic allele") for name in ("DEL:a b", "DEL:", "INS:ME::L1")],
    (ALL, "##contig=<length=5>", "ID first"),
    (ALL, "##contig=<ID=chr 1>", "without blanks|or blanks"),
    (ALL, "##contig=<ID=chr1,length=long>", "length in bases"),
    (NEW, "##contig=<ID=*1>", "a name as in SAM"),
    (NEW, "##contig=<ID=DEL>", "symbolic allele"),
    (NEW, "##contig=<ID=DUP:TANDEM>", "symbolic allele"),
    (ALL, "##assembly=assembly.fa", "a URL"),
    (ALL, "##assembly=ftp://8080:8080/a.fa", "a URL"),
    (ALL, "##pedigreeDB=<>", "a URL"),
    (NEW, "##pedigreeDB=<http://example.org/db>", "a URL"),
    (OLD, "##PEDIGREE=<Name_0=a b>", "ID of a genome"),
    (NEW, "##PEDIGREE=<Father=F,Mother=M>", "PEDIGREE without ID"),
    (OLD, "##SAMPLE=<ID=S,Mixture=1,Description=d>", "SAMPLE line without Genomes"),
    (NEW, '##META=<ID=Tissue,Number=.,Values=[Blood]>', "META line without Type"),
    (NEW, "##META=<ID=Tissue,Type=String,Number=.,Values=[Blood>", "name=value"),
    (NEW, '##Title=<"free text in brackets">', "name=value"),
    (NEW, "##Other=<Whatever=y>", "Other without ID"),
]  # fmt: skip

# versions, lines of the header, record
GOOD_RECORDS = [
    (ALL, [], with_cell(CHROM, "<chr1>")),
    (NEW, [], with_cell(CHROM, "HLA-A*01:01")),
    (ALL, [], with_cell(POS, "0")),
    (ALL, ["##contig=<ID=chr1,length=99>"], RECORD),
    (ALL, [], with_cell(ID, "rs1;rs2")),
    (ALL, [], with_cell(REF, "acgtN")),
    (ALL, [], with_cell(ALT, "T,AT,<DEL>,<DUP:TANDEM>,<DEL:ME:ALU>")),
    (("4.2", "4.3"), [], with_cell(ALT, "G,*")),
    (ALL, [], with_cell(ALT, "G,<*>")),
    (ALL, [], with_cell(ALT, "A[chr2:5[,]chr2:5]A,[<ctg>:5[A,A]chr2:5],.A,A.")),
    (ALL, [], with_cell(ALT, "C<ctg1>")),
    (ALL, [], "chr1 100 . A . 50 PASS . GT 0/0 ./."),
    *[(ALL, [], with_cell(QUAL, value)) for value in (".", "0", "-0.0", "1e3", "5.5E-2", "Inf", "nan")],
    *[(ALL, [], with_cell(FILTER, value)) for value in (".", "q10", "q10;s50")],
    (ALL, [], with_cell(INFO, "H2;DB=1;AC=3;AF=1e-5;AN=4;DP=7;END=100;CIGAR=1X")),
    (ALL, [], with_cell(INFO, "AA=.;X;Y=a,b")),
    (ALL, [], with_cell(INFO, "AF=.;CIPOS=-10,10;SVLEN=-5")),
    (NEW, [], with_cell(INFO, 'X=two·words;Y=100%25;Z="a=b";CIGAR=5=')),
    (OLD, [], with_cell(INFO, "CLNHGVS=NC_1:g.5=")),
    (ALL, [MY.format("INFO", "A", "Integer")], "chr1 100 . A G,T . . MY=1,. GT 0/1 1/2"),
    *[(ALL, [MY.format("INFO", "G", "Integer")], with_cell(INFO, f"MY={value}")) for value in ("1", "1,2,3,4,5")],
    (ALL, [MY.format("INFO", "1", "String")], with_cell(INFO, 'MY="a,b=c"')),
    (ALL, [MY.format("INFO", "2", "Float")], with_cell(INFO, "MY=-1.5,+2e-3")),
    (ALL, [MY.format("INFO", "3", "Character")], with_cell(INFO, "MY=a,b,.")),
    *[(ALL, [], with_sample("GT", call, "G,T")) for call in ("0", ".", "0/2", "./.", "0|1|2", ".|1", "1/2/0/1")],
    (ALL, [], with_sample("GT:GQ:DP:HQ", "0|0:48:1:51,51")),
    (ALL, [], with_sample("GT:GQ:DP:HQ", "0|0:.:3")),
    (ALL, [], with_sample("GT:PL", "0/1:1,0,1")),
    (ALL, [], with_sample("GT:PL", "0:0,5")),
    (ALL, [], with_sample("GT:PL", "0/0/1:0,1,2,3")),
    (ALL, [], with_sample("GT:PL", "0/1:1,0,1,2,3,4", "G,T")),
    (ALL, [], with_sample("GT:PL", ".:0,0,0")),
    (ALL, [], with_sample("GL", "-1,-.5,0")),
    (ALL, [], with_sample("GT:PS", "0|1:100")),
    *[(ALL, [], with_sample("GT:FT", f"0|1:{value}")) for value in (".", "PASS", "q10;s50")],
    (ALL, [], with_sample(".", ".")),
    (NEW, [], with_sample("GT:MIN_DP", "0/0:5")),
    (OLD, [], with_sample("GT:GP", "0/1:20,0,30")),
    (NEW, [], with_sample("GT:GP", "0/1:0.1,0.9,0")),
    (OLD, [MY.format("FORMAT", "1", "Float").replace("MY", "GQ")], with_sample("GT:GQ", "0/1:48.5")),
    (("4.2", "4.3"), [MY.format("FORMAT", "R", "Integer")], with_sample("GT:MY", "0/1:3,4")),
]  # fmt: skip

# versions, lines of the header, record, words of the refusal
BAD_RECORDS = [
    (ALL, [], RECORD + " extra", "12 columns, expected 11"),
    (ALL, [], RECORD[:-4], "10 columns, expected 11"),
    (ALL, [], "", "an empty line"),
    (ALL, [], "##source=late", "header line among"),
    *[(ALL, [], with_cell(place, ""), "nothing in ") for place in range(11)],
    *[(ALL, [], with_cell(CHROM, value), "CHROM") for value in (".", "<chr1", "chr·1", "chr,1")],
    (OLD, [], with_cell(CHROM, "chr:1"), "colon"),
    *[(NEW, [], with_cell(CHROM, value), "CHROM") for value in ("=chr1", "DEL")],
    *[(ALL, [], with_cell(POS, value), "POS") for value in (".", "-1", "1.5", "1e3", "99999999999", "1\u0663")],
    (ALL, ["##contig=<ID=chr1,length=98>"], RECORD, "POS 100, expected at most 99"),
    *[(ALL, [], with_cell(ID, value), "ID") for value in (";rs1", "rs1;", "rs·1", "rs1;rs1")],
    *[(ALL, [], with_cell(REF, value), "REF") for value in (".", "R", "A,C", "*", "<DEL>", "A·C")],
    *[
        (ALL, [], with_cell(ALT, value), "ALT|symbolic")
        for value in ("R", "A,", "G,.", "G,,T", "<DEL", "<FOO>", "<DEL,INS>", "[chr2:5[", "A[chr2:5]", "A[chr2[", "A")
    ],
    (ALL, [], with_cell(ALT, "C<>"), "ALT"),
    (("4.1",), [], with_cell(ALT, "*"), "came with VCF 4.2"),
    (ALL, [], with_cell(ALT, "G,G"), "the variant A to G at 100"),
    *[(ALL, [], with_cell(QUAL, value), "QUAL") for value in ("-1", "high", "1,5", "0x10", "-Inf", "1_0")],
    *[(ALL, [], with_cell(FILTER, value), "FILTER") for value in ("0", "q10;", ";q10", "q10;.", "a·b", "q10;q10")],
    *[
        (ALL, [], with_cell(INFO, value), "INFO")
        for value in (";DP=1", "DP=1;", ".;DP=1", "DP=1;;AN=2", "DP=", "DP", "H2;H2")
    ],
    *[
        (ALL, [], with_cell(INFO, value), "INFO")
        for value in ("AC=-1", "AC=1,2", "AC=.5", "AF=1.5", "END=9", "DP=3000000000", "CIGAR=M", "DB=2", "CIPOS=1")
    ],
    (OLD, [], with_cell(INFO, "X=two·words"), "no blanks"),
    (NEW, [], with_cell(INFO, "X=100%"), "%25"),
    (NEW, [], with_cell(INFO, "X=a=b"), "%3D"),
    (NEW, [], with_cell(INFO, "X=a%3ab"), "capitals"),
    (NEW, [], with_cell(INFO, "1X=5"), "INFO '1X=5'"),
    (NEW, [], with_cell(INFO, "SB=1"), "4 values"),
    (NEW, [], with_cell(QUAL, "10."), "QUAL"),
    (ALL, [MY.format("INFO", "A", "Integer")], "chr1 100 . A G,T . . MY=1 GT 0 1", "2 values, one for each ALT allele"),
    (ALL, [MY.format("INFO", "2", "Integer")], with_cell(INFO, "MY=1"), "2 values"),
    (ALL, [MY.format("INFO", "1", "String")], with_cell(INFO, "MY=a,b"), "1 value "),
    (ALL, [MY.format("INFO", "0", "Flag")], with_cell(INFO, "MY=1"), "without a value"),
    (ALL, [MY.format("INFO", "1", "Character")], with_cell(INFO, "MY=ab"), "a single character"),
    (ALL, [MY.format("INFO", "1", "Float")], with_cell(INFO, "MY=1_0"), "a number"),
    (ALL, [MY.format("INFO", ".", "String")], with_cell(INFO, "MY=a,,b"), "separated by commas"),
    *[(ALL, [], with_sample("GT", call), "GT") for call in ("0/2", "0/", "/1", "0//1", "A/T", "-1", "0\\1", "0/|1")],
    *[(ALL, [], with_sample(keys, "0/1:5"), "FORMAT") for keys in ("DP:GT", "GT:GT", "GT:", "GT:D·P", "GT:D-P")],
    (OLD, [], with_sample("GT:MIN_DP", "0/0:5"), "letters and digits only"),
    (ALL, [], with_sample("GT:DP", "0/1:5:6"), "at most the values that FORMAT names"),
    (ALL, [], with_sample("GT:DP:GQ", "0/1::6"), "empty value"),
    (ALL, [], with_sample("GT:DP", "0/1:5·6"), "s1"),
    (ALL, [], with_sample("GT:DP", "0/1:-5"), "0 or more"),
    (ALL, [], with_sample("GT:DP", "0/1:5,6"), "1 value"),
    (ALL, [], with_sample("GT:HQ", "0|1:5"), "2 values"),
    (ALL, [], with_sample("GT:PS", "0|1:-5"), "PS"),
    (ALL, [], with_sample("GT:PL", "0/1:1,0"), "3 values, one for each genotype"),
    (ALL, [], with_sample("GT:PL", "0:1,0,2"), "2 values, one for each genotype"),
    (ALL, [], with_sample("GT:PL", "0/1:1,0,2", "G,T"), "6 values, one for each genotype"),
    (ALL, [], with_sample("GL", "-1,0"), "3 values"),
    *[(NEW, [], with_sample(f"GT:{key}", "0/1:20,0,30"), "from 0 to 1") for key in ("GP", "CNP")],
    *[(ALL, [], with_sample("GT:FT", f"0/1:{value}"), "s1") for value in ("low·depth", "q10;", "q10;;s50")],
    (NEW, [], with_sample("GT:AD", "0/1:20"), "2 values, one for each allele"),
]  # fmt: skip


def spread(table):
    return [
        pytest.param(version, *rest, id=f"{version} {rest[-1]}") for versions, *rest in table for version in versions
    ]


@pytest.mark.parametrize(("version", "meta"), spread(GOOD_META))
def test_sound_header(version, meta):
    check(version, [meta], [RECORD])


@pytest.mark.parametrize(("version", "meta", "words"), spread(BAD_META))
def test_faulty_header(version, meta, words):
    with pytest.raises(Refusal, match=words) as refusal:
        check(version, [meta], [RECORD])
    assert refusal.value.where == "s.vcf, line 2"


@pytest.mark.parametrize(("version", "meta", "record"), spread(GOOD_RECORDS))
def test_sound_record(version, meta, record):
    assert check(version, meta, [record]).records == 1


@pytest.mark.parametrize(("version", "meta", "record", "words"), spread(BAD_RECORDS))
def test_faulty_record(version, meta, record, words):
    with pytest.raises(Refusal, match=words) as refusal:
        check(version, meta, [record])
    assert refusal.value.where == f"s.vcf, line {3 + len(meta)}"


SAME_ID = [
    ('##INFO=<ID=X,Number=1,Type=Integer,Description="a">', '##INFO=<ID=X,Number=1,Type=Integer,Description="b">', OLD),
    ('##INFO=<ID=X,Number=1,Type=Integer,Description="a">', '##INFO=<ID=X,Number=2,Type=Integer,Description="a">', ()),
    ("##contig=<ID=c,length=5>", "##contig=<ID=c,length=6>", ()),
    ('##INFO=<ID=X,Number=1,Type=Integer,Description="a">', '##FORMAT=<ID=X,Number=2,Type=Float,Description="a">', ALL),
]


@pytest.mark.parametrize(("first", "second", "allowed"), SAME_ID)
def test_an_id_once_per_kind_of_line(first, second, allowed):
    for version in ALL:
        if version in allowed:
            check(version, [first, second], [])
        else:
            with pytest.raises(Refusal, match="a second time"):
                check(version, [first, second], [])


COLUMN_LINES = [
    (COLUMNS.replace("POS", "POSITION"), "the column names"),
    (COLUMNS.replace("\t", " "), "the column names"),
    (COLUMNS.replace("FORMAT\t", ""), "FORMAT and at least one sample"),
    (COLUMNS.partition("\ts1")[0], "FORMAT without samples"),
    (COLUMNS.replace("s2", "s1"), "the sample s1 twice"),
    (COLUMNS + "\t", "a column without a name"),
]


@pytest.mark.parametrize(("columns", "words"), COLUMN_LINES)
@pytest.mark.parametrize("version", ALL)
def test_column_names(version, columns, words):
    with pytest.raises(Refusal, match=words):
        check(version, [], [], columns)


def test_a_header_alone_is_a_file():
    assert check("4.2", [], [], COLUMNS.partition("\tFORMAT")[0]).records == 0


@pytest.mark.parametrize(
    "first", ["", "##fileformat=", "##fileformat=VCFv4.0", "##fileformat=VCF v4.2", "##fileformat=VCFv4.22", COLUMNS]
)
def test_the_first_line_names_the_version(first):
    with pytest.raises(Refusal, match="VCFv4.1, VCFv4.2, VCFv4.3 as the first line"):
        Checker("s.vcf").line(1, first)


ORDERS = [
    # CHROM and POS of the lines; what is wrong with the last
    (["a:1", "a:5", "a:5", "b:1", "c:3"], ""),
    (["a:5", "a:1"], "POS 1 after 5"),
    (["a:1", "b:1", "a:2"], "a again after b"),
    (["a:1", "<a>:2", "a:3"], ""),
]


@pytest.mark.parametrize(("places", "words"), ORDERS)
def test_order(places, words):
    bases = "CGTCGT"
    records = [f"{place.replace(':', ' ')} . A {base} . . . GT . ." for place, base in zip(places, bases, strict=False)]
    if not words:
        assert check("4.2", [], records).records == len(records)
        return
    with pytest.raises(Refusal, match=words) as refusal:
        check("4.2", [], records)
    assert refusal.value.where == f"s.vcf, line {2 + len(records)}"


TWICE = [
    # two variants as position, REF, ALT; whether they are the same
    ("100 A G", "100 A G", True),
    ("100 A G", "100 A T", False),
    ("100 TAT TGT", "101 A G", True),
    ("100 AT AAT,AA", "101 T A", True),
    ("100 CA CAA", "101 A AA", True),
    ("100 A g", "100 a G", True),
    ("100 CA C", "101 AT T", True),
    ("100 C <DEL>", "100 C <DEL>", False),
]


@pytest.mark.parametrize(("first", "second", "same"), TWICE)
def test_a_variant_stands_once(first, second, same):
    place = "chr1 {} . {} {} . . . GT 0 0"
    records = [place.format(*variant.split()) for variant in (first, second)]
    if same:
        with pytest.raises(Refusal, match="every variant once"):
            check("4.2", [], records)
    else:
        assert check("4.2", [], records).records == 2


@pytest.mark.parametrize(("number", "type_"), [(".", "Integer"), ("1", "String")])
def test_an_annotation_that_says_more_than_declared_passes_in_received_files_only(number, type_):
    record = with_cell(INFO, "MY=a,b").replace(" ", "\t")
    for received in (True, False):
        checker = Checker("s.vcf", received=received)
        lines = ["##fileformat=VCFv4.2", MY.format("INFO", number, type_), COLUMNS]
        for line, text in enumerate(lines, 1):
            checker.line(line, text)
        if received:
            checker.line(4, record)
            assert checker.loose == {"MY": f"INFO MY with the value 'a,b' (Number={number}, Type={type_})"}
        else:
            with pytest.raises(Refusal, match="a whole number|1 value"):
                checker.line(4, record)


def test_a_declared_key_of_gvcf_passes_before_4_3_in_received_files_only():
    lines = ["##fileformat=VCFv4.2", MY.format("FORMAT", "1", "Integer").replace("MY", "MIN_DP"), COLUMNS]
    record = with_sample("GT:MIN_DP", "0/0:5").replace(" ", "\t")
    for received in (True, False):
        checker = Checker("s.vcf", received=received)
        for line, text in enumerate(lines, 1):
            checker.line(line, text)
        if received:
            checker.line(4, record)
            assert list(checker.loose) == ["MIN_DP"]
        with pytest.raises(Refusal, match="letters and digits only" if not received else "a whole number"):
            checker.line(5, record.replace("0/0:5", "0/0:x"))


@pytest.mark.parametrize("packed", [False, True])
def test_a_file(tmp_path, packed):
    text = "\n".join(["##fileformat=VCFv4.2", COLUMNS, RECORD.replace(" ", "\t"), ""]).encode()
    path = tmp_path / "s.vcf.gz"
    path.write_bytes(gzip.compress(text) if packed else text)
    assert check_file(path).records == 1
    path.write_bytes(gzip.compress(text)[:-12] if packed else text.replace(b"PASS", b"P\xff"))
    with pytest.raises(Refusal, match="s.vcf.gz, after line"):
        check_file(path)
    path.write_bytes(gzip.compress(b"##fileformat=VCFv4.2\n"))
    with pytest.raises(Refusal, match="no line of column names"):
        check_file(path)


# ---- the public corpus of valid and invalid files ----
def test_corpus(shared_data):
    corpus = shared_data / "standards/vcf_4.2"
    for path in sorted((corpus / "passed").iterdir()):
        check_file(path)
    accepted = []
    for path in sorted((corpus / "failed").iterdir()):
        try:
            check_file(path)
        except Refusal as refusal:
            assert re.match(rf"{path.name}, line \d+: found .*, expected .*; ", str(refusal))
        else:
            accepted.append(path.name)
    assert accepted == []


# what the file's own header says is wrong with it -> what must be told
CAUSES = {
    "failed_body_alt_003": "symbolic allele 'INS>BLAH'",
    "failed_body_duplicated_001": "the variant A to G at 130",
    "failed_body_filter_004": "filters other than 0",
    "failed_body_format_002": "GT as the first key",
    "failed_body_info_001": "INFO AC with the value '-1'",
    "failed_body_sample_001": "GT '0/3', expected alleles from 0 to 2",
    "failed_body_samples_ploidy_002": "2 values, one for each genotype",
    "failed_body_unsorted_000": "POS|AC",
    "failed_header_001": "FORMAT without samples",
    "failed_meta_005": "starts with ##",
    "failed_meta_alt_005": "one of DEL",
    "failed_meta_format_015": "Number=1 for this reserved key",
    "failed_meta_sample_000": "without Genomes",
}


@pytest.mark.parametrize(("name", "words"), CAUSES.items())
def test_the_right_cause(shared_data, name, words):
    with pytest.raises(Refusal, match=words):
        check_file(shared_data / "standards/vcf_4.2/failed" / f"{name}.vcf")


def test_real_calls(shared_data):
    calls = shared_data / "genomics/grch38_chr20_10mb/HG002.v4.2.1.chr20.first10mb.vcf.gz"
    assert check_file(calls).records == 16174


# ---- whatever is done to a file ----
LINES = [
    "##fileformat=VCFv4.3",
    '##INFO=<ID=MY,Number=A,Type=Float,Description="a \\"d\\"">',
    "##contig=<ID=chr1,length=500>",
    "##META=<ID=Tissue,Type=String,Number=.,Values=[Blood, ?]>",
    "##assembly=ftp://example.org/a.fa",
    COLUMNS,
    "chr1\t100\trs1\tA\tG,<DEL>\t50\tPASS\tMY=1,2;END=120;AF=.1,.2\tGT:PL:AD\t0/1:0,1,2,3,4,5:1,2,3\t.:.:.",
    "chr1\t120\t.\tA\tA[chr2:5[\t.\t.\tSVTYPE=BND\tGT\t0|1\t./.",
]
PIECES = st.text('\t;:,=.|/<>[]"\\%*01Ae-# \u00e9\x00', max_size=3)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 7), st.integers(0, 200), st.integers(0, 4), PIECES, st.sampled_from(ALL))
def test_no_change_to_a_line_causes_anything_but_a_refusal(line, place, length, piece, version):
    lines = list(LINES)
    lines[line] = lines[line][:place] + piece + lines[line][place + length :]
    if line:
        lines[0] = f"##fileformat=VCFv{version}"
    checker = Checker("s.vcf")
    try:
        for number, text in enumerate(lines, 1):
            checker.line(number, text)
        checker.end()
    except Refusal as refusal:
        assert "\n" not in str(refusal)


NINES = "9" * 5000  # more digits than Python turns into a number


@pytest.mark.parametrize("version", ALL)
def test_numbers_of_any_length_are_refused(version):
    records = [
        with_cell(POS, NINES),
        with_cell(INFO, f"DP={NINES}"),
        with_cell(INFO, f"END={NINES}"),
        with_sample("GT", f"0/{NINES}"),
        with_sample("GT:DP", f"0/1:{NINES}"),
        with_sample("GT:PL", "/".join(["0"] * 9000) + ":1", ",".join(["G" + "A" * n for n in range(200)])),
    ]
    metas = [f"##contig=<ID=c,length={NINES}>", MY.format("INFO", NINES, "Integer")]
    for meta, record in [*(([], record) for record in records), *(([meta], RECORD) for meta in metas)]:
        with pytest.raises(Refusal):
            check(version, meta, [record])


def test_many_values_take_no_longer_than_they_are(tmp_path):
    header = [MY.format("INFO", ".", "String")]
    for value, version in product(('"a",' * 5000 + ",", ".," * 5000 + ","), ALL):
        with pytest.raises(Refusal, match="separated by commas"):
            check(version, header, [with_cell(INFO, f"MY={value}")])
    endless = "9" * 500_000 + "e"
    for record, version in product((with_cell(QUAL, endless), with_cell(INFO, f"BQ={endless}")), ALL):
        with pytest.raises(Refusal, match="a number"):
            check(version, [], [record])
