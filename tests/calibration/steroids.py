"""The steroid series of the shared data as this room takes it."""

from __future__ import annotations

import csv
from pathlib import Path

from scripts.branches.targeted.recipe import Calibration
from scripts.calibration.quantify import quantify

STEROIDS = ("Aldosterone", "Corticosterone", "Cortisol", "Cortisone")
ROLES = {"CAL": "calibrator", "HQC": "control", "LQC": "control", "SPL": "sample"}


def table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def ion(compound: str, role: str = "target", standard: str = "", number: int = 0, ratio: float | None = None) -> dict:
    return {
        "compound": compound,
        "number": number,
        "role": role,
        "internal_standard": standard,
        "ion_ratio": ratio,
        "mz": 300.0,
        "product_mz": None,
        "rt_s": 100.0,
    }


def run(name: str, role: str, level: str = "", injection: int | None = None, **more) -> dict:
    plain = {"batch": "B1", "spiked": "", "amount": None, "amount_unit": "", "dilution": None}
    return {"run": name, "sample": name, "role": role, "level": level, "injection": injection or "", **plain, **more}


def series(folder: Path, **recipe) -> dict:
    """What `quantify` says about the real series; keys of the recipe by name."""
    analyses = table(folder / "analyses.tsv")
    areas = {(row["analysis_id"], row["feature"]): row["area"] for row in table(folder / "areas.tsv")}
    names = sorted({feature for _, feature in areas})
    standard = {name.split(" ")[0]: name for name in names if name.endswith("(ISTD)")}
    ions = [ion(name, standard=standard[name]) for name in STEROIDS]
    ions += [ion(name, "internal_standard") for name in standard.values()]
    runs = [
        run(row["analysis_id"], ROLES.get(row["sample_type"], "blank"), row["sample_id"], number)
        for number, row in enumerate(analyses, start=1)
    ]
    files = [
        {
            "peaks": [
                {"compound": name, "ion": 0, "area": float(areas[each["run"], name] or 0) or None, "rt_s": None}
                for name in names
            ]
        }
        for each in runs
    ]
    held: dict[str, dict] = {}
    for row in table(folder / "nominal_concentrations.tsv"):
        entry = [float(row["concentration"]), row["concentration_unit"]]
        held.setdefault(row["analyte_id"], {})[row["sample_id"]] = entry
    return quantify(ions, runs, files, held, Calibration(**recipe).model_dump())


def assays(found: dict) -> dict[str, dict]:
    """Compound -> its one batch."""
    return {compound["compound"]: next(iter(compound["batches"].values())) for compound in found["compounds"]}
