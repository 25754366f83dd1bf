"""A reference's callable regions, or an exome's padded targets, cut into intervals of equal size.

Variants belong to the interval that their first base lies in, so each is reported once. Reads come from a wider window,
so that both sides of a seam see an indel with all of its reads and their mates.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scripts.lib import karyotype
from scripts.lib.bed import is_region
from scripts.lib.files import written

Region = tuple[str, int, int]
# Bases: wider than a read pair, and a distance below which it costs less to read on than to seek.
MARGIN, SEEK = 1_000, 5_000


def regions(bed: str) -> list[Region]:
    """The regions of a BED file (0-based, half-open), in its order."""
    with open(bed, encoding="utf-8") as lines:
        fields = [line.split("\t") for line in lines if is_region(line)]
    return [(name, int(start), int(end)) for name, start, end, *_ in fields]


def merged(found: Iterable[Region], sizes: dict[str, int], padding: int, gap: int = 0) -> list[Region]:
    """The regions in the order of the reference, wider by `padding`, joined where no more than `gap` lies between."""
    rank = {name: number for number, name in enumerate(sizes)}
    total: list[Region] = []
    for name, start, end in sorted(found, key=lambda region: (rank[region[0]], *region[1:])):
        start, end = max(0, start - padding), min(sizes[name], end + padding)
        if total and total[-1][0] == name and start <= total[-1][2] + gap:
            total[-1] = (name, total[-1][1], max(end, total[-1][2]))
        else:
            total.append((name, start, end))
    return total


def divide(whole: list[Region], count: int) -> Iterator[list[Region]]:
    """The regions in `count` parts whose sizes differ by no more than a base; cut where a part is full."""
    total = sum(end - start for _, start, end in whole)
    left = iter(whole)
    name, start, end = "", 0, 0
    for number in range(count):
        wanted = total * (number + 1) // count - total * number // count
        part: list[Region] = []
        while wanted:
            if start == end:
                name, start, end = next(left)
            taken = min(wanted, end - start)
            part.append((name, start, start + taken))
            start, wanted = start + taken, wanted - taken
        yield part


class Paths(NamedTuple):
    regions: str
    fai: str
    intervals: str
    windows: str


class Values(NamedTuple):
    parts: int
    padding: int


def main(paths: Paths, values: Values) -> None:
    """Write tables of sequence, first and last base (1-based, as bcftools wants them) and interval number.

    paths.intervals  where each interval's variants begin
    paths.windows    what is read for it
    """
    sizes = karyotype.lengths(paths.fai)
    whole = merged(regions(paths.regions), sizes, values.padding)
    with written(paths.intervals) as intervals, written(paths.windows) as windows:
        for number, part in enumerate(divide(whole, values.parts), 1):
            for handle, rows in ((intervals, part), (windows, merged(part, sizes, MARGIN, SEEK))):
                handle.writelines(f"{name}\t{start + 1}\t{end}\t{number}\n" for name, start, end in rows)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
