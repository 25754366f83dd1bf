"""Which strand of genes reads are of: measured, held against what the sheet declares, and how they are counted."""

from typing import NamedTuple, TypedDict

from scripts.expression import counted
from scripts.lib.files import write_json, written

#: Strandedness -> how featureCounts calls it, and salmon of single reads and of pairs.
CALLED = {
    "forward": ("1", "SF", "ISF"),
    "reverse": ("2", "SR", "ISR"),
    "unstranded": ("0", "U", "IU"),
}


class Recipe(TypedDict):
    min_strand_reads: int
    stranded_share: float
    unstranded_share: float


def measured(forward: int, reverse: int, recipe: Recipe) -> str:
    """`forward`, `reverse`, `unstranded`, `mixed`, or `unknown` where there are too few reads to tell.

    forward, reverse  fragments of genes whose first read is on the strand of the transcript, and on the other
    """
    total = forward + reverse
    if total < recipe["min_strand_reads"]:
        return "unknown"
    share = max(forward, reverse) / total
    if share >= recipe["stranded_share"]:
        return "forward" if forward > reverse else "reverse"
    return "unstranded" if share <= recipe["unstranded_share"] else "mixed"


def counted_as(declared: str, found: str, forward: int, reverse: int) -> str:
    """How fragments are counted: as declared; where nobody knew, as measured, of a mixture by its greater part."""
    if declared in CALLED:
        return declared
    if found == "mixed":
        return "forward" if forward > reverse else "reverse"
    return found if found in CALLED else "unstranded"


class Paths(NamedTuple):
    summaries: list[str]
    measured: str
    protocol: str


class Values(NamedTuple):
    declared: dict[str, str]
    paired: bool
    recipe: Recipe


def main(paths: Paths, values: Values) -> None:
    """Write `paths.measured`, and to `paths.protocol` what featureCounts and salmon are told.

    paths.summaries  featureCounts' of fragments counted as forward and as reverse
    """
    forward, reverse = (counted.summary(path).get("Assigned", 0) for path in paths.summaries)
    declared = values.declared["strandedness"]
    found = measured(forward, reverse, values.recipe)
    chosen = counted_as(declared, found, forward, reverse)
    told = {"declared": declared, "measured": found, "counted_as": chosen, "forward": forward, "reverse": reverse}
    write_json(paths.measured, told)
    strand, single, pairs = CALLED[chosen]
    with written(paths.protocol) as handle:
        handle.write(f"{strand} {pairs if values.paired else single}\n")


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
