"""The raw matrix of an order: what was picked, and what was filled in run by run."""

from typing import NamedTuple

import pandas as pd

from scripts.lib.matrix import ORIGINS, column, load


class Paths(NamedTuple):
    linked: str
    filled: list[str]
    raw: str


class Values(NamedTuple):
    runs: list[dict]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.raw` (see scripts.lib.matrix): `paths.linked` with the areas of every table of `paths.filled`."""
    matrix = load(paths.linked)
    row_of = {name: row for row, name in enumerate(matrix.features["feature"])}
    for path, run in zip(paths.filled, values.runs, strict=True):
        number = matrix.runs.index(column(run["sample"], run["run"]))
        found = pd.read_csv(path, sep="\t")
        rows = [row_of[name] for name in found["feature"]]
        matrix.areas[rows, number] = found["area"]
        matrix.origin[rows, number] = found["origin"].map(ORIGINS.index)
    matrix.save(paths.raw)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
