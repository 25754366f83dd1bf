"""How likely the reads of a site are, given the share of the alternate allele in what was sequenced."""

from __future__ import annotations

import numpy as np


def log_table(shares: np.ndarray, qualities: int) -> np.ndarray:
    """Logarithm of the probability of one read, shape (2 * qualities, shares): reference reads first, by quality.

    shares  of the alternate allele among the molecules, shape (k,)

    A wrong base is one of the three others with equal probability (Li 2011, Bioinformatics 27:2987).
    """
    error = np.minimum(10.0 ** (-np.arange(qualities) / 10), 0.75)[:, None]
    alternate = shares * (1 - error) + (1 - shares) * error / 3
    reference = (1 - shares) * (1 - error) + shares * error / 3
    return np.log(np.concatenate([reference, alternate]))


def of_reads(counts: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Log-likelihood of the reads of every site, shape (sites, shares); `counts` as `alleles.alleles` makes them."""
    sites, _, qualities = counts.shape
    return counts.reshape(sites, -1).astype(float) @ log_table(shares, qualities)


def hardy_weinberg(frequency: np.ndarray) -> np.ndarray:
    """Probability of 0, 1 and 2 alternate alleles, shape (sites, 3)."""
    return np.stack([(1 - frequency) ** 2, 2 * frequency * (1 - frequency), frequency**2], axis=1)


def genotypes(counts: np.ndarray, prior: np.ndarray, certainty: float, contamination: float = 0.0) -> np.ndarray:
    """Number of alternate alleles, shape (sites,), int8; -1 where the posterior probability is less than `certainty`.

    prior          of 0, 1 and 2 alternate alleles, shape (sites, 3)
    contamination  share of the reads that are another's, of whose two alleles either is taken for equally likely: a
                   few foreign reads make no heterozygote
    """
    shares = (1 - contamination) * np.array([0.0, 0.5, 1.0]) + contamination / 2
    joint = of_reads(counts, shares) + np.log(np.maximum(prior, 1e-12))
    weight = np.exp(joint - joint.max(axis=1, keepdims=True, initial=-np.inf))
    best = weight.argmax(axis=1) if len(weight) else np.zeros(0, dtype=int)
    certain = weight.max(axis=1, initial=0) >= certainty * weight.sum(axis=1)
    return np.where(certain & (counts.sum(axis=(1, 2)) > 0), best, -1).astype(np.int8)
