"""Features of all runs of an order, aligned in time and linked into consensus features."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyopenms as oms

from scripts.lib.files import aside, write_tsv
from scripts.lib.recipe import settings
from scripts.quantification.alignment import Alignment, align, reference_run

# OpenMS writes its progress past the job's log.
oms.LogConfigHandler.getInstance().setLogLevel("FATAL_ERROR")

ALIGNMENT = {
    "mz_ppm": 10.0,  # features of one m/z
    "mz_da": 0.01,  # the same for the first, coarse superposition
    "max_shift_s": 60.0,  # largest shift and stretch of time that is looked for
    "max_scaling": 1.1,
    "pair_rt_s": 5.0,  # distance of a pair after the coarse superposition
    "judge_rt_s": 5.0,  # distance up to which a feature counts as found in the reference
    "min_features": 10.0,  # features shared with the reference from which a line can be judged
    "min_gain": 0.1,  # share by which the mean distance to the reference must fall for a line to be used
}
LINKING = {"mz_ppm": 10.0, "rt_s": 6.0}  # widest difference within a consensus feature

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


def polarities(maps: Sequence[oms.FeatureMap], runs: Sequence[Run]) -> list[str]:
    """Polarity of each run as its spectra state it, else as the sheet says."""
    measured = [str(each.getMetaValue("polarity")) if each.metaValueExists("polarity") else "" for each in maps]
    return [found or run["polarity"] for found, run in zip(measured, runs, strict=True)]


def moved(features: oms.FeatureMap, alignment: Alignment) -> oms.FeatureMap:
    """The same features at their aligned times."""
    result = oms.FeatureMap()
    for each in features:
        feature = oms.Feature(each)
        feature.setRT(alignment.slope * each.getRT() + alignment.intercept)
        for name in ("rt_start", "rt_end"):
            feature.setMetaValue(name, alignment.slope * each.getMetaValue(name) + alignment.intercept)
        result.push_back(feature)
    result.setUniqueId(features.getUniqueId())
    return result


def linked(maps: Sequence[oms.FeatureMap], mz_ppm: float, rt_s: float) -> list[list[tuple[int, int]]]:
    """Groups of (map number, feature id), at most one feature a map; every feature is in exactly one group."""
    filled = [number for number, features in enumerate(maps) if features.size()]
    if len(filled) < 2:
        return [[(number, feature.getUniqueId())] for number in filled for feature in maps[number]]
    algorithm = oms.FeatureGroupingAlgorithmKD()
    parameters = algorithm.getDefaults()
    for name, value in {
        "warp:enabled": "false",  # aligned, and judged, before
        "mz_unit": "ppm",
        "link:mz_tol": mz_ppm,
        "link:rt_tol": rt_s,
    }.items():
        parameters.setValue(name, value)
    algorithm.setParameters(parameters)
    algorithm.setLogType(oms.LogType.NONE)
    consensus, headers = oms.ConsensusMap(), {}
    for place, number in enumerate(filled):
        header = oms.ColumnHeader()
        header.unique_id = place
        header.size = maps[number].size()
        headers[place] = header
    consensus.setColumnHeaders(headers)
    algorithm.group([maps[number] for number in filled], consensus)
    return [
        [(filled[handle.getMapIndex()], handle.getUniqueId()) for handle in feature.getFeatureList()]
        for feature in consensus
    ]


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values)


def _consensus(members: Sequence[tuple[int, oms.Feature]], polarity: str) -> oms.ConsensusFeature:
    """Mean place of the members; the charge is theirs where they agree and any of them knows."""
    members = sorted(members, key=lambda member: member[0])
    feature = oms.ConsensusFeature()
    for number, member in members:
        feature.insert(number, member)
    found = [member for _, member in members]
    charges = {member.getCharge() for member in found} - {0}
    feature.setCharge(charges.pop() if len(charges) == 1 else 0)
    feature.setMZ(_mean(member.getMZ() for member in found))
    feature.setRT(_mean(member.getRT() for member in found))
    feature.setIntensity(_mean(member.getIntensity() for member in found))
    feature.setQuality(_mean(member.getOverallQuality() for member in found))
    feature.setMetaValue("rt_start", min(member.getMetaValue("rt_start") for member in found))
    feature.setMetaValue("rt_end", max(member.getMetaValue("rt_end") for member in found))
    feature.setMetaValue("polarity", polarity)
    return feature


def link(
    maps: Sequence[oms.FeatureMap], runs: Sequence[Run], aligning: Mapping[str, float], linking: Mapping[str, float]
) -> tuple[list[oms.ConsensusFeature], list[Alignment], list[str]]:
    """Consensus features sorted by (m/z, time), and per run its alignment and the name of its reference run.

    Runs of different polarity have no ions in common: each polarity is aligned and linked by itself.
    """
    alignments = [Alignment("unchanged", "no run but blanks has features")] * len(runs)
    references = [""] * len(runs)
    features = []
    stated = polarities(maps, runs)
    for polarity in sorted(set(stated)):
        mine = [number for number, found in enumerate(stated) if found == polarity]
        chosen = reference_run([maps[number].size() for number in mine], [runs[number]["role"] for number in mine])
        if chosen is not None:
            reference = mine[chosen]
            for number in mine:
                references[number] = f"{runs[reference]['sample']}:{runs[reference]['run']}"
                if number == reference:
                    alignments[number] = Alignment("reference", "the others are aligned to it")
                else:
                    alignments[number] = align(maps[number], maps[reference], aligning)
        aligned = [moved(maps[number], alignments[number]) for number in mine]
        known = [{feature.getUniqueId(): feature for feature in each} for each in aligned]
        for group in linked(aligned, linking["mz_ppm"], linking["rt_s"]):
            features.append(_consensus([(mine[place], known[place][key]) for place, key in group], polarity))
    features.sort(key=lambda feature: (feature.getMZ(), feature.getRT()))
    return features, alignments, references


def consensus_map(
    features: Sequence[oms.ConsensusFeature],
    maps: Sequence[oms.FeatureMap],
    runs: Sequence[Run],
    tag: Mapping[str, str],
) -> oms.ConsensusMap:
    """A tagged consensus map with ids F00001, F00002, ... and the runs' names in place of file names."""
    stated = polarities(maps, runs)
    consensus, headers = oms.ConsensusMap(), {}
    for number, run in enumerate(runs):
        header = oms.ColumnHeader()
        header.filename = run["run"]
        header.label = run["sample"]
        header.unique_id = number
        header.size = maps[number].size()
        header.setMetaValue("polarity", stated[number])
        headers[number] = header
    consensus.setColumnHeaders(headers)
    consensus.setExperimentType("label-free")
    for number, feature in enumerate(features, start=1):
        feature.setUniqueId(number)
        feature.setMetaValue("feature", f"F{number:05d}")
        consensus.push_back(feature)
    consensus.setUniqueId(1)
    for field, value in tag.items():
        consensus.setMetaValue(f"filiera_{field}", value)
    return consensus


def _row(run: Run, features: int, reference: str, alignment: Alignment) -> dict[str, Any]:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 4)

    row = {key: run[key] for key in ("sample", "run", "role", "batch", "injection", "polarity")}
    row |= {"features": features, "reference": reference}
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


def main(paths, values) -> None:
    """Link `paths.features` (featureXML, in the order of values.runs) into `paths.consensus` (consensusXML).

    `paths.alignment` (TSV) has a row a run: its fit to the reference run before and after, and what was decided.
    """
    aligning = settings(values.recipe, "alignment", ALIGNMENT)
    linking = settings(values.recipe, "linking", LINKING)
    maps = []
    for path in paths.features:
        features = oms.FeatureMap()
        oms.FeatureXMLFile().load(str(path), features)
        maps.append(features)
    features, alignments, references = link(maps, values.runs, aligning, linking)
    with aside(paths.consensus) as part:
        oms.ConsensusXMLFile().store(str(part), consensus_map(features, maps, values.runs, values.tag))
    shared = {field: value for field, value in values.tag.items() if field not in ("sample", "run")}
    rows = [
        {**shared, **_row({**run, "polarity": polarity}, each.size(), reference, alignment)}
        for run, polarity, each, reference, alignment in zip(
            values.runs, polarities(maps, values.runs), maps, references, alignments, strict=True
        )
    ]
    write_tsv(paths.alignment, [*shared, "sample", "run", *COLUMNS], rows)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
