"""Named filters: every record is kept, and FILTER says what speaks against it. No genotype is called surer than its
likelihoods make it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypedDict

import pysam

from scripts.lib import files

#: Where callers tell Phred-scaled strand bias; the others tell none.
STRAND_BIAS = {"bcftools": "FORMAT/SP above {:g} in every sample with the variant", "gatk": "INFO/FS above {:g}"}


class Recipe(TypedDict):
    caller: str
    min_variant_quality: float
    max_strand_bias: float


def reasons(recipe: Recipe) -> dict[str, str]:
    """FILTER id -> why it is set, with its threshold."""
    found = {"LowQual": f"QUAL below {recipe['min_variant_quality']:g}"}
    if recipe["caller"] in STRAND_BIAS:
        found["StrandBias"] = STRAND_BIAS[recipe["caller"]].format(recipe["max_strand_bias"])
    return found


def strand_bias(record: pysam.VariantRecord) -> float:
    """The least of a carrier's, or of the record; 0 where none is told."""
    carriers = [sample for sample in record.samples.values() if any(sample["GT"])]
    told = [sample["SP"] for sample in carriers if "SP" in sample and sample["SP"] is not None]
    of_record = [record.info["FS"]] if "FS" in record.info else []
    return min(told if told and len(told) == len(carriers) else of_record, default=0)


def filters(record: pysam.VariantRecord, recipe: Recipe) -> list[str]:
    """What speaks against a record."""
    found = {
        "LowQual": record.qual is None or record.qual < recipe["min_variant_quality"],
        "StrandBias": strand_bias(record) > recipe["max_strand_bias"],
    }
    return [name for name in reasons(recipe) if found[name]]


def quality(sample: pysam.VariantRecordSample) -> int | None:
    """GQ, no higher than the distance of the second likeliest genotype (PL). bcftools weighs in how often these reads
    have the allele: where two have it and no other, it takes every other genotype for impossible."""
    likelihoods, genotype, told = sample.get("PL"), sample["GT"], sample.get("GQ")
    if told is None or not likelihoods or None in likelihoods or None in genotype or len(genotype) > 2:
        return told
    low, high = min(genotype), max(genotype)
    number = high * (high + 1) // 2 + low if len(genotype) == 2 else high
    others = [likelihood for other, likelihood in enumerate(likelihoods) if other != number]
    return max(0, min(told, min(others) - likelihoods[number])) if others else told


def judged(records: Iterable[pysam.VariantRecord], recipe: Recipe) -> Iterator[pysam.VariantRecord]:
    """The records with FILTER and GQ set; gVCF blocks pass as they are."""
    for record in records:
        if record.alts:
            for sample in record.samples.values():
                if (surest := quality(sample)) is not None:
                    sample["GQ"] = surest
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
