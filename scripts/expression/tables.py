"""The tables of a sample's expression: genes, transcripts, junctions."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from scripts.expression import counted
from scripts.lib.files import read_tsv, write_tsv

GENES = ["gene", "name", "biotype", "contig", "start", "end", "strand", "length", "count", "salmon_count", "tpm"]
TRANSCRIPTS = ["transcript", "gene", "length", "effective_length", "count", "tpm"]
JUNCTIONS = ["contig", "start", "end", "gene", "count"]


def by_gene(quantities: list[dict[str, str]], gene_of: dict[str, str]) -> tuple[Counter, Counter]:
    """Fragments and TPM of each gene: the sums of its transcripts."""
    fragments: Counter[str] = Counter()
    tpm: Counter[str] = Counter()
    for row in quantities:
        gene = gene_of[row["Name"]]
        fragments[gene] += float(row["NumReads"])
        tpm[gene] += float(row["TPM"])
    return fragments, tpm


def known_names(of_transcripts: list[dict[str, str]], quantities: list[dict[str, str]]) -> list[dict[str, str]]:
    """The quantities by the annotation's names: a FASTA may have a version behind them that it lacks, or lack one."""
    names = {row["transcript"]: row["transcript"] for row in of_transcripts}
    bare = {name.split(".")[0]: name for name in names}
    return [row | {"Name": names.get(row["Name"]) or bare[row["Name"].split(".")[0]]} for row in quantities]


def junctions(path: str) -> Iterator[dict[str, str]]:
    """featureCounts' junctions within a sequence: the last base of one exon, the first of the next, fragments."""
    for row in read_tsv(path):
        *_, count = row.values()
        gene = row["PrimaryGene"]
        if row["Site1_chr"] == row["Site2_chr"]:
            yield {
                "contig": row["Site1_chr"],
                "start": row["Site1_location"],
                "end": row["Site2_location"],
                "gene": "" if gene == "NA" else gene,
                "count": count,
            }


class Paths(NamedTuple):
    genes: str
    of_transcripts: str
    counts: str
    junctions: str
    quantities: str
    of_genes: str
    transcripts: str
    spans: str


class Values(NamedTuple):
    tag: dict[str, str]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.of_genes`, `paths.transcripts` and `paths.spans` from what featureCounts and salmon counted."""
    genes, of_transcripts = read_tsv(paths.genes), read_tsv(paths.of_transcripts)
    counts = counted.whole(counted.counts(paths.counts), [row["gene"] for row in genes], paths.counts)
    quantities = known_names(of_transcripts, read_tsv(paths.quantities))
    fragments, tpm = by_gene(quantities, {row["transcript"]: row["gene"] for row in of_transcripts})
    rows = (
        values.tag
        | row
        | {
            "count": counts[row["gene"]],
            "salmon_count": f"{fragments[row['gene']]:.3f}",
            "tpm": f"{tpm[row['gene']]:.6f}",
        }
        for row in genes
    )
    write_tsv(paths.of_genes, [*values.tag, *GENES], rows)
    found = {row["Name"]: row for row in quantities}
    # salmon leaves out what is too short for a k-mer: it has nothing of it.
    nothing = {"EffectiveLength": "", "NumReads": "", "TPM": ""}
    rows = (
        values.tag
        | row
        | {
            "effective_length": own["EffectiveLength"],
            "count": own["NumReads"],
            "tpm": own["TPM"],
        }
        for row in of_transcripts
        for own in [found.get(row["transcript"], nothing)]
    )
    write_tsv(paths.transcripts, [*values.tag, *TRANSCRIPTS], rows)
    write_tsv(paths.spans, [*values.tag, *JUNCTIONS], (values.tag | row for row in junctions(paths.junctions)))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
