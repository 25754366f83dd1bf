"""Features of all runs of an order, aligned in time and linked into consensus features."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd
import pyopenms as oms

from scripts.lib import proposals
from scripts.lib.files import write_json, write_tsv, xml_aside
from scripts.lib.matrix import PICKED, Matrix, column
from scripts.quantification.alignment import Aligning, Alignment, align, places, reference_run
from scripts.quantification.linking import Group, linked
from scripts.quantification.picked import Picked, load
from scripts.quantification.scales import MassScale, Scales, anchored, mass_scale

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
    "largest_warp_s",
    "rt_residual_s",
    "shared_ions",
    "mass_offset_ppm",
    "mass_slope_ppm",
    "mass_residual_ppm",
    "mass_decision",
    "decision",
    "reason",
]

Run = Mapping[str, Any]


class Unit(NamedTuple):
    """What a run has in one polarity.

    run        its number
    features   on the order's scales
    alignment  of its times to those of the run called `reference`
    mass       its m/z against the order's, where ions enough are shared; scales: what it was corrected by
    """

    run: int
    features: Picked
    alignment: Alignment
    reference: str
    mass: MassScale | None
    scales: Scales


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


def _mass_scales(mine: Sequence[tuple[int, Picked]], chosen: int, roles: Sequence[str], options: Aligning):
    """How much too high each run's m/z are, or None where that cannot be told; a blank has no say in what is right."""
    target, ppm = places(mine[chosen][1]), options["mz_ppm"]
    found = [
        mass_scale(
            places(each),
            target,
            ppm=ppm,
            within_ppm=max(options["max_offset_ppm"], ppm),
            seconds=options["max_shift_s"],
            min_features=options["min_features"],
            min_gain=options["min_gain"],
        )
        for _, each in mine
    ]
    told = [place for place, role in enumerate(roles) if role != "blank"]
    for place, each in zip(told, anchored([found[place] for place in told], ppm / 2), strict=True):
        found[place] = each
    return found


def _units(mine: Sequence[tuple[int, Picked]], runs: Sequence[Run], aligning: Aligning) -> list[Unit]:
    """The runs of one polarity on the scales of their order: first m/z, then times."""
    roles = [runs[number]["role"] for number, _ in mine]
    chosen = reference_run([len(each) for _, each in mine], roles)
    if chosen is None:
        alone = Alignment("unchanged", "no run but blanks has features")
        return [Unit(number, each, alone, "", None, Scales()) for number, each in mine]
    masses = _mass_scales(mine, chosen, roles, aligning)
    scales = [
        Scales(offset_ppm=mass.offset_ppm, slope_ppm=mass.slope_ppm) if mass and mass.gains else Scales()
        for mass in masses
    ]
    weighed = [each.brought(own) for (_, own), each in zip(mine, scales, strict=True)]
    name = column(runs[mine[chosen][0]]["sample"], runs[mine[chosen][0]]["run"])
    timed = [
        Alignment("reference", ALIGNED_TO) if place == chosen else align(each, weighed[chosen], aligning)
        for place, each in enumerate(weighed)
    ]
    units = []
    for (number, own), each, mass, scale in zip(mine, _beside(timed, mine, runs), masses, scales, strict=True):
        whole = each.scales(scale)
        units.append(Unit(number, whole.brought(own), each, name, mass, whole))
    return units


def _beside(timed: Sequence[Alignment], mine: Sequence[tuple[int, Picked]], runs: Sequence[Run]) -> list[Alignment]:
    """The alignments; a run that shares too few ions to be aligned, as blanks do, has that of the run injected next to
    it in its batch (of two, the one before). So has xcms (`subsetAdjust`)."""
    injected = [runs[number] for number, _ in mine]
    told = [
        (float(run["injection"]), place)
        for place, (run, each) in enumerate(zip(injected, timed, strict=True))
        if run["injection"] != "" and (each.decision == "reference" or each.left is not None)
    ]
    found = list(timed)
    for place, (run, each) in enumerate(zip(injected, timed, strict=True)):
        near = [other for other in told if injected[other[1]]["batch"] == run["batch"]]
        if each.decision == "unchanged" and each.left is None and run["injection"] != "" and near:
            _, next_to = min(near, key=lambda other: (abs(other[0] - float(run["injection"])), other))
            other, said = timed[next_to], column(injected[next_to]["sample"], injected[next_to]["run"])
            reason = f"{each.reason}; as {said}, beside it"
            found[place] = replace(
                other, decision="as beside", reason=reason, before=each.before, after=each.after, left=None
            )
    return found


def link(
    picked: Sequence[Sequence[Picked]], runs: Sequence[Run], aligning: Aligning, linking: Linking
) -> tuple[Matrix, list[Unit], list[list[tuple[int, Picked, int]]]]:
    """The matrix sorted by (m/z, time), `largest` being the run with the largest area, and of what it was made.

    Besides it: per run and polarity what it has; and per feature of the matrix its members (run, list of features,
    number in it). Runs of different polarity have no ions in common: each polarity is aligned and linked by itself.
    """
    units: list[Unit] = []
    groups: list[list[tuple[int, Picked, int]]] = []
    tables: list[pd.DataFrame] = []
    for polarity in sorted({each.polarity for run in picked for each in run}):
        mine = [(number, each) for number, run in enumerate(picked) for each in run if each.polarity == polarity]
        aligned = _units(mine, runs, aligning)
        lists = [each.features for each in aligned]
        found = linked(lists, linking["mz_ppm"], linking["rt_s"])
        tables.append(_table(found, lists))
        groups += [[(aligned[number].run, lists[number], place) for number, place in group] for group in found]
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
    units.sort(key=lambda unit: (unit.run, unit.features.polarity))
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


def _row(run: Run, unit: Unit) -> dict[str, Any]:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 4)

    alignment, mass = unit.alignment, unit.mass
    row = {key: run[key] for key in ("sample", "run", "role", "batch", "injection")}
    row |= {"polarity": unit.features.polarity, "features": len(unit.features), "reference": unit.reference}
    for when, fit in (("before", alignment.before), ("after", alignment.after)):
        if fit:
            row[f"matched_{when}"] = rounded(fit.matched)
            row[f"shift_{when}_s"] = rounded(fit.shift)
            row[f"residual_{when}_s"] = rounded(fit.residual)
    row["slope"] = round(alignment.slope, 8)
    row["intercept_s"] = rounded(alignment.intercept)
    row["largest_warp_s"] = rounded(alignment.largest_warp)
    row["rt_residual_s"] = rounded(alignment.left)
    row["mass_decision"] = "too few shared ions"
    if mass:
        row["shared_ions"] = mass.shared
        row["mass_offset_ppm"] = rounded(mass.largest())
        row["mass_slope_ppm"] = rounded(mass.slope_ppm)
        row["mass_residual_ppm"] = rounded(mass.residual_ppm)
        row["mass_decision"] = "corrected" if mass.gains else "unchanged"
    row["decision"] = alignment.decision
    row["reason"] = alignment.reason
    return row


def _stated(units: Iterable[Unit], number: int) -> str:
    """A run's polarity, or `both`."""
    found = sorted({each.features.polarity for each in units if each.run == number})
    return found[0] if len(found) == 1 else "both"


class Paths(NamedTuple):
    features: list[str]
    parameters: list[str]
    linked: str
    consensus: str
    alignment: str
    scales: str


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
    row a run and polarity: its fit to the reference run before and after, and what was decided; `paths.scales` (JSON)
    has what each run was corrected by: name -> polarity -> Scales. Tolerances that the recipe does not set are those of
    `paths.parameters`.
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
    write_tsv(
        paths.alignment,
        [*shared, "sample", "run", *COLUMNS],
        ({**shared, **_row(values.runs[unit.run], unit)} for unit in units),
    )
    written: dict[str, dict[str, Any]] = {name: {} for name in matrix.runs}
    for unit in units:
        written[matrix.runs[unit.run]][unit.features.polarity] = unit.scales.written()
    write_json(paths.scales, written)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
