"""Blocks of a gVCF where no read lies."""

from __future__ import annotations

from scripts.variants.blocks import Region, cut, filled, joined


def line(name: str, pos: int, end: int = 0) -> str:
    info = f"END={end};MIN_DP=5;AN=2" if end else "DP=9"
    return f"{name}\t{pos}\t.\tA\t.\t.\t.\t{info}\tGT:DP\t0/0:5"


def told(lines: list[str], *regions: Region) -> list[tuple[str, int, int]]:
    """(sequence, first, last base) of each line."""
    found = []
    for each in filled(lines, regions, lambda name, at: "ACGT"[at % 4]):
        name, pos, *_ = each.split("\t")
        info = each.split("\t")[7]
        last = int(info[4:].partition(";")[0]) if info.startswith("END=") else int(pos)
        found.append((name, int(pos), last))
    return found


def test_gaps_before_between_and_after_are_told_once():
    lines = [line("a", 5, 9), line("a", 10), line("a", 10), line("a", 13, 20), line("b", 7)]
    assert told(lines, Region("a", 1, 25, 2), Region("b", 5, 7, 2), Region("c", 1, 3, 2)) == [
        ("a", 1, 4),
        ("a", 5, 9),
        ("a", 10, 10),
        ("a", 10, 10),
        ("a", 11, 12),
        ("a", 13, 20),
        ("a", 21, 25),
        ("b", 5, 6),
        ("b", 7, 7),
        ("c", 1, 3),
    ]


def test_nothing_is_told_outside_of_where_variants_are_called():
    lines = [line("a", 10, 12), line("a", 30, 34)]
    regions = [Region("a", 10, 14, 2), Region("a", 30, 34, 2)]
    assert told(lines, *regions) == [("a", 10, 12), ("a", 13, 14), ("a", 30, 34)]
    assert told([], *regions) == [("a", 10, 14), ("a", 30, 34)]


def test_a_block_says_that_it_has_no_depth_and_how_many_copies_there_are():
    found = list(
        filled([], [Region("a", 1, 4, 2), Region("a", 5, 5, 1), Region("y", 2, 3, 0)], lambda _, at: "NACGTA"[at])
    )
    assert found == [
        "a\t1\t.\tA\t.\t.\t.\tEND=4;MIN_DP=0;AN=0\tGT:DP\t./.:0",
        "a\t5\t.\tA\t.\t.\t.\tMIN_DP=0;AN=0\tGT:DP\t.:0",
        "y\t2\t.\tC\t.\t.\t.\tEND=3;MIN_DP=0;AN=0\tGT:DP\t.:0",
    ]


def test_intervals_that_follow_each_other_are_one_and_cut_where_copies_change():
    rows = list(joined([("a", 1, 10), ("a", 11, 20), ("a", 22, 30), ("x", 1, 9)]))
    assert rows == [("a", 1, 20), ("a", 22, 30), ("x", 1, 9)]
    others = [Region("a", 15, 25, 1), Region("x", 1, 3, 1), Region("x", 7, 9, 1)]
    assert list(cut(rows, others, 2)) == [
        Region("a", 1, 14, 2),
        Region("a", 15, 20, 1),
        Region("a", 22, 25, 1),
        Region("a", 26, 30, 2),
        Region("x", 1, 3, 1),
        Region("x", 4, 6, 2),
        Region("x", 7, 9, 1),
    ]
