"""What the core asks of an order of genomes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

from scripts.branches.genomes.identity import contaminations
from scripts.branches.genomes.recipe import GenomesService
from scripts.lib.branch import Statistic, Step
from scripts.lib.plan.paths import ORDER, REFERENCE, RUN, fields_of, run_folder
from scripts.lib.plan.references import ALIGNED
from scripts.lib.registry import Order
from scripts.lib.registry.models import Run, Sample


def is_counted(order: Order, sample: Sample) -> bool:
    """Whether the federation desk adds up a sample's alleles: those of people's genomes."""
    return order.proposal.human_data != "no" and sample.role == "sample"


STEPS = (
    Step("reads", ("intake",), (f"{RUN}/fastp.json",), then="report"),
    Step("alignment", ("intake",), (f"{RUN}/aligned.bam",), ("alignment",)),
    Step("variants", ("alignment",), (f"{ORDER}/variants/{{sample}}/bcftools.stats.txt",), ("variants", "gvcf")),
    Step(
        "quality",
        ("alignment", "variants"),
        (f"{ORDER}/metrics/{{sample}}.genomics.json",),
        ("wgs_qc",),
        then="acceptance",
    ),
    Step("identity", ("variants", "quality"), (f"{ORDER}/metrics/identity.json",), then="acceptance"),
    Step("federation", ("variants",), (f"{ORDER}/federation/{{sample}}/counts.parquet",), whose=is_counted),
)
#: Files below {ORDER}/sections/.
SECTIONS = (
    "measured_mqc.json",
    "coverage_mqc.json",
    "duplicates_mqc.json",
    "identity_mqc.json",
    "relatedness_mqc.json",
)


def expected(order: Order, sample: Sample, run: Run) -> dict[str, Any]:
    """What intake expects of a run's files."""
    service = cast(GenomesService, order.service)
    return {
        # Only an alignment carries a sample's name: FASTQ files may change their sample unread.
        "names": [sample.sample, *filter(None, [sample.donor])] if run.format in ALIGNED else [],
        "layout": run.layout,
        "platforms": list(service.platforms),
        "read_length_min": service.min_read_length,
        "read_length_max": service.max_read_length,
        "read_limits": asdict(service.intake),
        # Received alignments are aligned again, whatever their reference was.
        "realign": True,
    }


def judged(order: Order) -> list[str]:
    """The metrics of each sample, its contamination, and what comparing the samples said."""
    folder = f"{ORDER}/metrics".format(**fields_of(order))
    of_samples = [f"{folder}/{sample.sample}.genomics.json" for sample in order.samples]
    return [*of_samples, *contaminations(order), f"{folder}/identity.json"]


def statistics(order: Order) -> list[Statistic]:
    """What fastp, samtools and bcftools counted."""
    folder = ORDER.format(**fields_of(order))
    of_runs = [
        Statistic(f"fastp/{sample.sample}_{run.run}.fastp.json", f"{run_folder(order, run)}/fastp.json")
        for sample, run in order.all_runs()
    ]
    names = [sample.sample for sample in order.samples]
    stats = [Statistic(f"stats/{name}.samtools.txt", f"{folder}/quality/{name}/samtools.stats.txt") for name in names]
    variants = [
        Statistic(f"variants/{name}.bcftools.txt", f"{folder}/variants/{name}/bcftools.stats.txt") for name in names
    ]
    return of_runs + stats + variants


def counted(order: Order) -> list[str]:
    """The files from which the federation desk adds up allele counts."""
    people = [sample for sample in order.samples if is_counted(order, sample)]
    files = [
        f"{REFERENCE}/{{reference}}.seqcol.json".format(reference=name)
        for name in dict.fromkeys(sample.reference for sample in people)
    ]
    for sample in people:
        folder = f"{ORDER}/federation/{sample.sample}".format(**fields_of(order))
        files += [f"{folder}/counts.parquet", f"{folder}/callability.parquet"]
    return files
