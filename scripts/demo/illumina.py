"""Paired Illumina-like reads from two haplotypes: quality-driven errors, adapter read-through, duplicates."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scripts.demo.genome import BASES, COMPLEMENT, Haplotype

#: Illumina TruSeq read-through, as printed in Illumina's adapter sequences document.
ADAPTERS = (b"AGATCGGAAGAGCACACGTCTGAACTCCAGTCA", b"AGATCGGAAGAGCGTCGTGTAGGGAAAGAGTGT")
#: Two-colour instruments report four quality values.
QUALITIES = np.array([2, 12, 23, 37])
QUALITY_CUTS = np.array([-2.2, -0.8, 0.0])

INSERT_MEAN, INSERT_SD, SHORTEST_INSERT = 300, 50, 60
SHORT_SHARE = 0.03
DUPLICATE_SHARE = 0.03
#: Pairs that lie at the same place in two libraries by chance: marking them as duplicates would be wrong.
COINCIDENCE_SHARE = 0.005


@dataclass(frozen=True)
class Lane:
    """One run: what one library gave on one lane, which it shared with others that have another `number` (< 30)."""

    run: str
    library: str
    flowcell: str
    lane: int
    number: int
    index: str


@dataclass(frozen=True)
class Fragments:
    """DNA fragments of one sample: offsets into the joined haplotypes, length, which end is read first, library."""

    start: np.ndarray
    length: np.ndarray
    flipped: np.ndarray
    library: np.ndarray

    def pick(self, rows: np.ndarray) -> Fragments:
        return Fragments(self.start[rows], self.length[rows], self.flipped[rows], self.library[rows])

    def joined(self, other: Fragments) -> Fragments:
        fields = ("start", "length", "flipped", "library")
        return Fragments(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in fields))


def _fragments(
    rng: np.random.Generator, haplotypes: list[tuple[int, Haplotype]], count: int, libraries: int
) -> Fragments:
    """`count` fragments, no two of them with the same two ends on the reference."""
    sizes = np.array([len(copy.bases) for _, copy in haplotypes])
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    contig = np.array([number for number, _ in haplotypes])
    reference = np.concatenate([copy.reference for _, copy in haplotypes])
    which = rng.choice(len(sizes), count, p=sizes / sizes.sum())
    length = np.maximum(rng.normal(INSERT_MEAN, INSERT_SD, count).astype(int), SHORTEST_INSERT)
    short = rng.random(count) < SHORT_SHARE
    length[short] = rng.integers(SHORTEST_INSERT, INSERT_MEAN // 2, short.sum())
    start = offsets[which] + rng.integers(0, sizes[which] - length)
    places = np.stack([contig[which], reference[start], reference[start + length - 1]])
    first = np.sort(np.unique(places, axis=1, return_index=True)[1])
    made = Fragments(start, length, rng.random(count) < 0.5, rng.integers(0, libraries, count))
    return made.pick(first)


def _qualities(rng: np.random.Generator, reads: int, cycles: int, mate: int) -> np.ndarray:
    """Phred values, shape (reads, cycles): falling along the read, lower in read 2, good and bad reads apart."""
    cycle = np.linspace(0, 1, cycles)
    level = 1.9 - 0.2 * mate - 0.8 * cycle**2 + 0.5 * rng.normal(size=(reads, 1))
    return QUALITIES[np.searchsorted(QUALITY_CUTS, level + rng.normal(size=(reads, cycles)))]


def _mate(rng: np.random.Generator, joined: np.ndarray, fragments: Fragments, cycles: int, mate: int):
    """Bases (ASCII) and Phred values of read 1 (`mate` 0) or read 2 (`mate` 1), each of shape (fragments, cycles)."""
    cycle = np.arange(cycles)
    tail = np.full(cycles, ord("G"), dtype=np.uint8)  # two-colour chemistry reads nothing as G
    adapter = np.frombuffer(ADAPTERS[mate], dtype=np.uint8)[:cycles]
    tail[: len(adapter)] = adapter
    backward = (fragments.flipped ^ bool(mate))[:, None]
    inside = cycle < fragments.length[:, None]
    within = np.where(inside, cycle, 0)
    last = (fragments.start + fragments.length - 1)[:, None]
    template = joined[np.where(backward, last - within, fragments.start[:, None] + within)]
    template = np.where(backward, COMPLEMENT[template], template)
    bases = np.where(inside, template, tail[np.where(inside, 0, cycle - fragments.length[:, None])])
    qualities = _qualities(rng, len(bases), cycles, mate)
    wrong = rng.random(bases.shape) < 10.0 ** (-qualities / 10)
    # One to three steps along ACGT: always another base.
    shifted = BASES[(np.searchsorted(BASES, bases) + rng.integers(1, 4, bases.shape)) % 4]
    bases = np.where(wrong, shifted, bases)
    bases[qualities == QUALITIES[0]] = ord("N")
    return bases, qualities


def _fastq(names: list[str], mate: int, index: str, bases: np.ndarray, qualities: np.ndarray) -> bytes:
    """Gzip-compressed FASTQ without a time stamp."""
    letters = (qualities + 33).astype(np.uint8)
    records = (
        f"@{name} {mate + 1}:N:0:{index}\n".encode() + sequence.tobytes() + b"\n+\n" + quality.tobytes() + b"\n"
        for name, sequence, quality in zip(names, bases, letters, strict=True)
    )
    return gzip.compress(b"".join(records), compresslevel=6, mtime=0)


def _names(rng: np.random.Generator, lane: Lane, count: int) -> list[str]:
    """Read names in the order an instrument writes them: tile by tile, no spot of the lane used by two pairs."""
    spots = np.sort(rng.choice(4 * 1000 * 1000, count, replace=False))
    return [
        f"DEMO01:1:{lane.flowcell}:{lane.lane}:{1101 + spot // 1_000_000}"
        f":{1000 + spot // 1000 % 1000 * 30 + lane.number}:{1000 + spot % 1000 * 30}"
        for spot in spots.tolist()
    ]


def simulate(
    rng: np.random.Generator,
    haplotypes: Mapping[str, tuple[Haplotype, Haplotype]],
    lanes: list[Lane],
    depth: float,
    cycles: int,
) -> tuple[dict[str, tuple[bytes, bytes]], dict]:
    """Both FASTQ files of every run (by run id) and what is true about them.

    `depth` counts bases as sequenced, before duplicates are added. The truth holds: `pairs` per run; `duplicates`,
    the surplus pairs per library; `coincidences`, pairs at the same place in two libraries, which are no duplicates;
    `adapter_pairs`, pairs whose insert is shorter than the read.
    """
    copies = [(number, copy) for number, pair in enumerate(haplotypes.values()) for copy in pair]
    joined = np.concatenate([copy.bases for _, copy in copies])
    libraries = sorted({lane.library for lane in lanes})
    wanted = int(depth * len(joined) / 2 / (2 * cycles))
    fragments = _fragments(rng, copies, wanted, len(libraries))

    surplus = fragments.pick(rng.choice(len(fragments.start), int(DUPLICATE_SHARE * wanted), replace=False))
    coincidences = 0
    if len(libraries) > 1:
        coincidences = max(1, int(COINCIDENCE_SHARE * wanted))
        twins = fragments.pick(rng.choice(len(fragments.start), coincidences, replace=False))
        elsewhere = (twins.library + 1) % len(libraries)
        fragments = fragments.joined(Fragments(twins.start, twins.length, twins.flipped, elsewhere))
    fragments = fragments.joined(surplus)
    fragments = fragments.pick(rng.permutation(len(fragments.start)))

    mates = [_mate(rng, joined, fragments, cycles, mate) for mate in (0, 1)]
    # A library's pairs fall on its lanes at random, so duplicates lie within lanes and across them.
    turn = rng.integers(0, len(lanes), len(fragments.start))
    files, pairs = {}, {}
    for library, name in enumerate(libraries):
        own = [lane for lane in lanes if lane.library == name]
        for number, lane in enumerate(own):
            rows = np.flatnonzero((fragments.library == library) & (turn % len(own) == number))
            names = _names(rng, lane, len(rows))
            files[lane.run] = tuple(
                _fastq(names, mate, lane.index, bases[rows], qualities[rows])
                for mate, (bases, qualities) in enumerate(mates)
            )
            pairs[lane.run] = len(rows)
    truth = {
        "pairs": pairs,
        "duplicates": {name: int((surplus.library == number).sum()) for number, name in enumerate(libraries)},
        "coincidences": coincidences,
        "adapter_pairs": int((fragments.length < cycles).sum()),
    }
    return files, truth
