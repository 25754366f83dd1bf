"""What the rules of reads and alignment ask: aligners, read groups, libraries."""

from __future__ import annotations

import shlex
from typing import NamedTuple

from scripts.lib import software
from scripts.lib.plan import sequenced
from scripts.lib.plan.orders import Orders
from scripts.lib.plan.paths import ORDER, REFERENCE, RUN, libraries, library_of, order_fields, run_folder
from scripts.lib.plan.references import References


class Aligner(NamedTuple):
    """How an aligner is called, for mates in one stream and for comments that are tags too, and its index's files."""

    command: str
    interleaved: str
    comments: str
    prefix: str
    files: tuple[str, ...]


ALIGNERS = {
    "minimap2": Aligner("minimap2 -a -x sr", "", " -y", ".mmi", ("",)),
    # -K: batches of fixed size, so that the number of threads does not change the result
    "bwa": Aligner("bwa mem -v 1 -K 100000000", " -p", " -C", ".bwa", (".amb", ".ann", ".bwt", ".pac", ".sa")),
    "bwa-mem2": Aligner(
        "bwa-mem2 mem -v 1 -K 100000000", " -p", " -C", ".mem2", (".0123", ".amb", ".ann", ".bwt.2bit.64", ".pac")
    ),
}


#: Programs for awk that make of both mates in one FASTQ what aligners read: one after the other, under one name.
NEXT = {
    "interleaved": r"""{ line[NR % 8] = $0 } NR % 8 == 0 && line[1] != "" {
        one = line[1]; two = line[5]; sub(/[ \t].*/, "", one); sub(/[ \t].*/, "", two); sub(/\/[12]$/, "", one)
        sub(/\/[12]$/, "", two); if (one != two) one = substr(one, 1, length(one) - 2)
        print one "\n" line[2] "\n+\n" line[4] "\n" one "\n" line[6] "\n+\n" line[0] }""",
    "joined": r"""NR % 4 == 1 { name = $0; sub(/[ \t].*/, "", name) } NR % 4 == 2 { bases = $0 }
        NR % 4 == 0 && name != "" { n = first ? first : length(bases) / 2
        print name "\n" substr(bases, 1, n) "\n+\n" substr($0, 1, n)
        print name "\n" substr(bases, n + 1) "\n+\n" substr($0, n + 1) }""",
}


#: Programs for awk that find the barcode of a SAM record's molecule.
BARCODE = {
    "name": "match($1, /[:_]r?[ACGTN][ACGTN][ACGTN]+([-+_]r?[ACGTN]+)?$/) { umi = substr($1, RSTART + 1) }",
    "tag": "{ for (i = 12; i <= NF; i++) if ($i ~ /^RX:Z:./) umi = substr($i, 6) }",
}
#: And what puts it behind the library, by which duplicates are told: of another molecule is as of another library.
WITH_BARCODE = r"""BEGIN { FS = OFS = "\t" } /^@/ { print; next } { umi = "" } %s umi == "" {
    print "REFUSED read " $1 ": found no barcode of its molecule, expected one in the %s of every read, as the recipe" \
        " says (umi); correct the recipe, or export the reads with their barcodes." > "/dev/stderr"; exit 1 }
    { for (i = 12; i <= NF && $i !~ /^LB:Z:/; i++); $i = ($i == "" ? "LB:Z:" : $i "-") umi; print }"""


class Alignment:
    """From reads to one alignment a sample."""

    # Kept of what aligners tell of a read: what is agreed on for exchange (Regier et al. 2018, Nat Commun 9:4038), how
    # well it fits, and `ms` and `LB`, by which duplicates are told.
    tags = "RG,NM,AS,SA,MC,MQ,ms,LB"

    def __init__(self, orders: Orders, references: References):
        self._orders = orders
        self._references = references

    def reading_versions(self, *tools: str):
        """A params function: the versions of what reads a run, with that of samtools where it brings reads back."""
        return lambda wildcards: software.versions(*tools, *(["samtools"] if self._is_aligned(wildcards) else []))

    def aligning_versions(self, wildcards) -> dict[str, str]:
        return software.versions(self._orders.recipe(wildcards)["aligner"], "samtools")

    def read_source(self, wildcards) -> str:
        """The start of a pipe that brings reads with their mates behind them, of a received BAM or CRAM or of a FASTQ
        that holds both mates; '' for other FASTQ files.

        Reads whose mate is not in the file come too: aligners take neighbours of one name for mates, others singly.
        """
        if self._is_aligned(wildcards):
            return f"{self._collated(wildcards)} | samtools fastq -n - |"
        run = self._orders.measured(wildcards)[2]
        if not run.layout:
            return ""
        layout, _, first = run.layout.partition(":")
        return f"gzip -cdf {shlex.quote(run.read1)} | LC_ALL=C awk -v first={first or 0} {shlex.quote(NEXT[layout])} |"

    def _is_aligned(self, wildcards) -> bool:
        """Whether what was received has a header of its own."""
        return self._orders.measured(wildcards)[2].format != "fastq"

    def grouped_source(self, wildcards) -> str:
        """The same with each read's group as a comment, edited by the program `groups.sed` of the run."""
        if not self._is_aligned(wildcards):
            return self.read_source(wildcards)
        program = shlex.quote(f"{RUN}/groups.sed".format(**{k: wildcards[k] for k in ("facility", "service", "run")}))
        tags = "RG,RX" if self._orders.recipe(wildcards)["umi"] == "tag" else "RG"
        return f"{self._collated(wildcards)} | samtools fastq -n -T {tags} - | LC_ALL=C sed -f {program} |"

    def barcoding(self, wildcards) -> str:
        """The part of a pipe that gives aligned reads their molecule's barcode, where the recipe says that they have
        one."""
        umi = self._orders.recipe(wildcards)["umi"]
        return f"| LC_ALL=C awk {shlex.quote(WITH_BARCODE % (BARCODE[umi], umi))}" if umi in BARCODE else ""

    def _collated(self, wildcards) -> str:
        run = self._orders.measured(wildcards)[2]
        fasta = shlex.quote(self._references.of_aligned(wildcards)[0])
        folder = shlex.quote(f"{RUN}/collate".format(**{k: wildcards[k] for k in ("facility", "service", "run")}))
        return f"samtools collate -u -O --reference {fasta} {shlex.quote(run.file)} {folder}"

    def fastp_reads(self, wildcards) -> str:
        """fastp's input arguments, quoted."""
        run = self._orders.measured(wildcards)[2]
        if run.layout:
            return "--stdin --interleaved_in"
        if run.format != "fastq":
            return "--stdin"
        return sequenced.fastp_reads(run)

    def aligner_reads(self, wildcards) -> str:
        """The aligner's read arguments, quoted."""
        run = self._orders.measured(wildcards)[2]
        return "-" if self.read_source(wildcards) else " ".join(map(shlex.quote, run.received.values()))

    def aligner(self, wildcards) -> str:
        """The aligner's command, up to threads, index and reads, which all aligners name alike."""
        aligner = ALIGNERS[self._orders.recipe(wildcards)["aligner"]]
        if self._is_aligned(wildcards):
            return aligner.command + aligner.interleaved + aligner.comments
        together = aligner.interleaved if self.read_source(wildcards) else ""
        # the run's id alone, because a run may change its sample
        return aligner.command + together + f" -R '@RG\\tID:{self.run_id(wildcards)}'"

    def run_id(self, wildcards) -> str:
        return self._orders.measured(wildcards)[2].run

    def aligner_index(self, wildcards) -> list[str]:
        prefix, suffixes = (
            self.aligner_index_prefix(wildcards),
            ALIGNERS[self._orders.recipe(wildcards)["aligner"]].files,
        )
        return [prefix + suffix for suffix in suffixes]

    def aligner_index_prefix(self, wildcards) -> str:
        """What the aligner is told to read: the one file, or what the names of its files have in common."""
        suffix = ALIGNERS[self._orders.recipe(wildcards)["aligner"]].prefix
        return f"{REFERENCE}/{{reference}}{suffix}".format(reference=self._references.name(wildcards))

    def of_aligned_runs(self, name: str):
        """An input function: this file of every aligned run of one library of a sample."""

        def files(wildcards) -> list[str]:
            order = self._orders.order(wildcards)
            return [
                f"{run_folder(order, run)}/{name}"
                for run in order.runs[wildcards.sample]
                if library_of(run) == wildcards.library
            ]

        return files

    def library_alignments(self, wildcards) -> list[str]:
        folder = ORDER.format(**order_fields(wildcards))
        return [
            f"{folder}/alignment/{sample}/library.{library}.bam"
            for sample, library in libraries(self._orders.order(wildcards))
            if sample == wildcards.sample
        ]

    def unmarking(self, wildcards) -> str:
        """What takes the marks of duplicates off again, where the recipe wants none: they were counted."""
        return "" if self._orders.recipe(wildcards)["duplicates"] == "marked" else "--remove-flags DUP"

    def programs(self, wildcards) -> list[str]:
        """The programs that made the alignment, in their order."""
        return [self._orders.recipe(wildcards)["aligner"], "samtools"]

    def stated_library(self, wildcards) -> str:
        """The library that the sheet says of a received alignment, whose own header may say another."""
        return self._orders.measured(wildcards)[2].library if self._is_aligned(wildcards) else ""

    def read_groups(self, wildcards) -> list[dict[str, str]]:
        """What the sheet states of the read groups of a sample, one a run, as SAM fields."""
        return sequenced.read_groups(self._orders.order(wildcards), wildcards.sample)
