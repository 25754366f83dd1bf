"""Consensus features as a matrix of areas, and as mzTab-M."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyopenms as oms

from scripts.lib.files import read_tsv, write_tsv, written
from scripts.quantification.mztab import Row, lines, number


def stated(consensus: oms.ConsensusMap, runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The runs, which must be the map's own in its order, with the polarity that linking found them to have."""
    headers = consensus.getColumnHeaders()
    linked = [headers[place] for place in sorted(headers)]
    names = [(header.label, header.filename) for header in linked]
    if names != [(run["sample"], run["run"]) for run in runs]:
        raise ValueError(f"the consensus map is of the runs {names}")
    return [{**run, "polarity": str(header.getMetaValue("polarity"))} for run, header in zip(runs, linked, strict=True)]


def rows(consensus: oms.ConsensusMap) -> list[Row]:
    """The features with one area a run, in the map's order of runs."""
    count = len(consensus.getColumnHeaders())
    result = []
    for feature in consensus:
        areas: list[float | None] = [None] * count
        for handle in feature.getFeatureList():
            areas[handle.getMapIndex()] = handle.getIntensity()
        result.append(
            Row(
                name=str(feature.getMetaValue("feature")),
                polarity=str(feature.getMetaValue("polarity")),
                mz=feature.getMZ(),
                rt=feature.getRT(),
                rt_start=feature.getMetaValue("rt_start"),
                rt_end=feature.getMetaValue("rt_end"),
                charge=feature.getCharge(),
                areas=areas,
            )
        )
    return result


def without(refused: set[str], runs: list[dict[str, Any]], features: list[Row]) -> tuple[list[dict], list[Row]]:
    """Runs and features without the refused samples' areas; a feature that only those had is left out."""
    kept = [place for place, run in enumerate(runs) if run["sample"] not in refused]
    rest = [replace(row, areas=[row.areas[place] for place in kept]) for row in features]
    found = [row for row in rest if any(area is not None for area in row.areas)]
    return [runs[place] for place in kept], found


def main(paths, values) -> None:
    """Write `paths.consensus` as `paths.matrix` (TSV, features x runs, raw areas) and `paths.mztab` (mzTab-M).

    With `paths.acceptance` (the order's acceptance table) samples that miss a `fail` criterion are left out.
    An empty cell of the matrix is a feature that was not found in the run, an empty charge one that is unknown.
    """
    consensus = oms.ConsensusMap()
    oms.ConsensusXMLFile().load(str(paths.consensus), consensus)
    runs = stated(consensus, values.runs)
    features = rows(consensus)
    if acceptance := getattr(paths, "acceptance", ""):
        refused = {row["sample"] for row in read_tsv(acceptance) if row["verdict"] == "fail"}
        runs, features = without(refused, runs, features)
    tag = {field: value for field, value in values.tag.items() if field not in ("sample", "run")}
    names = [f"{run['sample']}:{run['run']}" for run in runs]
    table = [
        {
            **tag,
            "feature": row.name,
            "polarity": row.polarity,
            "mz": round(row.mz, 6),
            "rt_s": round(row.rt, 3),
            "charge": row.charge or None,
            **dict(zip(names, map(number, row.areas), strict=True)),
        }
        for row in features
    ]
    write_tsv(paths.matrix, [*tag, "feature", "polarity", "mz", "rt_s", "charge", *names], table)
    with written(paths.mztab) as handle:
        for line in lines(features, values.title, runs, tag, values.software):
            handle.write(f"{line}\n")


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
