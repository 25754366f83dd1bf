"""The callable regions of a reference: all of its sequences without their gaps."""

from typing import NamedTuple

import pysam

from scripts.lib.files import written
from scripts.lib.gaps import without_gaps


class Paths(NamedTuple):
    fasta: str
    bed: str


def main(paths: Paths, values: None) -> None:
    """Write a BED of what of `paths.fasta` is known to `paths.bed`."""
    with pysam.FastaFile(paths.fasta) as fasta, written(paths.bed) as bed:
        for name in fasta.references:
            bed.writelines(f"{name}\t{start}\t{end}\n" for start, end in without_gaps(fasta.fetch(name)))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
