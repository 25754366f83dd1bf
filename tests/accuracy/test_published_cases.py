"""The comparator against cases that others publish, with what their tools say of them.

hap.py      Illumina's examples: expected.vcf of `haploid`, `leftshifting_example`, `fp_region_accuracy`
vcfdist     the scenarios of its integration tests, where our rules are the same; homozygous variants count twice there
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from scripts.accuracy.compare import compared
from scripts.accuracy.received import Variants
from scripts.accuracy.regions import Regions

#: For vcfdist's scenarios, which do not depend on the sequence.
SC1 = "".join(random.Random(7).choices("ACGT", k=400))
#: Pieces of `leftshifting_example`, and the position before their first base.
PIECES = {
    "first": (
        0,
        "CTCTCTCTGTCATAGGGACTCTGGATCCCAGAAGGTGAGAAAGTTAAAATTCCCGTCGCTATCAAGGAATTAAGAGAAGCAACATCTCCGAAAGCCAACAAGGAAATCCTCGATGTGAG",
    ),
    "repeat": (2204, "ATATCTCTCTCTAAATATATATATATCTCTCTCTAAATATATATATATCCCTAAATATATTAAATAAATAAAAG"),
    "copies": (3666, "CTAGGTGTACTGTGTGTGTGTCTCCCACGTCTAAAGTC"),
    "egfr": (6563, "GACGTGCCTCTCCCTCCCTCCAGGAAGCCTACGTGATGGCCAGCGTGGACAACCCCCACGTGTGCCGCC"),
}


def vcf(path: Path, sequences: dict[str, str], *records: str) -> Path:
    """A VCF of `contig pos ref alt gt [filter]` lines."""
    lines = ["##fileformat=VCFv4.2", '##FILTER=<ID=Low,Description="x">', '##ALT=<ID=DEL,Description="x">']
    lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="x">']
    lines += [f"##contig=<ID={name},length={len(bases)}>" for name, bases in sequences.items()]
    lines += ["\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "S"])]
    for record in records:
        name, pos, ref, alt, genotype, *rest = record.split()
        lines.append("\t".join((name, pos, ".", ref, alt, "50", *(rest or ["PASS"]), ".", "GT", genotype)))
    path.write_text("\n".join(lines) + "\n")
    return path


def judged(folder: Path, bases: str, truth: list[str], calls: list[str], spans=None) -> dict[str, list]:
    """right, missed, false, and wrong genotypes (of the truth), as positions; `spans` are confident."""
    sequences = {"c": bases}
    where = Regions([("c", *span) for span in (spans or [(0, len(bases))])])
    near = Regions([("c", 0, len(bases))])
    sides = []
    for name, lines in (("truth", truth), ("calls", calls)):
        read = Variants(vcf(folder / f"{name}.vcf", sequences, *(f"c {line}" for line in lines)), {"c": len(bases)})
        found = [read.units(records, bases, name, near) for name, records in read.by_sequence()]
        sides.append(found[0] if found else [])
    result = compared(bases, *sides)
    assert not result.cut
    truths, called = (
        [each for each in side if where.holds("c", each.unit.start, each.unit.end)]
        for side in (result.truth, result.calls)
    )
    return {
        "found": [each.unit.where for each in truths if each.right],
        "missed": [each.unit.where for each in truths if not each.right],
        "right": [each.unit.where for each in called if each.right],
        "false": [each.unit.where for each in called if not each.right],
        "genotype": [each.unit.where for each in truths if each.carried and not each.right],
    }


def outcome(found: dict[str, list]) -> tuple[int, int, int, int]:
    return tuple(len(found[name]) for name in ("found", "missed", "right", "false"))


def shifted(piece: str, *lines: str) -> list[str]:
    offset = PIECES[piece][0]
    return [f"{int(line.split()[0]) - offset} {line.split(maxsplit=1)[1]}" for line in lines]


@pytest.mark.parametrize(
    ("piece", "truth", "calls"),
    [
        ("first", ["3 CTC C 0/1", "5 CTC C 0/1"], ["3 CTCTC C 0/1"]),
        ("first", ["69 ATTAAGAGAA A 0/1"], ["66 GGAATTAAGA G 0/1"]),
        ("repeat", ["2223 ATA A 0/1", "2225 ATA A 0/1"], ["2223 ATATA A 0/1"]),
        ("repeat", ["2240 AAT A,AATAT 2/1"], ["2243 ATA A 0/1", "2247 A ATA 0/1"]),
        ("copies", ["3677 T TGT 0/1", "3679 T TGT 0/1"], ["3686 G GTGTG 0/1"]),
        (
            "egfr",
            ["6593 T TTCCAGGAAGCCT 0/1", "6606 G T 0/1", "6610 G GGCCAGCGTG 0/1", "6614 A AGCGTGGACA 0/1"],
            ["6593 T TTCCAGGAAGCCT 0/1", "6599 A ATGGCCAGCG 0/1", "6603 C CCAGCGTGGA 0/1", "6606 G T 0/1"],
        ),
    ],
)
def test_happys_leftshifting_example_is_all_right(tmp_path, piece, truth, calls):
    bases = PIECES[piece][1]
    found = judged(tmp_path, bases, shifted(piece, *truth), shifted(piece, *calls))
    assert outcome(found) == (len(truth), 0, len(calls), 0)


def test_happys_false_positives_count_inside_the_regions_alone(tmp_path):
    bases = "C" + "A" * 200
    truth = ["5 A T 0/1", "105 AAAAA AAAAATC 1/1"]
    calls = [f"{pos} A T 0/1" for pos in (2, 4, 5, 6, 7)]
    found = judged(tmp_path, bases, truth, calls, [(0, 4), (4, 5), (5, 6)])
    assert found == {"found": [5], "missed": [], "right": [5], "false": [2, 4, 6], "genotype": []}


@pytest.mark.parametrize(("truth", "calls"), [("1", "1/1"), ("1/1", "1"), ("1", "1")])
def test_happys_haploid_is_homozygous(tmp_path, truth, calls):
    assert outcome(judged(tmp_path, "CAAAAAA", [f"5 A T {truth}"], [f"5 A T {calls}"])) == (1, 0, 1, 0)


def snp(pos: int, genotype: str = "1/1", step: int = 1) -> str:
    ref = SC1[pos - 1]
    return f"{pos} {ref} {'ACGT'['ACGT'.index(ref) - step]} {genotype}"


def deletion(pos: int, size: int) -> str:
    return f"{pos} {SC1[pos - 1 : pos + size]} {SC1[pos - 1]} 1/1"


EDGES = [snp(1, "1|0"), snp(50, "1|0"), snp(350, "1|0"), snp(400, "1|0")]
SHAPES = [snp(200), f"210 {SC1[209:214]} {'TT' if SC1[209] != 'T' else 'GG'} 1/1", deletion(220, 4)]
SHAPES += [f"250 {SC1[249]} {','.join(base for base in 'ACGT' if base != SC1[249])[:3]} 1|2"]


@pytest.mark.parametrize(
    ("truth", "calls", "expected"),
    [
        pytest.param(
            [snp(140), snp(146), deletion(150, 100), snp(256)],
            [snp(140), snp(146), snp(256)],
            (3, 1, 3, 0),
            id="swallowed_snps",
        ),
        pytest.param([deletion(150, 10)], [deletion(150, 8)], (0, 1, 0, 1), id="partial_match_del, all or nothing"),
        pytest.param([snp(200)], [snp(200, step=2)], (0, 1, 0, 1), id="colocated_spurious_snp"),
        pytest.param([snp(300), snp(301), snp(302)], [snp(300)], (1, 2, 1, 0), id="adjacent_fn_no_overcredit"),
        pytest.param(EDGES, EDGES, (4, 0, 4, 0), id="contig_start_snp, contig_end_snp"),
        pytest.param(SHAPES, SHAPES, (4, 0, 4, 0), id="record_shapes"),
    ],
)
def test_vcfdists_scenarios(tmp_path, truth, calls, expected):
    assert outcome(judged(tmp_path, SC1, truth, calls)) == expected
