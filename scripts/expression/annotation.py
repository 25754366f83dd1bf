"""A reference's annotation: examined against its genome like all that is received, and cut into what is counted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pysam

from scripts.lib import gtf
from scripts.lib.bed import is_region
from scripts.lib.files import write_tsv, written
from scripts.lib.gtf import Annotation
from scripts.lib.refusal import Refusal

GENES = ["gene", "name", "biotype", "contig", "start", "end", "strand", "length"]
TRANSCRIPTS = ["transcript", "gene", "length"]
#: Biotypes of ribosomal RNA, by Ensembl's and GENCODE's names.
RIBOSOMAL = {"rRNA", "Mt_rRNA", "rRNA_pseudogene"}

Span = tuple[int, int]


class Gene(NamedTuple):
    """A gene on one sequence: strand, and its exons without overlaps, from 1, both ends inside."""

    gene: str
    contig: str
    strand: str
    exons: list[Span]

    @property
    def start(self) -> int:
        return self.exons[0][0]

    @property
    def end(self) -> int:
        return self.exons[-1][1]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Sorted, and what overlaps or touches as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def without(spans: list[Span], holes: list[Span]) -> Iterator[Span]:
    """What is left of spans where there is no hole; both merged."""
    at = 0
    for start, end in spans:
        while at and holes[at - 1][1] >= start:
            at -= 1
        while at < len(holes) and holes[at][0] <= end:
            if holes[at][0] > start:
                yield start, holes[at][0] - 1
            start = max(start, holes[at][1] + 1)
            at += 1
        if start <= end:
            yield start, end


def genes_of(annotation: Annotation) -> list[Gene]:
    """In the order of the file; a gene on two sequences (as some annotations have those of X and Y) comes twice."""
    spans: dict[tuple[str, str, str], list[Span]] = defaultdict(list)
    for exon in annotation.exons:
        spans[exon.gene, exon.contig, exon.strand].append((exon.start, exon.end))
    return [Gene(gene, contig, strand, merged(own)) for (gene, contig, strand), own in spans.items()]


def parts(genes: list[Gene]) -> list[tuple[str, str, int, int]]:
    """Part of a genome, sequence, start, end: `exonic`, and `intronic` where a gene has no exon of any."""
    exonic: dict[str, list[Span]] = defaultdict(list)
    whole: dict[str, list[Span]] = defaultdict(list)
    for gene in genes:
        exonic[gene.contig] += gene.exons
        whole[gene.contig].append((gene.start, gene.end))
    rows = []
    for contig, spans in exonic.items():
        own = merged(spans)
        rows += [("exonic", contig, *span) for span in own]
        rows += [("intronic", contig, *span) for span in without(merged(whole[contig]), own)]
    return rows


def examine(path: str, lengths: dict[str, int], transcripts: str = "", rrna: str = "") -> Annotation:
    """The annotation of a genome, with what is said beside it. Raises Refusal with the first thing that is wrong."""
    annotation = gtf.read(path, lengths)
    if transcripts:
        _check_transcripts(transcripts, annotation)
    if rrna:
        ribosomal_regions(rrna, lengths)
    return annotation


def _check_transcripts(path: str, annotation: Annotation) -> None:
    known = annotation.gene_of()
    bare = {name.split(".")[0] for name in known}
    cure = "take those of this annotation, or leave `transcripts` out: they are cut out of the genome then"
    seen = set()
    try:
        with pysam.FastxFile(path) as records:
            for number, record in enumerate(records, 1):
                name = transcript_name(record.name)
                if name not in known and name.split(".")[0] not in bare:
                    where = f"{Path(path).name}, sequence {number}"
                    raise Refusal(where, f"the transcript {name!r}", "a transcript_id of the annotation", cure)
                seen.add(name.split(".")[0])
    except OSError as error:
        raise Refusal(Path(path).name, f"what cannot be read ({error})", "a FASTA of transcripts", cure) from None
    if missing := [name for name in known if name.split(".")[0] not in seen]:
        found = f"no sequence of {missing[0]} ({len(missing)} transcripts of the annotation are missing)"
        raise Refusal(Path(path).name, found, "each transcript of the annotation", cure)


def transcript_name(name: str) -> str:
    """As annotations call it: GENCODE's FASTA names the gene and more behind it."""
    return name.split("|")[0]


def ribosomal_regions(path: str, lengths: dict[str, int]) -> list[tuple[str, int, int]]:
    """Sequence, start and end, from 1, of the regions of a BED. Raises Refusal with the first line that is wrong."""
    found = []
    with open(path, encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if not is_region(line):
                continue
            cells = line.split()
            if len(cells) < 3 or not (cells[1].isdigit() and cells[2].isdigit() and int(cells[1]) < int(cells[2])):
                expected = "a sequence, a start and an end behind it"
                raise Refusal(f"{Path(path).name}, line {number}", repr(line.strip()[:40]), expected, "correct the BED")
            contig, start, end = cells[0], int(cells[1]), int(cells[2])
            if end > lengths.get(contig, 0):
                told, expected = f"{contig}:{start + 1}-{end}", "a region of the reference"
                raise Refusal(f"{Path(path).name}, line {number}", told, expected, "take a BED of this assembly")
            found.append((contig, start + 1, end))
    return found


def _write_saf(path: str, rows: Iterable[tuple[str, str, int, int]]) -> None:
    """featureCounts' own table of regions."""
    with written(path) as handle:
        handle.write("GeneID\tChr\tStart\tEnd\tStrand\n")
        handle.writelines(f"{name}\t{contig}\t{start}\t{end}\t+\n" for name, contig, start, end in rows)


class Paths(NamedTuple):
    received: str
    fai: str
    transcripts: list[str]
    rrna: list[str]
    exons: str
    genes: str
    of_transcripts: str
    parts: str
    ribosomal: str


def main(paths: Paths, values: None) -> None:
    """Write what is counted of the annotation `paths.received`, when it is sound and fits the reference of `paths.fai`.

    paths.exons           its exons alone, as GTF with gene_id and transcript_id
    paths.genes           a row a gene; length: bases of its exons
    paths.of_transcripts  a row a transcript, with its gene
    paths.parts           where the genome is exonic and intronic, paths.ribosomal where it is of ribosomal RNA
    """
    rows = (line.split("\t") for line in Path(paths.fai).read_text(encoding="utf-8").splitlines())
    lengths = {name: int(length) for name, length, *_ in rows}
    annotation = examine(paths.received, lengths, *(paths.transcripts or [""]), *(paths.rrna or [""]))
    genes = genes_of(annotation)
    with written(paths.exons) as handle:
        for exon in annotation.exons:
            told = f'gene_id "{exon.gene}"; transcript_id "{exon.transcript}";'
            where = (exon.contig, ".", "exon", str(exon.start), str(exon.end), ".", exon.strand, ".", told)
            handle.write("\t".join(where) + "\n")
    write_tsv(paths.genes, GENES, _gene_rows(genes, annotation))
    lengths_of: dict[str, int] = defaultdict(int)
    for exon in annotation.exons:
        lengths_of[exon.transcript] += exon.end - exon.start + 1
    of_transcripts = annotation.gene_of().items()
    write_tsv(
        paths.of_transcripts,
        TRANSCRIPTS,
        ({"transcript": name, "gene": gene, "length": lengths_of[name]} for name, gene in of_transcripts),
    )
    _write_saf(paths.parts, parts(genes))
    _write_saf(paths.ribosomal, _ribosomal(paths.rrna, lengths, genes, annotation))


def _ribosomal(
    rrna: list[str], lengths: dict[str, int], genes: list[Gene], annotation: Annotation
) -> list[tuple[str, str, int, int]]:
    if rrna:
        return [("ribosomal", *region) for region in ribosomal_regions(rrna[0], lengths)]
    own = [gene for gene in genes if annotation.biotypes.get(gene.gene) in RIBOSOMAL]
    return [("ribosomal", gene.contig, *span) for gene in own for span in gene.exons]


def _gene_rows(genes: list[Gene], annotation: Annotation) -> Iterator[dict]:
    """A gene that lies on two sequences is told by the first; the bases of both count."""
    total: dict[str, int] = defaultdict(int)
    first: dict[str, Gene] = {}
    for gene in genes:
        total[gene.gene] += sum(end - start + 1 for start, end in gene.exons)
        first.setdefault(gene.gene, gene)
    for name, gene in first.items():
        yield {
            "gene": name,
            "name": annotation.names.get(name, ""),
            "biotype": annotation.biotypes.get(name, ""),
            **{key: getattr(gene, key) for key in ("contig", "start", "end", "strand")},
            "length": total[name],
        }


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
