"""Estimated against planted contamination of simulated donors: `python -m benchmarks.genomics.contamination`."""

from __future__ import annotations

import numpy as np

from scripts.identity import contamination
from tests.identity.simulated import person, reads

RATES = (0.0, 0.01, 0.02, 0.05, 0.10)
SEEDS = range(5)


def estimates(sites: int, depth: float, rate: float) -> np.ndarray:
    """Rate and interval of one mixture a seed, shape (seeds, 3)."""
    found = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        frequency = rng.uniform(0.05, 0.95, sites)
        own, other = person(rng, frequency), person(rng, frequency)
        found.append(contamination.estimate(reads(rng, own, depth, rate, other), frequency))
    return np.array(found)


def main() -> None:
    print("| sites | depth | planted | mean estimate | least | greatest | in the 95 % interval |")
    print("|---|---|---|---|---|---|---|")
    for sites, depth in ((2000, 30), (2000, 8), (10_000, 30)):
        for rate in RATES:
            found = estimates(sites, depth, rate)
            rates, inside = found[:, 0], (found[:, 1] <= rate + 1e-4) & (rate <= found[:, 2] + 1e-4)
            numbers = [f"{100 * value:.2f} %" for value in (rate, rates.mean(), rates.min(), rates.max())]
            print(f"| {sites} | {depth}x | {' | '.join(numbers)} | {inside.sum()} of {len(SEEDS)} |")


if __name__ == "__main__":
    main()
