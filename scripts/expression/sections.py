"""What was measured of samples of RNA and MultiQC cannot read by itself: numbers, strands, coverage of genes."""

from typing import NamedTuple

from scripts.lib import sections
from scripts.lib.files import read_json, write_json


def measured(metrics: list[dict]) -> dict:
    """The main numbers of each sample."""
    share = {"suffix": "%", "max": 100, "format": "{:,.1f}"}
    headers = {
        "count_fragments_aligned": {"title": "Aligned", "format": "{:,.0f}", "scale": "Blues"},
        "pct_fragments_aligned": {"title": "Aligned", **share, "scale": "RdYlGn"},
        "pct_fragments_unique": {"title": "One place", **share, "scale": "RdYlGn"},
        "pct_exonic": {"title": "Exons", **share, "scale": "RdYlGn"},
        "pct_intronic": {"title": "Introns", **share, "scale": "OrRd"},
        "pct_intergenic": {"title": "Outside genes", **share, "scale": "OrRd"},
        "pct_ribosomal": {"title": "rRNA", **share, "scale": "OrRd"},
        "pct_wrong_strand": {"title": "Wrong strand", **share, "scale": "OrRd"},
        "pct_duplicates": {"title": "Duplicates", **share, "scale": "OrRd"},
        "count_genes_detected": {"title": "Genes", "format": "{:,.0f}", "scale": "Blues"},
        "pct_genes_saturated": {"title": "Saturation", **share, "scale": "Greens"},
        "bias_5_prime": {"title": "5' bias", "format": "{:,.2f}", "scale": "Greys"},
        "bias_3_prime": {"title": "3' bias", "format": "{:,.2f}", "scale": "Greys"},
    }
    data = {name: {key: own[key] for key in headers if key in own} for each in metrics for name, own in _of(each)}
    used = {key for values in data.values() for key in values}
    description = "The main numbers of each sample; all metrics by which it is judged stand under Acceptance."
    return sections.measured(description, {key: headers[key] for key in headers if key in used}, data)


def _of(metrics: dict):
    return metrics["samples"].items()


def strands(metrics: list[dict]) -> dict:
    """Strandedness and sex, declared and found."""
    headers = {
        "strandedness_declared": {"title": "Declared"},
        "strandedness_measured": {"title": "Measured"},
        "strandedness_counted": {"title": "Counted as"},
        "strandedness_explained": {"title": "What that says"},
        "sex_declared": {"title": "Sex declared"},
        "sex_expressed": {"title": "Sex by genes"},
    }
    data = {name: each["words"] for each in metrics for name, _ in _of(each)}
    description = (
        "The strand of read 1 (or of the single read): forward is the transcript's own, reverse the other. Genomic DNA"
        " puts fragments on both strands, and outside of genes."
    )
    return sections.table("strands", "Strands and sex", description, headers, data)


def bodies(curves: list[list[float]], names: list[str]) -> dict:
    """Coverage along transcripts, one line a sample."""
    return {
        "id": "bodies",
        "section_name": "Coverage along transcripts",
        "description": "Mean coverage from the 5' end (0) to the 3' end (100) of the most covered transcripts, each"
        " relative to its own mean. RNA that was degraded before poly-A selection is covered at its 3' end.",
        "plot_type": "linegraph",
        "pconfig": {
            "id": "bodies_plot",
            "title": "Coverage along transcripts",
            "xlab": "Place in the transcript (%)",
            "ylab": "Coverage relative to the mean",
            "ymin": 0,
        },
        "data": {name: list(enumerate(curve)) for name, curve in zip(names, curves, strict=True) if curve},
    }


class Paths(NamedTuple):
    metrics: list[str]
    bodies: list[str]
    measured: str
    strands: str
    along: str


class Values(NamedTuple):
    samples: list[str]


def main(paths: Paths, values: Values) -> None:
    """Write the three sections from the metrics and curves of the order's samples."""
    metrics = [read_json(path) for path in paths.metrics]
    write_json(paths.measured, measured(metrics))
    write_json(paths.strands, strands(metrics))
    write_json(paths.along, bodies([read_json(path) for path in paths.bodies], values.samples))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
