"""A reference's name by what it is: its GA4GH sequence collection and that collection's digest."""

from typing import NamedTuple

from scripts.lib import files, seqcol


class Paths(NamedTuple):
    fasta: str
    seqcol: str


def main(paths: Paths, values: None) -> None:
    """Write `paths.seqcol`: the level 2 representation, with `digest` beside it."""
    collection = seqcol.of_fasta(paths.fasta)
    files.write_json(paths.seqcol, collection | {"digest": seqcol.digest(collection)})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
