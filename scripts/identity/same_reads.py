"""Runs of an order that hold the same reads, in another order or format or under other names: intake, which compares
files, lets these in. What fastp counted of each run tells: bases, qualities, and how often it has each word of five."""

from typing import Any, NamedTuple

from scripts.lib.files import read_json, write_json
from scripts.lib.refusal import Refusal

COUNTS = ("total_reads", "total_bases", "q20_bases", "q30_bases")
MATES = ("read1_before_filtering", "read2_before_filtering")


def counts(fastp: dict[str, Any]) -> tuple[int, ...]:
    """Of both mates together, which a received alignment has in one stream."""
    mates = [fastp[mate] for mate in MATES if mate in fastp]
    words = sorted(mates[0]["kmer_count"])
    return (
        *(sum(mate[name] for mate in mates) for name in COUNTS),
        *(sum(mate["kmer_count"][word] for mate in mates) for word in words),
    )


def same(counted: list[dict[str, Any]], runs: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The runs, parallel to what was counted of each, that have the same reads as others."""
    found: dict[tuple[int, ...], list[dict[str, Any]]] = {}
    for fastp, run in zip(counted, runs, strict=True):
        found.setdefault(counts(fastp), []).append(run)
    return [alike for alike in found.values() if len(alike) > 1]


class Paths(NamedTuple):
    counted: list[str]
    comparison: str


class Values(NamedTuple):
    tag: dict[str, str]
    runs: list[dict]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.comparison` when all of `values.runs` have reads of their own; else Refusal names those without."""
    if found := same([read_json(path) for path in paths.counted], values.runs):
        first, *others = (f"sample {run['sample']}, run {run['run']}" for run in found[0])
        raise Refusal(
            first,
            f"the same reads as in {' and '.join(others)}, in another order, format or under other names",
            "reads of its own for each run",
            "find out which is right and correct runs.tsv",
        )
    write_json(paths.comparison, {"tag": values.tag, "runs_compared": len(paths.counted)})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
