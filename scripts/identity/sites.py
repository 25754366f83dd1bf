"""The sites at which the samples of an order are compared: common SNPs of the panel that the reference names, or, where
it names none, SNPs that were called in the order itself."""

import gzip
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pysam

from scripts.identity.settings import Settings
from scripts.lib.files import read_tsv, write_tsv, written

COLUMNS = ["contig", "position", "ref", "alt"]
#: Rarer alleles tell little of anybody.
RAREST = 0.01


@dataclass(frozen=True)
class Site:
    """A biallelic SNP; `position` is 1-based, `frequencies` the alternate allele's by name ('' = of everybody)."""

    contig: str
    position: int
    ref: str
    alt: str
    frequencies: dict[str, float]

    @property
    def heterozygosity(self) -> float:
        """The expected share of heterozygotes (Hardy-Weinberg), by which sites are preferred."""
        frequency = self.frequencies.get("", 0.0)
        return 2 * frequency * (1 - frequency)


class Regions:
    """Where sites may lie: intervals by sequence, 0-based, half-open."""

    def __init__(self, rows: list[tuple[str, int, int]]):
        found = defaultdict(list)
        for name, start, end in sorted(rows):
            found[name].append((start, end))
        self._intervals = {name: np.array(own) for name, own in found.items()}

    def __contains__(self, place: tuple[str, int]) -> bool:
        """Whether a sequence's 1-based position lies inside."""
        name, position = place
        own = self._intervals.get(name)
        if own is None:
            return False
        before = np.searchsorted(own[:, 0], position - 1, side="right")
        # Intervals of a BED may overlap: one that began earlier may reach further.
        return bool(before and (own[:before, 1] >= position).any())


def bed(path: str) -> list[tuple[str, int, int, str]]:
    """The rows of a BED: sequence, start, end, name ('' where it has none)."""
    with open(path, encoding="utf-8") as handle:
        rows = [(*line.rstrip("\n").split("\t"), "")[:4] for line in handle if line.strip()]
    return [(name, int(start), int(end), kind) for name, start, end, kind in rows]


def frequencies(info, populations: list[str]) -> dict[str, float]:
    """The alternate allele's frequency in everybody and in each population, of INFO/AF, AF_{p} or {p}_AF."""
    names = {"": ("AF",)} | {population: (f"AF_{population}", f"{population}_AF") for population in populations}
    found = {}
    for population, keys in names.items():
        for key in keys:
            if key in info:
                value = info[key]
                found[population] = float(value[0] if isinstance(value, tuple) else value)
    return found


def of_panel(path: str, fasta: pysam.FastaFile, regions: Regions, populations: list[str]) -> list[Site]:
    """The usable sites of a panel that intake accepted for this reference."""
    found = []
    with pysam.VariantFile(path) as panel:
        for record in panel:
            if len(record.alts or ()) != 1 or (record.chrom, record.pos) not in regions:
                continue
            ref, alt, known = record.ref.upper(), record.alts[0].upper(), frequencies(record.info, populations)
            if not (ref in "ACGT" and alt in "ACGT" and len(ref) == len(alt) == 1):
                continue
            there = fasta.fetch(record.chrom, record.pos - 1, record.pos).upper()
            if there == ref and RAREST <= known.get("", 0.0) <= 1 - RAREST:
                found.append(Site(record.chrom, record.pos, ref, alt, known))
    return _once(found)


def passing_snps(path: str, regions: Regions, share: float) -> Iterator[tuple[str, int, str, str, int]]:
    """Passing biallelic SNPs of a VCF and how many copies the sample has; a share of them, the same in every file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            name, position, _, ref, alt, _, mark, _, _, genotype, *_ = line.split("\t")
            if mark != "PASS" or len(ref) != 1 or len(alt) != 1 or alt in "*.":
                continue
            place = int(position)
            # A multiplicative hash (Knuth): spreads evenly whatever the spacing of sites.
            if place * 2_654_435_761 % 2**32 < share * 2**32 and (name, place) in regions:
                yield name, place, ref, alt, genotype.partition(":")[0].count("1")


def of_calls(paths: list[str], regions: Regions, wanted: int) -> list[Site]:
    """SNPs that were called in any of these samples; their frequency is that among them."""
    total = sum(1 for _ in passing_snps(paths[0], regions, 1.0))
    share = min(1.0, 5 * wanted / max(total, 1))
    copies: dict[tuple[str, int, str, str], int] = defaultdict(int)
    for path in paths:
        for name, place, ref, alt, count in passing_snps(path, regions, share):
            copies[name, place, ref, alt] += count
    return _once([Site(*key, {"": count / (2 * len(paths))}) for key, count in copies.items()])


def _once(sites: list[Site]) -> list[Site]:
    """Without positions that have two alternates."""
    seen: dict[tuple[str, int], list[Site]] = defaultdict(list)
    for site in sites:
        seen[site.contig, site.position].append(site)
    return [own[0] for own in seen.values() if len(own) == 1]


def spread(sites: list[Site], contigs: list[str], wanted: int) -> list[Site]:
    """At most `wanted` sites in the order of the reference, evenly spread, of each neighbourhood the most variable."""
    rank = {name: number for number, name in enumerate(contigs)}
    ordered = sorted(sites, key=lambda site: (rank[site.contig], site.position))
    if len(ordered) <= wanted:
        return ordered
    edges = np.linspace(0, len(ordered), wanted + 1).astype(int)
    return [max(ordered[low:high], key=lambda site: site.heterozygosity) for low, high in pairwise(edges)]


def read(path: str) -> list[Site]:
    """The sites as `main` wrote them."""
    sites = []
    for row in read_tsv(path):
        known = {key.removeprefix("AF").removeprefix("_"): value for key, value in row.items() if key not in COLUMNS}
        numbers = {key: float(value) for key, value in known.items() if value}
        sites.append(Site(row["contig"], int(row["position"]), row["ref"], row["alt"], numbers))
    return sites


class Paths(NamedTuple):
    panel: list[str]
    vcfs: list[str]
    targets: list[str]
    regions: str
    fasta: str
    sites: str
    bed: str


class Values(NamedTuple):
    populations: list[str]
    settings: Settings


def main(paths: Paths, values: Values) -> None:
    """Write `paths.sites` (with frequencies, if there is a panel) and `paths.bed`."""
    rows = [(name, start, end) for name, start, end, kind in bed(paths.regions) if kind == "autosome"]
    if paths.targets:
        autosomes = {name for name, _, _ in rows}
        rows = sorted({row[:3] for path in paths.targets for row in bed(path) if row[0] in autosomes})
    regions = Regions(rows)
    with pysam.FastaFile(paths.fasta) as fasta:
        if paths.panel:
            found = of_panel(paths.panel[0], fasta, regions, values.populations)
        else:
            found = of_calls(paths.vcfs, regions, values.settings["max_sites"])
        chosen = spread(found, list(fasta.references), values.settings["max_sites"])
    names = ["", *values.populations] if paths.panel else []
    columns = {name: f"AF_{name}".rstrip("_") for name in names}
    write_tsv(
        paths.sites,
        [*COLUMNS, *columns.values()],
        (
            {"contig": site.contig, "position": site.position, "ref": site.ref, "alt": site.alt}
            | {column: site.frequencies.get(name) for name, column in columns.items()}
            for site in chosen
        ),
    )
    with written(paths.bed) as handle:
        handle.writelines(f"{site.contig}\t{site.position - 1}\t{site.position}\n" for site in chosen)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
