"""What a package of genomes may hold."""

from __future__ import annotations

from scripts.branches.genomes.callers import CALLERS, named
from scripts.branches.genomes.metadata import described_people, phenotyped
from scripts.branches.genomes.variants import callsets
from scripts.lib.deliverables import Deliverable, File, Need
from scripts.lib.formats import BAI, BAM, CRAI, CRAM, FASTQ, GVCF, JSON, PHENOPACKET, TBI, TSV, TURTLE, VCF
from scripts.lib.plan.received import received_files
from scripts.lib.registry import Order


def _called_together(order: Order) -> list[dict[str, str]]:
    return [{"callset": name} for name, members in callsets(order).items() if len(members) > 1]


def _whole_genomes(order: Order) -> list[dict[str, str]]:
    """An exome is no whole genome, whatever its service."""
    return [{"sample": sample.sample} for sample in order.samples if not sample.targets]


def _of_people(order: Order) -> list[dict[str, str]]:
    return [{}] if described_people(order) else []


#: Besides what stands in every package's 00-Reports.
REPORTS = (File("00-Reports/identity.tsv", TSV),)

_RECEIVED = (File("{sample}/received/{received}", each=received_files),)
_GVCF = (File("{sample}/{sample}.g.vcf.gz"), File("{sample}/{sample}.g.vcf.gz.tbi", TBI))
DELIVERABLES = (
    Deliverable(
        "joint",
        "order",
        "variants of samples that were called together, in one file (with index)",
        {
            VCF: (
                File("joint/{callset}.vcf.gz", each=_called_together),
                File("joint/{callset}.vcf.gz.tbi", TBI, _called_together),
            )
        },
        need=Need(
            f"family or proposal in recipe.joint, and {named('together')} in recipe.caller",
            lambda recipe: recipe.joint != "none" and CALLERS[recipe.caller].together,
        ),
    ),
    Deliverable(
        "metadata",
        "order",
        "sample and sequencing in the terms of the 1+ Million Genomes, the order as a dataset for catalogues of health"
        " data; a phenopacket only where something was told of the donor",
        {
            TURTLE: (
                # What catalogues read lies beside the payload, which is encrypted where it is of persons.
                File("dataset.ttl", each=_of_people, readers="everybody"),
                File("{sample}/{sample}.metadata.json", JSON, described_people),
                File("{sample}/{sample}.phenopacket.json", PHENOPACKET, phenotyped),
            )
        },
        always=True,
    ),
    Deliverable(
        "alignment",
        "sample",
        "all reads aligned to the reference, duplicates marked, none removed (with index)",
        {
            CRAM: (File("{sample}/{sample}.cram"), File("{sample}/{sample}.cram.crai", CRAI)),
            BAM: (File("{sample}/{sample}.bam"), File("{sample}/{sample}.bam.bai", BAI)),
        },
    ),
    Deliverable(
        "variants",
        "sample",
        "differences from the reference; use records whose FILTER is PASS (with index)",
        {VCF: (File("{sample}/{sample}.vcf.gz"), File("{sample}/{sample}.vcf.gz.tbi", TBI))},
    ),
    Deliverable(
        "gvcf",
        "sample",
        "the same with, between the variants, blocks where the sample is like the reference (with index)",
        {GVCF: _GVCF, VCF: _GVCF},
        need=Need(f"{named('gvcf')} in recipe.caller", lambda recipe: CALLERS[recipe.caller].gvcf),
    ),
    Deliverable(
        "wgs_qc",
        "sample",
        "quality metrics of the whole genome by GA4GH's definitions",
        {JSON: (File("{sample}/{sample}.wgs_qc.json", each=_whole_genomes),)},
    ),
    Deliverable(
        "reads",
        "run",
        "reads exactly as the sequencer delivered them; the header of a BAM or CRAM is rewritten",
        {FASTQ: _RECEIVED, BAM: _RECEIVED, CRAM: _RECEIVED},
    ),
)
