"""What was measured of sequenced samples and MultiQC cannot read by itself: the main numbers, coverage, duplicates."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from scripts.lib import sections
from scripts.lib.files import read_json, write_json


def measured_alignment(metrics: list[dict]) -> dict:
    """The main numbers of sequenced samples; names and definitions are GA4GH's."""
    headers = {
        "mean_autosome_coverage": {"title": "Coverage", "suffix": "x", "format": "{:,.1f}", "scale": "Blues"},
        "pct_autosomes_15x": {"title": ">= 15x", "suffix": "%", "max": 100, "format": "{:,.1f}", "scale": "RdYlGn"},
        "mean_targets_coverage": {"title": "On targets", "suffix": "x", "format": "{:,.1f}", "scale": "Blues"},
        "pct_targets_20x": {"title": "Targets >= 20x", "suffix": "%", "max": 100, "scale": "RdYlGn"},
        "pct_reads_duplicated": {"title": "Duplicates", "suffix": "%", "max": 100, "scale": "OrRd"},
    }
    data = {}
    for one in metrics:
        for sample, values in one["samples"].items():
            data.setdefault(sample, {}).update({key: values[key] for key in headers if key in values})
    used = {key for values in data.values() for key in values}
    description = "The main numbers of each sample; all metrics by which it is judged stand under Acceptance."
    return sections.measured(description, {key: headers[key] for key in headers if key in used}, data)


def coverage(histograms: list[np.ndarray], names: list[str]) -> dict:
    """The share of assessed positions that reach each depth, one line a sample, up to where 1 % still does."""
    data = {}
    for name, histogram in zip(names, histograms, strict=True):
        if len(histogram):
            depth, count = histogram[:, 0], histogram[:, 1]
            share = 100 * np.cumsum(count[::-1])[::-1] / count.sum()
            pairs = zip(depth.tolist(), share.tolist(), strict=True)
            data[name] = [[at, round(value, 3)] for at, value in pairs if value >= 1]
    return {
        "id": "coverage",
        "section_name": "Coverage",
        "description": "Share of the assessed positions (autosomes without gaps, or the targets of an exome) that are"
        " covered at least so deep. Counted without duplicates, with mapping and base quality of 20 or more,"
        " overlapping mates once.",
        "plot_type": "linegraph",
        "pconfig": {
            "id": "coverage_plot",
            "title": "Coverage: share of positions",
            "xlab": "Depth",
            "ylab": "Positions with at least that depth (%)",
            "ymin": 0,
            "ymax": 100,
        },
        "data": data,
    }


def duplicates(texts: list[str], names: list[str], marking: str) -> dict:
    """Duplicates of each library, from the text that samtools markdup writes (MultiQC does not recognise it)."""
    headers = {
        "EXAMINED": {"title": "Reads examined", "format": "{:,.0f}", "scale": "Blues"},
        "DUPLICATE TOTAL": {"title": "Duplicates", "format": "{:,.0f}", "scale": "OrRd"},
        "share": {"title": "Share", "suffix": "%", "format": "{:,.2f}", "max": 100, "scale": "OrRd"},
        "ESTIMATED_LIBRARY_SIZE": {"title": "Estimated library size", "format": "{:,.0f}", "scale": "Greens"},
    }
    data = {}
    for text, name in zip(texts, names, strict=True):
        lines = (line.split(": ", 1) for line in text.splitlines() if ": " in line)
        counts = {key: int(value) for key, value in lines if value.isdigit()}
        share = 100 * counts["DUPLICATE TOTAL"] / counts["EXAMINED"] if counts["EXAMINED"] else 0.0
        data[name] = {key: counts[key] for key in headers if key in counts} | {"share": round(share, 4)}
    description = "Marked within each library, across its lanes; duplicates stay in the delivered alignment."
    if marking == "unmarked":
        description = "Counted within each library, across its lanes; the delivered alignment has no marks, as ordered."
    return sections.table("duplicates", "Duplicates by library", description, headers, data)


class Paths(NamedTuple):
    metrics: list[str]
    depths: list[str]
    marked: list[str]
    measured: str
    coverage: str
    duplicates: str


class Values(NamedTuple):
    samples: list[str]
    marking: str


def main(paths: Paths, values: Values) -> None:
    """Write `paths.measured`, `paths.coverage` and `paths.duplicates`.

    paths.metrics  those of the order's samples
    paths.depths   histogram of each of values.samples: depth, positions
    paths.marked   what samtools markdup counted, a file a library
    """
    write_json(paths.measured, measured_alignment([read_json(path) for path in paths.metrics]))
    depths = [np.loadtxt(path, dtype=np.int64, ndmin=2) for path in paths.depths]
    write_json(paths.coverage, coverage(depths, values.samples))
    libraries = [f"{Path(path).parent.name}_{Path(path).name.split('.')[1]}" for path in paths.marked]
    texts = [Path(path).read_text(encoding="utf-8") for path in paths.marked]
    write_json(paths.duplicates, duplicates(texts, libraries, values.marking))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
