"""The matrix of an order's features: what is measured of each, and one area a run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from scripts.lib.files import aside

AREA, ORIGIN = "area:", "origin:"
#: Where an area is from: nowhere; picked in the run; a peak too weak for that, found where other runs show one; what
#: there is at that place.
ORIGINS = ("", "picked", "weak", "filled")
MISSING, PICKED, WEAK, FILLED = range(4)


def column(sample: str, run: str) -> str:
    """A run's name as a column of every table: `{sample}:{run}`."""
    return f"{sample}:{run}"


@dataclass(frozen=True)
class Matrix:
    """Features x runs.

    features  one row a feature: feature (its name), polarity, mz, rt_s, rt_start_s, rt_end_s, charge, ...
    runs      names of the columns, `{sample}:{run}`
    areas     shape (features, runs), counts x s; NaN where the feature was not found
    origin    same shape, places in ORIGINS
    """

    features: pd.DataFrame
    runs: list[str]
    areas: np.ndarray
    origin: np.ndarray

    @property
    def picked(self) -> np.ndarray:
        return self.origin == PICKED

    @property
    def filled(self) -> np.ndarray:
        """Integrated at the place that other runs show, whether there is a peak or not."""
        return self.origin >= WEAK

    def rows(self, chosen: np.ndarray) -> Matrix:
        """The chosen features (numbers or a mask) alone."""
        features = self.features[chosen] if chosen.dtype == bool else self.features.iloc[chosen]
        return Matrix(features.reset_index(drop=True), self.runs, self.areas[chosen], self.origin[chosen])

    def columns(self, chosen: Sequence[int]) -> Matrix:
        """The chosen runs alone, in this order."""
        chosen = list(chosen)
        return Matrix(
            self.features, [self.runs[number] for number in chosen], self.areas[:, chosen], self.origin[:, chosen]
        )

    def save(self, path: str | os.PathLike) -> None:
        """Write Parquet, two columns a run, so that a run's can be read without the others'."""
        table = pa.Table.from_pandas(self.features, preserve_index=False)
        columns, names = list(table.columns), list(table.column_names)
        for prefix, values in ((AREA, self.areas), (ORIGIN, self.origin)):
            columns += [pa.array(values[:, number], from_pandas=True) for number in range(len(self.runs))]
            names += [prefix + run for run in self.runs]
        with aside(path) as part:
            pq.write_table(pa.table(columns, names, metadata=table.schema.metadata), part)


def load(path: str | os.PathLike, runs: Sequence[str] | None = None) -> Matrix:
    """What `Matrix.save` wrote: all runs, or these alone."""
    names = pq.read_schema(path).names
    measured = [name for name in names if not name.startswith((AREA, ORIGIN))]
    if runs is None:
        runs = [name.removeprefix(AREA) for name in names if name.startswith(AREA)]
    table = pq.read_table(path, columns=measured + [prefix + run for prefix in (AREA, ORIGIN) for run in runs])
    shape = len(table), len(runs)
    areas, origin = np.empty(shape), np.empty(shape, dtype=np.uint8)
    for number, run in enumerate(runs):
        areas[:, number] = table[AREA + run].to_numpy()
        origin[:, number] = table[ORIGIN + run].to_numpy()
    return Matrix(table.select(measured).to_pandas(), list(runs), areas, origin)


def by_role(runs: Sequence[dict], *roles: str) -> list[int]:
    """Numbers of the runs with one of these roles."""
    return [number for number, run in enumerate(runs) if run["role"] in roles]
