"""What the rules of annotations and indexes ask: what config.yaml names, and the files of each index."""

from __future__ import annotations

import shlex

from scripts.lib.plan.orders import Orders
from scripts.lib.plan.paths import REFERENCE
from scripts.lib.plan.references import References

#: What STAR reads of its index, and what salmon does of its own.
STAR_FILES = (
    *("Genome", "SA", "SAindex", "chrLength.txt", "chrName.txt", "chrNameLength.txt", "chrStart.txt"),
    *("exonGeTrInfo.tab", "exonInfo.tab", "geneInfo.tab", "transcriptInfo.tab"),
    *("genomeParameters.txt", "sjdbInfo.txt", "sjdbList.fromGTF.out.tab", "sjdbList.out.tab"),
)
SALMON_FILES = (
    *("complete_ref_lens.bin", "ctable.bin", "ctg_offsets.bin", "duplicate_clusters.tsv", "info.json", "mphf.bin"),
    *(
        "pos.bin",
        "pre_indexing.log",
        "rank.bin",
        "ref_indexing.log",
        "refAccumLengths.bin",
        "reflengths.bin",
        "refseq.bin",
    ),
    *("seq.bin", "versionInfo.json"),
)
HISAT2_FILES = tuple(f".{number}.ht2" for number in range(1, 9))
STAR_INDEX = f"{REFERENCE}/star"
HISAT2_INDEX = f"{REFERENCE}/{{reference}}.hisat2"
SALMON_INDEX = f"{REFERENCE}/salmon.{{decoys}}.{{kmer}}"


class Annotations:
    """The genes of the references that a site's orders use."""

    def __init__(self, orders: Orders, references: References):
        self._orders = orders
        self._references = references

    def received(self, wildcards) -> str:
        """The annotation as config.yaml names it."""
        return self._references.configured(wildcards.reference).gtf

    def transcripts(self, wildcards) -> list[str]:
        """The FASTA of its transcripts, where config.yaml names one."""
        return [path] if (path := self._references.configured(wildcards.reference).transcripts) else []

    def transcripts_source(self, wildcards) -> str:
        """What writes their sequences: those that config.yaml names, by the annotation's names (GENCODE's say more
        behind a bar), else cut out of the genome."""
        if given := self.transcripts(wildcards):
            return f"gzip -cdf {shlex.quote(given[0])} | sed '/^>/s/[ |].*//'"
        prefix = f"{REFERENCE}/{{reference}}".format(reference=wildcards.reference)
        return f"gffread -w /dev/stdout -g {prefix}.fa {prefix}.exons.gtf"

    def rrna(self, wildcards) -> list[str]:
        """The BED of ribosomal RNA, likewise."""
        return [path] if (path := self._references.configured(wildcards.reference).rrna) else []

    def aligner_index(self, wildcards) -> list[str]:
        """The files of the index of the run's aligner, and the junctions that HISAT2 is told of apart from it."""
        name = self._references.name(wildcards)
        if self._orders.recipe(wildcards)["aligner"] == "star":
            return [f"{STAR_INDEX}/{file}".format(reference=name) for file in STAR_FILES]
        prefix = HISAT2_INDEX.format(reference=name)
        return [*(prefix + suffix for suffix in HISAT2_FILES), f"{prefix}.junctions.tsv"]

    def salmon_index(self, wildcards) -> list[str]:
        folder = self.salmon_folder(wildcards)
        return [f"{folder}/{file}" for file in SALMON_FILES]

    def salmon_folder(self, wildcards) -> str:
        recipe = self._orders.recipe(wildcards)
        name = self._references.name(wildcards)
        return SALMON_INDEX.format(reference=name, decoys=recipe["decoys"], kmer=recipe["kmer"])
