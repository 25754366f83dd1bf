"""Called variants against a phased truth: by allele and genotype, with other spellings of the same haplotypes matched.

    python benchmarks/genomics/compare.py TRUTH.vcf.gz CALLS.vcf.gz REFERENCE.fa CONFIDENT.bed [CHROM:START-END ...]

Both sides are cut into single alleles, trimmed and left-aligned, blocks of equal length into single bases; an allele is
found when the calls have it with the same number of copies. What remains is compared as sequence, neighbourhood by
neighbourhood (as vcfeval and hap.py do): if some phasing of the calls gives the truth's two haplotypes, all is right.
An allele with the wrong number of copies is a false negative and a false positive.
"""

from __future__ import annotations

import argparse
import bisect
import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pysam

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scripts.demo.genome import normalise  # noqa: E402

NEAR, PHASINGS = 40, 10


class Allele(NamedTuple):
    """A normalised allele (1-based position)."""

    pos: int
    ref: str
    alt: str

    @property
    def kind(self) -> str:
        return "snp" if len(self.ref) == len(self.alt) else "indel"


def parts(sequence: str, pos: int, ref: str, alt: str) -> Iterator[Allele]:
    if len(ref) == len(alt):
        yield from (Allele(pos + k, a, b) for k, (a, b) in enumerate(zip(ref, alt, strict=True)) if a != b)
    else:
        yield Allele(*normalise(sequence, pos, ref, alt))


def read(vcf: Path, sequence: str, passing: bool) -> tuple[dict[Allele, int], list[set[Allele]]]:
    """Copies of each allele of the first sample, and the alleles of either haplotype as written (phased or not)."""
    copies: Counter[Allele] = Counter()
    haplotypes: list[set[Allele]] = [set(), set()]
    with pysam.VariantFile(str(vcf)) as records:
        for record in records:
            if passing and set(record.filter) - {"PASS"}:
                continue
            for which, number in enumerate(record.samples[0]["GT"]):
                if number and record.alleles[number][0] not in "*<":
                    found = list(parts(sequence, record.pos, record.ref.upper(), record.alleles[number].upper()))
                    copies.update(found)
                    haplotypes[which % 2].update(found)
    return {allele: min(count, 2) for allele, count in copies.items()}, haplotypes


def applied(sequence: str, low: int, high: int, alleles: list[Allele]) -> str | None:
    """The haplotype from `low` to `high` (0-based), or None when two alleles cannot stand on one."""
    text, end = [], low
    for pos, ref, alt in sorted(alleles):
        shared = 1 if len(ref) != len(alt) else 0
        start = pos - 1 + shared
        if start < end:
            return None
        text += [sequence[end:start], alt[shared:]]
        end = start + len(ref) - shared
    return "".join([*text, sequence[end:high]])


def same_haplotypes(sequence: str, truth: list[list[Allele]], called: dict[Allele, int]) -> bool:
    """Whether some phasing of the calls gives the two haplotypes of the truth."""
    het = [allele for allele, copies in called.items() if copies == 1]
    if len(het) > PHASINGS:
        return False
    hom = [allele for allele, copies in called.items() if copies == 2]
    every = [*truth[0], *truth[1], *called]
    low, high = min(each.pos for each in every) - 2, max(each.pos + len(each.ref) for each in every) + 1
    wanted = sorted(str(applied(sequence, low, high, side)) for side in truth)
    for sides in itertools.product((0, 1), repeat=max(0, len(het) - 1)):
        first = [allele for allele, side in zip(het, (0, *sides), strict=False) if side == 0]
        second = [allele for allele, side in zip(het, (0, *sides), strict=False) if side == 1]
        found = [applied(sequence, low, high, side + hom) for side in (first, second)]
        if None not in found and sorted(found) == wanted:
            return True
    return False


def neighbourhoods(alleles: set[Allele]) -> Iterator[list[Allele]]:
    cluster: list[Allele] = []
    end = 0
    for allele in sorted(alleles):
        if cluster and allele.pos > end + NEAR:
            yield cluster
            cluster = []
        cluster.append(allele)
        end = max(end if len(cluster) > 1 else 0, allele.pos + len(allele.ref))
    if cluster:
        yield cluster


class Confident:
    """Whether a position (1-based) is in the confident regions, and in one of the asked-for stretches."""

    def __init__(self, bed: Path, stretches: list[tuple[int, int]]):
        rows = sorted(tuple(map(int, line.split()[1:3])) for line in bed.read_text().splitlines())
        self.starts, self.ends = [row[0] for row in rows], [row[1] for row in rows]
        self.stretches = stretches

    def __contains__(self, pos: int) -> bool:
        at = bisect.bisect_left(self.starts, pos) - 1
        inside = at >= 0 and pos <= self.ends[at]
        return inside and (not self.stretches or any(low <= pos <= high for low, high in self.stretches))


def compare(truth_vcf: Path, calls_vcf: Path, sequence: str, where: Confident) -> tuple[dict, dict[str, list[Allele]]]:
    """Per kind: tp, fn, fp, wrong_genotype, recall, precision, f1; and the alleles behind fn and fp."""
    truth, phased = read(truth_vcf, sequence, passing=False)
    calls, _ = read(calls_vcf, sequence, passing=True)
    lost, extra = set(), set()
    for cluster in neighbourhoods(truth.keys() | calls.keys()):
        wanted = {allele: truth[allele] for allele in cluster if allele in truth}
        found = {allele: calls[allele] for allele in cluster if allele in calls}
        if wanted == found:
            continue
        sides = [[allele for allele in cluster if allele in side] for side in phased]
        if wanted and found and same_haplotypes(sequence, sides, found):
            continue
        lost |= {allele for allele, copies in wanted.items() if found.get(allele) != copies}
        extra |= {allele for allele, copies in found.items() if wanted.get(allele) != copies}
    wrong = {"fn": [each for each in lost if each.pos in where], "fp": [each for each in extra if each.pos in where]}
    result = {}
    for kind in ("snp", "indel"):
        total = sum(allele.kind == kind and allele.pos in where for allele in truth)
        fn, fp = (sum(allele.kind == kind for allele in wrong[name]) for name in ("fn", "fp"))
        tp = total - fn
        genotype = sum(allele.kind == kind for allele in set(wrong["fn"]) & set(wrong["fp"]))
        recall, precision = tp / max(total, 1), tp / max(tp + fp, 1)
        f1 = 2 * recall * precision / max(recall + precision, 1e-9)
        result[kind] = {"truth": total, "tp": tp, "fn": fn, "fp": fp, "wrong_genotype": genotype}
        result[kind] |= {"recall": round(recall, 5), "precision": round(precision, 5), "f1": round(f1, 5)}
    return result, {name: sorted(alleles) for name, alleles in wrong.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name in ("truth", "calls", "reference", "confident"):
        parser.add_argument(name, type=Path)
    parser.add_argument("stretch", nargs="*")
    parser.add_argument("--wrong", action="store_true", help="list the wrong alleles too")
    arguments = parser.parse_args()
    with pysam.FastxFile(str(arguments.reference)) as fasta:
        sequence = next(iter(fasta)).sequence.upper()
    stretches = [tuple(map(int, text.rpartition(":")[2].split("-"))) for text in arguments.stretch]
    where = Confident(arguments.confident, stretches)
    result, wrong = compare(arguments.truth, arguments.calls, sequence, where)
    print(json.dumps(result))
    if arguments.wrong:
        for name, alleles in wrong.items():
            for allele in alleles:
                print(name, *allele, sep="\t")


if __name__ == "__main__":
    main()
