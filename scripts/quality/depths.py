"""Depths of a sample by every definition that asks for one, from one reading of its alignment.

Bases count as in `samtools depth -s` (no unmapped, secondary, failed or duplicate reads, no deleted or clipped bases,
overlapping mates once). That tool knows one definition at a time, and reading is most of its work.
"""

import gzip
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scripts.lib.files import written
from scripts.quality.mates import Mates, Pairing
from scripts.quality.reads import MATE_UNMAPPED, Reads, batches
from scripts.quality.regions import AUTOSOME

Take = Callable[[str, int, np.ndarray], None]


class Counting(NamedTuple):
    """Which bases count: least qualities of mapping and of base; whether those of a read whose mate is unmapped do."""

    mapping: int
    base: int = 0
    lone: bool = True


STANDARD = Counting(20, 20, lone=False)  # GA4GH WGS QC: "mean autosome coverage" and what is derived from it
ENGLAND, ENGLAND_YIELD, ENGLAND_DEEP = Counting(11), Counting(0, 30), 15  # Genomics England: coverage, yield, depth


class Low(NamedTuple):
    """Bases of poor quality: number of their block, 0-based position, quality."""

    block: np.ndarray
    position: np.ndarray
    quality: np.ndarray


def poor(reads: Reads, least: int) -> Low:
    """The aligned bases below a quality."""
    width = reads.bases.shape[1]
    found = np.flatnonzero(reads.bases.ravel() < least)
    starts = reads.read * width + reads.offset
    block = np.searchsorted(starts, found, side="right") - 1
    within = found - starts[block]
    aligned = (block >= 0) & (within < reads.size[block])
    found, block, within = found[aligned], block[aligned], within[aligned]
    return Low(block, reads.position[block] + within, reads.bases.ravel()[found])


def counted(reads: Reads, mates: Mates, counting: Counting) -> np.ndarray:
    """Per block: the position from which its bases count; that after its last where none does."""
    kept = reads.quality >= counting.mapping
    if not counting.lone:
        kept &= reads.flag & MATE_UNMAPPED == 0
    after = np.where(mates.quality >= counting.mapping, mates.end, 0)
    end = reads.position + reads.size
    return np.where(kept[reads.read], np.minimum(np.maximum(reads.position, after[reads.read]), end), end)


def bases(reads: Reads, mates: Mates, counting: Counting) -> int:
    """How many bases count."""
    width = reads.bases.shape[1]
    good = np.zeros(reads.bases.size + 1, np.int64)
    np.cumsum(reads.bases.ravel() >= counting.base, out=good[1:])
    start = reads.read * width + reads.offset
    skipped = counted(reads, mates, counting) - reads.position
    return int((good[start + reads.size] - good[start + skipped]).sum())


class Depth:
    """Depth along the genome, handed on as soon as no later read can change it."""

    def __init__(self, counting: Counting, take: Take):
        self.counting, self._take = counting, take
        self._name, self._start, self._open = "", 0, np.zeros(0, np.int64)

    def add(self, reads: Reads, mates: Mates, low: Low) -> None:
        first = int(reads.start[0])
        self._hand_on(first if reads.name == self._name else None)
        if not len(self._open):
            self._name, self._start = reads.name, first
        size = max(len(self._open), int(reads.end.max()) - first)
        start, end = counted(reads, mates, self.counting), reads.position + reads.size
        change = np.bincount(start - first, minlength=size + 1) - np.bincount(end - first, minlength=size + 1)
        depth = np.cumsum(change)[:size]
        depth[: len(self._open)] += self._open
        bad = (low.quality < self.counting.base) & (low.position >= start[low.block])
        self._open = depth - np.bincount(low.position[bad] - first, minlength=size)

    def end(self) -> None:
        self._hand_on(None)

    def _hand_on(self, until: int | None) -> None:
        """Hand on what lies before a position, or all."""
        ready = len(self._open) if until is None else min(len(self._open), until - self._start)
        if ready:
            self._take(self._name, self._start, self._open[:ready])
        self._open, self._start = self._open[ready:], self._start + ready


class Histogram:
    """How many positions have which depth, by kind of chromosome."""

    def __init__(self, bed: str):
        self._regions: dict[str, list[tuple[int, int, str]]] = {}
        self._left: dict[str, int] = {}
        self._counts: dict[str, np.ndarray] = {}
        with open(bed, encoding="utf-8") as handle:
            for name, start, end, kind in (line.split() for line in handle):
                self._regions.setdefault(name, []).append((int(start), int(end), kind))
                self._left[kind] = self._left.get(kind, 0) + int(end) - int(start)

    def take(self, name: str, start: int, depth: np.ndarray) -> None:
        for low, high, kind in self._regions.get(name, ()):
            inside = depth[max(low - start, 0) : max(high - start, 0)]
            if len(inside):
                found = np.bincount(inside)
                counts = self._counts.get(kind, found[:0])
                total = np.zeros(max(len(found), len(counts)), np.int64)
                total[: len(counts)] += counts
                total[: len(found)] += found
                self._counts[kind], self._left[kind] = total, self._left[kind] - len(inside)

    def rows(self) -> list[tuple[str, int, int]]:
        """(kind, depth, positions); where no read came near, the depth is 0."""
        found = []
        for kind, left in sorted(self._left.items()):
            counts = self._counts.get(kind, np.zeros(1, np.int64))
            counts[0] += left
            found += [(kind, depth, int(counts[depth])) for depth in np.flatnonzero(counts).tolist()]
        return found


class Deep:
    """The stretches of at least some depth, as (name, start, end)."""

    def __init__(self, least: int):
        self._least = least
        self.found: list[tuple[str, int, int]] = []

    def take(self, name: str, start: int, depth: np.ndarray) -> None:
        edges = np.flatnonzero(np.diff(depth >= self._least, prepend=False, append=False)) + start
        for low, high in edges.reshape(-1, 2).tolist():
            if self.found and self.found[-1][0] == name and self.found[-1][2] == low:
                low = self.found.pop()[1]
            self.found.append((name, low, high))


class Paths(NamedTuple):
    cram: str
    fasta: str
    regions: str
    depths: str
    genomics_england: str
    callable: str


class Values(NamedTuple):
    callable: dict[str, int]


def main(paths: Paths, values: Values) -> None:
    """Measure `paths.cram`: write `paths.depths` (kind, depth, positions), `paths.genomics_england` (name, number) and
    `paths.callable` (BED of what is as deep as `values.callable` asks)."""
    standard, england, deep = Histogram(paths.regions), Histogram(paths.regions), Deep(values.callable["depth"])
    known = Counting(values.callable["mapping"], values.callable["base"])
    depths = [Depth(STANDARD, standard.take), Depth(ENGLAND, england.take), Depth(known, deep.take)]
    pairing, least, good = Pairing(), max(depth.counting.base for depth in depths), 0
    for reads in batches(paths.cram, paths.fasta):
        mates, low = pairing.mates(reads), poor(reads, least)
        good += bases(reads, mates, ENGLAND_YIELD)
        for depth in depths:
            depth.add(reads, mates, low)
    for depth in depths:
        depth.end()
    with written(paths.depths) as handle:
        handle.writelines(f"{kind}\t{depth}\t{count}\n" for kind, depth, count in standard.rows())
    autosomes = [(depth, count) for kind, depth, count in england.rows() if kind == AUTOSOME]
    with written(paths.genomics_england) as handle:
        handle.write(f"positions\t{sum(count for _, count in autosomes)}\n")
        handle.write(f"positions_15x\t{sum(count for depth, count in autosomes if depth >= ENGLAND_DEEP)}\n")
        handle.write(f"bases_q30\t{good}\n")
    with written(paths.callable, "wb") as packed, gzip.GzipFile("", "wb", fileobj=packed, mtime=0) as handle:
        handle.writelines(f"{name}\t{start}\t{end}\n".encode() for name, start, end in deep.found)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
