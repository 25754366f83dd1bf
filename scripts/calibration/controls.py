"""Controls: how near they read to nominal, at each level of a batch, and whether they stand around the samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scripts.calibration.curve import Limits, tolerances


def judge(
    nominal: Sequence[float], measured: Sequence[float], levels: Sequence[str], lowest: float, recipe: Limits
) -> tuple[list[dict], list[str]]:
    """Accuracy and precision of each level, and why the controls are not accepted (ICH M10, 3.3.2).

    nominal, measured  concentrations of each control, measured NaN where it was not found (which is a miss)
    levels             the level of each
    lowest             the lowest calibrator: a control there may be off by as much as that
    """
    nominal, measured = np.asarray(nominal, dtype=float), np.asarray(measured, dtype=float)
    bias = 100 * (measured / nominal - 1)
    allowed = tolerances(nominal, lowest, recipe, "control_tolerance_pct")
    within = np.abs(np.nan_to_num(bias, nan=np.inf)) <= allowed
    rows, reasons = [], []
    needed, each = recipe["min_controls_pct"], recipe["min_level_controls_pct"]
    if not len(nominal) and needed > 0:
        return [], ["no control was measured"]
    if 100 * within.sum() < needed * len(nominal):
        reasons.append(f"{within.sum()} of {len(nominal)} controls read within tolerance, {needed:g} % must")
    for level in dict.fromkeys(levels):
        mine = np.array([other == level for other in levels])
        found = measured[mine & np.isfinite(measured)]
        mean = float(found.mean()) if len(found) else None
        target = float(nominal[mine][0])
        rows.append(
            {
                "level": level,
                "nominal": target,
                "count": int(mine.sum()),
                "within": int(within[mine].sum()),
                "mean": mean,
                "bias_pct": None if mean is None else 100 * (mean / target - 1),
                "cv_pct": float(100 * found.std(ddof=1) / mean) if len(found) > 1 and mean else None,
            }
        )
        if 100 * within[mine].sum() < each * mine.sum():
            reasons.append(f"{within[mine].sum()} of {mine.sum()} controls of level {level}, {each:g} % must")
    return rows, reasons


def bracketed(runs: Sequence[Mapping[str, Any]]) -> dict[int, bool]:
    """Place of each sample's run -> whether controls of its batch were injected before and after it (ICH M10, 3.3.2).

    Runs whose position is not stated are not judged.
    """
    answer = {}
    for place, run in enumerate(runs):
        if run["role"] != "sample" or not run["injection"]:
            continue
        controls = [
            other["injection"]
            for other in runs
            if other["role"] == "control" and other["batch"] == run["batch"] and other["injection"]
        ]
        answer[place] = any(at < run["injection"] for at in controls) and any(at > run["injection"] for at in controls)
    return answer
