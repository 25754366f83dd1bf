"""How much of a sample's DNA is another person's, by maximum likelihood from allele balance.

Sequence-only model of Jun et al. 2012 (American Journal of Human Genetics 91:839): at a site, reads come from the
sample's genotype with probability 1 - a, from a contaminant's with a; both genotypes are unknown and follow
Hardy-Weinberg proportions of the panel's allele frequency.
"""

from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from scripts.identity import likelihood, sites
from scripts.identity.settings import Settings
from scripts.lib.files import write_json

GRID = [0.0, *np.geomspace(0.0005, 0.5, 24).tolist()]
#: Half the 95 % quantile of chi-squared with one degree of freedom: where the profile likelihood ends an interval.
DROP = 1.92
PAIRS = np.array(list(product(range(3), repeat=2)))


def log_likelihood(rate: float, counts: np.ndarray, pair_prior: np.ndarray) -> float:
    """Of all reads, when `rate` of them are the contaminant's.

    counts      reads by site, allele and quality, shape (sites, 2, qualities)
    pair_prior  log-probability of the nine pairs of genotypes, shape (sites, 9)
    """
    shares = ((1 - rate) * PAIRS[:, 0] + rate * PAIRS[:, 1]) / 2
    joint = likelihood.of_reads(counts, shares) + pair_prior
    top = joint.max(axis=1)
    return float((top + np.log(np.exp(joint - top[:, None]).sum(axis=1))).sum())


def estimate(counts: np.ndarray, frequency: np.ndarray) -> tuple[float, float, float]:
    """The most likely rate, 0 to 0.5, and the ends of its 95 % confidence interval.

    Sites without reads say nothing and cost nothing. Frequencies of 0 and 1 are allowed.
    """
    covered = counts.sum(axis=(1, 2)) > 0
    counts, frequency = counts[covered], np.clip(frequency[covered], 1e-4, 1 - 1e-4)
    if not len(counts):
        return 0.0, 0.0, 0.5
    single = likelihood.hardy_weinberg(frequency)
    pair_prior = np.log(single[:, PAIRS[:, 0]] * single[:, PAIRS[:, 1]])

    def score(rate: float) -> float:
        return log_likelihood(rate, counts, pair_prior)

    scores = [score(rate) for rate in GRID]
    best = int(np.argmax(scores))
    low, high = GRID[max(best - 1, 0)], GRID[min(best + 1, len(GRID) - 1)]
    refined = minimize_scalar(lambda rate: -score(rate), bounds=(low, high), method="bounded", options={"xatol": 1e-5})
    rate, top = max(
        [(float(refined.x), -float(refined.fun)), (float(GRID[best]), scores[best])], key=lambda one: one[1]
    )

    def end(edges: list[float]) -> float:
        """Where, walking away from the best rate, the likelihood has dropped."""
        for near, far in pairwise(edges):
            if score(far) < top - DROP:
                return float(brentq(lambda one: score(one) - top + DROP, near, far, xtol=1e-5))
        return edges[-1]

    lower = end([rate, *(value for value in GRID[::-1] if value < rate)])
    upper = end([rate, *(value for value in GRID if value > rate)])
    return rate, lower, upper


def report(counts: np.ndarray, frequency: np.ndarray, widest: float) -> dict:
    """What is known of a sample's contamination: `rate` only where the interval is no wider than `widest`, or lies
    above it (the more there is, the wider the interval)."""
    rate, low, high = estimate(counts, frequency)
    covered = int((counts.sum(axis=(1, 2)) > 0).sum())
    found = {"sites": covered, "interval": [round(low, 4), round(high, 4)]}
    return found | ({"rate": round(rate, 4)} if high - low <= widest or low > widest else {})


class Paths(NamedTuple):
    sites: str
    counts: str
    metrics: str


class Values(NamedTuple):
    tag: dict[str, str]
    population: str
    settings: Settings


def main(paths: Paths, values: Values) -> None:
    """Write `paths.metrics`: cross_contamination_rate of one sample, if its reads suffice, and how sure it is."""
    places = sites.read(paths.sites)
    frequency = np.array([site.frequencies.get(values.population, site.frequencies.get("", 0.5)) for site in places])
    found = report(np.load(paths.counts)["counts"], frequency, values.settings["max_contamination_interval"])
    metrics = {"cross_contamination_rate": found["rate"]} if "rate" in found else {}
    document = {"tag": values.tag, "samples": {values.tag["sample"]: metrics}, "order": {}, "contamination": found}
    write_json(paths.metrics, document)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
