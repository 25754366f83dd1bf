"""Metrics of an untargeted order: how many features each sample has, and how well the QC pools agree."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from scripts.lib.files import read_tsv, write_json
from scripts.lib.matrix import PICKED, WEAK, Matrix, by_role, load

#: A feature is usual when so many of the pools, or of the other samples, show it.
USUAL = 0.8


def usual_pct(matrix: Matrix, verdicts: pd.DataFrame, runs: list[dict]) -> dict[str, float]:
    """Share (%) of the usual features that a sample's poorest run shows; empty where nothing tells.

    Usual is what most undiluted pools show and no blank does; without two pools, what most of the other samples' runs
    show, if they are two or more. A blank under a sample's name has next to none of it, nor has another material.
    """
    detected = np.isin(matrix.origin, (PICKED, WEAK))
    clean = ~verdicts["reason"].str.split("; ").map(lambda reasons: "blank" in reasons).to_numpy(dtype=bool)
    pools, found = _pools(runs), {}
    for number in by_role(runs, "sample"):
        sample = runs[number]["sample"]
        others = [other for other in by_role(runs, "sample") if runs[other]["sample"] != sample]
        tell = pools if len(pools) >= 2 else others
        usual = clean & (detected[:, tell].mean(axis=1) >= USUAL) if len(tell) >= 2 else np.zeros(len(clean), bool)
        if usual.any():
            share = round(float(100 * detected[usual, number].mean()), 2)
            found[sample] = min(found.get(sample, share), share)
    return found


def one_run_pct(matrix: Matrix, runs: list[dict]) -> float | None:
    """Share (%) of the features that one run alone shows, blanks aside; None with runs of fewer than two samples."""
    mine = [number for number, run in enumerate(runs) if run["role"] != "blank"]
    shown = np.isin(matrix.origin[:, mine], (PICKED, WEAK)).sum(axis=1)
    if len({runs[number]["sample"] for number in mine}) < 2 or not shown.any():
        return None
    return round(float(100 * (shown == 1).sum() / (shown > 0).sum()), 2)


def _pools(runs: list[dict]) -> list[int]:
    return [number for number in by_role(runs, "pool") if runs[number]["dilution"] in ("", 1, 1.0)]


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
    for sample, share in usual_pct(matrix, verdicts, runs).items():
        samples[sample]["pct_usual_features"] = share
    order: dict[str, float] = {
        "count_linked_features": len(matrix.features),
        "count_kept_features": int((verdicts["status"] == "kept").sum()),
    }
    if (share := one_run_pct(matrix, runs)) is not None:
        order["pct_features_in_one_run"] = share
    pools = _pools(runs)
    if len(pools) >= 2 and len(matrix.features):
        for name, column in (("median_pool_rsd_pct", "pool_rsd_pct"), ("median_pool_rsd_raw_pct", "pool_rsd_raw_pct")):
            rsd = pd.to_numeric(verdicts[column].replace("", None))
            if rsd.notna().any():
                order[name] = round(float(rsd.median()), 2)
        order["pct_features_in_all_pools"] = round(float(100 * picked[:, pools].all(axis=1).mean()), 2)
    return samples, order


def scales(rows: list[dict[str, str]]) -> dict[str, dict[str, float]]:
    """How far the scales of each sample's worst run are off: |m/z| (ppm) before its correction, time (s) after it.

    Empty where any of its runs shares too few ions with the reference to tell; the reference is held by the others.
    """
    found: dict[str, dict[str, list[float | None]]] = {}
    for row in rows:
        kept = found.setdefault(row["sample"], {"mass_offset_ppm": [], "rt_residual_s": []})
        for name, values in kept.items():
            values.append(abs(float(row[name])) if row[name] else 0.0 if row["decision"] == "reference" else None)
    return {
        sample: {name: max(v for v in values if v is not None) for name, values in kept.items() if None not in values}
        for sample, kept in found.items()
    }


class Paths(NamedTuple):
    raw: str
    verdicts: str
    alignment: str
    metrics: str


class Values(NamedTuple):
    tag: dict[str, str]
    runs: list[dict]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.metrics` from the matrix `paths.raw`, the features' verdicts and the runs' scales."""
    samples, order = metrics(load(paths.raw), pd.read_csv(paths.verdicts, sep="\t", keep_default_na=False), values.runs)
    for sample, found in scales(read_tsv(paths.alignment)).items():
        samples[sample] |= found
    write_json(paths.metrics, {"tag": values.tag, "samples": samples, "order": order})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
