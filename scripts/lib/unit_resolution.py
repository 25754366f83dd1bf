"""Instruments of unit resolution: their m/z stand in steps, and an ion hops between neighbours."""

from __future__ import annotations

import numpy as np

#: The step (m/z), and the share of a run's values on it from which it is such an instrument's.
STEP, ON_STEPS = 0.1, 0.95


def on_steps(mz: np.ndarray) -> np.ndarray:
    """Which of these values are whole steps."""
    return np.abs(mz / STEP - np.rint(mz / STEP)) < 1e-3
