"""How many copies of each sequence of a reference a sample has, by its sex.

Known by name and length: GRCh37, GRCh38 and T2T-CHM13, with and without `chr`. Another assembly's X may be anything (in
yeast it is the tenth chromosome), hence is not guessed: config.yaml says it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from scripts.lib.refusal import Refusal

# Lengths of X and Y, and the pseudoautosomal regions of either (0-based, half-open), as the Genome Reference Consortium
# and the T2T Consortium (CHM13 v2.0, with HG002's Y) publish them.
ASSEMBLIES = {
    "GRCh37": (
        (155_270_560, ((60_000, 2_699_520), (154_931_043, 155_260_560))),
        (59_373_566, ((10_000, 2_649_520), (59_034_049, 59_363_566))),
    ),
    "GRCh38": (
        (156_040_895, ((10_000, 2_781_479), (155_701_382, 156_030_895))),
        (57_227_415, ((10_000, 2_781_479), (56_887_902, 57_217_415))),
    ),
    "T2T-CHM13": (
        (154_259_566, ((0, 2_394_410), (153_925_834, 154_259_566))),
        (62_460_029, ((0, 2_458_320), (62_122_809, 62_460_029))),
    ),
}
MITOCHONDRIA = ("chrM", "MT", "chrMT", "M")


#: Key of the reference, what was found, what was expected.
Fault = tuple[str, str, str]


class Stretch(NamedTuple):
    """A stretch of a sequence (0-based, half-open) of which a sample has so many copies."""

    start: int
    end: int
    copies: int


@dataclass(frozen=True)
class Karyotype:
    """What a species has of each sequence.

    lengths  sequence -> bases
    ploidy   copies of each sequence that is not named below
    x, y     the sex chromosomes, or ''
    haploid  sequences of which everybody has one copy
    par      sequence -> pseudoautosomal stretches (0-based, half-open): males have `ploidy` copies, all read as
             X's, hence none of Y's
    """

    lengths: Mapping[str, int]
    ploidy: int
    x: str
    y: str
    haploid: frozenset[str]
    par: Mapping[str, tuple[tuple[int, int], ...]]

    def stretches(self, contig: str, sex: str) -> list[Stretch]:
        """The whole sequence in stretches of one number of copies, for `female`, `male` or `unknown`.

        Of an unknown sex's X all copies are assumed and one Y, so that nothing goes unseen.
        """
        whole = self.lengths[contig]
        if contig in self.haploid:
            return [Stretch(0, whole, 1)]
        if contig not in (self.x, self.y) or (contig == self.x and sex != "male"):
            return [Stretch(0, whole, self.ploidy)]
        if contig == self.y and sex == "female":
            return [Stretch(0, whole, 0)]
        found, end = [], 0
        for low, high in sorted(self.par.get(contig, ())):
            found += [Stretch(end, low, 1), Stretch(low, high, self.ploidy if contig == self.x else 0)]
            end = high
        return [stretch for stretch in (*found, Stretch(end, whole, 1)) if stretch.start < stretch.end]


def unmasked(
    genome: Karyotype, repeats: Iterable[tuple[int, int, int, int]], stated: Collection[str] | None
) -> Fault | None:
    """What Y repeats of X and nobody masks: reads lie on both, and nothing is called of either.

    repeats  start and end on Y, start and end on X (0-based, half-open)
    stated   what was said of pseudoautosomal regions: of others one may have said that they are none
    """
    for start, end, low, high in repeats:
        within = any(low < last and first < high for first, last in genome.par.get(genome.x, ()))
        if stated is None or within:
            found = f"regions of {genome.x} alone" if within else "nothing"
            there = f"about {genome.y}:{start + 1}-{end} repeats {genome.x}:{low + 1}-{high}"
            return "par", f"{found}, though {there}", f"such regions of {genome.x} and {genome.y}, or [] for none"
    return None


def lengths(fai: str | os.PathLike) -> dict[str, int]:
    """Sequence -> bases, in the order of a FASTA index."""
    with open(fai, encoding="utf-8") as handle:
        return {name: int(length) for name, length, *_ in (line.split("\t") for line in handle)}


def karyotype(sizes: Mapping[str, int], declared: Mapping[str, Any], where: str = "references") -> Karyotype:
    """What is declared of a reference (the keys of registry.models.Reference), completed by what is known of it.

    Raises Refusal where that is not of the reference, or contradicts itself.
    """
    sexes, par, haploid = (declared.get(key) for key in ("sex_chromosomes", "par", "haploid"))
    x, y, known = _known(sizes)
    if sexes:
        x, y = sexes["x"], sexes["y"]
    regions = [region for region in known if region[0] in (x, y)] if par is None else [_region(text) for text in par]
    if haploid is None:
        haploid = [name for name in MITOCHONDRIA if name in sizes]
    fault = (
        _not_there(sizes, {"sex_chromosomes": [x, y] if sexes else [], "haploid": haploid})
        or _contradiction(x, y, haploid)
        or _no_par(sizes, x, y, regions)
    )
    if fault:
        key, found, expected = fault
        raise Refusal(f"{where}.{key}", found, expected, "correct what it says of the reference")
    stretches: dict[str, tuple[tuple[int, int], ...]] = {}
    for name, low, high in sorted(regions):
        stretches[name] = (*stretches.get(name, ()), (low, high))
    return Karyotype(dict(sizes), declared.get("ploidy", 2), x, y, frozenset(haploid), stretches)


def _not_there(sizes: Mapping[str, int], named: Mapping[str, Iterable[str]]) -> Fault | None:
    """The first of the named sequences that the reference lacks."""
    for key, names in named.items():
        for name in names:
            if name not in sizes:
                return key, f"sequence {name!r}", "a sequence of the reference's FASTA"
    return None


def _contradiction(x: str, y: str, haploid: Iterable[str]) -> Fault | None:
    if x and x == y:
        return "sex_chromosomes", f"{x} as both", "two sequences"
    for name in haploid:
        if name in (x, y):
            return "haploid", f"the sex chromosome {name}", "sequences of which women and men have one copy"
    return None


def _no_par(sizes: Mapping[str, int], x: str, y: str, regions: Iterable[tuple[str, int, int]]) -> Fault | None:
    """What is wrong with pseudoautosomal regions: a man's copies are counted by those of X."""
    before, end = "", 0
    for name, low, high in sorted(regions):
        region = f"{name}:{low + 1}-{high}"
        if name not in (x, y):
            chromosomes = f"regions of {x} and {y}" if x else "sex_chromosomes, of which these are regions"
            return "par", f"the region {region}", chromosomes
        if not low < high <= sizes[name]:
            return "par", f"the region {region}", f"one within 1-{sizes[name]}"
        if name == before and low < end:
            return "par", f"the region {region}, which overlaps another", "regions apart from each other"
        before, end = name, high
    named = {name for name, _, _ in regions}
    if y in named and x in sizes and x not in named:
        return "par", f"regions of {y} alone", f"those of {x} as well"
    return None


def _known(sizes: Mapping[str, int]) -> tuple[str, str, list[tuple[str, int, int]]]:
    """X, Y and the pseudoautosomal regions of a known assembly; '' for a chromosome that is not there."""
    for chromosomes in ASSEMBLIES.values():
        for prefix in ("chr", ""):
            names = [
                name if sizes.get(name := f"{prefix}{letter}") == length else ""
                for letter, (length, _) in zip("XY", chromosomes, strict=True)
            ]
            if any(names):
                shared = [
                    (name, low, high)
                    for name, (_, regions) in zip(names, chromosomes, strict=True)
                    for low, high in regions
                    if name
                ]
                return names[0], names[1], shared
    return "", "", []


def _region(text: str) -> tuple[str, int, int]:
    name, _, span = text.rpartition(":")
    low, high = span.split("-")
    return name, int(low) - 1, int(high)
