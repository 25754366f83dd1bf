"""One compound in one batch: its curve, its controls, its carry-over, and whether it is accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scripts.calibration import controls, standards
from scripts.calibration.curve import Limits, calibrate


def assess(
    runs: Sequence[Mapping[str, Any]],
    places: Sequence[int],
    areas: standards.Areas,
    standard: standards.Areas | None,
    held: Mapping[str, float],
    recipe: Limits,
) -> dict | None:
    """Everything that the batch says about the compound as plain values; None where no calibrator holds it.

    runs             all runs of the order; places: those of the batch
    areas, standard  area of the compound and of its internal standard in each run, None where not found; no standard:
                     the response is the area itself
    held             level -> nominal concentration of the compound
    """
    response = [_response(areas[place], standard, place) for place in places]
    responses = dict(zip(places, response, strict=True))
    own = {place: held.get(runs[place]["level"], 0.0) for place in places}
    nominal = {place: own[place] for place in places if runs[place]["role"] == "calibrator" and own[place] > 0}
    if not nominal:
        return None
    calibrators = list(nominal)
    x = np.array([nominal[place] for place in calibrators])
    y = np.array([_nan(responses[place]) for place in calibrators])
    state = calibrate(x, y, recipe)
    reasons = list(state.reasons)
    checked = [
        place
        for place in places
        if runs[place]["role"] == "control" and runs[place]["spiked"] in ("", "before") and own[place] > 0
    ]
    # What a control holds is what it held before it was diluted.
    diluted = [runs[place]["dilution"] or 1.0 for place in checked]
    measured = read(state.curve, [responses[place] for place in checked]) * diluted
    targets = [own[place] for place in checked]
    by_level, misses = controls.judge(
        targets, measured, [runs[place]["level"] for place in checked], float(x[state.used].min(initial=np.inf)), recipe
    )
    reasons += misses
    curve = state.curve
    return {
        "curve": None
        if curve is None
        else {
            "model": curve.model,
            "weighting": curve.weighting,
            "coefficients": list(curve.coefficients),
            "r2": curve.r2,
            "lod": curve.lod,
            "loq": curve.loq,
        },
        "lower": state.lower,
        "upper": state.upper,
        "calibrators": [
            {
                "place": place,
                "level": runs[place]["level"],
                "nominal": nominal[place],
                "response": responses[place],
                "deviation_pct": none(state.deviation[number]),
                "used": bool(state.used[number]),
                "within": bool(state.within[number]),
            }
            for number, place in enumerate(calibrators)
        ],
        "controls": [
            {"place": place, "level": runs[place]["level"], "nominal": target, "measured": none(value)}
            for place, target, value in zip(checked, targets, measured, strict=True)
        ],
        "control_levels": by_level,
        "carry_over": _carry_over(runs, places, areas, standard, nominal, recipe),
        "measured": {str(place): none(value) for place, value in zip(places, read(curve, response), strict=True)},
        "accepted": not reasons,
        "reasons": reasons,
    }


def read(curve, responses: Sequence[float | None]) -> np.ndarray:
    """Concentrations of these responses; NaN where there is no response, no curve, or no such point on it."""
    values = np.array([_nan(each) for each in responses], dtype=float)
    return np.full(len(values), np.nan) if curve is None else curve.concentration(values)


def _carry_over(runs, places, areas, standard, nominal, recipe) -> dict | None:
    """What the blank after the highest calibrator holds; None where no such blank is known."""
    pair = standards.blank_after_top(runs, runs[places[0]]["batch"], nominal)
    if pair is None:
        return None
    blank = pair[1]
    found = {place: value for place, value in nominal.items() if areas[place]}
    lowest = [areas[place] for place, value in found.items() if value == min(found.values())]
    usual = [standard[place] for place in places if runs[place]["role"] != "blank"] if standard else []
    over = standards.carry_over(areas[blank], lowest, standard[blank] if standard else None, usual, recipe)
    return {"place": blank, **over}


def _response(area: float | None, standard: standards.Areas | None, place: int) -> float | None:
    if standard is None or area is None:
        return area
    return area / standard[place] if standard[place] else None


def _nan(value: float | None) -> float:
    return np.nan if value is None else value


def none(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return float(value) if np.isfinite(value) else None
