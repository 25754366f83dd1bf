"""The tables of an order: matrices of areas, the list of features with their verdicts, mzTab-M."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from scripts.lib import mztab
from scripts.lib.files import aside, read_json, read_tsv, write_tsv
from scripts.lib.matrix import ORIGINS, Matrix, column, load
from scripts.lib.mztab.parts import numbers
from scripts.quantification import presence
from scripts.quantification.mztab import Feature, lines

KEPT = "kept"
PLACE = ["feature", "polarity", "mz", "rt_s", "charge"]
COMPOUND = ["compound", "feature", "polarity", "mz", "rt_s", "adduct", "name", "level"]
LISTED = [*PLACE, "status", "reason", "compound", "representative", "adduct", "isotope_of", "neutral_mass"]
LISTED += ["level", "name", "formula", "identifier", "basis", "fragment_spectra", "runs_picked", "runs_filled"]
LISTED += ["blank_ratio", "pool_detection_pct", "dilution_r", "pool_rsd_raw_pct", "pool_rsd_pct"]
LISTED += ["internal_standard", "drift", "batch_step"]
NUMBERS = ["neutral_mass", "blank_ratio", "pool_detection_pct", "dilution_r", "pool_rsd_raw_pct", "pool_rsd_pct"]
NUMBERS += ["mz_error_ppm", "rt_error_s", "similarity", "matched_peaks", "theoretical_mz"]


def without(refused: set[str], runs: Sequence[dict[str, Any]], matrix: Matrix) -> tuple[list[dict], Matrix, np.ndarray]:
    """Runs and matrix without the refused samples, and which features are left: those that others show."""
    kept = [place for place, run in enumerate(runs) if run["sample"] not in refused]
    rest = matrix.columns(kept)
    found = np.isfinite(rest.areas).any(axis=1)
    return [runs[place] for place in kept], rest.rows(found), found


def listed(matrix: Matrix, verdicts: pd.DataFrame, groups: pd.DataFrame, annotation: pd.DataFrame, spectra: Mapping):
    """One row a feature: its place, its verdict, the compound it belongs to, and the best candidate above a mass."""
    best = annotation[(annotation["rank"] == 1) & (annotation["level"] < 4)].drop(columns=["rank", "adduct"])
    table = matrix.features[PLACE].merge(verdicts, on="feature").merge(groups, on="feature")
    table = table.merge(best, on="feature", how="left")
    table["level"] = table["level"].fillna(4).astype(int)
    table["fragment_spectra"] = [spectra[name]["spectra"] if name in spectra else 0 for name in table["feature"]]
    table["runs_picked"], table["runs_filled"] = matrix.picked.sum(axis=1), matrix.filled.sum(axis=1)
    return table


def _rows(table: pd.DataFrame, tag: Mapping[str, str]) -> list[dict]:
    """Records for a TSV: rounded places, empty cells for what is missing or unknown."""
    table = table.copy()
    table["mz"], table["rt_s"] = table["mz"].round(6), table["rt_s"].round(3)
    if "charge" in table:
        table["charge"] = table["charge"].astype(object).where(table["charge"] != 0, None)
    table = table.astype(object).where(table.notna(), None)
    return [{**tag, **row} for row in table.to_dict("records")]


def _matrix(rows: Sequence[dict], areas: np.ndarray, runs: Sequence[str]) -> Iterator[dict]:
    """Rows of a matrix, one at a time: as dicts, a large order's would not fit into memory."""
    for row, line in zip(rows, areas, strict=True):
        yield {**row, **dict(zip(runs, numbers(line), strict=True))}


def of_samples(areas: np.ndarray, runs: Sequence[Mapping[str, Any]]) -> tuple[list[str], np.ndarray]:
    """Samples in the order of their runs, and the mean of what was found in each one's runs (features, samples)."""
    samples = list(dict.fromkeys(run["sample"] for run in runs))
    columns = []
    for sample in samples:
        mine = areas[:, [place for place, run in enumerate(runs) if run["sample"] == sample]]
        found = np.isfinite(mine)
        total = np.where(found, mine, 0).sum(axis=1)
        columns.append(np.divide(total, found.sum(axis=1), out=np.full(len(areas), np.nan), where=found.any(axis=1)))
    return samples, np.column_stack(columns) if columns else np.empty((len(areas), 0))


def stated(runs: Sequence[Mapping[str, Any]], alignment: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """The runs with the polarities that linking found them to have: one, or both."""
    found: dict[str, set[str]] = {}
    for row in alignment:
        found.setdefault(column(row["sample"], row["run"]), set()).add(row["polarity"])
    return [
        {**run, "polarity": " ".join(sorted(found[column(run["sample"], run["run"])] - {""}, reverse=True))}
        for run in runs
    ]


def mztab_rows(table: pd.DataFrame, raw: Matrix, normalised: Matrix) -> list[Feature]:
    """The features as mzTab-M takes them."""
    borders = raw.features[["rt_start_s", "rt_end_s"]].to_numpy()
    return [
        Feature(
            name=row.feature,
            polarity=row.polarity,
            mz=row.mz,
            rt=row.rt_s,
            rt_start=start,
            rt_end=end,
            charge=int(row.charge),
            compound=row.compound,
            representative=bool(row.representative),
            adduct=row.adduct,
            neutral_mass=None if pd.isna(row.neutral_mass) else float(row.neutral_mass),
            status=row.status,
            reason=row.reason,
            raw=before,
            normalised=after,
        )
        for row, (start, end), before, after in zip(
            table.itertuples(), borders, raw.areas, normalised.areas, strict=True
        )
    ]


def _read(path: str) -> pd.DataFrame:
    """A table of an earlier step: text as it stands, numbers as numbers."""
    table = pd.read_csv(path, sep="\t", keep_default_na=False, dtype={"feature": "str"})
    for name in set(NUMBERS) & set(table.columns):
        table[name] = pd.to_numeric(table[name].replace("", None))
    return table


class Paths(NamedTuple):
    raw: str
    normalised: str
    alignment: str
    verdicts: str
    groups: str
    annotation: str
    spectra: str
    acceptance: str
    matrix: str
    origin: str
    corrected: str
    compounds: str
    features: str
    presence: str
    mztab: str


class Values(NamedTuple):
    tag: dict[str, str]
    runs: list[dict]
    title: str
    software: list[list[str]]
    library: str


def main(paths: Paths, values: Values) -> None:
    """Write, from `paths.raw` and `paths.normalised` (matrices) and what is known of the features:

    paths.matrix      features x runs, raw areas; paths.origin says of each cell where it is from (matrix.ORIGINS)
    paths.corrected   features x runs, normalised areas
    paths.compounds   compounds x samples, normalised areas of their most abundant ion; kept ones alone
    paths.features    every feature with status and reason; paths.mztab the same as mzTab-M
    paths.presence    what one sample lacks that all others have, and what it alone has

    Samples that miss a `fail` criterion in `paths.acceptance` (the order's acceptance table) are left out.
    An empty cell of a matrix is a feature that was not found in the run, an empty charge one that is unknown.
    """
    raw, normalised = load(paths.raw), load(paths.normalised)
    annotation = _read(paths.annotation)
    known = read_json(paths.spectra)["spectra"]
    table = listed(raw, _read(paths.verdicts), _read(paths.groups), annotation, known)
    runs = stated(values.runs, read_tsv(paths.alignment))
    rows = read_tsv(paths.acceptance)
    refused = {row["sample"] for row in rows if row["verdict"] == "fail"}
    runs, raw, found = without(refused, runs, raw)
    normalised = normalised.columns([normalised.runs.index(name) for name in raw.runs]).rows(found)
    table = table[found].reset_index(drop=True)
    tag = {field: value for field, value in values.tag.items() if field not in ("sample", "run")}

    places = _rows(table[PLACE], tag)
    write_tsv(paths.matrix, [*tag, *PLACE, *raw.runs], _matrix(places, raw.areas, raw.runs))
    write_tsv(paths.corrected, [*tag, *PLACE, *raw.runs], _matrix(places, normalised.areas, raw.runs))
    cells = (
        {**tag, "feature": name} | {run: ORIGINS[code] for run, code in zip(raw.runs, codes.tolist(), strict=True)}
        for name, codes in zip(table["feature"], raw.origin, strict=True)
    )
    write_tsv(paths.origin, [*tag, "feature", *raw.runs], cells)
    seen = presence.rows(raw, table["status"].tolist(), runs)
    write_tsv(paths.presence, [*tag, *presence.COLUMNS], ({**tag, **row} for row in seen))
    write_tsv(paths.features, [*tag, *LISTED], _rows(table[LISTED], tag))
    chosen = ((table["status"] == KEPT) & table["representative"]).to_numpy(dtype=bool)
    samples, areas = of_samples(normalised.areas[chosen], runs)
    kept = _rows(table.loc[chosen, COMPOUND], tag)
    write_tsv(paths.compounds, [*tag, *COMPOUND, *samples], _matrix(kept, areas, samples))
    evidence = annotation[annotation["feature"].isin(set(table["feature"]))].to_dict("records")
    ions = mztab_rows(table, raw, normalised)
    text = lines(ions, evidence, values.title, runs, tag, values.software, values.library)
    with aside(paths.mztab) as part:
        part.write_text("".join(f"{line}\n" for line in text), encoding="utf-8")
        if runs:  # of an order whose samples all miss their criteria nothing is delivered: acceptance says so
            mztab.check(part)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
