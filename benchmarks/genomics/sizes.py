"""Which insertions and deletions are found by their size, and what is found at a sequence's ends; all from a seed.

    python benchmarks/genomics/sizes.py [--folder DIR]    writes SIZES.md beside it; a minute

Random sequence without repeats, read at 30x with 2 x 150 bases as in copies.py, and the bare chain of ties.py, which
calls as the branch does: what is not found here is not found anywhere.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

import pysam  # noqa: E402

from benchmarks.genomics import copies, ties  # noqa: E402

SIZES = (1, 5, 10, 20, 30, 40, 50, 55, 60, 70, 80, 90, 100, 150, 200)
EACH, APART = 20, 1_000
WAYS = [(kind, alike) for kind in ("insertion", "deletion") for alike in (True, False)]
NEAR = (5, 10, 20, 30, 50, 75, 100, 150)
SEQUENCES = 20
#: Changes of length on either haplotype at one place.
PAIRS = ((2, 5), (1, 10), (-1, -3), (-2, -8), (3, -3), (1, -10))
Haplotype = list[copies.Base]


def edited(sequence: str, changes: dict[int, tuple[int, str]]) -> Haplotype:
    """The sequence with, at each place, so many bases replaced by others."""
    made, end = [], 0
    for at, (gone, new) in sorted(changes.items()):
        made += [(sequence[place], place) for place in range(end, at)] + [(base, at) for base in new]
        end = at + gone
    return made + [(sequence[place], place) for place in range(end, len(sequence))]


def genome(seed: int = 1) -> tuple[copies.Genome, dict]:
    """The genome, and contig -> place -> (kind, size, homozygous)."""
    rng, made, planted = random.Random(seed), copies.Genome(), {}
    for kind in ("insertion", "deletion"):
        for size in SIZES:
            name = f"{kind}{size}"
            sequence = made.reference[name] = "".join(rng.choices("ACGT", k=APART * (EACH + 1) + size))
            places = {APART * number: number % 2 == 0 for number in range(1, EACH + 1)}
            bases = {at: "".join(rng.choices("ACGT", k=size)) for at in places}
            planted[name] = {at: (kind, size, alike) for at, alike in places.items()}
            for which in (0, 1):
                own = [at for at, alike in places.items() if alike or which == 0]
                changes = {at: (0, bases[at]) if kind == "insertion" else (size, "") for at in own}
                made.haplotypes[which][name] = edited(sequence, changes)
    for pair in PAIRS:
        name = "two" + "_".join(map(str, pair))
        sequence = made.reference[name] = "".join(rng.choices("ACGT", k=APART * (EACH + 1)))
        planted[name] = {APART * number: ("two", pair, False) for number in range(1, EACH + 1)}
        for which, change in enumerate(pair):
            changes = {at: (max(0, -change), "".join(rng.choices("ACGT", k=max(0, change)))) for at in planted[name]}
            made.haplotypes[which][name] = edited(sequence, changes)
    for number in range(SEQUENCES):
        name = f"end{number}"
        sequence = made.reference[name] = "".join(rng.choices("ACGT", k=3_000))
        places = {len(sequence) - 1 - near if number % 2 else near: near for near in NEAR}
        planted[name] = {at: ("end", near, True) for at, near in places.items()}
        for which in (0, 1):
            changes = {at: (1, copies.other(sequence[at], rng)) for at in places} if not which else changes
            made.haplotypes[which][name] = edited(sequence, changes)
    return made, planted


def found(vcf: Path, planted: dict) -> dict[tuple, int]:
    """(kind, size, homozygous) -> how many are called there, with their size (both, of two)."""
    called: dict[str, list[tuple[int, int]]] = {}
    with pysam.VariantFile(str(vcf)) as records:
        for record in records:
            if record.qual >= 10:
                called.setdefault(record.chrom, []).append((record.start, len(record.alts[0]) - len(record.ref)))
    count: dict[tuple, int] = {}
    for name, places in planted.items():
        for at, about in places.items():
            kind, size, _ = about
            wanted = size if kind == "two" else (size * {"insertion": 1, "deletion": -1, "end": 0}[kind],)
            # Left-aligned, an indel may begin a few bases before.
            near = {length for start, length in called.get(name, []) if at - 10 <= start <= at}
            count[about] = count.get(about, 0) + (set(wanted) <= near)
    return count


def page(count: dict[tuple, int]) -> str:
    rows = [[size, *(100 * count[kind, size, alike] // (EACH // 2) for kind, alike in WAYS)] for size in SIZES]
    ends = [[near, 100 * count["end", near, True] // SEQUENCES] for near in NEAR]
    pairs = [[f"{one:+} and {other:+}", 100 * count["two", (one, other), False] // EACH] for one, other in PAIRS]
    head = ["bases", "insertions, both copies", "one copy", "deletions, both copies", "one copy"]
    return f"""# Genomics: sizes that are found

*Written by `python benchmarks/genomics/sizes.py`.*

Share of {EACH // 2} each that are called with their size, in %; random sequence, {ties.DEPTH}x, 2 x {copies.READ}
bases, fragments of {copies.FRAGMENT} +- {copies.DEVIATION}, minimap2.

{ties.table(head, rows)}

Two alternative alleles at one place, by how many bases they are longer or shorter, {EACH} each:

{ties.table(["alleles", "both found, %"], pairs)}

Substitutions on both copies by their distance from a sequence's end, where there are only fragments that lie whole
within it, {SEQUENCES} each:

{ties.table(["bases from the end", "found, %"], ends)}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("genomics-benchmark"))
    folder = parser.parse_args().folder.resolve() / "sizes"
    folder.mkdir(parents=True, exist_ok=True)
    made, planted = genome()
    fasta = folder / "sizes.fa"
    fasta.write_text("".join(f">{name}\n{sequence}\n" for name, sequence in made.reference.items()))
    _, vcf = ties.bare(folder, fasta, list(copies.reads(made, folder, ties.DEPTH, ends=False)), "minimap2")
    (HERE / "SIZES.md").write_text(page(found(vcf, planted)))


if __name__ == "__main__":
    main()
