"""What aligner and caller read of a reference; everything delivered speaks of the reference as it was received.

Both have the pseudoautosomal regions of Y masked: they are X's, and twice the same sequence makes ties of all reads. In
the caller's, bases are capitals and IUPAC codes reduced to one as VCF 4.3 (section 1.6.1, REF) says: the first
by the alphabet.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import pysam

from scripts.lib import files
from scripts.lib.files import written
from scripts.lib.karyotype import Karyotype, karyotype

REDUCED = str.maketrans("RYSWKMBDHV", "ACCAGACAAA")
WIDTH = 60


def shared(sequence: Callable[[str], str], genome: Karyotype) -> list[tuple[int, int]]:
    """The pseudoautosomal regions of Y (0-based, half-open): what is known of it, or where it repeats those of X.

    sequence  gives a sequence in capitals by its name
    """
    if genome.y in genome.par or not genome.par.get(genome.x):
        return list(genome.par.get(genome.y, ()))
    x, whole, found = sequence(genome.x), sequence(genome.y), []
    for low, high in genome.par[genome.x]:
        piece = x[low:high]
        start = whole.find(piece) if piece.strip("N") else -1
        found += [(start, start + len(piece))] if start >= 0 else []
    return found


def masked(sequence: str, regions: Iterable[tuple[int, int]]) -> str:
    """The sequence with N in these regions."""
    for start, end in regions:
        sequence = f"{sequence[:start]}{'N' * (end - start)}{sequence[end:]}"
    return sequence


def record(name: str, sequence: str) -> str:
    lines = (sequence[at : at + WIDTH] for at in range(0, len(sequence), WIDTH))
    return "\n".join([f">{name}", *lines, ""])


class Paths(NamedTuple):
    fasta: str
    aligned: str
    called: str
    index: str
    dict: str


class Values(NamedTuple):
    declared: dict


def main(paths: Paths, values: Values) -> None:
    """Write what the aligner reads of `paths.fasta` to `paths.aligned`, what the caller reads to `paths.called`, with
    the index and the dictionary that callers look for beside it."""
    with pysam.FastaFile(paths.fasta) as fasta, written(paths.aligned) as aligned, written(paths.called) as called:
        genome = karyotype(dict(zip(fasta.references, fasta.lengths, strict=True)), values.declared)
        regions = {genome.y: shared(lambda name: fasta.fetch(name).upper(), genome)}
        for name in fasta.references:
            sequence = masked(fasta.fetch(name), regions.get(name, ()))
            aligned.write(record(name, sequence))
            called.write(record(name, sequence.upper().translate(REDUCED)))
    with files.aside(paths.index) as part:
        pysam.samtools.faidx(str(paths.called), "--fai-idx", str(part), catch_stdout=False)
    with written(paths.dict) as dictionary:
        dictionary.write(pysam.samtools.dict(str(paths.called), "-u", "file:called.fa"))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
