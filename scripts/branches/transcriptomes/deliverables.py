"""What a package of transcriptomes may hold."""

from __future__ import annotations

from scripts.lib.deliverables import Deliverable, File
from scripts.lib.formats import BEDGRAPH, CRAI, CRAM, FASTQ, JSON, TSV
from scripts.lib.plan.received import received_files

#: Besides what stands in every package's 00-Reports.
REPORTS = (File("00-Reports/comparison.tsv", TSV),)

DELIVERABLES = (
    Deliverable(
        "matrix",
        "order",
        "genes x samples: fragments, the same normalised, and TPM, with what is known of the samples",
        {
            TSV: (
                File("expression/counts.tsv"),
                File("expression/normalised.tsv"),
                File("expression/tpm.tsv"),
                File("expression/design.tsv"),
            )
        },
    ),
    Deliverable(
        "genes",
        "sample",
        "fragments of each gene (featureCounts and salmon), and TPM",
        {TSV: (File("{sample}/{sample}.genes.tsv"),)},
    ),
    Deliverable(
        "transcripts",
        "sample",
        "fragments and TPM of each transcript (salmon)",
        {TSV: (File("{sample}/{sample}.transcripts.tsv"),)},
    ),
    Deliverable(
        "junctions",
        "sample",
        "junctions of exons that fragments span",
        {TSV: (File("{sample}/{sample}.junctions.tsv"),)},
    ),
    Deliverable(
        "alignment",
        "sample",
        "all reads aligned to the reference across introns, duplicates marked, none removed (with index)",
        {CRAM: (File("{sample}/{sample}.cram"), File("{sample}/{sample}.cram.crai", CRAI))},
    ),
    Deliverable(
        "coverage",
        "sample",
        "reads of one place that cover each base, by the strand of their transcripts; of an unstranded library by that"
        " of read 1: the two are added",
        {BEDGRAPH: (File("{sample}/{sample}.plus.bedgraph.gz"), File("{sample}/{sample}.minus.bedgraph.gz"))},
    ),
    Deliverable(
        "rna_qc",
        "sample",
        "what was measured of library and RNA",
        {JSON: (File("{sample}/{sample}.rna_qc.json"),)},
    ),
    Deliverable(
        "reads",
        "run",
        "reads exactly as the sequencer delivered them",
        {FASTQ: (File("{sample}/received/{received}", each=received_files),)},
    ),
)
