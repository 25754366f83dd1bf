"""Features of all runs of an order, aligned in time and linked into consensus features."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd
import pyopenms as oms

from scripts.lib import proposals
from scripts.lib.files import write_tsv, xml_aside
from scripts.lib.matrix import PICKED, Matrix, column
from scripts.quantification.alignment import Aligning, Alignment, align, reference_run
from scripts.quantification.linking import Group, linked
from scripts.quantification.picked import Picked, load

# OpenMS writes its progress past the job's log.
oms.LogConfigHandler.getInstance().setLogLevel("FATAL_ERROR")

ALIGNED_TO = "the others are aligned to it"

COLUMNS = [
    "role",
    "batch",
    "injection",
    "polarity",
    "features",
    "reference",
    "matched_before",
    "matched_after",
    "shift_before_s",
    "shift_after_s",
    "residual_before_s",
    "residual_after_s",
    "slope",
    "intercept_s",
    "decision",
    "reason",
]

Run = Mapping[str, Any]


def _table(groups: list[Group], picked: Sequence[Picked]) -> pd.DataFrame:
    """What is measured of each consensus feature; its borders are the members' median ones around the mean apex."""
    rows = []
    for group in groups:
        values = np.array(
            [
                [getattr(picked[number], name)[place] for name in ("mz", "rt", "start", "end", "quality")]
                for number, place in group
            ]
        )
        mz, rt, _, _, quality = values.mean(axis=0)
        charges = {int(picked[number].charge[place]) for number, place in group} - {0}
        rows.append(
            {
                "polarity": picked[group[0][0]].polarity,
                "mz": mz,
                "rt_s": rt,
                "rt_start_s": rt + np.median(values[:, 2] - values[:, 1]),
                "rt_end_s": rt + np.median(values[:, 3] - values[:, 1]),
                # the members' where they agree and any of them knows
                "charge": charges.pop() if len(charges) == 1 else 0,
                "quality": quality,
            }
        )
    names = ["polarity", "mz", "rt_s", "rt_start_s", "rt_end_s", "charge", "quality"]
    return pd.DataFrame(rows, columns=names)


class Linking(TypedDict):
    """Section `linking` of the recipe."""

    mz_ppm: float
    rt_s: float


def link(
    picked: Sequence[Sequence[Picked]], runs: Sequence[Run], aligning: Aligning, linking: Linking
) -> tuple[Matrix, list[tuple[int, Picked, Alignment, str]], list[list[tuple[int, Picked, int]]]]:
    """The matrix sorted by (m/z, time), `largest` being the run with the largest area, and of what it was made.

    Besides it: per run and polarity the run's number, its features at their aligned times, the alignment and the name
    of the reference run; and per feature of the matrix its members (run, list of features, number in it).
    Runs of different polarity have no ions in common: each polarity is aligned and linked by itself.
    """
    units: list[tuple[int, Picked, Alignment, str]] = []
    groups: list[list[tuple[int, Picked, int]]] = []
    tables: list[pd.DataFrame] = []
    for polarity in sorted({each.polarity for run in picked for each in run}):
        mine = [(number, each) for number, run in enumerate(picked) for each in run if each.polarity == polarity]
        chosen = reference_run([len(each) for _, each in mine], [runs[number]["role"] for number, _ in mine])
        aligned = []
        for place, (number, each) in enumerate(mine):
            decision, name = Alignment("unchanged", "no run but blanks has features"), ""
            if chosen is not None:
                reference, features = mine[chosen]
                name = column(runs[reference]["sample"], runs[reference]["run"])
                is_it = place == chosen
                decision = Alignment("reference", ALIGNED_TO) if is_it else align(each, features, aligning)
            aligned.append((number, each.moved(decision.slope, decision.intercept), decision, name))
        lists = [each for _, each, _, _ in aligned]
        found = linked(lists, linking["mz_ppm"], linking["rt_s"])
        tables.append(_table(found, lists))
        groups += [[(aligned[number][0], lists[number], place) for number, place in group] for group in found]
        units += aligned
    features = pd.concat(tables, ignore_index=True) if tables else _table([], [])
    order = np.lexsort((features["rt_s"], features["mz"]))
    features, groups = features.iloc[order].reset_index(drop=True), [groups[number] for number in order]
    features.insert(0, "feature", [f"F{number:05d}" for number in range(1, len(features) + 1)])
    features = features.astype({"feature": "str", "polarity": "str"})  # also where there is none
    areas = np.full((len(features), len(runs)), np.nan)
    for row, members in enumerate(groups):
        for number, each, place in members:
            areas[row, number] = each.area[place]
    names = [column(run["sample"], run["run"]) for run in runs]
    largest = np.argmax(np.nan_to_num(areas, nan=-1), axis=1) if len(runs) else []
    features["largest"] = pd.Series([names[number] for number in largest], dtype="str")
    units.sort(key=lambda unit: (unit[0], unit[1].polarity))
    return Matrix(features, names, areas, np.where(np.isfinite(areas), PICKED, 0).astype(np.uint8)), units, groups


def consensus_map(
    matrix: Matrix,
    groups: Sequence[Sequence[tuple[int, Picked, int]]],
    runs: Sequence[Run],
    polarities: Sequence[str],
    tag: Mapping[str, str],
) -> oms.ConsensusMap:
    """A tagged consensus map with the matrix's names and the runs' names in place of file names."""
    consensus, headers = oms.ConsensusMap(), {}
    for number, run in enumerate(runs):
        header = oms.ColumnHeader()
        header.filename = run["run"]
        header.label = run["sample"]
        header.unique_id = number
        header.size = int(np.isfinite(matrix.areas[:, number]).sum())
        header.setMetaValue("polarity", polarities[number])
        headers[number] = header
    consensus.setColumnHeaders(headers)
    consensus.setExperimentType("label-free")
    for number, (row, members) in enumerate(zip(matrix.features.itertuples(), groups, strict=True), start=1):
        feature = oms.ConsensusFeature()
        for run, each, place in sorted(members, key=lambda member: member[0]):
            handle = oms.Feature()
            handle.setUniqueId(int(each.ids[place]))
            handle.setMZ(float(each.mz[place]))
            handle.setRT(float(each.rt[place]))
            handle.setIntensity(float(each.area[place]))
            handle.setCharge(int(each.charge[place]))
            feature.insert(run, handle)
        feature.setUniqueId(number)
        feature.setMZ(row.mz)
        feature.setRT(row.rt_s)
        feature.setIntensity(float(np.mean([each.area[place] for _, each, place in members])))
        feature.setCharge(int(row.charge))
        feature.setQuality(row.quality)
        for name, value in (("rt_start", row.rt_start_s), ("rt_end", row.rt_end_s)):
            feature.setMetaValue(name, value)
        feature.setMetaValue("polarity", row.polarity)
        feature.setMetaValue("feature", row.feature)
        consensus.push_back(feature)
    consensus.setUniqueId(1)
    for field, value in tag.items():
        consensus.setMetaValue(f"filiera_{field}", value)
    return consensus


def _row(run: Run, features: int, polarity: str, reference: str, alignment: Alignment) -> dict[str, Any]:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 4)

    row = {key: run[key] for key in ("sample", "run", "role", "batch", "injection")}
    row |= {"polarity": polarity, "features": features, "reference": reference}
    for when, fit in (("before", alignment.before), ("after", alignment.after)):
        if fit:
            row[f"matched_{when}"] = rounded(fit.matched)
            row[f"shift_{when}_s"] = rounded(fit.shift)
            row[f"residual_{when}_s"] = rounded(fit.residual)
    row["slope"] = round(alignment.slope, 8)
    row["intercept_s"] = rounded(alignment.intercept)
    row["decision"] = alignment.decision
    row["reason"] = alignment.reason
    return row


def _stated(units: Iterable[tuple[int, Picked, Alignment, str]], number: int) -> str:
    """A run's polarity, or `both`."""
    found = sorted({each.polarity for run, each, _, _ in units if run == number})
    return found[0] if len(found) == 1 else "both"


class Paths(NamedTuple):
    features: list[str]
    parameters: list[str]
    linked: str
    consensus: str
    alignment: str


class Recipe(TypedDict):
    alignment: Aligning
    linking: Linking


class Values(NamedTuple):
    tag: dict[str, str]
    runs: list[dict]
    recipe: Recipe
    given: dict[str, dict[str, float]]


def main(paths: Paths, values: Values) -> None:
    """Link `paths.features` (featureXML, in the order of values.runs) into `paths.linked` (see scripts.lib.matrix).

    `paths.consensus` (consensusXML) holds the same with each member's own m/z and time; `paths.alignment` (TSV) has a
    row a run and polarity: its fit to the reference run before and after, and what was decided. Tolerances that the
    recipe does not set are those of `paths.parameters`.
    """
    aligning = proposals.laid_under(
        values.recipe["alignment"], values.given["alignment"], proposals.of_order(paths.parameters, "alignment")
    )
    linking = proposals.laid_under(
        values.recipe["linking"], values.given["linking"], proposals.of_order(paths.parameters, "linking")
    )
    picked = [load(path, run["polarity"]) for path, run in zip(paths.features, values.runs, strict=True)]
    matrix, units, groups = link(picked, values.runs, aligning, linking)
    matrix.save(paths.linked)
    polarities = [_stated(units, number) for number in range(len(values.runs))]
    with xml_aside(paths.consensus) as part:
        oms.ConsensusXMLFile().store(str(part), consensus_map(matrix, groups, values.runs, polarities, values.tag))
    shared = {field: value for field, value in values.tag.items() if field not in ("sample", "run")}
    rows = [
        {**shared, **_row(values.runs[number], len(each), each.polarity, reference, alignment)}
        for number, each, alignment, reference in units
    ]
    write_tsv(paths.alignment, [*shared, "sample", "run", *COLUMNS], rows)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
