"""The regions over which coverage is measured: autosomes without gaps (GA4GH WGS QC, "autosomes non gap regions")."""

import re

import numpy as np
import pysam

from scripts.lib.files import written

AUTOSOME = re.compile(r"^(chr)?([1-9]|1[0-9]|2[0-2])$")


def autosomes(names: list[str]) -> list[str]:
    """Sequences 1 to 22, with or without `chr`; a reference that names none of them is assessed whole."""
    return [name for name in names if AUTOSOME.match(name)] or names


def without_gaps(sequence: str) -> list[tuple[int, int]]:
    """0-based, half-open intervals of a sequence that are not N."""
    known = np.frombuffer(sequence.encode(), dtype=np.uint8) & 0xDF != ord("N")
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False]))))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def main(paths, values) -> None:
    """Write a BED of the assessed regions of `paths.fasta` to `paths.bed`."""
    with pysam.FastaFile(paths.fasta) as fasta, written(paths.bed) as bed:
        for name in autosomes(list(fasta.references)):
            for start, end in without_gaps(fasta.fetch(name)):
                bed.write(f"{name}\t{start}\t{end}\n")


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
