"""The normalised matrix of an order: internal standards, drift, batches, each kept only where the pools gain by it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd

from scripts.correction import drift, standards
from scripts.lib import library
from scripts.lib.files import write_json, write_tsv
from scripts.lib.matrix import Matrix, by_role, load


def pool_rsd_pct(logarithms: np.ndarray) -> np.ndarray:
    """Relative standard deviation (%) over the pools of (features, pools); NaN with fewer than two.

    Of areas, not of logarithms: what Broadhurst et al. 2018 (doi:10.1007/s11306-018-1367-3) set the 30 % for.
    """
    areas = np.exp(logarithms)
    enough = np.isfinite(areas).sum(axis=1) >= 2
    result = np.full(len(areas), np.nan)
    result[enough] = 100 * np.nanstd(areas[enough], axis=1, ddof=1) / np.nanmean(areas[enough], axis=1)
    return result


def qc_pools(runs: Sequence[Mapping[str, Any]]) -> list[int]:
    """Numbers of the runs of undiluted pools; those of a dilution series are for linearity."""
    return [number for number in by_role(runs, "pool") if runs[number].get("dilution") in (None, "", 1, 1.0)]


def without_pools(matrix: Matrix, runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The polarities of which no QC pool shows a feature: of theirs, nothing can be corrected or judged by pools."""
    shown = np.isfinite(matrix.areas[:, qc_pools(runs)]).any(axis=1)
    return sorted(set(matrix.features["polarity"]) - set(matrix.features["polarity"][shown]))


def correct(
    matrix: Matrix, runs: Sequence[Mapping[str, Any]], known: Sequence[library.Compound], options: drift.Correction
) -> tuple[Matrix, pd.DataFrame, list[dict], dict[str, int]]:
    """The corrected matrix; what was done to each feature; a row a batch; the internal standards' features."""
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = np.where(matrix.areas > 0, np.log(matrix.areas), np.nan)
    pools = qc_pools(runs)
    rows = standards.found(
        matrix.features,
        matrix.areas,
        [each for each in known if each.role == "internal_standard"],
        options["standard_ppm"],
        options["standard_rt_s"],
    )
    values, used = standards.normalise(raw, matrix.features, rows, pools, options)
    trends, summary = [""] * len(values), []
    batches = list(dict.fromkeys(run["batch"] for run in runs))
    for batch in batches:
        mine = [number for number, run in enumerate(runs) if run["batch"] == batch]
        done = _batch(values, mine, [number for number in mine if number in pools], runs, options)
        values[:, mine] += done.factors
        trends = [
            ";".join(filter(None, [old, new and f"{batch}:{new}"]))
            for old, new in zip(trends, done.method, strict=True)
        ]
        tried = np.isfinite(done.before)
        summary.append(
            {
                "batch": batch,
                "runs": len(mine),
                "pools": sum(number in pools for number in mine),
                "features_judged": int(tried.sum()),
                "features_corrected": int((done.method != "").sum()),
                "left_out_error_before": _median(done.before),
                "left_out_error_after": _median(np.where(done.method != "", done.after, done.before)),
                "decision": _decision(mine, pools, runs, done),
            }
        )
    number_of = {batch: number for number, batch in enumerate(batches)}
    at = np.array([number_of[run["batch"]] for run in runs])
    moved = drift.steps(values[:, pools], at[pools], at, options)
    values += moved.factors
    table = pd.DataFrame(
        {
            "internal_standard": used,
            "drift": trends,
            "batch_step": moved.method,
            "pool_rsd_raw_pct": pool_rsd_pct(raw[:, pools]),
            "pool_rsd_pct": pool_rsd_pct(values[:, pools]),
        }
    )
    return Matrix(matrix.features, matrix.runs, np.exp(values), matrix.origin), table, summary, rows


def _batch(values, mine, pools, runs, options: drift.Correction) -> drift.Judged:
    """Drift of one batch; nothing is judged where an injection number is missing."""
    at = np.array([float(runs[number]["injection"] or np.nan) for number in mine])
    x = np.array([float(runs[number]["injection"] or np.nan) for number in pools])
    if not len(pools) or np.isnan(at).any():
        x, pools = np.empty(0), []
        at = np.zeros(len(mine))
    return drift.judge(values[:, pools], x, at, options)


def _median(values: np.ndarray) -> float | None:
    return round(float(np.nanmedian(values)), 4) if np.isfinite(values).any() else None


def _decision(mine, pools, runs, done: drift.Judged) -> str:
    """What was decided for a batch, in words."""
    count = sum(number in pools for number in mine)
    if count < drift.LINE_FROM:
        return f"not corrected: {count} QC pools, {drift.LINE_FROM} are needed"
    if any(not runs[number]["injection"] for number in mine):
        return "not corrected: a run has no injection number"
    corrected, tried = int((done.method != "").sum()), int(np.isfinite(done.before).sum())
    if not corrected:
        return "not corrected: no trend predicts left-out pools better than their mean"
    kind = "local regression" if count >= drift.LOESS_FROM else "a line"
    return f"{corrected} of {tried} features corrected by {kind}; for the others it was no gain"


class Paths(NamedTuple):
    raw: str
    library: list[str]
    corrected: str
    features: str
    summary: str


class Recipe(TypedDict):
    correction: drift.Correction


class Values(NamedTuple):
    tag: dict[str, str]
    runs: list[dict]
    recipe: Recipe


def main(paths: Paths, values: Values) -> None:
    """Write `paths.corrected` (matrix), `paths.features` (TSV, a row a feature: what was done and pool RSDs) and
    `paths.summary` (JSON: a row a batch, polarities without pools, features of internal standards) from `paths.raw`."""
    options = values.recipe["correction"]
    known = library.read(paths.library[0]) if paths.library else []
    matrix = load(paths.raw)
    corrected, table, summary, rows = correct(matrix, values.runs, known, options)
    corrected.save(paths.corrected)
    table.insert(0, "feature", matrix.features["feature"])
    write_tsv(paths.features, list(table.columns), table.replace({np.nan: None}).to_dict("records"))
    features = {name: matrix.features["feature"].iat[row] for name, row in rows.items()}
    missing = [each.name for each in known if each.role == "internal_standard" and each.name not in rows]
    done = {"batches": summary, "without_pools": without_pools(matrix, values.runs)}
    done |= {"standards": features, "missing": missing}
    write_json(paths.summary, {"tag": values.tag, "parameters": options, **done})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
