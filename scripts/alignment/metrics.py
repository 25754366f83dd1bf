"""Alignment metrics of one sample, named and defined as GA4GH's WGS quality control standard does."""

from pathlib import Path

import numpy as np

from scripts.lib.files import read_json, write_json


def summary_numbers(stats: str) -> dict[str, float]:
    """The `SN` section of samtools stats: name -> value."""
    numbers = {}
    for line in stats.splitlines():
        if line.startswith("SN\t"):
            _, name, value, *_ = line.split("\t")
            numbers[name.rstrip(":")] = float(value)
    return numbers


def depth_summary(histogram: np.ndarray) -> dict[str, float]:
    """Mean, median absolute deviation and shares of positions from a depth histogram.

    histogram  shape (n, 2): depth, number of positions with it; no rows gives zeros
    """
    if not len(histogram):
        return {"mean": 0.0, "mad": 0.0, "pct_15x": 0.0, "pct_20x": 0.0}
    depth, count = histogram[:, 0], histogram[:, 1]
    total = count.sum()
    deviation = np.abs(depth - _weighted_median(depth, count))
    return {
        "mean": float((depth * count).sum() / total),
        "mad": float(_weighted_median(deviation, count)),
        "pct_15x": float(100 * count[depth >= 15].sum() / total),
        "pct_20x": float(100 * count[depth >= 20].sum() / total),
    }


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values)
    cumulative = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(cumulative, cumulative[-1] / 2)])


def metrics(stats: str, histogram: np.ndarray, verdicts: list[dict], exome: bool) -> dict[str, float | int]:
    """Metric id -> value, rounded to two decimals as the standard writes them.

    yield_bp_q30 is counted by intake, before anything is trimmed. For an exome the assessed regions are its targets.
    """
    numbers, depth = summary_numbers(stats), depth_summary(histogram)
    reads = numbers["raw total sequences"]

    def percent(name: str) -> float:
        return round(100 * numbers[name] / reads, 2) if reads else 0.0

    where = "targets" if exome else "autosome"
    values = {
        f"mean_{where}_coverage": round(depth["mean"], 2),
        f"mad_{where}_coverage": round(depth["mad"], 2),
        "pct_reads_mapped": percent("reads mapped"),
        "pct_reads_properly_paired": percent("reads properly paired"),
        "pct_reads_duplicated": percent("reads duplicated"),
        "mean_insert_size": numbers["insert size average"],
        "insert_size_std_deviation": numbers["insert size standard deviation"],
    }
    share = "pct_targets_20x" if exome else "pct_autosomes_15x"
    values[share] = round(depth["pct_20x" if exome else "pct_15x"], 2)
    facts = [file["facts"] for verdict in verdicts for file in verdict["files"]]
    q30 = [fact["q30_bases"] for fact in facts if "q30_bases" in fact]
    if q30:
        values["yield_bp_q30"] = sum(q30)
    return values


def main(paths, values) -> None:
    """Write `paths.metrics`: the tag and the metrics of one sample."""
    histogram = np.loadtxt(paths.histogram, dtype=np.int64, ndmin=2)
    verdicts = [read_json(path) for path in paths.verdicts]
    found = metrics(Path(paths.stats).read_text(encoding="utf-8"), histogram, verdicts, values.exome)
    write_json(paths.metrics, {"tag": values.tag, "samples": {values.tag["sample"]: found}, "order": {}})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
