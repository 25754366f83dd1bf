"""Counts and ratios of a sample's variants, as GA4GH's WGS quality control standard defines them."""

import gzip
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from scripts.lib.files import write_json
from scripts.quality.regions import AUTOSOME

TRANSITIONS = {"AG", "GA", "CT", "TC"}
LONGEST_INDEL = 49


def kind(ref: str, alt: str) -> str:
    """`snv`, `insertion`, `deletion`, or '' for what the standard does not count."""
    if len(ref) == len(alt) == 1:
        return "snv" if alt not in "*." else ""
    if not alt.isalpha() or not 0 < abs(len(alt) - len(ref)) <= LONGEST_INDEL:
        return ""
    return "insertion" if len(alt) > len(ref) else "deletion"


def zygosity(genotype: str) -> str:
    """`het`, `hom`, or '' when no alternate allele is called."""
    alleles = genotype.replace("|", "/").split("/")
    if set(alleles) <= {"0", "."}:
        return ""
    return "het" if len(set(alleles)) > 1 else "hom"


def count(lines: Iterable[str], contigs: set[str]) -> Counter:
    """Numbers of passing variants on these contigs of the first sample: snv, insertion, deletion, ts, tv, `snv het` to
    `indel hom`, and the `reads` of homozygous SNVs, of which `reference reads`."""
    counts: Counter = Counter()
    for line in lines:
        if line.startswith("#"):
            continue
        fields = line.rstrip("\n").split("\t", 10)
        if fields[6] != "PASS" or fields[0] not in contigs:
            continue
        found = zygosity(fields[9].partition(":")[0])
        alone = found == "hom" and kind(fields[3], fields[4]) == "snv"
        depths = dict(zip(fields[8].split(":"), fields[9].split(":"), strict=False)).get("AD", "") if alone else ""
        if depths.replace(",", "").isdigit():
            first, *others = map(int, depths.split(","))
            counts["reference reads"] += first
            counts["reads"] += first + sum(others)
        for alt in fields[4].upper().split(",") if found else ():
            ref = fields[3].upper()
            if what := kind(ref, alt):
                counts[what] += 1
                counts[f"{'snv' if what == 'snv' else 'indel'} {found}"] += 1
                if what == "snv":
                    counts["ts" if ref + alt in TRANSITIONS else "tv"] += 1
    return counts


def metrics(counts: Counter) -> dict[str, float | int]:
    """Metric id (spelt as the standard spells it) -> value; a ratio to nothing is left out."""
    ratios = {
        "ratio_heterozygous_homzygous_snv": ("snv het", "snv hom"),
        "ratio_heterozygous_homzygous_indel": ("indel het", "indel hom"),
        "ratio_insertion_deletion": ("insertion", "deletion"),
        "ratio_transitions_transversions_snv": ("ts", "tv"),
    }
    values: dict[str, float | int] = {f"count_{what}s": counts[what] for what in ("snv", "insertion", "deletion")}
    if counts["reads"]:
        values["pct_reference_reads_at_homozygous_snvs"] = round(100 * counts["reference reads"] / counts["reads"], 3)
    return values | {
        name: round(counts[upper] / counts[lower], 2) for name, (upper, lower) in ratios.items() if counts[lower]
    }


def autosomes(bed: str) -> set[str]:
    """The sequences that a BED of `regions` takes for autosomes."""
    with open(bed, encoding="utf-8") as handle:
        rows = (line.rstrip("\n").split("\t") for line in handle)
        return {name for name, _, _, what in rows if what == AUTOSOME}


class Paths(NamedTuple):
    vcf: str
    regions: str
    counts: str


def main(paths: Paths, values: None) -> None:
    """Write `paths.counts`: the metrics of the delivered VCF `paths.vcf`."""
    with gzip.open(paths.vcf, "rt", encoding="utf-8") as lines:
        write_json(paths.counts, metrics(count(lines, autosomes(paths.regions))))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
