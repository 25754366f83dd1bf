"""The metrics of one sample, by their standards' names: GA4GH's WGS quality control, and what others define."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from scripts.lib.files import read_json, write_json, written
from scripts.quality import coverage
from scripts.quality.regions import AUTOSOME, X, Y


def summary_numbers(stats: str) -> dict[str, float]:
    """The `SN` section of samtools stats: name -> value."""
    numbers = {}
    for line in stats.splitlines():
        if line.startswith("SN\t"):
            _, name, value, *_ = line.split("\t")
            numbers[name.rstrip(":")] = float(value)
    return numbers


def bases_of_quality(stats: str, quality: int) -> int:
    """Bases of primary alignments with at least this quality, clipped and duplicate ones too.

    From the sections FFQ and LFQ of samtools stats: a line a cycle, a column a quality from 0 on.
    """
    rows = (line.split("\t") for line in stats.splitlines() if line.startswith(("FFQ\t", "LFQ\t")))
    return sum(sum(map(int, row[2 + quality :])) for row in rows)


def of_reads(stats: str) -> dict[str, float | int]:
    """What samtools stats says of the reads; rounded as the standard writes them. Single reads have no pairs."""
    numbers = summary_numbers(stats)
    reads = numbers["sequences"]

    def percent(name: str, without: str = "") -> float:
        return round(100 * (numbers[name] - numbers.get(without, 0)) / reads, 2) if reads else 0.0

    found = {
        "yield_bp_q30": bases_of_quality(stats, 30),
        "pct_reads_mapped": percent("reads mapped"),
        "pct_reads_duplicated": percent("reads duplicated"),
        "pct_reads_improperly_paired": percent("reads mapped and paired", without="reads properly paired"),
    }
    if not numbers["reads paired"]:
        return found
    return found | {
        "pct_reads_properly_paired": percent("reads properly paired"),
        "mean_insert_size": numbers["insert size average"],
        "insert_size_std_deviation": numbers["insert size standard deviation"],
    }


def of_depths(histogram: np.ndarray, exome: bool) -> dict[str, float | int]:
    """Coverage of what is assessed: the targets of an exome, else the autosomes without gaps."""
    where = "targets" if exome else "autosome"
    share, depth = ("pct_targets_20x", 20) if exome else ("pct_autosomes_15x", 15)
    return {
        f"mean_{where}_coverage": round(coverage.mean(histogram), 2),
        f"mad_{where}_coverage": coverage.mad(histogram),
        share: round(coverage.pct_at_least(histogram, depth), 2),
    }


def of_sex_chromosomes(depths: dict[str, np.ndarray]) -> dict[str, float]:
    """Mean coverage of X and Y relative to the autosomes, where the reference has them, and the bases that were to be
    expected there, which say how much the ratio is worth."""
    autosomes = coverage.mean(depths[AUTOSOME]) if AUTOSOME in depths else 0.0
    if not autosomes:
        return {}
    found = {}
    for kind in (X, Y):
        if kind in depths:
            found[f"{kind}_coverage_ratio"] = round(coverage.mean(depths[kind]) / autosomes, 3)
            found[f"{kind}_expected_bases"] = round(autosomes * int(depths[kind][:, 1].sum()))
    return found


def of_genomics_england(paths: list[str]) -> dict[str, float | int]:
    """Its own definitions of coverage and yield, under names of their own."""
    rows = [line.split("\t") for path in paths for line in Path(path).read_text(encoding="utf-8").splitlines()]
    numbers = {name: float(value) for name, value in rows}
    if not numbers:
        return {}
    total = numbers["positions"]
    return {
        "gel_pct_autosomes_15x": round(100 * numbers["positions_15x"] / total, 2) if total else 0.0,
        "gel_yield_bp_q30": int(numbers["bases_q30"]),
    }


class Paths(NamedTuple):
    stats: str
    depths: str
    genomics_england: list[str]
    targets: list[str]
    variants: str
    molecules: str
    metrics: str
    histogram: str


class Values(NamedTuple):
    tag: dict[str, str]
    exome: bool
    duplicates: str


def main(paths: Paths, values: Values) -> None:
    """Write `paths.metrics` (tag and metrics of one sample) and `paths.histogram` (depth, positions assessed)."""
    depths = coverage.read_depths(paths.depths)
    assessed = [depths[kind] for kind in sorted(depths) if values.exome or kind == AUTOSOME]
    histogram = coverage.joined(assessed)
    found = of_reads(Path(paths.stats).read_text(encoding="utf-8"))
    if values.duplicates == "unmarked":  # none is marked, which says nothing of how many there are
        del found["pct_reads_duplicated"]
    found |= (
        of_depths(histogram, values.exome) | of_sex_chromosomes(depths) | of_genomics_england(paths.genomics_england)
    )
    for path in [paths.variants, paths.molecules, *paths.targets]:
        found |= read_json(path)
    with written(paths.histogram) as handle:
        handle.writelines(f"{depth}\t{count}\n" for depth, count in histogram.tolist())
    write_json(paths.metrics, {"tag": values.tag, "samples": {values.tag["sample"]: found}, "order": {}})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
