"""Calibration curves: response (area, or area over that of the internal standard) against nominal concentration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

import numpy as np
import statsmodels.api as sm

DEGREES = {"linear": 1, "quadratic": 2}
WEIGHTS = {"none": 0, "1/x": 1, "1/x2": 2}
#: What reads 15 % off does so within 15 %, whatever the last digit of 100 * (85 / 100 - 1), %.
ROUNDING = 1e-9


class Limits(TypedDict):
    """Section `calibration` of the recipe."""

    model: str
    weighting: str
    tolerance_pct: float
    lloq_tolerance_pct: float
    min_calibrators_pct: float
    min_levels: int
    exclude: bool
    control_tolerance_pct: float
    min_controls_pct: float
    min_level_controls_pct: float
    carry_over_pct: float
    carry_over_standard_pct: float
    ion_ratio_pct: float
    max_late_s: float
    standard_min_pct: float
    standard_max_pct: float


@dataclass(frozen=True)
class Curve:
    """A fitted curve: response = coefficients[0] + coefficients[1] x + coefficients[2] x^2.

    r2   weighted coefficient of determination
    lod  3.3 times the standard error of the intercept over the slope at 0; loq 10 times (ICH Q2(R2), 3.2.3.3): the
         error of the weighted fit, so that it is the scatter at the low end that counts
    """

    model: str
    weighting: str
    coefficients: tuple[float, ...]
    r2: float
    lod: float
    loq: float

    def concentration(self, response: np.ndarray | float) -> np.ndarray:
        """Concentrations at these responses, on the branch that rises from zero; NaN beyond the curve's turn."""
        intercept, slope, bend = (*self.coefficients, 0.0)[:3]
        above = np.asarray(response, dtype=float) - intercept
        with np.errstate(invalid="ignore"):
            root = np.sqrt(slope**2 + 4 * bend * above)
            # This form of the root needs no division by the bend, which may be 0.
            return 2 * above / (slope + root)

    def response(self, concentration: np.ndarray) -> np.ndarray:
        return np.polynomial.polynomial.polyval(concentration, self.coefficients)

    def rises_to(self, concentration: float) -> bool:
        slope, bend = (*self.coefficients, 0.0)[1:3]
        return slope > 0 and slope + 2 * bend * concentration > 0


def fit(x: np.ndarray, y: np.ndarray, model: str, weighting: str) -> Curve | None:
    """Weighted least squares; None where there are too few levels for the model, or the curve does not rise."""
    degree = DEGREES[model]
    # One level more than parameters, or nothing says how well the curve fits.
    if len(np.unique(x)) < degree + 2:
        return None
    # As shares of the highest level: in mol/L or in pg/mL, squares would differ from 1 by more digits than there are.
    top = x.max()
    shares = x / top
    found = sm.WLS(
        y, np.vander(shares, degree + 1, increasing=True), weights=shares ** -float(WEIGHTS[weighting])
    ).fit()
    coefficients = found.params / top ** np.arange(degree + 1)
    error, slope = float(found.bse[0]), float(coefficients[1])
    if not slope > 0:
        return None
    curve = Curve(
        model,
        weighting,
        tuple(map(float, coefficients)),
        float(found.rsquared),
        3.3 * error / slope,
        10 * error / slope,
    )
    return curve if curve.rises_to(float(top)) else None


def deviations(curve: Curve, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How far each calibrator reads back from nominal, %; a point beyond the curve's turn reads infinitely wrong."""
    return np.nan_to_num(100 * (curve.concentration(y) / x - 1), nan=np.inf)


Tolerance = Literal["tolerance_pct", "control_tolerance_pct"]


def tolerances(x: np.ndarray, lowest: float, recipe: Limits, elsewhere: Tolerance = "tolerance_pct") -> np.ndarray:
    """Greatest deviation allowed at each concentration, %: more at the lowest calibrator's than `elsewhere`."""
    return np.where(x <= lowest, recipe["lloq_tolerance_pct"], recipe[elsewhere]) + ROUNDING


def candidates(recipe: Limits) -> Iterable[tuple[str, str]]:
    """Model and weighting of every curve that the recipe allows, the simplest model and the lightest weights first."""
    for model in DEGREES if recipe["model"] == "auto" else [recipe["model"]]:
        for weighting in WEIGHTS if recipe["weighting"] == "auto" else [recipe["weighting"]]:
            yield model, weighting


def choose(x: np.ndarray, y: np.ndarray, recipe: Limits) -> Curve | None:
    """The curve with most calibrators within tolerance; of several the simplest model (ICH M10, 3.2.4), and of its
    weightings the one with the least sum of absolute relative errors (Almeida et al. 2002, J Chromatogr B 774:215)."""
    best, best_key = None, None
    for model, weighting in candidates(recipe):
        if (curve := fit(x, y, model, weighting)) is None:
            continue
        off = np.abs(deviations(curve, x, y))
        within = int((off <= tolerances(x, x.min(), recipe)).sum())
        key = (-within, DEGREES[model], float(off.sum()), WEIGHTS[weighting])
        if best_key is None or key < best_key:
            best, best_key = curve, key
    return best


@dataclass(frozen=True)
class Calibration:
    """A curve and what the calibrators say about it. Arrays are in the order of the calibrators.

    used      which calibrators the curve was fitted to
    within    which of those read back within tolerance
    lower, upper  the working range: lowest and highest level that reads back; None without a curve
    reasons   why it is not accepted; empty when it is
    """

    curve: Curve | None
    used: np.ndarray
    deviation: np.ndarray
    within: np.ndarray
    lower: float | None
    upper: float | None
    reasons: tuple[str, ...]


def _passing(x: np.ndarray, within: np.ndarray, used: np.ndarray) -> list[float]:
    """Levels at which at least half of the calibrators read back within tolerance (ICH M10, 3.2.4)."""
    levels = np.unique(x[used])
    return [float(level) for level in levels if 2 * within[x == level].sum() >= (x == level).sum()]


def _state(x: np.ndarray, y: np.ndarray, used: np.ndarray, recipe: Limits) -> Calibration:
    curve = choose(x[used], y[used], recipe) if used.any() else None
    if curve is None:
        nothing = np.zeros(len(x), dtype=bool)
        few = f"no rising curve through {len(np.unique(x[used]))} levels"
        return Calibration(None, used, np.full(len(x), np.nan), nothing, None, None, (few,))
    deviation = deviations(curve, x, y)
    within = used & (np.abs(deviation) <= tolerances(x, x[used].min(), recipe))
    levels = _passing(x, within, used)
    reasons = []
    share = 100 * within.sum() / len(x)
    if share < recipe["min_calibrators_pct"]:
        reasons.append(
            f"{within.sum()} of {len(x)} calibrators read back within {recipe['tolerance_pct']:g} %"
            f" ({recipe['lloq_tolerance_pct']:g} % at the lowest level), {recipe['min_calibrators_pct']:g} % must"
        )
    if len(levels) < recipe["min_levels"]:
        reasons.append(f"{len(levels)} levels read back within tolerance, {recipe['min_levels']} must")
    lower, upper = (levels[0], levels[-1]) if levels else (None, None)
    return Calibration(curve, used, deviation, within, lower, upper, tuple(reasons))


def calibrate(x: np.ndarray, y: np.ndarray, recipe: Limits) -> Calibration:
    """The curve through calibrators of concentration x (> 0) and response y (NaN: not found), and its verdict.

    With `exclude` the calibrator that is most off is left out, and the curve fitted again, as long as the share and the
    number of levels that ICH M10 (3.2.4, 3.3.2) asks for stay; otherwise nothing ever is. A calibrator that was not
    found takes no part in the fit and counts as one that misses.
    """
    state = _state(x, y, np.isfinite(y), recipe)
    while recipe["exclude"] and state.curve is not None:
        off = np.where(state.used & ~state.within, np.abs(state.deviation), -1.0)
        worst = int(np.argmax(off))
        rest = state.used.copy()
        rest[worst] = False
        enough = 100 * rest.sum() >= recipe["min_calibrators_pct"] * len(x)
        if off[worst] < 0 or not enough or len(np.unique(x[rest])) < recipe["min_levels"]:
            break
        after = _state(x, y, rest, recipe)
        if after.curve is None:
            break
        state = after
    return replace(state, deviation=np.where(np.isfinite(y), state.deviation, np.nan))
