"""Metrics of an untargeted order: how many features each sample has, and how well the QC pools agree."""

import numpy as np
import pandas as pd

from scripts.lib.files import write_json


def pool_rsd(areas: np.ndarray) -> np.ndarray:
    """Relative standard deviation in percent of each feature over the pool runs.

    areas  shape (features, pool runs), NaN where a feature was not found; features found in fewer than two: NaN
    """
    found = np.isfinite(areas).sum(axis=1) >= 2
    rsd = np.full(len(areas), np.nan)
    some = areas[found]
    rsd[found] = 100 * np.nanstd(some, axis=1, ddof=1) / np.nanmean(some, axis=1)
    return rsd


def metrics(matrix: pd.DataFrame, runs: list[dict]) -> tuple[dict[str, dict], dict[str, float]]:
    """Metrics of samples and of the order, from raw areas (features x runs, columns `{sample}:{run}`).

    A sample's count is that of its poorest run. Pool metrics exist from two pool runs on.
    """
    samples: dict[str, dict] = {}
    for run in runs:
        count = int(matrix[f"{run['sample']}:{run['run']}"].notna().sum())
        kept = samples.setdefault(run["sample"], {"count_features": count})
        kept["count_features"] = min(kept["count_features"], count)
    order: dict[str, float] = {"count_linked_features": len(matrix)}
    pools = [f"{run['sample']}:{run['run']}" for run in runs if run["role"] == "pool"]
    if len(pools) >= 2 and len(matrix):
        areas = matrix[pools].to_numpy(dtype=float)
        rsd = pool_rsd(areas)
        if np.isfinite(rsd).any():
            order["median_pool_rsd_pct"] = round(float(np.nanmedian(rsd)), 2)
        order["pct_features_in_all_pools"] = round(float(100 * np.isfinite(areas).all(axis=1).mean()), 2)
    return samples, order


def main(paths, values) -> None:
    """Write `paths.metrics` from the matrix `paths.matrix`."""
    samples, order = metrics(pd.read_csv(paths.matrix, sep="\t"), values.runs)
    write_json(paths.metrics, {"tag": values.tag, "samples": samples, "order": order})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
