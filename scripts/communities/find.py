"""Find the exact variants of an order, by the method that its recipe names; both have the same output."""

import gzip
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypedDict

from scripts.communities import dada2, unoise
from scripts.communities.found import Run
from scripts.lib.files import read_json, write_json
from scripts.lib.refusal import Refusal

METHODS = {"dada2": dada2.find, "unoise": unoise.find}
#: Lines of the first reads of a run, whose qualities are looked at.
LOOKED_AT = 4 * 2000


class Recipe(TypedDict):
    variants: str
    reads: str
    pooled: bool
    trim_forward: int
    trim_reverse: int
    max_expected_errors: float
    min_overlap: int
    max_overlap_mismatches: int
    min_abundance: int
    forward_primer: str
    reverse_primer: str


class Paths(NamedTuple):
    """first, second, statistics  of each run, parallel to the runs of the values"""

    first: list[str]
    second: list[str]
    statistics: list[str]
    found: str


class Values(NamedTuple):
    runs: list[dict[str, Any]]
    recipe: Recipe


def qualities(path: str) -> frozenset[int]:
    """The different qualities of the first reads of a FASTQ."""
    with (gzip.open if Path(path).stat().st_size else open)(path, "rb") as handle:
        return frozenset(byte for line in islice(handle, 3, LOOKED_AT, 4) for byte in line.rstrip(b"\n"))


def main(paths: Paths, values: Values) -> None:
    """Write `paths.found`: the variants with their reads in each run, and the reads after each step."""
    recipe = values.recipe
    runs, steps = [], []
    for number, (row, statistics) in enumerate(zip(values.runs, paths.statistics, strict=True)):
        counted = read_json(statistics)
        steps.append({name: counted[name] for name in ("received", "primers", "turned")})
        forward = paths.first[number]
        known = qualities(forward) if counted["primers"] else frozenset()
        files = (forward, paths.second[number], counted["primers"])
        runs.append(Run(number, f"{row['sample']} {row['run']}", row["batch"], *files, known))
    if not any(run.primers for run in runs):
        found = f"no read of {len(runs)} runs with both primers"
        expected = f"reads that begin with {recipe['forward_primer']} and {recipe['reverse_primer']}"
        cure = "correct the primers of the recipe, or say `primers: removed` there if they were removed before"
        raise Refusal("the order's reads", found, expected, cure)
    with TemporaryDirectory(dir=Path(paths.found).parent) as folder:
        answer = METHODS[recipe["variants"]](runs, dict(recipe), Path(folder))
    for number, step in enumerate(steps):
        step |= answer.steps.get(number, {"quality": 0, "merged": 0})
    # The richest first; of equals by their bases.
    ordered = sorted(answer.counts.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    variants = [
        {
            "sequence": sequence,
            "chimera": sequence in answer.chimeras,
            "reads": {str(number): reads for number, reads in sorted(counts.items())},
        }
        for sequence, counts in ordered
    ]
    write_json(paths.found, {"variants": variants, "steps": steps})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
