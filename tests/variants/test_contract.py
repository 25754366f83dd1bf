"""What a caller of somebody else's is held to."""

from __future__ import annotations

import pytest

from scripts.lib.refusal import Refusal
from scripts.lib.vcf import Checker
from scripts.variants.contract import Copies, kept

HEAD = (
    "##fileformat=VCFv4.2\n",
    '##FILTER=<ID=RefCall,Description="Like the reference">\n',
    '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">\n',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">\n',
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n",
)
# A man's, as far as they are not two: X but for its first 100 bases, no base 1 to 50 of Y, one of the rest.
COPIES = ("X\t100\t500\tS\t1", "Y\t0\t50\tS\t0", "Y\t50\t200\tS\t1")


def records(*rows: str, ploidy: int = 2) -> list[str]:
    """What is left of `CHROM POS ALT FILTER FORMAT values`."""
    lines = []
    for name, position, alternative, verdict, keys, values in map(str.split, rows):
        lines.append("\t".join([name, position, ".", "A", alternative, "50", verdict, ".", keys, values]) + "\n")
    found = list(kept([*HEAD, *lines], "S", Copies(ploidy, COPIES)))
    assert found[:4] == [HEAD[0], *HEAD[2:]]
    cells = [line.rstrip("\n").split("\t") for line in found[4:]]
    assert all(row[6] == "." for row in cells)
    return [f"{row[0]}:{row[1]} {row[9]}" for row in cells]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("1 10 C PASS GT:AD:PL 0/1:9,8:50,0,60", ["1:10 0/1:9,8:50,0,60"]),
        ("1 10 C LowQual GT:PL 0|1:50,0,60", ["1:10 0|1:50,0,60"]),
        ("X 100 C . GT:PL 0/1:50,0,60", ["X:100 0/1:50,0,60"]),  # pseudoautosomal
        ("X 101 C . GT:AD:PL 1/1:1,20:90,990,0", ["X:101 1:1,20:90,0"]),
        ("X 101 C,G . GT:AD:PL 2/2:0,1,20:90,990,80,990,990,0", ["X:101 2:0,1,20:90,80,0"]),
        ("X 101 C RefCall GT:PL 0/0:0,990,90", ["X:101 0:0,90"]),
        ("X 101 C NoCall GT:PL ./.:0,0,0", ["X:101 .:0,0"]),
        ("X 101 C . GT:PL 1:90,0", ["X:101 1:90,0"]),
        ("X 500 C . GT:PL 1/1:.", ["X:500 1:."]),
        ("Y 50 C . GT:PL 1/1:90,9,0", []),
        ("Y 51 C . GT:PL 1/1:90,9,0", ["Y:51 1:90,0"]),
    ],
)
def test_a_sample_has_as_many_alleles_as_copies(row, expected):
    assert records(row) == expected


@pytest.mark.parametrize(
    ("row", "ploidy", "wanted"), [("X 101 C . GT 0/1", 2, 1), ("1 10 C . GT 1", 2, 2), ("1 10 C . GT 0/1", 4, 4)]
)
def test_a_genotype_of_other_copies_is_refused(row, ploidy, wanted):
    with pytest.raises(Refusal, match=f"expected one of {wanted} allele"):
        records(row, ploidy=ploidy)


def test_calls_of_somebody_else_are_refused():
    with pytest.raises(Refusal, match="found calls of T, expected S alone"):
        list(kept([HEAD[-1].replace("\tS\n", "\tT\n")], "S", Copies(2, ())))


#: FORMAT and INFO as the two declare and fill them, on a sequence of one copy and on one of two.
DIALECTS = {
    "gatk": (
        "FORMAT AD R Integer,FORMAT DP 1 Integer,FORMAT GQ 1 Integer,FORMAT GT 1 String,FORMAT PGT 1 String,"
        "FORMAT PID 1 String,FORMAT PL G Integer,FORMAT PS 1 Integer,INFO AC A Integer,INFO AF A Float,"
        "INFO AN 1 Integer,INFO BaseQRankSum 1 Float,INFO DP 1 Integer,INFO ExcessHet 1 Float,INFO FS 1 Float,"
        "INFO MLEAC A Integer,INFO MLEAF A Float,INFO MQ 1 Float,INFO QD 1 Float,INFO SOR 1 Float",
        "1\t10\t.\tA\tC\t421.64\t.\tAC=1;AF=0.500;AN=2;BaseQRankSum=-1.2;DP=30;ExcessHet=0.0;FS=1.2;MLEAC=1;MLEAF=0.500;"
        "MQ=60.00;QD=15.1;SOR=0.6\tGT:AD:DP:GQ:PGT:PID:PL:PS\t0|1:15,15:30:99:0|1:10_A_C:429,0,500:10",
        "1\t20\t.\tA\t*,C\t421.64\t.\tAC=1,1;AF=0.5,0.5;AN=2;DP=30\tGT:AD:DP:GQ:PL\t1/2:0,15,15:30:99:9,3,5,2,0,9",
        "X\t200\t.\tA\tC\t90\t.\tAC=1;AF=1.00;AN=1;DP=15\tGT:AD:DP:GQ:PL\t1:0,15:15:99:429,0",
    ),
    "deepvariant": (
        "INFO END 1 Integer,FORMAT GT 1 String,FORMAT GQ 1 Integer,FORMAT DP 1 Integer,FORMAT MIN_DP 1 Integer,"
        "FORMAT AD R Integer,FORMAT VAF A Float,FORMAT PL G Integer,FORMAT MED_DP 1 Integer",
        "1\t10\t.\tA\tC\t50.1\tPASS\t.\tGT:GQ:DP:AD:VAF:PL\t0/1:48:30:15,15:0.5:50,0,52",
        "1\t20\t.\tA\tC\t0\tRefCall\t.\tGT:GQ:DP:AD:VAF:PL\t./.:20:30:25,5:0.16:0,19,30",
        "X\t200\t.\tA\tC\t50.1\tPASS\t.\tGT:GQ:DP:AD:VAF:PL\t1/1:48:15:0,15:1:50,990,0",
    ),
}


@pytest.mark.parametrize("caller", DIALECTS)
def test_what_callers_say_of_a_record_goes_through_the_gate(caller):
    told, *lines = DIALECTS[caller]
    definitions = [
        f'##{kind}=<ID={name},Number={number},Type={of},Description="As its makers say">\n'
        for kind, name, number, of in (each.split() for each in told.split(","))
    ]
    whole = [HEAD[0], HEAD[1], *definitions, HEAD[-1], *(f"{line}\n" for line in lines)]
    checker = Checker(caller, "report it")
    found = list(kept(whole, "S", Copies(2, COPIES)))
    for number, line in enumerate(found, 1):
        checker.line(number, line.rstrip("\n"))
    checker.end()
    assert len(found) == len(whole) - 1
    assert found[-1].split("\t")[9].startswith("1:")
