"""What the rules of reads, alignment and counting ask: commands of the aligners, read groups, mates."""

from __future__ import annotations

import shlex

from scripts.branches.transcriptomes.annotation import HISAT2_INDEX, STAR_INDEX
from scripts.lib import software
from scripts.lib.plan import sequenced
from scripts.lib.plan.orders import Orders
from scripts.lib.plan.paths import ORDER, RUN, libraries, library_of, order_fields, run_folder
from scripts.lib.plan.references import References

PROGRAMS = {"star": "STAR", "hisat2": "hisat2"}
#: ENCODE's options for long RNA, but for the filter by junctions, with which the order of reads is another each time.
STAR = (
    "STAR --outSAMtype SAM --outStd SAM --outSAMorder PairedKeepInputOrder --outSAMunmapped Within"
    " --outSAMattributes NH HI AS NM --outSAMmapqUnique 60 --outFilterMultimapNmax 20 --alignSJoverhangMin 8"
    " --alignSJDBoverhangMin 1 --outFilterMismatchNmax 999 --outFilterMismatchNoverReadLmax 0.04 --alignIntronMin 20"
)
#: What hisat2 itself calls, which alone reads from pipes.
HISAT2 = "hisat2-align-s --wrapper basic-0 --reorder --new-summary"


class Libraries:
    """From reads to one alignment a sample."""

    def __init__(self, orders: Orders, references: References):
        self._orders = orders
        self._references = references

    def fastp_reads(self, wildcards) -> str:
        return sequenced.fastp_reads(self._orders.measured(wildcards)[2])

    def aligning_versions(self, wildcards) -> dict[str, str]:
        return software.versions(self.programs(wildcards)[0], "samtools")

    def programs(self, wildcards) -> list[str]:
        """The programs that made the alignment, in their order."""
        return [PROGRAMS[self._orders.recipe(wildcards)["aligner"]], "samtools"]

    def aligner(self, wildcards) -> str:
        """The aligner's command, up to the number of threads."""
        recipe, run = self._orders.recipe(wildcards), self._orders.measured(wildcards)[2]
        folder = RUN.format(**{key: wildcards[key] for key in ("facility", "service", "run")})
        reference = self._references.name(wildcards)
        reads = [f"<(gzip -cdf {shlex.quote(path)})" for path in run.received.values()]
        if recipe["aligner"] == "star":
            return (
                f"{STAR} --alignIntronMax {recipe['max_intron']} --alignMatesGapMax {recipe['max_intron']}"
                f" --genomeDir {STAR_INDEX.format(reference=reference)} --readFilesIn {' '.join(reads)}"
                f" --outFileNamePrefix {folder}/star. --outTmpDir {folder}/star.tmp --outSAMattrRGline ID:{run.run}"
                " --runThreadN"
            )
        prefix = HISAT2_INDEX.format(reference=reference)
        mates = f"-U {reads[0]}" if len(reads) == 1 else f"-1 {reads[0]} -2 {reads[1]}"
        return (
            f"{HISAT2} --max-intronlen {recipe['max_intron']} --known-splicesite-infile {prefix}.junctions.tsv"
            f" -x {prefix} {mates} --rg-id {run.run} --summary-file {folder}/star.Log.final.out -p"
        )

    def of_aligned_runs(self, name: str):
        """An input function: this file of every run of one library of a sample."""

        def files(wildcards) -> list[str]:
            order = self._orders.order(wildcards)
            runs = [run for run in order.runs[wildcards.sample] if library_of(run) == wildcards.library]
            return [f"{run_folder(order, run)}/{name}" for run in runs]

        return files

    def library_alignments(self, wildcards) -> list[str]:
        order, folder = self._orders.order(wildcards), ORDER.format(**order_fields(wildcards))
        mine = [library for sample, library in libraries(order) if sample == wildcards.sample]
        return [f"{folder}/alignment/{wildcards.sample}/library.{library}.bam" for library in mine]

    def read_groups(self, wildcards) -> list[dict[str, str]]:
        return sequenced.read_groups(self._orders.order(wildcards), wildcards.sample)

    def marking(self, wildcards) -> str:
        """How samtools tells duplicates apart: of one molecular identifier, where reads carry them."""
        return "--barcode-name" if self._orders.recipe(wildcards)["umi"] == "name" else ""

    # --- of a sample --------------------------------------------------------------------------------------------------

    def paired(self, wildcards) -> bool:
        """Whether the sample's fragments have two reads; its runs are of one kind."""
        return all(len(run.received) == 2 for run in self._orders.order(wildcards).runs[wildcards.sample])

    def counted_as(self, wildcards) -> str:
        """What makes featureCounts count fragments."""
        return "-p --countReadPairs" if self.paired(wildcards) else ""

    def one_read(self, wildcards) -> str:
        """What makes samtools look at one read of each fragment."""
        return "-f 64" if self.paired(wildcards) else ""

    def strand_of_pairs(self, wildcards) -> str:
        """What makes bedtools take the strand of read 1 for that of its mate too."""
        return "-du" if self.paired(wildcards) else ""

    def salmon_reads(self, wildcards) -> str:
        """salmon's read arguments: all runs of the sample, quoted."""
        runs = [list(run.received.values()) for run in self._orders.order(wildcards).runs[wildcards.sample]]
        mates = [" ".join(f"<(gzip -cdf {shlex.quote(path)})" for path in each) for each in zip(*runs, strict=True)]
        return f"-r {mates[0]}" if len(mates) == 1 else f"-1 {mates[0]} -2 {mates[1]}"

    def received_of_sample(self, wildcards) -> list[str]:
        return [path for run in self._orders.order(wildcards).runs[wildcards.sample] for path in run.received.values()]

    def declared(self, wildcards) -> dict[str, str]:
        """What the sheet says of a sample."""
        sample = self._orders.site.samples[wildcards.sample]
        return {"strandedness": sample.strandedness, "sex": sample.sex}

    def design(self, wildcards) -> list[dict[str, str]]:
        """What the sheets say of the order's samples: whom each is to be compared with."""
        order = self._orders.order(wildcards)
        return [
            {
                "sample": sample.sample,
                "group": sample.group,
                "replicate": sample.replicate,
                "donor": sample.donor,
                "batch": "+".join(sorted({run.batch for run in order.runs[sample.sample] if run.batch})),
            }
            for sample in order.samples
        ]
