"""Callable bases cut into intervals: all of them, each once, in equal parts."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from scripts.variants import callable as callable_regions
from scripts.variants import intervals

SIZES = {"chr1": 10_000, "chr2": 5_000, "chr10": 3_000}


@st.composite
def region_lists(draw):
    names = st.sampled_from(list(SIZES))
    found = []
    for _ in range(draw(st.integers(1, 12))):
        name = draw(names)
        start = draw(st.integers(0, SIZES[name] - 1))
        found.append((name, start, draw(st.integers(start + 1, SIZES[name]))))
    return found


def bases(regions):
    return [(name, base) for name, start, end in regions for base in range(start, end)]


@given(region_lists(), st.integers(0, 300))
def test_merged_regions_are_in_the_order_of_the_reference_and_do_not_overlap(found, padding):
    whole = bases(intervals.merged(found, SIZES, padding))
    assert len(whole) == len(set(whole))
    assert whole == sorted(whole, key=lambda base: (list(SIZES).index(base[0]), base[1]))
    assert set(bases(found)) <= set(whole)


@given(region_lists(), st.integers(1, 7))
def test_every_base_is_in_one_part_and_parts_are_of_one_size(found, count):
    whole = intervals.merged(found, SIZES, 0)
    parts = list(intervals.divide(whole, count))
    assert len(parts) == count
    assert [base for part in parts for base in bases(part)] == bases(whole)
    sizes = [len(bases(part)) for part in parts]
    assert max(sizes) - min(sizes) <= 1


def test_reads_come_from_further_than_variants(tmp_path):
    (tmp_path / "r.fai").write_text("".join(f"{name}\t{size}\t0\t60\t61\n" for name, size in SIZES.items()))
    (tmp_path / "targets.bed").write_text("chr2\t100\t200\nchr1\t4000\t4100\nchr1\t4150\t4250\n")
    paths = SimpleNamespace(
        regions=str(tmp_path / "targets.bed"),
        fai=str(tmp_path / "r.fai"),
        intervals=tmp_path / "intervals.tsv",
        windows=tmp_path / "windows.tsv",
    )
    intervals.main(paths, SimpleNamespace(padding=50, parts=2))
    assert paths.intervals.read_text() == "chr1\t3951\t4225\t1\nchr1\t4226\t4300\t2\nchr2\t51\t250\t2\n"
    assert paths.windows.read_text() == "chr1\t2951\t5225\t1\nchr1\t3226\t5300\t2\nchr2\t1\t1250\t2\n"


def test_what_a_browser_is_told_is_no_region_but_a_sequence_may_be_called_track1(tmp_path):
    bed = tmp_path / "targets.bed"
    bed.write_text("#made by hand\ntrack name=targets\nbrowser hide all\n\ntrack1\t5\t9\n")
    assert intervals.regions(str(bed)) == [("track1", 5, 9)]


def test_callable_is_what_is_not_n(tmp_path):
    (tmp_path / "r.fa").write_text(">chr1\nNNACGTNNAC\n>unplaced\nACGTN\n")
    paths = SimpleNamespace(fasta=str(tmp_path / "r.fa"), bed=tmp_path / "callable.bed")
    callable_regions.main(paths, SimpleNamespace())
    assert paths.bed.read_text() == "chr1\t2\t6\nchr1\t8\t10\nunplaced\t0\t4\n"
