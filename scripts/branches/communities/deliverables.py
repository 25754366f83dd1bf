"""What a package of communities may hold."""

from __future__ import annotations

from scripts.lib.deliverables import Deliverable, File
from scripts.lib.formats import BIOM, FASTA, FASTQ, NEWICK, TSV
from scripts.lib.plan.received import received_files

_RECEIVED = (File("{sample}/received/{received}", each=received_files),)
DELIVERABLES = (
    Deliverable(
        "variants",
        "order",
        "every variant that was found, with its status (kept, chimera, length, frame, contaminant), the reason and its"
        " taxonomy",
        {TSV: (File("communities/variants.tsv"),)},
    ),
    Deliverable(
        "table",
        "order",
        "reads of every kept variant in every sample",
        {TSV: (File("communities/table.tsv"),)},
    ),
    Deliverable(
        "biom",
        "order",
        "the same with taxonomy, for QIIME 2 and phyloseq (BIOM 2.1)",
        {BIOM: (File("communities/table.biom"),)},
    ),
    Deliverable(
        "sequences",
        "order",
        "the sequences of the kept variants, between the primers",
        {FASTA: (File("communities/variants.fasta"),)},
    ),
    Deliverable(
        "taxonomy",
        "order",
        "taxonomy of the kept variants with the support of each rank, as QIIME 2 imports it",
        {TSV: (File("communities/taxonomy.tsv"),)},
    ),
    Deliverable(
        "tree",
        "order",
        "tree of the kept variants, for distances that reckon with kinship",
        {NEWICK: (File("communities/tree.nwk"),)},
    ),
    Deliverable(
        "steps",
        "order",
        "reads of every sample after each step, from what was received to what was kept",
        {TSV: (File("communities/steps.tsv"),)},
    ),
    Deliverable(
        "diversity",
        "order",
        "diversity within samples (`alpha`) and distances between them (`beta`), at one depth",
        {TSV: (File("communities/alpha.tsv"), File("communities/beta.tsv"))},
    ),
    Deliverable(
        "environments",
        "order",
        "the samples in the terms of MIxS, as archives ask for them; also the metadata that QIIME 2 and phyloseq read",
        {TSV: (File("communities/environments.tsv"),)},
    ),
    Deliverable(
        "reads",
        "run",
        "reads exactly as the sequencer delivered them",
        {FASTQ: _RECEIVED},
    ),
)
