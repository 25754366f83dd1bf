"""The regions over which coverage is measured: autosomes without gaps (GA4GH WGS QC, "autosomes non gap regions"), and
the sex chromosomes without gaps and pseudoautosomal regions, which tell the sex."""

import re
from typing import NamedTuple

import pysam

from scripts.lib.files import written
from scripts.lib.gaps import without_gaps
from scripts.lib.karyotype import Karyotype, karyotype

NUMBERED = re.compile(r"^(chr)?\d+$")
AUTOSOME, X, Y = "autosome", "x", "y"


def autosomes(species: Karyotype) -> list[str]:
    """The numbered sequences, with or without `chr`; of a reference without such, all but what is known to be other."""
    others = {species.x, species.y, *species.haploid}
    names = [name for name in species.lengths if name not in others]
    return [name for name in names if NUMBERED.match(name)] or names


def kinds(species: Karyotype) -> dict[str, str]:
    """Sequence -> `autosome`, `x` or `y`; what is none of them is not assessed."""
    found = dict.fromkeys(autosomes(species), AUTOSOME)
    return found | {name: kind for name, kind in ((species.x, X), (species.y, Y)) if name}


def single_copy(species: Karyotype, name: str, kind: str) -> list[tuple[int, int]]:
    """The stretches of a sequence that count: all of an autosome, a sex chromosome outside of what X and Y share."""
    if kind == AUTOSOME:
        return [(0, species.lengths[name])]
    shared = species.par.get(name, ())
    edges = [0, *(edge for stretch in sorted(shared) for edge in stretch), species.lengths[name]]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]


class Paths(NamedTuple):
    fasta: str
    bed: str


class Values(NamedTuple):
    declared: dict


def main(paths: Paths, values: Values) -> None:
    """Write a BED of the assessed regions of `paths.fasta` to `paths.bed`; the fourth column is their kind."""
    with pysam.FastaFile(paths.fasta) as fasta, written(paths.bed) as bed:
        sizes = dict(zip(fasta.references, fasta.lengths, strict=True))
        species = karyotype(sizes, values.declared)
        for name, kind in kinds(species).items():
            for low, high in single_copy(species, name, kind):
                for start, end in without_gaps(fasta.fetch(name, low, high)):
                    bed.write(f"{name}\t{low + start}\t{low + end}\t{kind}\n")


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
