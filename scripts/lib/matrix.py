"""The matrix of an order's features: what is measured of each, and one area a run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scripts.lib.files import aside

AREA, FILLED = "area:", "filled:"


def column(sample: str, run: str) -> str:
    """A run's name as a column of every table: `{sample}:{run}`."""
    return f"{sample}:{run}"


@dataclass(frozen=True)
class Matrix:
    """Features x runs.

    features  one row a feature: feature (its name), polarity, mz, rt_s, rt_start_s, rt_end_s, charge, ...
    runs      names of the columns, `{sample}:{run}`
    areas     shape (features, runs), counts x s; NaN where the feature was not found
    filled    same shape: True where the area was integrated at the place that the other runs show
    """

    features: pd.DataFrame
    runs: list[str]
    areas: np.ndarray
    filled: np.ndarray

    def rows(self, chosen: np.ndarray) -> Matrix:
        """The chosen features (numbers or a mask) alone."""
        features = self.features[chosen] if chosen.dtype == bool else self.features.iloc[chosen]
        return Matrix(features.reset_index(drop=True), self.runs, self.areas[chosen], self.filled[chosen])

    def columns(self, chosen: Sequence[int]) -> Matrix:
        """The chosen runs alone, in this order."""
        chosen = list(chosen)
        return Matrix(
            self.features, [self.runs[number] for number in chosen], self.areas[:, chosen], self.filled[:, chosen]
        )

    def save(self, path: str | os.PathLike) -> None:
        areas = pd.DataFrame(self.areas, columns=[AREA + run for run in self.runs])
        filled = pd.DataFrame(self.filled, columns=[FILLED + run for run in self.runs])
        with aside(path) as part:
            pd.concat([self.features, areas, filled], axis=1).to_parquet(part, index=False)


def load(path: str | os.PathLike) -> Matrix:
    """What `Matrix.save` wrote."""
    table = pd.read_parquet(path)
    runs = [name.removeprefix(AREA) for name in table.columns if name.startswith(AREA)]
    measured = [name for name in table.columns if not name.startswith((AREA, FILLED))]
    shape = len(table), len(runs)
    areas = table[[AREA + run for run in runs]].to_numpy(dtype=float, copy=True).reshape(shape)
    filled = table[[FILLED + run for run in runs]].to_numpy(dtype=bool, copy=True).reshape(shape)
    return Matrix(table[measured], runs, areas, filled)


def by_role(runs: Sequence[dict], *roles: str) -> list[int]:
    """Numbers of the runs with one of these roles."""
    return [number for number, run in enumerate(runs) if run["role"] in roles]
