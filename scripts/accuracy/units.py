"""Records of a VCF as edits of two haplotypes.

A unit is what is counted: a record with its genotype. A record whose called alleles are as long as its reference is
cut into single bases, because callers differ in what they join; its units stay on the haplotypes that it gives them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

#: Sizes that are counted apart: those of the GA4GH's benchmarking tools, with 50 bases, from which on a variant is
#: called structural, as one more limit.
SIZES = (("1-5", 1), ("6-15", 6), ("16-49", 16), ("50+", 50))
GONE = "*"  # an allele whose base an earlier deletion has taken


class Edit(NamedTuple):
    """Bases of the reference (0-based, half-open), and what stands in their place."""

    start: int
    end: int
    text: str


class Unit(NamedTuple):
    """What one record, or a base of it, changes on its two haplotypes; a single copy counts as two that are alike.

    record  which one it was; units of one record share their haplotypes
    where, what  its 1-based position, and `REF>ALT GT` as it was written
    """

    slots: tuple[Edit | None, Edit | None]
    record: int
    where: int
    what: str

    @property
    def edits(self) -> list[Edit]:
        return [edit for edit in dict.fromkeys(self.slots) if edit]

    @property
    def start(self) -> int:
        return min(edit.start for edit in self.edits)

    @property
    def end(self) -> int:
        return max(edit.end for edit in self.edits)

    @property
    def key(self) -> frozenset:
        """The same for units that say the same, whatever the order of their haplotypes."""
        return frozenset((edit, self.slots.count(edit)) for edit in self.edits)

    @property
    def kind(self) -> str:
        """snp, insertion, deletion, or complex: bases exchanged for others of another number, or different edits on
        the two haplotypes."""
        kinds = {_kind(edit) for edit in self.edits}
        return kinds.pop() if len(kinds) == 1 else "complex"

    @property
    def size(self) -> str:
        """The class of the longest of its edits."""
        longest = max(max(len(edit.text), edit.end - edit.start) for edit in self.edits)
        return next(name for name, least in reversed(SIZES) if longest >= least)


def _kind(edit: Edit) -> str:
    if edit.start == edit.end:
        return "insertion"
    if not edit.text:
        return "deletion"
    return "snp" if len(edit.text) == edit.end - edit.start == 1 else "complex"


def trimmed(start: int, ref: str, alt: str) -> Edit | None:
    """What an allele changes, without the bases that it shares with the reference; None where it changes nothing."""
    if ref == alt or alt == GONE:
        return None
    shared = 0
    while shared < min(len(ref), len(alt)) and ref[shared] == alt[shared]:
        shared += 1
    start, ref, alt = start + shared, ref[shared:], alt[shared:]
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    return Edit(start, start + len(ref), alt)


def units(start: int, alleles: list[str], genotype: tuple[int, int], record: int) -> Iterator[Unit]:
    """The units of a record (0-based start); none where its genotype changes nothing."""
    ref, called = alleles[0], [alleles[number] for number in genotype]
    what = f"{ref}>{','.join(alleles[1:])} {'/'.join(map(str, genotype))}"
    if len(ref) > 1 and all(len(allele) == len(ref) and allele != GONE for allele in called):
        parts = [(start + at, ref[at], [allele[at] for allele in called]) for at in range(len(ref))]
    else:
        parts = [(start, ref, called)]
    for place, before, after in parts:
        first, second = (trimmed(place, before, allele) for allele in after)
        if first or second:
            yield Unit((first, second), record, start + 1, what)


def reach(sequence: str, unit: Unit) -> tuple[int, int]:
    """Where else the same change can be written: from the leftmost to the rightmost base."""
    low, high = unit.start, unit.end
    for start, end, text in unit.edits:
        if start < end and text:
            continue
        piece = text or sequence[start:end]
        left = right = 0
        while start - left > 0 and sequence[start - left - 1] == piece[-1 - left % len(piece)]:
            left += 1
        while end + right < len(sequence) and sequence[end + right] == piece[right % len(piece)]:
            right += 1
        low, high = min(low, start - left), max(high, end + right)
    return low, high
