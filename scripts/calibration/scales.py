"""How far each run's m/z and times were off the order's, on the ions that it shares with the others.

The order's scale is the median over its runs, ion by ion: a list that is off as a whole, or an ion whose formula is
wrong, is no run's fault.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

#: Ions that a run must share with others for anything to be said of it, and runs that an order must have.
IONS, RUNS = 5, 3


def scales(files: Sequence[Mapping[str, Any]]) -> list[dict[str, float | None]]:
    """For each run: `mass_offset_ppm`, the median deviation of its ions' m/z from their medians over the runs, and
    `rt_residual_s`, the median distance of their times from those medians once what all are late by is taken off.

    files  what was found in each run: {peaks: [{compound, ion, rt_s, mz_error_ppm, ...}]}; None where too few ions, or
    too few runs, tell
    """
    masses, times = (_table(files, key) for key in ("mz_error_ppm", "rt_s"))
    off, late = _off(masses), _off(times)
    with np.errstate(invalid="ignore"):
        rest = np.abs(late - _median(late, axis=1)[:, None])
    return [
        {"mass_offset_ppm": _plain(mass), "rt_residual_s": _plain(time)}
        for mass, time in zip(_median(off, axis=1), _median(rest, axis=1), strict=True)
    ]


def _table(files: Sequence[Mapping[str, Any]], key: str) -> np.ndarray:
    """Runs x quantifiers, NaN where nothing was found."""
    found = [
        {peak["compound"]: peak.get(key) for peak in file["peaks"] if peak["ion"] == 0 and peak["area"]}
        for file in files
    ]
    ions = sorted({compound for run in found for compound in run})
    return np.array([[np.nan if run.get(ion) is None else run[ion] for ion in ions] for run in found], dtype=float)


def _off(values: np.ndarray) -> np.ndarray:
    """Deviation from the ion's median, of the ions that enough runs show, in the runs that show enough of them."""
    shared = np.isfinite(values).sum(axis=0) >= RUNS
    off = np.where(shared, values, np.nan)
    off -= _median(off, axis=0)
    off[np.isfinite(off).sum(axis=1) < IONS] = np.nan
    return off


def _median(values: np.ndarray, axis: int) -> np.ndarray:
    """NaN where there is none."""
    if not values.size:
        return np.full(values.shape[1 - axis], np.nan)
    filled = np.where(np.isfinite(values).any(axis=axis, keepdims=True), values, 0.0)
    return np.where(np.isfinite(values).any(axis=axis), np.nanmedian(filled, axis=axis), np.nan)


def _plain(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
