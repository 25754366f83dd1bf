"""Named filters: every record is kept, and FILTER says what speaks against it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypedDict

import pysam

from scripts.lib import files


class Recipe(TypedDict):
    min_variant_quality: float
    max_strand_bias: float


def reasons(recipe: Recipe) -> dict[str, str]:
    """FILTER id -> why it is set, with its threshold."""
    return {
        "LowQual": f"QUAL below {recipe['min_variant_quality']:g}",
        "StrandBias": f"FORMAT/SP above {recipe['max_strand_bias']:g} in every sample with the variant",
    }


def filters(record: pysam.VariantRecord, recipe: Recipe) -> list[str]:
    """What speaks against a record."""
    names = []
    if record.qual is None or record.qual < recipe["min_variant_quality"]:
        names.append("LowQual")
    carriers = [sample for sample in record.samples.values() if any(sample["GT"])]
    bias = [sample["SP"] for sample in carriers if "SP" in sample and sample["SP"] is not None]
    if bias and len(bias) == len(carriers) and min(bias) > recipe["max_strand_bias"]:
        names.append("StrandBias")
    return names


def judged(records: Iterable[pysam.VariantRecord], recipe: Recipe) -> Iterator[pysam.VariantRecord]:
    """The records with FILTER set; gVCF blocks pass as they are."""
    for record in records:
        if record.alts:
            for name in filters(record, recipe) or ["PASS"]:
                record.filter.add(name)
        yield record


class Paths(NamedTuple):
    normalised: str
    bcf: str


class Values(NamedTuple):
    recipe: Recipe


def main(paths: Paths, values: Values) -> None:
    """Write the records of `paths.normalised` with their filters to `paths.bcf`, by the recipe `values.recipe`."""
    with pysam.VariantFile(paths.normalised) as source, files.aside(paths.bcf) as part:
        for name, reason in reasons(values.recipe).items():
            source.header.add_line(f'##FILTER=<ID={name},Description="{reason}">')
        with pysam.VariantFile(str(part), "wb", header=source.header) as target:
            for record in judged(source, values.recipe):
                target.write(record)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
