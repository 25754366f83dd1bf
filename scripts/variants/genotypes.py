"""Genotypes held against their allele depths: a filter between caller and `bcftools norm`.

    ... | bcftools call ... | python -m scripts.variants.genotypes --error 0.05 --margin 15 | bcftools norm ...

A read that ends inside a repeat looks like the reference there, with good quality, and two of 25 such reads turn a
homozygous indel into a heterozygous call. Here a share of the reads is expected to show another allele than their own,
whatever their quality (Li 2011, Bioinformatics 27:2987, equation 2, one error rate, several alleles); where that
model prefers another genotype by the margin, it is written with the model's likelihoods.
"""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Sequence
from functools import cache

import pysam

FLAG = "ADGT"
DESCRIPTION = "A genotype was taken from the allele depths"
QUALITY = '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Phred-scaled genotype quality">'
MOST = 99


@cache
def combinations(alleles: int, ploidy: int) -> tuple[tuple[int, ...], ...]:
    """All genotypes in the order of VCF's PL (specification 4.3, section 1.6.2)."""
    found = itertools.combinations_with_replacement(range(alleles), ploidy)
    return tuple(sorted(found, key=lambda genotype: genotype[::-1]))


def likelihoods(depths: Sequence[int], ploidy: int, error: float) -> list[float]:
    """Phred-scaled likelihood of each genotype, the best 0. depths: reads of each allele."""
    spread = error / max(len(depths) - 1, 1)
    found = []
    for genotype in combinations(len(depths), ploidy):
        total = 0.0
        for allele, depth in enumerate(depths):
            share = genotype.count(allele) / ploidy
            total -= 10 * depth * math.log10(share * (1 - error) + (1 - share) * spread)
        found.append(total)
    best = min(found)
    return [value - best for value in found]


def genotype(
    called: Sequence[int | None], depths: Sequence[int], error: float, margin: float
) -> tuple[tuple[int, ...], list[int], int] | None:
    """Another genotype than the called one, its PL and GQ; None where the called one stands.

    error   share of reads that say another allele than theirs
    margin  by how much (Phred) another genotype must be likelier
    """
    if None in called or not any(called) or not sum(depths):
        return None
    order = combinations(len(depths), len(called))
    found = likelihoods(depths, len(called), error)
    # Whether there is a variant at all is the caller's to say.
    best = min(range(1, len(found)), key=found.__getitem__)
    if order[best] == tuple(sorted(called)) or found[order.index(tuple(sorted(called)))] < margin:
        return None
    second = min(value for number, value in enumerate(found) if number != best)
    return order[best], [min(255, round(value)) for value in found], min(MOST, round(second))


def refine(record: pysam.VariantRecord, error: float, margin: float) -> None:
    """Rewrite an indel's genotypes in those samples whose allele depths say otherwise; all others stay as they are."""
    if not record.alts or all(len(allele) == len(record.ref) for allele in record.alts):
        return
    for sample in record.samples.values():
        depths = sample.get("AD")
        if not depths or None in depths:
            continue
        if other := genotype(sample["GT"], depths, error, margin):
            sample["GT"], likelihood, sample["GQ"] = other
            if "PL" in sample:
                sample["PL"] = likelihood
            else:
                sample["GL"] = [value / -10 for value in likelihood]
            record.info[FLAG] = True


def state_quality(record: pysam.VariantRecord) -> None:
    """GQ from GL, where a caller writes none: the distance of the second-best genotype."""
    for sample in record.samples.values():
        likelihood = sorted(value for value in sample.get("GL") or () if value is not None)
        if len(likelihood) > 1:
            sample["GQ"] = min(MOST, round(10 * (likelihood[-1] - likelihood[-2])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--error", type=float, required=True)
    parser.add_argument("--margin", type=float, required=True)
    arguments = parser.parse_args()
    with pysam.VariantFile("-") as source:
        source.header.add_line(f'##INFO=<ID={FLAG},Number=0,Type=Flag,Description="{DESCRIPTION}">')
        silent = "GQ" not in source.header.formats
        if silent:
            source.header.add_line(QUALITY)
        with pysam.VariantFile("-", "wb0", header=source.header) as target:
            for record in source:
                if silent:
                    state_quality(record)
                refine(record, arguments.error, arguments.margin)
                target.write(record)


if __name__ == "__main__":
    main()
