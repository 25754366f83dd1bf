"""Metrics of a targeted order and of each of its samples, as the catalogue's criteria name them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from scripts.lib.files import read_json, write_json


def share(hits: list[bool]) -> float:
    """Percent of these; all of none."""
    return round(100 * sum(hits) / len(hits), 2) if hits else 100.0


def metrics(calibration: Mapping[str, Any]) -> tuple[dict[str, dict], dict[str, float | None]]:
    """Metrics of samples and of the order; None where nothing was measured to judge by.

    A compound is accepted when it is in every batch that calibrates it. Blanks are asked for nothing.
    """
    runs = calibration["runs"]
    accepted = {
        (compound["compound"], name): batch["accepted"]
        for compound in calibration["compounds"]
        for name, batch in compound["batches"].items()
        if batch is not None
    }
    samples: dict[str, dict] = {}
    for sample in dict.fromkeys(run["sample"] for run in runs if run["role"] != "blank"):
        mine = {place for place, run in enumerate(runs) if run["sample"] == sample}
        given = [
            row["result"] is not None
            for row in calibration["results"]
            if row["place"] in mine and accepted.get((row["compound"], runs[row["place"]]["batch"]))
        ]
        states = [standard["runs"][place]["state"] for standard in calibration["standards"] for place in mine]
        samples[sample] = {
            "pct_targets_quantified": share(given),
            "pct_internal_standards_in_limits": share([not state for state in states]),
            **{
                scale: max((abs(runs[place][scale]) for place in mine if runs[place][scale] is not None), default=None)
                for scale in ("mass_offset_ppm", "rt_residual_s")
            },
        }
    verdicts: dict[str, bool] = {}
    for (compound, _), verdict in accepted.items():
        verdicts[compound] = verdicts.get(compound, True) and verdict
    overs = [
        (compound["compound"], batch["carry_over"]["state"])
        for compound in calibration["compounds"]
        for batch in compound["batches"].values()
        if batch and batch["carry_over"]
    ]
    levels = [
        len(batch["control_levels"])
        for compound in calibration["compounds"]
        for batch in compound["batches"].values()
        if batch
    ]
    order: dict[str, float | None] = {
        "count_compounds_accepted": sum(verdicts.values()),
        "pct_compounds_accepted": share(list(verdicts.values())) if verdicts else None,
        "count_control_levels": min(levels, default=None),
        "count_compounds_carried_over": len({name for name, state in overs if state}) if overs else None,
        "pct_samples_bracketed": share(calibration["bracketed"]) if calibration["bracketed"] else None,
    }
    return samples, order


class Paths(NamedTuple):
    calibration: str
    metrics: str


def main(paths: Paths, values: None) -> None:
    """Write `paths.metrics` from `paths.calibration`."""
    calibration = read_json(paths.calibration)
    samples, order = metrics(calibration)
    write_json(paths.metrics, {"tag": calibration["tag"], "samples": samples, "order": order})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
