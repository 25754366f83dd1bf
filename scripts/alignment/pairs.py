"""Pairs of reads that fit in several places: where each could lie, and what its bases would say there."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

import numpy as np
import pysam

COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
OTHER = 4  # code of anything but A, C, G, T
CODES = np.full(256, OTHER, np.int8)
CODES[np.frombuffer(b"ACGT", np.uint8)] = range(OTHER)
MATCH, INSERTION, DELETION, CLIP = (0, 7, 8), 1, 2, 4

Mates = tuple[pysam.AlignedSegment, pysam.AlignedSegment]
Sides = tuple[list[pysam.AlignedSegment], list[pysam.AlignedSegment]]


class Place(NamedTuple):
    """Where a pair could lie: an alignment of each mate, and the bases from end to end."""

    mates: Mates
    span: int


def misfits(read: pysam.AlignedSegment) -> int:
    """Bases of an alignment that differ from the reference, are inserted, missing or clipped."""
    return read.get_tag("NM") + sum(length for operation, length in read.cigartuples if operation == CLIP)


def by_pair(records: Iterable[pysam.AlignedSegment]) -> Iterator[Sides]:
    """The alignments of first and second mates, of one name and read group each, the primary one first."""
    for _, named in groupby(records, key=lambda read: read.query_name):
        groups: dict[str, Sides] = {}
        for read in sorted(named, key=lambda read: read.is_secondary):
            groups.setdefault(read.get_tag("RG"), ([], []))[read.is_read2].append(read)
        yield from groups.values()


def places(sides: Sides, longest: float, reach: int) -> list[Place]:
    """Where a pair could lie with its mates towards each other, at most `longest` bases from end to end, and at most
    `reach` more misfits than where it fits best. None for what is no pair, or is aligned in pieces."""
    if not all(sides) or any(side[0].is_unmapped or side[0].has_tag("SA") for side in sides):
        return []
    found = []
    lost = [[misfits(read) for read in side] for side in sides]
    for one, first in zip(sides[0], lost[0], strict=True):
        for two, second in zip(sides[1], lost[1], strict=True):
            if one.reference_id != two.reference_id or one.is_reverse == two.is_reverse:
                continue
            left, right = (one, two) if two.is_reverse else (two, one)
            span = right.reference_end - left.reference_start
            if left.reference_start <= right.reference_start and span <= longest:
                found.append((first + second, Place((one, two), span)))
    best = min((number for number, _ in found), default=0)
    return [place for number, place in found if number <= best + reach]


def sequenced(read: pysam.AlignedSegment) -> tuple[np.ndarray, np.ndarray]:
    """Base codes and qualities of a read in the direction of the reference."""
    codes = CODES[np.frombuffer(read.query_sequence.encode(), np.uint8)]
    return codes, np.frombuffer(read.query_qualities, np.uint8)


def turned(codes: np.ndarray, qualities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same read on the other strand."""
    return np.where(codes == OTHER, OTHER, 3 - codes)[::-1], qualities[::-1]


def bases(read: pysam.AlignedSegment, codes: np.ndarray, qualities: np.ndarray) -> tuple[np.ndarray, ...]:
    """(0-based position, base code, quality) of the aligned bases, given all of the read as it lies there."""
    positions, taken, at, position = [], [], 0, read.reference_start
    for operation, length in read.cigartuples:
        if operation in MATCH:
            positions.append(np.arange(position, position + length))
            taken.append(slice(at, at + length))
        at += length if operation in (*MATCH, INSERTION, CLIP) else 0
        position += length if operation in (*MATCH, DELETION) else 0
    return tuple(map(np.concatenate, (positions, [codes[each] for each in taken], [qualities[each] for each in taken])))


def laid(primary: pysam.AlignedSegment, mates: Mates, span: int, quality: int) -> pysam.AlignedSegment:
    """A read as it is, at its alignment in a place of its pair, with this mapping quality."""
    here, there = mates if primary.is_read1 else mates[::-1]
    if here.is_reverse != primary.is_reverse:
        sequence, qualities = primary.query_sequence, primary.query_qualities
        primary.query_sequence, primary.query_qualities = sequence.translate(COMPLEMENT)[::-1], qualities[::-1]
    primary.is_reverse, primary.mate_is_reverse = here.is_reverse, there.is_reverse
    primary.reference_id, primary.next_reference_id = here.reference_id, there.reference_id
    primary.reference_start, primary.next_reference_start = here.reference_start, there.reference_start
    primary.cigartuples, primary.mapping_quality, primary.is_proper_pair = here.cigartuples, quality, True
    primary.template_length = -span if here.is_reverse else span
    # ms, the mate's sum of qualities, is what duplicates are told by; it does not depend on the place.
    kept = {name: primary.get_tag(name) for name in ("RG", "ms") if primary.has_tag(name)}
    kept |= {name: here.get_tag(name) for name in ("NM", "AS")} | {"MC": there.cigarstring, "MQ": quality}
    primary.set_tags(list(kept.items()))
    return primary
