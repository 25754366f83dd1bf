"""What the core asks of an order of transcriptomes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

from scripts.branches.transcriptomes.recipe import TranscriptomesService
from scripts.lib.branch import Statistic, Step
from scripts.lib.plan.paths import ORDER, RUN, fields_of, run_folder
from scripts.lib.registry import Order
from scripts.lib.registry.models import Run, Sample

STEPS = (
    Step("reads", ("intake",), (f"{RUN}/fastp.json",), then="report"),
    Step("alignment", ("intake",), (f"{RUN}/aligned.bam",), ("alignment",)),
    Step(
        "quantification",
        ("alignment",),
        (f"{ORDER}/expression/{{sample}}/strandedness.json",),
        ("genes", "transcripts", "junctions", "coverage"),
    ),
    Step("quality", ("quantification",), (f"{ORDER}/metrics/{{sample}}.rna.json",), ("rna_qc",), then="acceptance"),
    Step("comparison", ("quantification",), (f"{ORDER}/metrics/comparison.json",), then="acceptance"),
)
#: Files below {ORDER}/sections/.
SECTIONS = (
    "measured_mqc.json",
    "strands_mqc.json",
    "bodies_mqc.json",
    "groups_mqc.json",
    "components_mqc.json",
    "correlations_mqc.json",
)
#: How MultiQC knows what an aligner counted.
COUNTED = {"star": "star/{run}.Log.final.out", "hisat2": "hisat2/{run}.hisat2.txt"}


def expected(order: Order, _sample: Sample, run: Run) -> dict[str, Any]:
    """What intake expects of a run's files."""
    service = cast(TranscriptomesService, order.service)
    return {
        "platforms": list(service.platforms),
        "layout": run.layout,
        "read_length_min": service.min_read_length,
        "read_length_max": service.max_read_length,
        "read_limits": asdict(service.intake),
    }


def judged(order: Order) -> list[str]:
    """The metrics of each sample, and what comparing the samples said."""
    folder = f"{ORDER}/metrics".format(**fields_of(order))
    return [*(f"{folder}/{sample.sample}.rna.json" for sample in order.samples), f"{folder}/comparison.json"]


def statistics(order: Order) -> list[Statistic]:
    """What fastp, the aligner, samtools and featureCounts counted."""
    folder = ORDER.format(**fields_of(order))
    found = []
    for sample, run in order.all_runs():
        name, place = f"{sample.sample}_{run.run}", run_folder(order, run)
        found.append(Statistic(f"fastp/{name}.fastp.json", f"{place}/fastp.json"))
        found.append(Statistic(COUNTED[order.service.recipe.aligner].format(run=name), f"{place}/aligner.txt"))
    for name in (one.sample for one in order.samples):
        found.append(Statistic(f"stats/{name}.samtools.txt", f"{folder}/quality/{name}/samtools.stats.txt"))
        found.append(Statistic(f"genes/{name}.summary", f"{folder}/expression/{name}/counts.txt.summary"))
    return found
