"""A site with planted truth: genes with introns and isoforms on both strands, two groups whose expression differs by
known factors, and a sample with much genomic DNA. The same seed gives the same bytes."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scripts.lib.checksums import sha256
from scripts.lib.files import aside, read_json, read_tsv, write_json, write_tsv, written

FACILITY, PROPOSAL, SERVICE = "CNR-IBIOM", "P001", "GEN-RNA"
BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
COMPLEMENT = bytes.maketrans(b"ACGT", b"TGCA")
CONFIG = """\
references:
  demo1: {fasta: reference/demo1.fa.gz, gtf: reference/demo1.gtf.gz}
received: [raw]
"""
#: So little RNA, of so few genes, is nobody's order.
CATALOGUE = f"""\
services:
  {SERVICE}:
    acceptance:
      count_fragments_aligned: {{min: 1000}}
      count_genes_detected: {{min: 10}}
"""


@dataclass(frozen=True)
class Size:
    """How much to generate; the defaults are the demo's, tests use less.

    genes    in the genome, each in a stretch of its own
    pairs    of reads, per sample
    samples  name -> group that it is of, group that is declared, share of genomic DNA
    """

    genes: int = 60
    pairs: int = 6_000
    samples: Mapping[str, tuple[str, str, float]] = field(
        default_factory=lambda: {
            "R01": ("A", "A", 0.0),
            "R02": ("A", "A", 0.0),
            "R03": ("B", "B", 0.0),
            "R04": ("B", "B", 0.0),
            "R05": ("A", "A", 0.6),
        }
    )
    read: int = 75
    fragment: int = 180


class Gene(NamedTuple):
    """Transcripts as exons (from 0, end behind), from left to right; the second lacks an exon of the first."""

    name: str
    contig: str
    strand: str
    transcripts: list[list[tuple[int, int]]]


STRETCH = 3_000


def _genome(rng: np.random.Generator, genes: int) -> tuple[dict[str, bytes], list[Gene]]:
    """Two sequences, and genes of four exons, each in a stretch of its own that begins and ends outside of it."""
    sizes = {"chr1": (genes + 1) // 2, "chr2": genes // 2}
    sequences: dict[str, bytes] = {}
    found: list[Gene] = []
    for contig, count in sizes.items():
        bases = BASES[rng.integers(0, 4, (count + 1) * STRETCH)]
        for number in range(count):
            at, exons = number * STRETCH + int(rng.integers(300, 500)), []
            strand = "+-"[int(rng.integers(0, 2))]
            for place in range(4):
                end = at + int(rng.integers(150, 350))
                exons.append((at, end))
                if place < 3:
                    intron = int(rng.integers(90, 250))
                    ends = (b"GT", b"AG") if strand == "+" else (b"CT", b"AC")
                    bases[end : end + 2] = np.frombuffer(ends[0], dtype=np.uint8)
                    bases[end + intron - 2 : end + intron] = np.frombuffer(ends[1], dtype=np.uint8)
                    at = end + intron
            isoforms = [exons] if number % 3 else [exons, [*exons[:1], *exons[2:]]]
            found.append(Gene(f"G{len(found) + 1:03}", contig, strand, isoforms))
        sequences[contig] = bases.tobytes()
    return sequences, found


def _gtf(genes: list[Gene]) -> str:
    """Their GTF; the last is of ribosomal RNA."""
    lines = []
    for gene in genes:
        biotype = "rRNA" if gene is genes[-1] else "protein_coding"
        for number, exons in enumerate(gene.transcripts, 1):
            told = f'gene_id "{gene.name}"; transcript_id "{gene.name}.t{number}"; gene_name "{gene.name.lower()}";'
            told += f' gene_biotype "{biotype}";'
            rows = [("transcript", exons[0][0], exons[-1][1]), *(("exon", *span) for span in exons)]
            lines += [
                "\t".join([gene.contig, "demo", kind, str(start + 1), str(end), ".", gene.strand, ".", told])
                for kind, start, end in rows
            ]
    return "\n".join(lines) + "\n"


def reverse_complement(sequence: bytes) -> bytes:
    return sequence.translate(COMPLEMENT)[::-1]


def _spliced(gene: Gene, number: int, sequences: Mapping[str, bytes]) -> bytes:
    sequence = b"".join(sequences[gene.contig][start:end] for start, end in gene.transcripts[number])
    return sequence if gene.strand == "+" else reverse_complement(sequence)


def _fragments(
    rng: np.random.Generator, size: Size, molecules: list[bytes], weights: np.ndarray, sequences: Mapping[str, bytes]
) -> Iterator[tuple[int, bytes]]:
    """Number of the molecule (-1: genomic DNA) and the fragment, on its strand, for as long as somebody asks."""
    shares = weights * np.array([max(1, len(one) - size.fragment) for one in molecules])
    chosen = rng.choice(len(molecules), size.pairs, p=shares / shares.sum())
    for number in chosen.tolist():
        length = min(len(molecules[number]), max(size.read, round(float(rng.normal(size.fragment, 20)))))
        start = int(rng.integers(0, len(molecules[number]) - length + 1))
        yield number, molecules[number][start : start + length]


def _write_reads(path: Path, sample: str, pairs: list[tuple[bytes, bytes]]) -> None:
    """Both mates; read 1 is of the strand that is not the transcript's (dUTP)."""
    for mate in (1, 2):
        with aside(path / f"{sample}_R{mate}.fastq.gz") as part, gzip.GzipFile(part, "wb", mtime=0) as handle:
            for number, pair in enumerate(pairs, 1):
                bases = pair[mate - 1]
                name = f"@M01:7:FCRNA:1:1101:{1000 + number // 1000}:{1000 + number % 1000} {mate}:N:0:1"
                handle.write(b"%s\n%s\n+\n%s\n" % (name.encode(), bases, b"I" * len(bases)))


def generate(site: Path, size: Size | None = None, seed: int = 1) -> None:
    """Write the site, and under `truth/` what was planted."""
    size, rng = size or Size(), np.random.default_rng(seed)
    sequences, genes = _genome(rng, size.genes)
    (site / "reference").mkdir(parents=True)
    (site / "raw").mkdir()
    for name, text in (
        ("demo1.fa.gz", "".join(f">{contig}\n{bases.decode()}\n" for contig, bases in sequences.items())),
        ("demo1.gtf.gz", _gtf(genes)),
    ):
        with aside(site / "reference" / name) as part, gzip.GzipFile(part, "wb", mtime=0) as handle:
            handle.write(text.encode())
    kinds = [(gene.name, number) for gene in genes for number in range(len(gene.transcripts))]
    molecules = [_spliced(gene, number, sequences) for gene in genes for number in range(len(gene.transcripts))]
    base = {gene.name: float(rng.lognormal(0, 1)) for gene in genes}
    factors = {gene.name: (4.0, 0.25, 1.0, 1.0, 1.0)[place % 5] for place, gene in enumerate(genes)}
    isoform = {(gene.name, number): (0.7, 0.3)[number] for gene in genes for number in range(len(gene.transcripts))}
    counts: dict[str, dict[str, int]] = {}
    dirty = {sample: dna for sample, (_, _, dna) in size.samples.items()}
    for sample, (group, _, dna) in size.samples.items():
        spread = {gene.name: float(rng.gamma(20, 1 / 20)) for gene in genes}
        weights = np.array(
            [
                base[name] * spread[name] * (factors[name] if group == "B" else 1.0) * isoform[name, number]
                for name, number in kinds
            ]
        )
        planted, pairs = dict.fromkeys(base, 0), []
        for number, fragment in _fragments(rng, size, molecules, weights, sequences):
            if rng.random() < dna:
                contig = ("chr1", "chr2")[int(rng.integers(0, 2))]
                start = int(rng.integers(0, len(sequences[contig]) - size.fragment))
                fragment = sequences[contig][start : start + size.fragment]
                fragment = fragment if rng.random() < 0.5 else reverse_complement(fragment)
            else:
                planted[kinds[number][0]] += 1
            pairs.append((reverse_complement(fragment)[: size.read], fragment[: size.read]))
        _write_reads(site / "raw", sample, pairs)
        counts[sample] = planted
    write_json(site / "truth/expression.json", {"counts": counts, "factors": factors, "genomic_dna": dirty})
    _write_sheets(site, size)


def _write_sheets(site: Path, size: Size) -> None:
    (site / "config").mkdir()
    for name, text in (("config.yaml", CONFIG), ("catalogue.yaml", CATALOGUE)):
        with written(site / "config" / name) as handle:
            handle.write(text)
    proposal = {"proposal": PROPOSAL, "call": "DEMO-1", "title": "A demo of RNA", "status": "awarded"}
    proposal |= {"agreement_start": "2026-01-01", "agreement_end": "2030-12-31", "human_data": "no"}
    write_tsv(site / "config/proposals.tsv", list(proposal), [proposal])
    samples, runs = [], []
    for number, (sample, (_, declared, _)) in enumerate(size.samples.items(), 1):
        samples.append(
            {"sample": sample, "proposal": PROPOSAL, "facility": FACILITY, "service": SERVICE}
            | {"organism": "Demoa exempli", "reference": "demo1", "group": declared, "replicate": str(number)}
            | {"strandedness": "reverse" if number > 1 else ""}
        )
        files = {f"read{mate}": f"raw/{sample}_R{mate}.fastq.gz" for mate in (1, 2)}
        sums = {f"{role}_sha256": sha256(site / path) for role, path in files.items()}
        runs.append({"sample": sample, "run": "L1", **files, **sums, "platform": "ILLUMINA"})
    write_tsv(site / "config/samples.tsv", list(samples[0]), samples)
    write_tsv(site / "config/runs.tsv", list(runs[0]), runs)


def compare(site: Path, packages: Mapping[tuple[str, str, str], Path]) -> list[dict[str, Any]]:
    """A row for the order: whether counts, strands, groups and genomic DNA are what was planted."""
    truth = read_json(site / "truth/expression.json")
    package = packages.get((PROPOSAL, FACILITY, SERVICE))
    row: dict[str, Any] = {"order": f"{PROPOSAL}/{FACILITY}/{SERVICE}", "samples": len(truth["counts"])}
    if package is None:
        return [row | {"recovered": "nothing", "ok": False, "package": None}]
    near = total = 0
    dirty = [sample for sample, share in truth["genomic_dna"].items() if share]
    for sample, planted in truth["counts"].items():
        table = package / f"data/{sample}/{sample}.genes.tsv"
        if table.is_file():  # what failed is not in the package
            found = {each["gene"]: int(each["count"]) for each in read_tsv(table)}
            near += sum(abs(found[gene] - count) <= 0.02 * count + 2 for gene, count in planted.items())
            total += len(planted)
    judged = read_tsv(package / "data/00-Reports/acceptance.tsv")
    strands = {each["sample"]: each["verdict"] for each in judged if each["metric"] == "pct_wrong_strand"}
    failed = [sample for sample, verdict in strands.items() if verdict == "fail"]
    share = near / total if total else 0.0
    words = f"{100 * share:.1f} % of the counts within 2 %; genomic DNA told of {', '.join(failed) or 'nobody'}"
    return [row | {"recovered": words, "ok": share >= 0.98 and failed == dirty, "package": package}]
