"""The concentrations as rows, for all the forms in which they are delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scripts.lib.tagging import FIELDS

COLUMNS = [
    *FIELDS,
    "role",
    "batch",
    "injection",
    "level",
    "compound",
    "concentration",
    "concentration_unit",
    "measured",
    "extrapolated",
    "measured_unit",
    "lower",
    "upper",
    "dilution",
    "amount",
    "amount_unit",
    "rt_s",
    "area",
    "internal_standard",
    "internal_standard_area",
    "ion_ratio",
    "flags",
]


def rounded(value: float | None, digits: int = 6) -> float | None:
    """Six digits, which is more than any assay has."""
    return None if value is None else float(f"{value:.{digits}g}")


def without(calibration: Mapping[str, Any], refused: set[str]) -> dict:
    """The same without the runs of refused samples; curves and controls stay as they were."""
    out = {place for place, run in enumerate(calibration["runs"]) if run["sample"] in refused}
    results = [row for row in calibration["results"] if row["place"] not in out]
    return {**calibration, "results": results, "left_out": sorted(out)}


def rows(calibration: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row a run and compound.

    concentration  in the sample as sent: `measured` times the dilution, over the amount; only inside the working range
    measured       in the measured solution; extrapolated: the same outside the working range, for orientation only
    """
    tag = {field: value for field, value in calibration["tag"].items() if field not in ("sample", "run")}
    compounds = {compound["compound"]: compound for compound in calibration["compounds"]}
    table = []
    for row in calibration["results"]:
        run, compound = calibration["runs"][row["place"]], compounds[row["compound"]]
        batch = compound["batches"][run["batch"]] or {}
        ratios = [str(rounded(ratio, 4)) for ratio in row["ion_ratios"] if ratio is not None]
        table.append(
            {
                **tag,
                **{name: run[name] for name in ("sample", "run", "role", "batch", "injection", "level")},
                "compound": row["compound"],
                "concentration": rounded(row["result"]),
                "concentration_unit": row["unit"],
                "measured": rounded(row["measured"]),
                "extrapolated": rounded(row["extrapolated"]),
                "measured_unit": compound["unit"],
                "lower": batch.get("lower"),
                "upper": batch.get("upper"),
                "dilution": run["dilution"],
                "amount": run["amount"],
                "amount_unit": run["amount_unit"],
                "rt_s": rounded(row["rt_s"]),
                "area": rounded(row["area"]),
                "internal_standard": compound["internal_standard"],
                "internal_standard_area": rounded(row["standard_area"]),
                "ion_ratio": ",".join(ratios),
                "flags": ",".join(row["flags"]),
            }
        )
    return table


COMPOUND_COLUMNS = [
    *FIELDS[:3],
    "compound",
    "batch",
    "accepted",
    "reasons",
    "model",
    "weighting",
    "coefficients",
    "r2",
    "lower",
    "upper",
    "lod",
    "loq",
    "unit",
    "calibrators_within",
    "calibrators",
    "carry_over_pct",
]


def compounds(calibration: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row a compound and batch: curve, working range, verdict."""
    tag = {field: value for field, value in calibration["tag"].items() if field not in ("sample", "run")}
    table = []
    for compound in calibration["compounds"]:
        for name, batch in compound["batches"].items():
            head = {**tag, "compound": compound["compound"], "batch": name, "unit": compound["unit"]}
            if batch is None:
                table.append({**head, "accepted": "", "reasons": "no calibrator holds it"})
                continue
            curve = batch["curve"] or {"coefficients": []}
            over = batch["carry_over"] or {}
            table.append(
                {
                    **head,
                    "accepted": "yes" if batch["accepted"] else "no",
                    "reasons": "; ".join(batch["reasons"]),
                    **{name: curve.get(name) for name in ("model", "weighting")},
                    **{name: rounded(curve.get(name)) for name in ("r2", "lod", "loq")},
                    "coefficients": ",".join(str(rounded(value)) for value in curve["coefficients"]),
                    "lower": batch["lower"],
                    "upper": batch["upper"],
                    "calibrators": len(batch["calibrators"]),
                    "calibrators_within": sum(each["within"] for each in batch["calibrators"]),
                    "carry_over_pct": rounded(over.get("pct_of_lowest"), 3),
                }
            )
    return table
