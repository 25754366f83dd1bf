"""Which variants are contaminants, by blanks and by concentrations: the two models of decontam (Davis et al. 2018)."""

from __future__ import annotations

import numpy as np
from scipy import stats


def prevalence(in_blanks: int, blanks: int, in_samples: int, samples: int) -> float | None:
    """Probability (Fisher's exact test, one-sided) of a variant in that many blanks or more if they have it as often as
    samples do; None where there is nothing to compare."""
    if not blanks or not samples:
        return None
    table = [[in_blanks, in_samples], [blanks - in_blanks, samples - in_samples]]
    return float(stats.fisher_exact(table, alternative="greater").pvalue)


def frequency(shares: np.ndarray, concentrations: np.ndarray, least: int) -> float | None:
    """How much better the shares of a variant fit an inverse of the DNA's concentration (a contaminant's) than one
    share in all: the F test of decontam. None where fewer than `least` samples have it."""
    there = shares > 0
    if there.sum() < max(least, 2):
        return None
    share, inverse = np.log(shares[there]), -np.log(concentrations[there])
    contaminant = ((share - inverse) - (share - inverse).mean()) ** 2
    own = (share - share.mean()) ** 2
    if not own.sum():
        return 1.0
    freedom = int(there.sum()) - 1
    return float(stats.f.cdf(contaminant.sum() / own.sum(), freedom, freedom))
