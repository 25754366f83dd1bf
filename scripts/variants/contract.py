"""What a caller of somebody else's says, in the terms that all callers keep here: a filter in a pipe of VCF.

... | python -m scripts.variants.contract SAMPLE PLOIDY COPIES.bed | ...

The caller's own filters go, as FILTER speaks of the recipe's thresholds. Genotypes have as many alleles as the sample
has copies: a caller that knows two alone says of one copy that both are alike. Nothing stands where there is none.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from scripts.lib.refusal import Refusal

CURE = "its caller keeps another contract than docs/genomics.md says: use the version that is named there"


class Copies:
    """How many copies of a base the sample has.

    ploidy  of what no row names
    rows    lines of sequence, start, end (0-based, half-open), sample and copies
    """

    def __init__(self, ploidy: int, rows: Iterable[str]):
        self.ploidy = ploidy
        self.rows: dict[str, list[tuple[int, int, int]]] = {}
        for name, start, end, _, copies in map(str.split, rows):
            self.rows.setdefault(name, []).append((int(start), int(end), int(copies)))
        for stretches in self.rows.values():
            stretches.sort()

    def at(self, name: str, position: int) -> int:
        """Of a 1-based position."""
        stretches = self.rows.get(name, [])
        before = bisect_right(stretches, (position - 1, sys.maxsize, 0)) - 1
        inside = before >= 0 and position <= stretches[before][1]
        return stretches[before][2] if inside else self.ploidy


def single(values: list[str], keys: list[str], per_genotype: set[str]) -> list[str]:
    """The values of a sample with one copy, from those of two that are alike."""
    kept = list(values)
    for number, (key, value) in enumerate(zip(keys, values, strict=False)):
        if key == "GT":
            kept[number] = re.split(r"[/|]", value)[0]
        elif key in per_genotype and "," in value:
            # Genotypes are ordered 0/0, 0/1, 1/1, 0/2, 1/2, 2/2: the alike ones stand at k(k + 3)/2.
            every, alike = value.split(","), 0
            of_one = []
            while alike < len(every):
                of_one.append(every[alike])
                alike += len(of_one) + 1
            kept[number] = ",".join(of_one)
    return kept


def kept(lines: Iterable[str], sample: str, copies: Copies) -> Iterator[str]:
    """The lines that the contract lets through, as it wants them. Raises Refusal where a caller says something else."""
    per_genotype: set[str] = set()
    for line in lines:
        cells = line.rstrip("\n").split("\t")
        if line.startswith("##FORMAT=") and "Number=G," in line:
            per_genotype.add(line.partition("ID=")[2].partition(",")[0])
        if line.startswith("#CHROM") and cells[9:] != [sample]:
            found = f"calls of {', '.join(cells[9:]) or 'nobody'}"
            raise Refusal("calls, line #CHROM", found, f"{sample} alone, as its reads say", CURE)
        if line.startswith("#"):
            if not line.startswith("##FILTER="):
                yield line
            continue
        name, position, keys, values = cells[0], int(cells[1]), cells[8].split(":"), cells[9].split(":")
        genotype = values[0]  # GT comes first, where there is one
        wanted = copies.at(name, position)
        if wanted == 0:
            continue
        alleles = re.split(r"[/|]", genotype)
        if wanted == 1 and len(alleles) == 2 and len(set(alleles)) == 1:
            values = single(values, keys, per_genotype)
        elif len(alleles) != wanted and alleles != ["."]:
            expected = f"one of {wanted} alleles, as the sample has copies"
            raise Refusal(f"calls, {name}:{position}", f"genotype {genotype}", expected, CURE)
        yield "\t".join([*cells[:6], ".", *cells[7:9], ":".join(values)]) + "\n"


def main(sample: str, ploidy: str, bed: str) -> int:
    with open(bed, encoding="utf-8") as rows:
        copies = Copies(int(ploidy), rows)
    try:
        sys.stdout.writelines(kept(sys.stdin, sample, copies))
    except Refusal as refusal:
        print(f"REFUSED {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
