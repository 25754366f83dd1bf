"""The metrics of one sample's RNA."""

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple, TypedDict

from scripts.expression import bodies, counted, library
from scripts.lib.files import read_json, read_tsv, write_json


class Recipe(TypedDict):
    min_gene_reads: int
    low_expression: float
    body_transcripts: int
    body_length: int
    female_genes: list[str]
    male_genes: list[str]
    sex_tpm: float


def of_fragments(text: str) -> library.Told:
    """All, mapped, and mapped to several places: a number a line."""
    total, mapped, several = map(int, text.split())
    return {
        "count_fragments": total,
        "count_fragments_aligned": mapped,
        "pct_fragments_aligned": library.percent(mapped, total),
        "pct_fragments_unique": library.percent(mapped - several, total),
        "pct_fragments_multiple": library.percent(several, total),
    }


def duplicates(stats: str) -> float:
    """Share of the mapped reads that are marked, of samtools stats."""
    rows = [line.split("\t") for line in stats.splitlines() if line.startswith("SN\t")]
    numbers = {row[1].rstrip(":"): float(row[2]) for row in rows}
    return library.percent(numbers["reads duplicated"], numbers["reads mapped"])


def bases_of(parts: str, fai: str) -> dict[str, int]:
    """Bases of the genome in exons, in introns and outside of genes."""
    lengths = (int(line.split("\t")[1]) for line in Path(fai).read_text(encoding="utf-8").splitlines())
    found: dict[str, int] = defaultdict(int)
    for row in read_tsv(parts):
        found[row["GeneID"]] += int(row["End"]) - int(row["Start"]) + 1
    return {**found, "intergenic": sum(lengths) - sum(found.values())}


class Paths(NamedTuple):
    fragments: str
    stats: str
    strandedness: str
    parts: str
    nowhere: str
    ribosomal: str
    without: str
    of_genes: str
    coverage: list[str]
    told: str
    regions: str
    exons: str
    fai: str
    metrics: str
    document: str
    bodies: str


class Values(NamedTuple):
    tag: dict[str, str]
    declared: dict[str, str]
    paired: bool
    recipe: Recipe


def main(paths: Paths, values: Values) -> None:
    """Write `paths.metrics`, the same for the scientist (`paths.document`), and the curve along transcripts."""
    recipe = values.recipe
    found = of_fragments(Path(paths.fragments).read_text(encoding="utf-8"))
    found["pct_duplicates"] = duplicates(Path(paths.stats).read_text(encoding="utf-8"))
    strands = read_json(paths.strandedness)
    of_parts = counted.counts(paths.parts)
    nowhere = counted.summary(paths.nowhere)["Unassigned_NoFeatures"]
    shares = library.parts(of_parts, nowhere)
    found |= shares
    dna = library.genomic_dna(of_parts, nowhere, bases_of(paths.regions, paths.fai))
    wrong = library.wrong_strand(strands["forward"], strands["reverse"], strands["counted_as"])
    if ribosomal := counted.summary(paths.ribosomal):
        found["pct_ribosomal"] = library.percent(ribosomal["Assigned"], sum(ribosomal.values()))
    genes = read_tsv(paths.of_genes)
    counts, lengths = [int(row["count"]) for row in genes], [int(row["length"]) for row in genes]
    without = counted.whole(counted.counts(paths.without), [row["gene"] for row in genes], paths.without)
    copies = library.copies(counts, list(without.values()), lengths, recipe["low_expression"])
    found["count_genes_detected"] = sum(count >= recipe["min_gene_reads"] for count in counts)
    if any(counts):
        found["pct_genes_saturated"] = library.saturation(counts)
    optional = {"pct_genomic_dna": dna, "pct_wrong_strand": wrong, "pct_duplicates_low_expression": copies}
    found |= {name: value for name, value in optional.items() if value is not None}
    stranded = strands["counted_as"] != "unstranded"
    covered = bodies.depths(paths.exons, paths.coverage, stranded, recipe["body_length"])
    ends, curve = bodies.bias(covered, recipe["body_transcripts"])
    found |= ends
    if values.paired:
        found["mean_fragment_length"] = round(read_json(paths.told)["frag_length_mean"], 1)
    tpm: dict[str, float] = defaultdict(float)
    for row in genes:
        tpm[row["name"] or row["gene"]] += float(row["tpm"])
    sex = library.sex_of(tpm, recipe["female_genes"], recipe["male_genes"], recipe["sex_tpm"])
    if sex and values.declared["sex"] != "unknown":
        found["count_sex_mismatches"] = int(sex not in ("unknown", values.declared["sex"]))
    words = {
        "strandedness_declared": strands["declared"],
        "strandedness_measured": strands["measured"],
        "strandedness_counted": strands["counted_as"],
        "strandedness_explained": library.why_wrong(strands, wrong, dna, shares.get("pct_exonic", 0.0)),
        "sex_declared": values.declared["sex"],
        "sex_expressed": sex or "not told",
    }
    sample = values.tag["sample"]
    write_json(paths.metrics, {"tag": values.tag, "samples": {sample: found}, "order": {}, "words": words})
    write_json(paths.document, {**values.tag, "metrics": found, **words})
    write_json(paths.bodies, curve)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
