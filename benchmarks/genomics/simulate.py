"""Reads of a real person's two haplotypes, simulated with ART from a seed, and the variants they carry.

    python benchmarks/genomics/simulate.py FOLDER [--depth 30] [--seed 1] [--region 0-10000000]

writes FOLDER/reference.fa.gz, truth.vcf.gz (+ .tbi), confident.bed and reads_R{1,2}.fastq.gz from the 10 Mb of GRCh38
and the Genome in a Bottle v4.2.1 variants of HG002 in ../shared/data. Genotypes there are unphased: each heterozygous
one is laid on the haplotypes at random. A record that overlaps one before it is left out of reads and truth.
"""

from __future__ import annotations

import argparse
import gzip
import random
import subprocess
from pathlib import Path

import pysam

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "genomics" / "grch38_chr20_10mb"
READ_LENGTH, FRAGMENT, DEVIATION = 150, 400, 80


def phased(records, rng: random.Random) -> list[tuple[int, str, tuple[str, ...], tuple[int, int]]]:
    """(0-based position, REF, alleles, one allele number a haplotype) of the records that do not overlap."""
    kept, end = [], 0
    for record in records:
        genotype = list(record.samples[0]["GT"])
        if record.start < end or None in genotype or not any(genotype):
            continue
        rng.shuffle(genotype)
        kept.append((record.start, record.ref, record.alleles, tuple(genotype)))
        end = record.stop
    return kept


def haplotype(sequence: str, variants: list, which: int) -> str:
    parts, end = [], 0
    for start, ref, alleles, genotype in variants:
        if genotype[which]:
            parts += [sequence[end:start], alleles[genotype[which]]]
            end = start + len(ref)
    return "".join([*parts, sequence[end:]])


def simulate(folder: Path, depth: float, seed: int, low: int, high: int) -> None:
    """Write the set into `folder`: the contig from `low` to `high` (0-based, half-open), named as before."""
    folder.mkdir(parents=True, exist_ok=True)
    with pysam.FastxFile(str(DATA / "grch38.chr20.first10mb.fa.gz")) as fasta:
        contig = next(iter(fasta))
    name, sequence = contig.name, contig.sequence.upper()[low:high]
    with gzip.GzipFile(folder / "reference.fa.gz", "wb", mtime=0) as handle:
        lines = (sequence[at : at + 60] for at in range(0, len(sequence), 60))
        handle.write((f">{name}\n" + "\n".join(lines) + "\n").encode())
    with pysam.VariantFile(str(DATA / "HG002.v4.2.1.chr20.first10mb.vcf.gz")) as source:
        inside = [record for record in source if low <= record.start and record.stop <= high]
        variants = [(start - low, *rest) for start, *rest in phased(inside, random.Random(seed))]
    with pysam.BGZFile(str(folder / "truth.vcf.gz"), "wb") as handle:
        head = ["##fileformat=VCFv4.2", f"##contig=<ID={name},length={len(sequence)}>"]
        head += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
        head += ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tHG002"]
        for start, ref, alleles, genotype in variants:
            fields = (name, start + 1, ".", ref, ",".join(alleles[1:]), ".", "PASS", ".", "GT")
            head.append("\t".join(map(str, fields)) + "\t" + "|".join(map(str, genotype)))
        handle.write(("\n".join(head) + "\n").encode())
    pysam.tabix_index(str(folder / "truth.vcf.gz"), preset="vcf", force=True)
    with open(DATA / "HG002.v4.2.1.chr20.first10mb.bed") as source, open(folder / "confident.bed", "w") as bed:
        for line in source:
            start, end = (min(max(int(text), low), high) - low for text in line.split()[1:3])
            if start < end:
                bed.write(f"{name}\t{start}\t{end}\n")
    for which in (0, 1):
        (folder / f"h{which}.fa").write_text(f">h{which}\n{haplotype(sequence, variants, which)}\n")
        art = ["art_illumina", "-q", "-na", "-ss", "HS25", "-p", "-l", READ_LENGTH, "-f", depth / 2, "-m", FRAGMENT]
        art += ["-s", DEVIATION, "-rs", seed * 2 + which, "-i", folder / f"h{which}.fa", "-o", folder / f"h{which}_"]
        subprocess.run(list(map(str, art)), check=True, stdout=subprocess.DEVNULL)
    for mate in (1, 2):
        parts = [folder / f"h{which}_{mate}.fq" for which in (0, 1)]
        with open(folder / f"reads_R{mate}.fastq.gz", "wb") as packed:
            subprocess.run(["sh", "-c", 'cat "$@" | gzip -n -4', "sh", *parts], check=True, stdout=packed)
        for part in parts:
            part.unlink()
    for which in (0, 1):
        (folder / f"h{which}.fa").unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--depth", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--region", default="0-10000000")
    arguments = parser.parse_args()
    low, high = map(int, arguments.region.split("-"))
    simulate(arguments.folder, arguments.depth, arguments.seed, low, high)


if __name__ == "__main__":
    main()
