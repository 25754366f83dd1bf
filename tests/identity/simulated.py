"""Simulated donors: genotypes from allele frequencies, and the base counts that sequencing them would give."""

from __future__ import annotations

from array import array

import numpy as np
import pysam

from scripts.identity.alleles import QUALITIES


def person(rng: np.random.Generator, frequency: np.ndarray) -> np.ndarray:
    """Alternate alleles of an unrelated donor, shape (sites,)."""
    return (rng.random((len(frequency), 2)) < frequency[:, None]).sum(axis=1)


def child(rng: np.random.Generator, father: np.ndarray, mother: np.ndarray) -> np.ndarray:
    """A child's genotypes: from each parent one allele at random."""
    return sum((rng.random(len(parent)) < parent / 2).astype(int) for parent in (father, mother))


def reads(
    rng: np.random.Generator, genotype: np.ndarray, depth: float, rate: float = 0.0, contaminant=None
) -> np.ndarray:
    """Reads by site, allele and quality, of which `rate` are a contaminant's; qualities and errors as Illumina's."""
    number = rng.poisson(depth, len(genotype))
    site = np.repeat(np.arange(len(genotype)), number)
    foreign = rng.random(len(site)) < rate
    copies = genotype[site] if contaminant is None else np.where(foreign, contaminant[site], genotype[site])
    alternate = rng.random(len(site)) < copies / 2
    quality = rng.choice([14, 23, 37], len(site), p=[0.03, 0.12, 0.85])
    wrong = rng.random(len(site)) < 10.0 ** (-quality / 10)
    # One wrong base in three is the other allele; the others are neither, and are not counted.
    seen = ~wrong | (rng.random(len(site)) < 1 / 3)
    counts = np.zeros((len(genotype), 2, QUALITIES), dtype=np.uint16)
    np.add.at(counts, (site[seen], (alternate ^ wrong)[seen].astype(int), quality[seen]), 1)
    return counts


def genome(rng: np.random.Generator, length: int, spacing: int) -> tuple[str, list[tuple[int, str, str]]]:
    """A random sequence and its SNPs as 0-based position, reference, alternate, one each `spacing` bases."""
    sequence = "".join(rng.choice(list("ACGT"), length))
    snps = []
    for position in range(spacing // 2, length, spacing):
        ref = sequence[position]
        snps.append((position, ref, str(rng.choice([base for base in "ACGT" if base != ref]))))
    return sequence, snps


def haplotypes(sequence: str, snps: list, genotype: np.ndarray) -> list[np.ndarray]:
    """The two copies of a donor's sequence as ASCII codes; heterozygous sites are phased in turn."""
    copies = [np.frombuffer(sequence.encode(), dtype=np.uint8).copy() for _ in range(2)]
    for number, ((position, _, alt), count) in enumerate(zip(snps, genotype, strict=True)):
        for copy in range(2) if count == 2 else [number % 2] * count:
            copies[copy][position] = ord(alt)
    return copies


def write_cram(rng: np.random.Generator, path, fasta: str, donors: list[tuple[float, dict]], depth: float) -> None:
    """An indexed CRAM of single reads of 100 bases, aligned where they come from.

    donors  share of the reads, and contig -> haplotypes (one or two; what is not there has no reads)
    """
    bases = np.frombuffer(b"ACGT", dtype=np.uint8)
    with pysam.FastaFile(fasta) as reference:
        sizes = dict(zip(reference.references, reference.lengths, strict=True))
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": name, "LN": sizes[name]} for name in sizes]}
    with pysam.AlignmentFile(str(path), "wc", header=header, reference_filename=fasta) as out:
        for contig, name in enumerate(sizes):
            starts, templates = [np.zeros(0, dtype=int)], [np.zeros((0, 100), dtype=np.uint8)]
            for share, own in donors:
                for copy in own.get(name, ()):
                    count = rng.poisson(share * depth / 2 * sizes[name] / 100)
                    starts.append(rng.integers(0, sizes[name] - 100, count))
                    templates.append(copy[starts[-1][:, None] + np.arange(100)])
            begin, reads = np.concatenate(starts), np.concatenate(templates)
            quality = rng.choice(np.array([14, 23, 37], dtype=np.uint8), reads.shape, p=[0.03, 0.12, 0.85])
            wrong = rng.random(reads.shape) < 10.0 ** (quality / -10)
            reads[wrong] = bases[rng.integers(0, 4, wrong.sum())]
            for serial in np.argsort(begin, kind="stable"):
                read = pysam.AlignedSegment(out.header)
                read.query_name, read.reference_id = f"{name}.{serial}", contig
                read.reference_start, read.mapping_quality, read.cigartuples = int(begin[serial]), 60, [(0, 100)]
                read.query_sequence = reads[serial].tobytes().decode()
                read.query_qualities = array("B", quality[serial].tobytes())
                out.write(read)
    pysam.index(str(path))
