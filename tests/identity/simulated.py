"""Simulated donors: genotypes from allele frequencies, and the base counts that sequencing them would give."""

from __future__ import annotations

import numpy as np

from scripts.identity.alleles import QUALITIES


def person(rng: np.random.Generator, frequency: np.ndarray) -> np.ndarray:
    """Alternate alleles of an unrelated donor, shape (sites,)."""
    return (rng.random((len(frequency), 2)) < frequency[:, None]).sum(axis=1)


def child(rng: np.random.Generator, father: np.ndarray, mother: np.ndarray) -> np.ndarray:
    """A child's genotypes: from each parent one allele at random."""
    return sum((rng.random(len(parent)) < parent / 2).astype(int) for parent in (father, mother))


def reads(
    rng: np.random.Generator, genotype: np.ndarray, depth: float, rate: float = 0.0, contaminant=None
) -> np.ndarray:
    """Reads by site, allele and quality, of which `rate` are a contaminant's; qualities and errors as Illumina's."""
    number = rng.poisson(depth, len(genotype))
    site = np.repeat(np.arange(len(genotype)), number)
    foreign = rng.random(len(site)) < rate
    copies = genotype[site] if contaminant is None else np.where(foreign, contaminant[site], genotype[site])
    alternate = rng.random(len(site)) < copies / 2
    quality = rng.choice([14, 23, 37], len(site), p=[0.03, 0.12, 0.85])
    wrong = rng.random(len(site)) < 10.0 ** (-quality / 10)
    # One wrong base in three is the other allele; the others are neither, and are not counted.
    seen = ~wrong | (rng.random(len(site)) < 1 / 3)
    counts = np.zeros((len(genotype), 2, QUALITIES), dtype=np.uint16)
    np.add.at(counts, (site[seen], (alternate ^ wrong)[seen].astype(int), quality[seen]), 1)
    return counts
