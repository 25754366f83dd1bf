"""The verdict on every feature: kept or filtered, and why. Nothing is dropped: the raw matrix has them all."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd

from scripts.correction.correct import qc_pools
from scripts.lib.files import write_tsv
from scripts.lib.matrix import PICKED, WEAK, Matrix, by_role, load

COLUMNS = ["feature", "status", "reason", "blank_ratio", "pool_detection_pct", "dilution_r"]
COLUMNS += ["pool_rsd_raw_pct", "pool_rsd_pct", "internal_standard", "drift", "batch_step"]
KEPT, FILTERED = "kept", "filtered"


def blank_ratio(areas: np.ndarray, runs: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Median of what was found in samples and QC pools over the mean of the blanks (nothing found counts as 0).

    NaN where there is no blank; infinite where no blank shows the feature; 0 where nothing but blanks does.
    """
    blanks, others = by_role(runs, "blank"), by_role(runs, "sample", "control") + qc_pools(runs)
    if not blanks:
        return np.full(len(areas), np.nan)
    floor = np.nan_to_num(areas[:, blanks]).mean(axis=1)
    found = np.isfinite(areas[:, others])
    level = np.zeros(len(areas))
    some = found.any(axis=1)
    level[some] = np.nanmedian(areas[some][:, others], axis=1)
    return np.divide(level, floor, out=np.full(len(areas), np.inf), where=floor > 0)


def dilution_r(areas: np.ndarray, runs: Sequence[Mapping[str, Any]], least: float) -> np.ndarray:
    """Correlation of logarithms of area and concentration over the pool's dilution series; NaN where there is none."""
    pools = by_role(runs, "pool")
    factors = np.array([float(runs[number].get("dilution") or 1) for number in pools])
    result = np.full(len(areas), np.nan)
    if len(set(factors)) < least:
        return result
    concentration = -np.log(factors)
    for row, values in enumerate(areas[:, pools]):
        there = np.isfinite(values) & (values > 0)
        if len(set(factors[there])) >= least:
            logarithms = np.log(values[there])
            scatter = logarithms.std()
            result[row] = np.corrcoef(concentration[there], logarithms)[0, 1] if scatter else 0.0
        elif there.any():
            result[row] = 0.0  # it vanishes with the first dilution
    return result


def detection_pct(matrix: Matrix, pools: Sequence[int], least: float) -> np.ndarray:
    if len(pools) < least:
        return np.full(len(matrix.areas), np.nan)
    return 100 * np.isin(matrix.origin[:, pools], (PICKED, WEAK)).mean(axis=1)


class Filters(TypedDict):
    """Section `filters` of the recipe."""

    min_blank_ratio: float
    max_pool_rsd_pct: float
    min_pool_detection_pct: float
    min_dilution_r: float
    min_pools: float
    min_dilutions: float


def assess(
    matrix: Matrix, corrected: pd.DataFrame, runs: Sequence[Mapping[str, Any]], options: Filters
) -> pd.DataFrame:
    """One row a feature (see COLUMNS): every criterion that it misses is a reason."""
    pools = qc_pools(runs)
    table = corrected.copy()
    table["blank_ratio"] = blank_ratio(matrix.areas, runs)
    table["pool_detection_pct"] = detection_pct(matrix, pools, options["min_pools"])
    table["dilution_r"] = dilution_r(matrix.areas, runs, options["min_dilutions"])
    rsd = table["pool_rsd_pct"].to_numpy(dtype=float)
    if len(pools) < options["min_pools"]:
        rsd = np.full(len(table), np.nan)
    misses = {
        "blank": table["blank_ratio"] < options["min_blank_ratio"],
        "pool scatter": rsd > options["max_pool_rsd_pct"],
        "pool detection": table["pool_detection_pct"] < options["min_pool_detection_pct"],
        "dilution": table["dilution_r"] < options["min_dilution_r"],
    }
    names = np.array(list(misses))
    missed = np.column_stack([np.asarray(mask, dtype=bool) for mask in misses.values()])
    table["reason"] = ["; ".join(names[row]) for row in missed]
    table["status"] = np.where(missed.any(axis=1), FILTERED, KEPT)
    return table[COLUMNS]


class Paths(NamedTuple):
    raw: str
    features: str
    verdicts: str


class Recipe(TypedDict):
    filters: Filters


class Values(NamedTuple):
    runs: list[dict]
    recipe: Recipe


def main(paths: Paths, values: Values) -> None:
    """Write `paths.verdicts` (TSV) on the features of `paths.raw`, given `paths.features` of the correction."""
    options = values.recipe["filters"]
    corrected = pd.read_csv(paths.features, sep="\t", keep_default_na=False)
    for name in ("pool_rsd_raw_pct", "pool_rsd_pct"):
        corrected[name] = pd.to_numeric(corrected[name].replace("", None))
    table = assess(load(paths.raw), corrected, values.runs, options)
    numbers = ["blank_ratio", "pool_detection_pct", "dilution_r", "pool_rsd_raw_pct", "pool_rsd_pct"]
    table[numbers] = table[numbers].astype(float).round(4)
    # What no blank shows has no ratio to write down.
    table = table.astype(object).where(table.notna() & ~table.isin([np.inf]), None)
    write_tsv(paths.verdicts, COLUMNS, table.to_dict("records"))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
