"""Small cohorts with genotypes, gaps and doubts, as files; and their allele counts, counted one by one."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from scripts.federation import genotypes
from scripts.federation.table import Table
from scripts.lib.karyotype import Karyotype

LENGTHS = {"chr1": 300, "chrX": 200, "chrY": 100, "chrM": 50, "chrUn_1": 50}
KARYOTYPE = Karyotype(LENGTHS, 2, "chrX", "chrY", frozenset({"chrM"}), {"chrX": ((0, 40), (180, 200))})
HEADER = (
    "##fileformat=VCFv4.2\n"
    '##FILTER=<ID=LowQual,Description="doubtful">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="its quality">\n'
    + "".join(f"##contig=<ID={name},length={length}>\n" for name, length in LENGTHS.items())
    + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
)
MIN_QUALITY = 20


@dataclass(frozen=True)
class Call:
    """One record: 1-based position as in VCF."""

    contig: str
    pos: int
    ref: str
    alt: str
    genotype: str
    quality: int = 50
    filter: str = "PASS"

    def line(self) -> str:
        fields = [self.contig, self.pos, ".", self.ref, self.alt, 50, self.filter, ".", "GT:GQ"]
        return "\t".join(map(str, [*fields, f"{self.genotype}:{self.quality}"])) + "\n"


@dataclass(frozen=True)
class Donor:
    """One person: calls, and (contig, start, end) where it is deep enough."""

    sex: str
    population: str
    calls: tuple[Call, ...]
    deep: tuple[tuple[str, int, int], ...]

    def table(self, folder: Path) -> Table:
        folder.mkdir(parents=True, exist_ok=True)
        order = list(LENGTHS)
        calls = sorted(self.calls, key=lambda call: (order.index(call.contig), call.pos))
        (folder / "s.vcf").write_text(HEADER + "".join(call.line() for call in calls))
        (folder / "s.bed").write_text("".join(f"{name}\t{start}\t{end}\n" for name, start, end in self.deep))
        return genotypes.sample_table(
            folder / "s.vcf", folder / "s.bed", KARYOTYPE, self.sex, self.population, MIN_QUALITY
        )

    def copies(self, contig: str, position: int) -> int:
        """How many copies this donor has of a 0-based position, by the book."""
        female, male = self.sex in ("female", "unknown"), self.sex in ("male", "unknown")
        if contig == "chrM":
            return 1
        if contig == "chr1":
            return 2
        pseudoautosomal = contig == "chrX" and (position < 40 or position >= 180)
        if self.sex == "unknown":
            return 2 if pseudoautosomal else 0
        if contig == "chrX":
            return 2 if pseudoautosomal or female else 1
        return 1 if male and contig == "chrY" else 0


def counted(donors: list[Donor]) -> dict[tuple, tuple[int, ...]]:
    """(chrom, pos, ref, alt, population) -> AC, AC_HOM, AC_HET, AC_HEMI, AN: base by base, as slowly as it is plain."""
    found, looked_at, seen = Counter(), Counter(), set()
    for donor in donors:
        unknown = set()
        for call in donor.calls:
            copies, alleles = donor.copies(call.contig, call.pos - 1), call.genotype.split("/")
            impossible = copies == 1 and len(alleles) == 2 and len(set(alleles)) == 2
            impossible |= copies == 2 and len(alleles) == 1
            doubtful = "." in alleles or call.quality < MIN_QUALITY or call.filter != "PASS"
            if doubtful or (impossible and copies and "1" in alleles):
                unknown |= {(call.contig, call.pos - 1 + base) for base in range(len(call.ref))}
        known = {
            (contig, position)
            for contig, start, end in donor.deep
            for position in range(start, end)
            if contig != "chrUn_1" and donor.copies(contig, position)
        } - unknown
        for contig, position in known:
            looked_at[contig, position, donor.population] += donor.copies(contig, position)
        for call in donor.calls:
            carried = call.genotype.split("/").count("1")
            if (call.contig, call.pos - 1) not in known or not carried:
                continue
            copies, site = donor.copies(call.contig, call.pos - 1), (call.contig, call.pos - 1, call.ref, call.alt)
            seen.add(site)
            if copies == 1:
                found[(*site, donor.population)] += 1
                found[(*site, donor.population, "hemi")] += 1
            else:
                found[(*site, donor.population)] += carried
                found[(*site, donor.population, "hom" if carried == 2 else "het")] += carried
    names = {donor.population for donor in donors if any(key[2] == donor.population for key in looked_at)}
    return {
        (site[0].removeprefix("chr"), *site[1:], name): (
            found[(*site, name)],
            *(found[(*site, name, kind)] for kind in ("hom", "het", "hemi")),
            looked_at[site[0], site[1], name],
        )
        for site in seen
        for name in names
    }


def rows(sites) -> dict[tuple, tuple[int, ...]]:
    """A table of sites in the form of `counted`."""
    key = ("CHROM", "POS", "REF", "ALT", "POPULATION")
    values = ("AC", "AC_HOM", "AC_HET", "AC_HEMI", "AN")
    return {tuple(row[name] for name in key): tuple(row[name] for name in values) for row in sites.to_pylist()}


def cohort(rng: random.Random, number: int) -> list[Donor]:
    """Donors at random, dense with everything that can go wrong: all sexes, gaps, doubts, deletions, odd genotypes."""
    positions = [("chr1", pos) for pos in range(5, 60, 5)] + [("chrX", pos) for pos in (10, 39, 41, 100, 180, 181)]
    positions += [("chrY", 50), ("chrM", 20), ("chrUn_1", 5)]
    alleles = {place: rng.choice([("A", "C"), ("A", "AT"), ("ACG", "A")]) for place in positions}
    donors = []
    for _ in range(number):
        calls = []
        for (contig, pos), (ref, alt) in alleles.items():
            if rng.random() < 0.6:
                genotype = rng.choice(["0/1", "1/1", "1", "0/0", "./.", "0/1", "1/1"])
                doubt = rng.random()
                quality, passed = (10 if doubt < 0.1 else 50), ("LowQual" if doubt > 0.9 else "PASS")
                calls.append(Call(contig, pos, ref, alt, genotype, quality, passed))
        deep = []
        for contig, length in LENGTHS.items():
            for _ in range(rng.randint(1, 3)):
                start = rng.randrange(length)
                deep.append((contig, start, rng.randint(start + 1, length)))
        sex, population = rng.choice(["female", "male", "unknown"]), rng.choice(["IT", "FI", ""])
        donors.append(Donor(sex, population, tuple(calls), tuple(deep)))
    return donors
