"""A small random genome, the variants of a population, and the two haplotypes of each sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
COMPLEMENT = np.arange(256, dtype=np.uint8)
COMPLEMENT[BASES] = BASES[::-1]

#: No variant closer than this to a contig's end or a planted repeat: reads there are few, or belong elsewhere.
MARGIN = 400
#: Distance between neighbouring sites: far enough for each read to anchor an indel on both sides.
SITE_GAP = 30
LONGEST_INDEL = 12


@dataclass(frozen=True)
class Variant:
    """One biallelic site, left-aligned; `pos` is the 1-based position of the first base of `ref`."""

    contig: str
    pos: int
    ref: str
    alt: str


@dataclass(frozen=True)
class Haplotype:
    """One copy of one contig: its bases (ASCII, uint8) and the 0-based reference position each of them lies at."""

    bases: np.ndarray
    reference: np.ndarray


def normalise(sequence: str, pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """The shortest, leftmost way to write a variant; `pos` is 1-based (Tan, Abecasis and Kang 2015, algorithm 1)."""
    while ref[-1] == alt[-1] and (pos > 1 or min(len(ref), len(alt)) > 1):
        ref, alt = ref[:-1], alt[:-1]
        if not ref or not alt:
            pos -= 1
            ref, alt = sequence[pos - 1] + ref, sequence[pos - 1] + alt
    while min(len(ref), len(alt)) > 1 and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


def _spots(rng: np.random.Generator, length: int, width: int, count: int) -> list[int]:
    """Random starts, one in each of `count` equal stretches, so that they never overlap."""
    stretch = length // count
    return [number * stretch + int(rng.integers(0, stretch - width)) for number in range(count)]


def random_contig(rng: np.random.Generator, length: int, element: np.ndarray) -> tuple[str, np.ndarray]:
    """A sequence whose GC content wanders between 35 and 50 %, with diverged copies of `element` and microsatellites.

    Returns the sequence and a bool array that is true where no variant may be planted.
    """
    block = 2000
    gc = np.repeat(rng.uniform(0.35, 0.50, length // block + 1), block)[:length]
    strong = rng.random(length) < gc
    bases = np.where(strong, BASES[1 + rng.integers(0, 2, length)], BASES[3 * rng.integers(0, 2, length)])
    closed = np.zeros(length, dtype=bool)
    closed[:MARGIN] = closed[-MARGIN:] = True
    for start in _spots(rng, length, len(element), max(1, length // 15_000)):
        copy = np.where(rng.random(len(element)) < 0.12, BASES[rng.integers(0, 4, len(element))], element)
        bases[start : start + len(element)] = copy
        closed[max(0, start - SITE_GAP) : start + len(element) + SITE_GAP] = True
    for start in _spots(rng, length, 40, max(1, length // 10_000)):
        bases[start : start + 40] = np.tile(BASES[rng.permutation(4)[:2]], 20)
        closed[max(0, start - SITE_GAP) : start + 40 + SITE_GAP] = True
    return bases.tobytes().decode(), closed


def random_genome(rng: np.random.Generator, contigs: Mapping[str, int]) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """Sequences by contig name, and the places where no variant may lie."""
    element = BASES[rng.integers(0, 4, 300)]
    made = {name: random_contig(rng, length, element) for name, length in contigs.items()}
    return {name: pair[0] for name, pair in made.items()}, {name: pair[1] for name, pair in made.items()}


def _snp(rng: np.random.Generator, contig: str, sequence: str, pos: int) -> Variant:
    """A transition twice as often as a transversion."""
    ref = sequence[pos - 1]
    transition = {"A": "G", "G": "A", "C": "T", "T": "C"}[ref]
    others = sorted(set("ACGT") - {ref, transition})
    return Variant(contig, pos, ref, transition if rng.random() < 2 / 3 else others[rng.integers(0, 2)])


def _indel(rng: np.random.Generator, contig: str, sequence: str, pos: int) -> Variant:
    """An insertion or deletion of 1 to 12 bases, mostly short, written left-aligned."""
    size = min(int(rng.geometric(0.35)), LONGEST_INDEL)
    anchor = sequence[pos - 1]
    if rng.random() < 0.5:
        ref, alt = sequence[pos - 1 : pos + size], anchor
    else:
        ref, alt = anchor, anchor + BASES[rng.integers(0, 4, size)].tobytes().decode()
    return Variant(contig, *normalise(sequence, pos, ref, alt))


def population_sites(
    rng: np.random.Generator, sequences: Mapping[str, str], closed: Mapping[str, np.ndarray], spacing: float
) -> list[Variant]:
    """Sites of a population: three SNPs to one indel, about `spacing` bases apart, a few SNPs in close pairs."""
    sites = []
    for contig, sequence in sequences.items():
        pos = MARGIN
        while (pos := pos + SITE_GAP + int(rng.exponential(spacing))) < len(sequence) - MARGIN:
            if closed[contig][pos - SITE_GAP : pos + SITE_GAP].any():
                continue
            if rng.random() < 0.25:
                sites.append(_indel(rng, contig, sequence, pos))
                pos += LONGEST_INDEL
                continue
            sites.append(_snp(rng, contig, sequence, pos))
            if rng.random() < 0.1:
                pos += int(rng.integers(3, 13))
                sites.append(_snp(rng, contig, sequence, pos))
    return sites


def genotypes(rng: np.random.Generator, count: int) -> np.ndarray:
    """Phased alleles of one diploid sample, shape (count, 2), 0 or 1, from allele frequencies of 0.3 to 0.7."""
    return (rng.random((count, 2)) < rng.uniform(0.3, 0.7, (count, 1))).astype(int)


def haplotype(contig: str, sequence: str, variants: list[Variant]) -> Haplotype:
    """The contig with these variants applied; they must be sorted and must not overlap."""
    reference = np.frombuffer(sequence.encode(), dtype=np.uint8)
    bases, where, done = [], [], 0
    for variant in (variant for variant in variants if variant.contig == contig):
        start, end = variant.pos - 1, variant.pos - 1 + len(variant.ref)
        alt = np.frombuffer(variant.alt.encode(), dtype=np.uint8)
        bases += [reference[done:start], alt]
        where += [np.arange(done, start), np.minimum(start + np.arange(len(alt)), end - 1)]
        done = end
    return Haplotype(
        np.concatenate([*bases, reference[done:]]), np.concatenate([*where, np.arange(done, len(reference))])
    )


def vcf(sample: str, sequences: Mapping[str, str], sites: list[Variant], alleles: np.ndarray) -> str:
    """The truth of one sample as VCF 4.2 text: phased genotypes, only the sites where it differs from the reference."""
    head = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
    head += [f"##contig=<ID={name},length={len(sequence)}>" for name, sequence in sequences.items()]
    head.append("\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", sample]))
    body = [
        f"{site.contig}\t{site.pos}\t.\t{site.ref}\t{site.alt}\t.\tPASS\t.\tGT\t{first}|{second}"
        for site, (first, second) in zip(sites, alleles.tolist(), strict=True)
        if first or second
    ]
    return "\n".join(head + body) + "\n"
