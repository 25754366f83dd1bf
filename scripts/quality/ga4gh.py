"""The delivered quality metrics of a whole genome, in the shape that GA4GH's reference implementation writes."""

from typing import NamedTuple

from scripts.lib.files import read_json, write_json

ALIGNMENT = (
    "yield_bp_q30",
    "mean_autosome_coverage",
    "mad_autosome_coverage",
    "pct_autosomes_15x",
    "pct_reads_mapped",
    "pct_reads_properly_paired",
    "mean_insert_size",
    "insert_size_std_deviation",
    "cross_contamination_rate",
)
VARIANTS = (
    "count_snvs",
    "count_insertions",
    "count_deletions",
    "ratio_insertion_deletion",
    "ratio_transitions_transversions_snv",
    "ratio_heterozygous_homzygous_snv",
    "ratio_heterozygous_homzygous_indel",
)


def document(metrics: dict[str, float], tag: dict[str, str]) -> dict:
    """The standard's metrics among those of a sample; one that could not be measured is not there."""
    parts = {"aln_metrics": ALIGNMENT, "variant_metrics": VARIANTS}
    return {
        "biosample": {"id": tag["sample"]},
        "filiera": tag,
        "wgs_qc_metrics": {
            part: {name: metrics[name] for name in names if name in metrics} for part, names in parts.items()
        },
    }


class Paths(NamedTuple):
    metrics: list[str]
    contamination: list[str]
    document: str


class Values(NamedTuple):
    tag: dict[str, str]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.document` from the metrics files of one sample, `paths.metrics` and `paths.contamination`."""
    found: dict[str, float] = {}
    for path in [*paths.metrics, *paths.contamination]:
        found |= read_json(path)["samples"].get(values.tag["sample"], {})
    write_json(paths.document, document(found, values.tag))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
