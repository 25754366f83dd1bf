"""What tells the places of doubtful pairs apart: the bases that pairs would show at each site, and what others show."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pysam

from scripts.alignment.depth import NOT_COUNTED, WINDOW
from scripts.alignment.pairs import CLIP, DELETION, INSERTION, OTHER, Place, Sides, bases, sequenced, turned

GAP = 300  # bases between two sites that are worth a new search in a file
GOOD = 13  # quality from which a base of the other reads counts
INDEL, INDEL_BASE, CLIPPED = 6.0, 0.3, 0.8  # cost of what does not fit, natural logarithm


class Evidence(NamedTuple):
    """All places of all pairs, flattened: places of a pair follow each other, and so do bases of a place.

    first      per pair: number of its first place
    fixed      per place: log likelihood of what does not depend on other reads
    start      per place: number of its first base
    key        per base: 4 x site + base code
    error      per base: probability that it was read wrongly
    certain    per key: bases of reads that are not doubtful
    reference  per key: whether it is the reference's base
    """

    first: np.ndarray
    fixed: np.ndarray
    start: np.ndarray
    key: np.ndarray
    error: np.ndarray
    certain: np.ndarray
    reference: np.ndarray


class Collected:
    """The places of pairs, as they are read."""

    def __init__(self, offsets: Sequence[int], insert: tuple[float, float]):
        """offsets: where each sequence starts when all are laid in a row; insert: mean and deviation, bases."""
        self.offsets, self.insert = offsets, insert
        self.first: list[int] = []
        self.fixed: list[float] = []
        self.sizes: list[int] = []
        self.starts: list[list[int]] = []
        self.columns: tuple[list, list, list] = ([], [], [])

    def add(self, sides: Sides, found: list[Place]) -> None:
        self.first.append(len(self.fixed))
        primaries = [side[0] for side in sides]
        reads = [sequenced(read) for read in primaries]
        for place in found:
            cost, size = ((place.span - self.insert[0]) / self.insert[1]) ** 2 / 2, 0
            for read, primary, whole in zip(place.mates, primaries, reads, strict=True):
                given = whole if read.is_reverse == primary.is_reverse else turned(*whole)
                position, code, quality = bases(read, *given)
                size += len(position)
                shown = position + self.offsets[read.reference_id], code, quality
                for column, values in zip(self.columns, shown, strict=True):
                    column.append(values)
                for operation, length in read.cigartuples:
                    if operation in (INSERTION, DELETION):
                        cost += INDEL + INDEL_BASE * length
                    elif operation == CLIP:
                        cost += CLIPPED * length
            self.fixed.append(-cost)
            self.starts.append([self.offsets[read.reference_id] + read.reference_start for read in place.mates])
            self.sizes.append(size)

    def windows(self) -> np.ndarray:
        """Places x 2: where the mates start, in windows of depth."""
        return np.array(self.starts) // WINDOW

    def evidence(self, certain: Callable[[np.ndarray], np.ndarray], reference: Callable, least: int = 2) -> Evidence:
        """Of all bases, those at sites where at least so many bases differ from the reference; others cost what an
        error costs, wherever the pair lies.

        certain    sites -> counts, sites x 4
        reference  sites -> base codes of the reference
        """
        position, code, quality = map(np.concatenate, self.columns)
        error = np.power(10, -np.maximum(np.arange(256), 3) / 10)[quality]
        sites = np.unique(position)
        expected, counts = reference(sites), certain(sites)
        site, known = np.searchsorted(sites, position), code < OTHER
        differs = known & (code != expected[site])
        other = counts.copy()
        other[np.arange(len(sites)), expected % OTHER] = 0
        other += np.bincount(site[differs] * 4 + code[differs], minlength=4 * len(sites)).reshape(-1, 4)
        telling = other.max(axis=1) >= least
        place = np.repeat(np.arange(len(self.fixed)), self.sizes)
        lone, used = differs & ~telling[site], known & telling[site]
        fixed = np.array(self.fixed) + np.bincount(place[lone], np.log(error[lone] / 3), len(self.fixed))
        number = np.cumsum(telling) - 1
        kept = np.zeros((telling.sum(), 4), bool)
        kept[np.arange(len(kept)), expected[telling] % OTHER] = expected[telling] < OTHER
        sizes = np.bincount(place[used], minlength=len(fixed))
        return Evidence(
            first=np.array(self.first),
            fixed=fixed,
            start=np.cumsum(sizes) - sizes,
            key=number[site[used]] * 4 + code[used],
            error=error[used],
            certain=counts[telling].ravel().astype(float),
            reference=kept.ravel(),
        )


def stretches(sites: np.ndarray, offsets: Sequence[int]) -> Iterable[tuple[int, int, int]]:
    """(number of the sequence, start, end) that hold all sites, 0-based and half-open."""
    number = np.searchsorted(offsets, sites, side="right") - 1
    breaks = np.flatnonzero((np.diff(sites) > GAP) | (np.diff(number) > 0))
    for low, high in zip([0, *(breaks + 1)], [*breaks, len(sites) - 1], strict=True):
        which = int(number[low])
        yield which, int(sites[low]) - offsets[which], int(sites[high]) - offsets[which] + 1


def counted(sites: np.ndarray, offsets: Sequence[int], files: Iterable[pysam.AlignmentFile]) -> np.ndarray:
    """How often the reads of sorted files show each base (sites x 4)."""
    total = np.zeros(4 * len(sites))
    for which, start, end in stretches(sites, offsets):
        for file in files:
            seen = [
                bases(read, *sequenced(read))
                for read in file.fetch(file.get_reference_name(which), start, end)
                if not read.flag & NOT_COUNTED
            ]
            if seen:
                position, code, quality = map(np.concatenate, zip(*seen, strict=True))
                position = position + offsets[which]
                at = np.minimum(np.searchsorted(sites, position), len(sites) - 1)
                # A read counts once, in the stretch that holds its base.
                used = (sites[at] == position) & (quality >= GOOD) & (code < OTHER)
                used &= (position >= start + offsets[which]) & (position < end + offsets[which])
                total += np.bincount(at[used] * 4 + code[used], minlength=len(total))
    return total.reshape(-1, 4)
