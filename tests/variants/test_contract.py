"""What a caller of somebody else's is held to."""

from __future__ import annotations

import pytest

from scripts.lib.refusal import Refusal
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
