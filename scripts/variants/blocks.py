"""A gVCF's blocks where no read lies, which the caller leaves out: what was not read is said not to have been.

Blocks and records then tell each base in which variants are called once: a record tells its first base, the blocks all
others.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple


class Region(NamedTuple):
    """Bases of a sequence (1-based, inclusive) of which a sample has so many copies."""

    name: str
    start: int
    end: int
    copies: int


def joined(rows: Iterable[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    """Sorted rows (1-based, inclusive), those that follow each other as one."""
    last: tuple[str, int, int] | None = None
    for name, start, end in rows:
        if last and last[0] == name and start == last[2] + 1:
            last = name, last[1], end
        else:
            yield from [last] if last else []
            last = name, start, end
    yield from [last] if last else []


def cut(rows: Iterable[tuple[str, int, int]], others: list[Region], ploidy: int) -> Iterator[Region]:
    """The rows in pieces of one number of copies; others: where it is not `ploidy`."""
    for name, start, end in rows:
        for other in (each for each in others if each.name == name and each.start <= end and start <= each.end):
            if start < other.start:
                yield Region(name, start, other.start - 1, ploidy)
            yield Region(name, max(start, other.start), min(end, other.end), other.copies)
            start = other.end + 1
        if start <= end:
            yield Region(name, start, end, ploidy)


def filled(lines: Iterable[str], regions: Iterable[Region], base: Callable[[str, int], str]) -> Iterator[str]:
    """The data lines of a gVCF of one sample with blocks of no depth in between.

    regions  where variants are called, in the order of the lines
    base     the reference's base at a 1-based position of a sequence
    """
    left = iter(regions)
    region = next(left, None)

    def unread(end: int) -> Iterator[str]:
        nonlocal region
        if region.start <= end:
            until = f"END={end};" if end > region.start else ""
            genotype = "/".join("." * max(region.copies, 1))
            cells = region.name, str(region.start), ".", base(region.name, region.start), ".", ".", "."
            yield "\t".join([*cells, f"{until}MIN_DP=0;AN=0", "GT:DP", f"{genotype}:0"])
            region = region._replace(start=end + 1)

    for line in lines:
        name, position, *_, info = line.split("\t", 8)[:8]
        first = last = int(position)
        if info.startswith("END="):
            last = int(info[4:].partition(";")[0])
        while region and (region.name != name or region.end < first):
            yield from unread(region.end)
            region = next(left, None)
        if region:
            yield from unread(first - 1)
        yield line
        while region and region.name == name and region.start <= last:
            region = region._replace(start=last + 1) if last < region.end else next(left, None)
    while region:
        yield from unread(region.end)
        region = next(left, None)
