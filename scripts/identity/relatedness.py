"""How related every two samples are, and whether parents and child agree, from genotypes at shared sites.

Relatedness is twice the kinship of KING's robust estimator (Manichaikul et al. 2010, Bioinformatics 26:2867), which
needs no allele frequencies: 1 for one person, about 0.5 for parent and child or full siblings, about 0 for strangers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Pairs:
    """For every two samples, arrays of shape (samples, samples).

    sites        both have a genotype there
    opposite     homozygous for different alleles: never so in one person, nor in parent and child
    relatedness  NaN where neither has a heterozygous site
    evidence     heterozygous sites that are independent, in the sample that has fewer
    """

    sites: np.ndarray
    opposite: np.ndarray
    relatedness: np.ndarray
    evidence: np.ndarray


def compare(genotypes: np.ndarray, stretches: np.ndarray) -> Pairs:
    """All pairs at once, as products of matrices.

    genotypes  shape (samples, sites): alternate alleles, -1 unknown
    stretches  shape (sites,): sites with one number are not independent of each other
    """
    # float32 counts exactly up to 16 million sites.
    ref, het, alt = ((genotypes == value).astype(np.float32) for value in range(3))
    called = (genotypes >= 0).astype(np.float32)
    both = called @ called.T
    shared = het @ het.T
    opposite = ref @ alt.T + alt @ ref.T
    of_one = het @ called.T
    fewer = np.minimum(of_one, of_one.T)
    with np.errstate(invalid="ignore", divide="ignore"):
        related = np.where(fewer > 0, (shared - 2 * opposite) / fewer, np.nan)
    independent = np.array([len(np.unique(stretches[row == 1])) for row in genotypes])
    evidence = np.minimum(independent[:, None], independent[None, :])
    return Pairs(both.astype(int), opposite.astype(int), related, np.minimum(evidence, fewer.astype(int)))


def mendelian(child: np.ndarray, father: np.ndarray, mother: np.ndarray) -> tuple[int, int]:
    """Sites at which all three have a genotype, and those at which the child's cannot come from these parents."""
    known = (child >= 0) & (father >= 0) & (mother >= 0)
    child, father, mother = child[known], father[known], mother[known]
    # A parent gives 0 unless homozygous for the alternate, and 1 unless homozygous for the reference.
    least = (father == 2).astype(int) + (mother == 2)
    most = (father > 0).astype(int) + (mother > 0)
    return len(child), int(((child < least) | (child > most)).sum())


def stretches(contigs: list[str], positions: list[int], length: int) -> np.ndarray:
    """A number for each site, the same within `length` bases; with length 0 every site has its own."""
    if not length:
        return np.arange(len(positions))
    keys = [(contig, position // length) for contig, position in zip(contigs, positions, strict=True)]
    number: dict[tuple[str, int], int] = {}
    return np.array([number.setdefault(key, len(number)) for key in keys], dtype=int)
