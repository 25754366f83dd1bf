"""Depths from one reading of an alignment are those that samtools gives one by one: the samtools of the lock, because
what `depth -s` counts differs between versions (Debian 13's 1.21 from those before and after it)."""

from __future__ import annotations

import gzip
import random
from types import SimpleNamespace

import numpy as np
import pysam
import pysam.samtools
import pytest

from scripts.quality import depths, reads
from scripts.quality.depths import Counting

SEQUENCES = {"chr1": 12_000, "chr2": 3_000, "chr3": 500}
CIGARS = ("60M", "5S55M", "30M4I26M", "20M7D40M", "10M100N50M", "3H40M20S", "25=1X34=", "60M")


def read(header, name: str, flag: int, place: tuple[str, int], mate: tuple[str, int], rng: random.Random):
    found = pysam.AlignedSegment(header)
    found.query_name, found.flag, found.mapping_quality = name, flag, rng.choice((0, 10, 11, 19, 20, 60, 60, 60))
    found.reference_id, found.reference_start = header.get_tid(place[0]), place[1]
    found.next_reference_id, found.next_reference_start = header.get_tid(mate[0]), mate[1]
    found.cigarstring = rng.choice(CIGARS)
    length = found.infer_query_length()
    found.query_sequence = "A" * length
    found.query_qualities = pysam.qualitystring_to_array("".join(rng.choices("#+5:?F", k=length)))
    return found


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """Pairs that overlap, touch, lie apart, on two sequences, at one place, with a mate that is unmapped or left out;
    single reads; one sequence that nothing lies on."""
    folder, rng = tmp_path_factory.mktemp("depths"), random.Random(3)
    (folder / "ref.fa").write_text("".join(f">{name}\n{'A' * size}\n" for name, size in SEQUENCES.items()))
    pysam.faidx(str(folder / "ref.fa"))
    header = pysam.AlignmentHeader.from_references(list(SEQUENCES), list(SEQUENCES.values()))
    found = []
    for number in range(1200):
        name = rng.choice(("chr1", "chr1", "chr2"))
        one = rng.randrange(SEQUENCES[name] // 2)
        other = (name, one + rng.choice((0, 0, 7, 30, 59, 60, 61, 150, 400)))
        other = ("chr2", 9) if rng.random() < 0.05 else other
        left_out = rng.choice((0, 0, 0, 0, 0x100, 0x200, 0x400))
        if rng.random() < 0.1:
            found.append(read(header, f"single{number}", rng.choice((0, 16)), (name, one), ("chr2", 0), rng))
        elif rng.random() < 0.1:
            found.append(read(header, f"lone{number}", 0x49, (name, one), (name, one), rng))
        else:
            found.append(read(header, f"pair{number}", 0x43, (name, one), other, rng))
            found.append(read(header, f"pair{number}", 0x83 | left_out, other, (name, one), rng))
    found.sort(key=lambda each: (each.reference_id, each.reference_start))
    with pysam.AlignmentFile(
        str(folder / "a.cram"), "wc", header=header, reference_filename=str(folder / "ref.fa")
    ) as out:
        for each in found:
            out.write(each)
    return folder


def by_samtools(folder, *options: str) -> dict[str, np.ndarray]:
    told = pysam.samtools.depth("-aa", "-s", *options, "--reference", str(folder / "ref.fa"), str(folder / "a.cram"))
    lines = told.splitlines()
    found = {name: np.zeros(size, int) for name, size in SEQUENCES.items()}
    for name, position, depth in (line.split("\t") for line in lines):
        found[name][int(position) - 1] = int(depth)
    return found


def ours(folder, counting: Counting) -> tuple[dict[str, np.ndarray], int]:
    """Depths, and how many bases count."""
    found, total = {name: np.zeros(size, int) for name, size in SEQUENCES.items()}, 0

    def take(name: str, start: int, depth: np.ndarray) -> None:
        found[name][start : start + len(depth)] += depth

    pairing, depth = depths.Pairing(), depths.Depth(counting, take)
    for batch in reads.batches(str(folder / "a.cram"), str(folder / "ref.fa")):
        mates = pairing.mates(batch)
        depth.add(batch, mates, depths.poor(batch, counting.base))
        total += depths.bases(batch, mates, counting)
    depth.end()
    return found, total


@pytest.mark.parametrize("at_once", [1_000, 30_000, 1 << 22], ids=lambda size: f"{size} bytes at once")
@pytest.mark.parametrize(
    ("counting", "options"),
    [
        (depths.STANDARD, ("-q", "20", "-Q", "20", "-G", "MUNMAP")),
        (depths.ENGLAND, ("-Q", "11")),
        (depths.ENGLAND_YIELD, ("-q", "30")),
        (Counting(20, 10), ("-q", "10", "-Q", "20")),
    ],
    ids=["GA4GH", "Genomics England", "Genomics England's yield", "callable"],
)
def test_depths_are_those_of_samtools(sample, monkeypatch, counting, options, at_once):
    monkeypatch.setattr(reads, "AT_ONCE", at_once)
    monkeypatch.setattr(reads, "STRETCH", at_once)
    expected = by_samtools(sample, *options)
    found, total = ours(sample, counting)
    for name in SEQUENCES:
        assert found[name].tolist() == expected[name].tolist(), name
    assert total == sum(int(depth.sum()) for depth in expected.values())


def test_tables_are_of_what_is_assessed_and_deep_enough(sample, tmp_path):
    (tmp_path / "assessed.bed").write_text("chr1\t100\t900\tautosome\nchr1\t950\t1000\tautosome\nchr3\t0\t500\tx\n")
    names = ("depths", "genomics_england", "callable")
    written = {name: str(tmp_path / name) for name in names}
    files = {"cram": str(sample / "a.cram"), "fasta": str(sample / "ref.fa"), "regions": str(tmp_path / "assessed.bed")}
    settings = SimpleNamespace(callable={"depth": 5, "mapping": 20, "base": 10})
    depths.main(SimpleNamespace(**files, **written), settings)

    standard = by_samtools(sample, "-q", "20", "-Q", "20", "-G", "MUNMAP")["chr1"]
    values, counts = np.unique(np.concatenate([standard[100:900], standard[950:1000]]), return_counts=True)
    rows = [f"autosome\t{value}\t{count}" for value, count in zip(values, counts, strict=True)]
    assert (tmp_path / "depths").read_text().splitlines() == [*rows, "x\t0\t500"]

    england = by_samtools(sample, "-Q", "11")["chr1"]
    deep = int((england[100:900] >= 15).sum() + (england[950:1000] >= 15).sum())
    good = sum(int(depth.sum()) for depth in by_samtools(sample, "-q", "30").values())
    lines = (tmp_path / "genomics_england").read_text().splitlines()
    assert lines == ["positions\t850", f"positions_15x\t{deep}", f"bases_q30\t{good}"]

    known = {name: np.zeros(size, bool) for name, size in SEQUENCES.items()}
    with gzip.open(tmp_path / "callable", "rt") as handle:
        stretches = [line.split() for line in handle]
    for name, start, end in stretches:
        known[name][int(start) : int(end)] = True
    expected = by_samtools(sample, "-q", "10", "-Q", "20")
    assert all((known[name] == (expected[name] >= 5)).all() for name in SEQUENCES)
    assert not {(name, end) for name, _, end in stretches} & {(name, start) for name, start, _ in stretches}


def test_a_sample_without_reads_has_no_depth(tmp_path):
    (tmp_path / "ref.fa").write_text(f">chr1\n{'A' * 100}\n")
    (tmp_path / "assessed.bed").write_text("chr1\t0\t100\tautosome\n")
    header = pysam.AlignmentHeader.from_references(["chr1"], [100])
    with pysam.AlignmentFile(str(tmp_path / "a.bam"), "wb", header=header):
        pass
    files = {
        "cram": str(tmp_path / "a.bam"),
        "fasta": str(tmp_path / "ref.fa"),
        "regions": str(tmp_path / "assessed.bed"),
    }
    written = {name: str(tmp_path / name) for name in ("depths", "genomics_england", "callable")}
    settings = SimpleNamespace(callable={"depth": 5, "mapping": 20, "base": 10})
    depths.main(SimpleNamespace(**files, **written), settings)
    assert (tmp_path / "depths").read_text() == "autosome\t0\t100\n"
    assert (tmp_path / "genomics_england").read_text() == "positions\t100\npositions_15x\t0\nbases_q30\t0\n"
