"""Internal standards, carry-over, and what spiked controls say about extraction and matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scripts.calibration.curve import Limits

Areas = Sequence[float | None]  # of one compound, a run each


def levels(areas: Areas, runs: Sequence[Mapping[str, Any]], recipe: Limits) -> list[dict]:
    """An internal standard in each run: share of its median over the batch's calibrators and controls, %, and state.

    The state is `missing`, `low`, `high` or empty. Where the calibrators are made in solvent, the share in a sample is
    its process efficiency (recovery times matrix effect, Matuszewski et al. 2003, Anal Chem 75:3019).
    """
    usual = {}
    for batch in {run["batch"] for run in runs}:
        mine = [(run["role"], area) for run, area in zip(runs, areas, strict=True) if run["batch"] == batch and area]
        known = [area for role, area in mine if role in ("calibrator", "control")]
        known = known or [area for role, area in mine if role != "blank"]
        usual[batch] = float(np.median(known)) if known else None
    rows = []
    for run, area in zip(runs, areas, strict=True):
        middle = usual[run["batch"]]
        share = 100 * area / middle if area and middle else None
        if share is None:
            state = "missing"
        elif share < recipe["standard_min_pct"]:
            state = "low"
        else:
            state = "high" if share > recipe["standard_max_pct"] else ""
        rows.append({"area": area, "pct_of_median": share, "state": state})
    return rows


def blank_after_top(
    runs: Sequence[Mapping[str, Any]], batch: str, nominal: Mapping[int, float]
) -> tuple[int, int] | None:
    """Places of the last highest calibrator of a batch and of the blank injected next; None where there is none.

    nominal  place of a calibrator's run -> its concentration
    """
    placed = sorted(
        (run["injection"], place) for place, run in enumerate(runs) if run["batch"] == batch and run["injection"]
    )
    order = [place for _, place in placed]
    mine = [place for place in order if place in nominal]
    if not mine:
        return None
    top = max(nominal[place] for place in mine)
    last = max((place for place in mine if nominal[place] == top), key=order.index)
    after = order[order.index(last) + 1 :][:1]
    return (last, after[0]) if after and runs[after[0]]["role"] == "blank" else None


def carry_over(
    blank: float | None, lowest: Areas, standard_blank: float | None, standard: Areas, recipe: Limits
) -> dict:
    """Areas in the blank after the highest calibrator, as % of the lowest level's and of the standard's median.

    ICH M10, 3.2.6. `state` is `carried` where one of them is beyond the recipe's limit. A blank with about as much of
    the standard as everything else got it by the pipette (a zero sample), and says nothing about its being carried.
    """
    low = [area for area in lowest if area]
    usual = [area for area in standard if area]
    share = 100 * (blank or 0) / float(np.median(low)) if low else None
    of_standard = 100 * (standard_blank or 0) / float(np.median(usual)) if usual else None
    if of_standard is not None and of_standard >= recipe["standard_min_pct"]:
        of_standard = None
    carried = (share or 0) > recipe["carry_over_pct"] or (of_standard or 0) > recipe["carry_over_standard_pct"]
    return {"pct_of_lowest": share, "standard_pct": of_standard, "state": "carried" if carried else ""}


def recovery(areas: Areas, runs: Sequence[Mapping[str, Any]]) -> list[dict]:
    """Recovery and matrix effect, %, of every batch and level with controls spiked the ways that it takes.

    Recovery is the area of what was spiked before extraction over that of what was spiked after; the matrix effect
    that of what was spiked after over that of the neat solution (Matuszewski et al. 2003, Anal Chem 75:3019).
    """
    groups: dict[tuple[str, str], dict[str, list[float]]] = {}
    for run, area in zip(runs, areas, strict=True):
        if run["role"] == "control" and run["spiked"] and area:
            groups.setdefault((run["batch"], run["level"]), {}).setdefault(run["spiked"], []).append(area)
    rows = []
    for (batch, level), spiked in sorted(groups.items()):
        mean = {how: float(np.mean(found)) for how, found in spiked.items()}

        def ratio(over: str, under: str, mean=mean) -> float | None:
            return 100 * mean[over] / mean[under] if over in mean and under in mean else None

        row = {"recovery_pct": ratio("before", "after"), "matrix_effect_pct": ratio("after", "neat")}
        if any(value is not None for value in row.values()):
            rows.append({"batch": batch, "level": level, **row})
    return rows
