"""What is right, missed and false where writing, overlap, ploidy, phase and borders make it hard to say."""

from __future__ import annotations

import pytest
from test_published_cases import judged, outcome

#: Unique sequence, a homopolymer (positions 13 to 20), unique, a run of CA (31 to 40), unique.
BASES = "GATCTAGGCTTC" + "A" * 8 + "GCTTGACTGG" + "CA" * 5 + "GTCTGATTGCATCGGATTCAGGTACC"
RIGHT = {
    "an indel at the other end of a repeat": (["12 C CA 0/1"], ["20 A AA 0/1"]),
    "a deletion in the middle of one": (["30 GCA G 0/1"], ["34 ACA A 0/1"]),
    "padded alleles": (["12 CAA CA 1/1"], ["12 CAAAA CAAA 1/1"]),
    "a block or its bases": (["3 TCTA GCTC 0/1"], ["3 T G 0/1", "6 A C 0/1"]),
    "bases of one haplotype or of two, where nobody says which": (["3 TCTA GCTC 0/1"], ["3 T G 0|1", "6 A C 1|0"]),
    "phase is free": (["3 T G 0|1", "9 C A 1|0"], ["3 T G 1|0", "9 C A 1|0"]),
    "two alleles in one record or in two": (["10 T A,C 1/2"], ["10 T A 0/1", "10 T C 0/1"]),
    "the order of alleles": (["10 T A,C 1/2"], ["10 T C,A 2/1"]),
    "an allele that nobody carries": (["10 T A 0/1"], ["10 T C,A 0/2"]),
    "a star for what is deleted": (["9 CTTC C 0/1", "11 T A,* 1/2"], ["9 CTTC C 1/0", "11 T A 0/1"]),
    "a deletion and a base on the other haplotype": (["9 CTTC C 0/1", "11 T A 0/1"], ["9 CTTC CTAC,C 1/2"]),
    "an insertion beside a base": (["10 T A 1/1", "10 T TG 0/1"], ["10 T A,AG 1/2"]),
    "a deletion and an insertion for a base": (["10 T G 0/1"], ["9 CT C 0/1", "10 T TG 0/1"]),
    "lower case": (["10 t g 0/1"], ["10 T G 0/1"]),
    "haploid": (["10 T G 1"], ["10 T G 1/1"]),
    "the first base": (["1 G A 0/1"], ["1 G A 0/1"]),
    "the last base": ([f"{len(BASES)} C T 1/1"], [f"{len(BASES)} C T 1/1"]),
}


@pytest.mark.parametrize(("truth", "calls"), RIGHT.values(), ids=RIGHT)
@pytest.mark.parametrize("turned", [False, True])
def test_other_words_for_the_same(tmp_path, truth, calls, turned):
    truth, calls = (calls, truth) if turned else (truth, calls)
    found = judged(tmp_path, BASES, truth, calls)
    assert not found["missed"] and not found["false"] and found["found"] and found["right"]


WRONG = {
    "another genotype": (["10 T G 0/1"], ["10 T G 1/1"], (0, 1, 0, 1), [10]),
    "another genotype of an indel elsewhere in the repeat": (["12 C CA 0/1"], ["20 A AA 1/1"], (0, 1, 0, 1), [12]),
    "one of two alleles": (["10 T A,C 1/2"], ["10 T A 0/1"], (0, 1, 0, 1), [10]),
    "another base": (["10 T A 0/1"], ["10 T G 0/1"], (0, 1, 0, 1), []),
    "an indel of another length": (["12 C CA 0/1"], ["12 C CAA 0/1"], (0, 1, 0, 1), []),
    "one record has both on one haplotype, the other has not": (
        ["3 TCTA GCTC 0/1"],
        ["3 TCTA GCTA,TCTC 1/2"],
        (1, 1, 1, 1),
        [3],
    ),
    "half of a block": (["3 TCTA GCTC 0/1"], ["3 T G 0/1"], (1, 1, 1, 0), []),
    "calls that undo each other": (["10 T G 0/1"], ["10 T G 0/1", "12 C CA 0/1", "12 CA C 0/1"], (1, 0, 1, 2), []),
    "calls that undo each other alone": ([], ["30 G GCA 0/1", "30 GCA G 0/1"], (0, 0, 0, 2), []),
    "a record said twice is one": (["10 T G 1/1"], ["10 T G 0/1", "10 T G 0/1"], (0, 1, 0, 1), [10]),
    "not passed": (["10 T G 0/1"], ["10 T G 0/1 Low"], (0, 1, 0, 0), []),
    "not passed by the truth": (["10 T G 0/1 Low"], ["10 T G 0/1"], (0, 0, 0, 1), []),
    "a neighbour is not held guilty": (["10 T G 0/1", "14 A C 0/1"], ["10 T G 0/1", "15 A T 0/1"], (1, 1, 1, 1), []),
    "no symbols": (["10 T <DEL> 0/1", "11 T A 0/1"], ["11 T A 0/1"], (1, 0, 1, 0), []),
}


@pytest.mark.parametrize(("truth", "calls", "expected", "genotype"), WRONG.values(), ids=WRONG)
def test_what_is_not_the_same(tmp_path, truth, calls, expected, genotype):
    found = judged(tmp_path, BASES, truth, calls)
    assert outcome(found) == expected
    assert found["genotype"] == genotype


@pytest.mark.parametrize(
    ("lines", "span", "counted"),
    [
        (["10 T G 0/1"], (9, 10), True),
        (["10 T G 0/1"], (10, 20), False),
        (["10 T G 0/1"], (0, 9), False),
        (["9 CTTC C 0/1"], (9, 12), True),
        (["9 CTTC C 0/1"], (9, 11), False),
        (["9 CTTC C 0/1"], (10, 12), False),
        (["10 T TG 0/1"], (9, 11), True),
        (["10 T TG 0/1"], (10, 30), False),
        (["10 T TG 0/1"], (0, 10), False),
    ],
)
def test_what_straddles_a_border_is_counted_on_neither_side(tmp_path, lines, span, counted):
    for truth, calls, name in ((lines, [], "missed"), ([], lines, "false"), (lines, lines, "found")):
        assert bool(judged(tmp_path, BASES, truth, calls, [span])[name]) == counted


def test_a_variant_is_found_though_the_calls_write_it_outside_of_the_regions(tmp_path):
    # Written left by the truth, right by the calls; the region ends between.
    found = judged(tmp_path, BASES, ["12 C CA 0/1"], ["20 A AA 0/1"], [(5, 16)])
    assert (found["found"], found["missed"], found["right"], found["false"]) == ([12], [], [], [])
    found = judged(tmp_path, BASES, ["12 C CA 0/1"], ["20 A AA 0/1"], [(16, 25)])
    assert (found["found"], found["missed"], found["right"], found["false"]) == ([], [], [20], [])


def test_many_variants_side_by_side_are_compared_at_once(tmp_path):
    bases = ("ACGTTGCA" * 60) + BASES
    truth = [f"{pos} {bases[pos - 1]} {'G' if bases[pos - 1] != 'G' else 'A'} 0/1" for pos in range(5, 470, 5)]
    calls = [line for number, line in enumerate(truth) if number % 9] + [
        f"491 {bases[490]} {'G' if bases[490] != 'G' else 'A'} 1/1"
    ]
    found = judged(tmp_path, bases, truth, calls)
    assert len(found["missed"]) == sum(not number % 9 for number in range(len(truth))) and len(found["false"]) == 1
