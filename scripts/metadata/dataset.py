"""The order as a dataset of a catalogue of health data: HealthDCAT-AP in Turtle."""

from typing import NamedTuple

from scripts.lib import dcat
from scripts.lib.files import written


class Paths(NamedTuple):
    dataset: str


class Values(NamedTuple):
    facts: dict


def main(paths: Paths, values: Values) -> None:
    """Write `paths.dataset` from the fields of `dcat.Description` in `values.facts`."""
    with written(paths.dataset) as handle:
        handle.write(dcat.turtle(dcat.Description(**values.facts)))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
