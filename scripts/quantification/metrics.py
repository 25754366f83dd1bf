"""Metrics of an untargeted order: how many features each sample has, and how well the QC pools agree."""

import pandas as pd

from scripts.lib.files import write_json
from scripts.lib.matrix import Matrix, by_role, load


def metrics(matrix: Matrix, verdicts: pd.DataFrame, runs: list[dict]) -> tuple[dict[str, dict], dict[str, float]]:
    """Metrics of samples and of the order. A sample's count is that of its poorest run, of what was picked there.

    Pool metrics exist from two undiluted pool runs on.
    """
    picked = matrix.picked
    samples: dict[str, dict] = {}
    for number, run in enumerate(runs):
        count = int(picked[:, number].sum())
        kept = samples.setdefault(run["sample"], {"count_features": count})
        kept["count_features"] = min(kept["count_features"], count)
    order: dict[str, float] = {
        "count_linked_features": len(matrix.features),
        "count_kept_features": int((verdicts["status"] == "kept").sum()),
    }
    pools = [number for number in by_role(runs, "pool") if runs[number]["dilution"] in ("", 1, 1.0)]
    if len(pools) >= 2 and len(matrix.features):
        for name, column in (("median_pool_rsd_pct", "pool_rsd_pct"), ("median_pool_rsd_raw_pct", "pool_rsd_raw_pct")):
            rsd = pd.to_numeric(verdicts[column])
            if rsd.notna().any():
                order[name] = round(float(rsd.median()), 2)
        order["pct_features_in_all_pools"] = round(float(100 * picked[:, pools].all(axis=1).mean()), 2)
    return samples, order


def main(paths, values) -> None:
    """Write `paths.metrics` from the matrix `paths.raw` and the features' verdicts."""
    samples, order = metrics(load(paths.raw), pd.read_csv(paths.verdicts, sep="\t"), values.runs)
    write_json(paths.metrics, {"tag": values.tag, "samples": samples, "order": order})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
