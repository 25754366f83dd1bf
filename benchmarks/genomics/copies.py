"""Genomes with copies of a sequence, and samples of which a copy is missing, extra or as its partner; all from a seed.

Each contig holds two copies of a piece amid unique sequence. What a sample has there stands in `CASES`. Reads are named
by the contig and base (0-based) of the reference that they are from, so that anybody can tell where they belong.
"""

from __future__ import annotations

import gzip
import random
from dataclasses import dataclass, field
from pathlib import Path

READ, FRAGMENT, DEVIATION, ERROR = 150, 400, 50, 0.002
TURNED = str.maketrans("ACGT", "TGCA")
Base = tuple[str, int]  # with the place in the reference that it is from
Variant = tuple[str, int, str, str]


@dataclass(frozen=True)
class Case:
    """Two copies of a piece.

    alike    share of bases that the copies have in common
    tandem   side by side, instead of far apart
    sample   what both haplotypes hold in place of `first` and `second`; `converted` is the first, of which the middle
             half is the second's
    """

    alike: float = 1.0
    tandem: bool = False
    sample: tuple[tuple[str, ...], tuple[str, ...]] = (("first",), ("second",))


CASES = {
    "identical": Case(),
    "alike_9995": Case(0.9995),
    "alike_995": Case(0.995),
    "alike_98": Case(0.98),
    "tandem_identical": Case(tandem=True),
    "tandem_995": Case(0.995, tandem=True),
    "missing": Case(0.995, sample=((), ("second",))),
    "extra": Case(0.995, sample=(("first", "first"), ("second",))),
    "converted": Case(0.98, sample=(("converted",), ("second",))),
}


@dataclass
class Genome:
    """A reference, and the two haplotypes of a sample, each base with its place in the reference.

    copies  contig -> the two copies (0-based, half-open)
    truth   (contig, 1-based position, REF, ALT) of what the sample has where the reference has its bases
    """

    reference: dict[str, str] = field(default_factory=dict)
    haplotypes: list[dict[str, list[Base]]] = field(default_factory=lambda: [{}, {}])
    copies: dict[str, tuple[range, range]] = field(default_factory=dict)
    truth: set[Variant] = field(default_factory=set)


def held_names(case: Case) -> list[str]:
    return [part for parts in case.sample for part in parts]


def other(base: str, rng: random.Random) -> str:
    return rng.choice([each for each in "ACGT" if each != base])


def genome(seed: int = 1, piece: int = 10_000, flank: int = 8_000, every: int = 1_000) -> Genome:
    """All cases. piece, flank: bases of a copy, and of what is unique on either side; a variant comes every so many."""
    made, rng = Genome(), random.Random(seed)
    for name, case in CASES.items():
        unique = ["".join(rng.choices("ACGT", k=flank)) for _ in range(3)]
        between = "" if case.tandem else unique[1]
        first = "".join(rng.choices("ACGT", k=piece))
        differs = set(rng.sample(range(piece), round(piece * (1 - case.alike))))
        second = "".join(other(base, rng) if at in differs else base for at, base in enumerate(first))
        sequence = made.reference[name] = unique[0] + first + between + second + unique[2]
        one, two = range(flank, flank + piece), range(flank + piece + len(between), flank + 2 * piece + len(between))
        made.copies[name] = one, two
        middle = range(piece // 4, 3 * piece // 4)
        parts = {
            "first": list(one),
            "second": list(two),
            "converted": [two[at] if at in middle else one[at] for at in range(piece)],
        }
        held = [[at for part in parts_of for at in parts[part]] for parts_of in case.sample]
        laid = [*range(flank), *held[0], *range(one.stop, two.start), *held[1], *range(two.stop, len(sequence))]
        # Variants where there is one right answer: in what the sample has once.
        once = [at for at in range(every // 2, len(sequence) - every // 2, every) if laid.count(at) == 1]
        changed = {at: other(sequence[at], rng) for at in once}
        carried = {at: rng.choice([(0, 1), (0,), (1,)]) for at in once}
        for which in (0, 1):
            bases = [(changed[at] if which in carried.get(at, ()) else sequence[at], at) for at in laid]
            made.haplotypes[which][name] = bases
        made.truth |= {(name, at + 1, sequence[at], changed[at]) for at in once}
        if "converted" in held_names(case):
            apart = (one[at] for at in middle if first[at] != second[at])
            made.truth |= {(name, at + 1, sequence[at], sequence[at - one.start + two.start]) for at in apart}
    return made


def reads(made: Genome, folder: Path, depth: float, seed: int = 1, ends: bool = True) -> tuple[Path, Path]:
    """Pairs of both haplotypes as two gzip-compressed FASTQ files.

    ends  what would begin or end outside of a sequence begins or ends with it, so that ends are as deep as the rest
    """
    rng, paths = random.Random(seed), tuple(folder / f"reads_R{mate}.fastq.gz" for mate in (1, 2))
    with gzip.open(paths[0], "wt", 1) as one, gzip.open(paths[1], "wt", 1) as two:
        for which, haplotype in enumerate(made.haplotypes):
            for name, bases in haplotype.items():
                text = "".join(base for base, _ in bases)
                for number in range(int(len(text) * depth / (4 * READ))):
                    size = max(READ, round(rng.gauss(FRAGMENT, DEVIATION)))
                    start = rng.randrange(-size // 2, len(text) - size // 2)
                    if not ends and not 0 <= start <= len(text) - size:
                        continue
                    start = min(max(start, 0), len(text) - size)
                    places = bases[start][1], bases[start + size - READ][1]
                    pair = text[start : start + READ], text[start + size - READ : start + size].translate(TURNED)[::-1]
                    turned = rng.random() < 0.5
                    about = f"@{name}:{which}:{number}:{places[turned]}:{places[not turned]}"
                    for handle, read in zip((one, two), reversed(pair) if turned else pair, strict=True):
                        handle.write(f"{about}\n{sequenced(read, rng)}\n")
    return paths


def sequenced(read: str, rng: random.Random) -> str:
    """The read as a machine tells it, with its errors, and their qualities."""
    bases, qualities = list(read), ["F"] * len(read)
    for at in range(len(read)):
        if rng.random() < ERROR:
            bases[at], qualities[at] = other(read[at], rng), "-"
    return f"{''.join(bases)}\n+\n{''.join(qualities)}"
