"""Reads of spliced RNA and of converted DNA are told from those of genomes, whatever aligner and read length."""

from __future__ import annotations

import random
import subprocess
from types import SimpleNamespace

import pytest

from scripts.lib import registry
from scripts.lib.files import read_json
from scripts.quality import molecules

COMPLEMENT = str.maketrans("ACGT", "TGCA")
ALIGN = {"minimap2": "minimap2 -a -x sr r.fa", "bwa": "bwa index r.fa && bwa mem -v 1 r.fa"}


def reverse(sequence: str) -> str:
    return sequence.translate(COMPLEMENT)[::-1]


def genome(chance: random.Random) -> tuple[str, list[str]]:
    """A sequence, and the transcripts of genes with nine exons each."""
    sequence, transcripts, at = "".join(chance.choices("ACGT", k=200_000)), [], 1000
    while at < 180_000:
        exons = []
        for size in [chance.randint(80, 250) for _ in range(8)] + [800]:
            exons.append(sequence[at : at + size])
            at += size + chance.randint(100, 1500)
        transcripts.append("".join(exons))
    return sequence, transcripts


def measured(folder, fragments: list[str], length: int, aligner: str) -> dict[str, float]:
    """The metrics of both ends of fragments on the genome in `folder`."""
    for mate, ends in ((1, fragments), (2, map(reverse, fragments))):
        with open(folder / f"{mate}.fq", "w") as handle:
            for number, end in enumerate(ends):
                read = end[:length]
                handle.write(f"@r{number}\n{read}\n+\n{'I' * len(read)}\n")
    command = (
        f"{ALIGN[aligner]} 1.fq 2.fq | samtools sort -O cram --reference r.fa -o a.cram - && samtools stats a.cram > s"
    )
    subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, check=True, capture_output=True)
    paths = {"cram": "a.cram", "fasta": "r.fa", "stats": "s", "molecules": "m.json"}
    molecules.main(SimpleNamespace(**{key: str(folder / name) for key, name in paths.items()}), None)
    return read_json(folder / "m.json")


def fragments(sources: list[str], chance: random.Random, count: int = 3000) -> list[str]:
    """Pieces of 300 bases of either strand."""
    found = []
    for _ in range(count):
        source = chance.choice(sources)
        at = chance.randrange(max(1, len(source) - 300))
        piece = source[at : at + 300]
        found.append(piece if chance.random() < 0.5 else reverse(piece))
    return found


@pytest.fixture(scope="module")
def criteria(root):
    return registry.load(root).services["GEN-WGS-30X"].acceptance


@pytest.mark.parametrize("aligner", ALIGN)
@pytest.mark.parametrize("length", [75, 100, 150])
def test_rna_is_told_and_dna_is_not(tmp_path, criteria, aligner, length):
    chance = random.Random(length)
    sequence, transcripts = genome(chance)
    (tmp_path / "r.fa").write_text(f">c\n{sequence}\n")
    limit = criteria["pct_reads_spliced"].max
    assert measured(tmp_path, fragments(transcripts, chance), length, aligner)["pct_reads_spliced"] > 4 * limit
    found = measured(tmp_path, fragments([sequence], chance), length, aligner)
    assert found["pct_reads_spliced"] < limit / 4 and found["pct_reads_converted"] == 0 == found["pct_reads_joined"]


@pytest.mark.parametrize("aligner", ALIGN)
@pytest.mark.parametrize("length", [75, 100, 150])
def test_mates_that_are_joined_in_one_read_are_told(tmp_path, criteria, aligner, length):
    chance = random.Random(length)
    sequence, _ = genome(chance)
    (tmp_path / "r.fa").write_text(f">c\n{sequence}\n")
    joined = [piece[:length] + reverse(piece)[:length] for piece in fragments([sequence], chance)]
    found = measured(tmp_path, joined, 2 * length, aligner)
    assert found["pct_reads_joined"] > 2 * criteria["pct_reads_joined"].max and found["pct_reads_spliced"] < 0.1


@pytest.mark.parametrize("gc", [0.3, 0.5, 0.65])
def test_converted_dna_is_told_also_where_nothing_of_it_is_aligned(tmp_path, criteria, gc):
    chance = random.Random(1)
    weights = [(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2]
    sequence = "".join(chance.choices("ACGT", weights, k=100_000))
    (tmp_path / "r.fa").write_text(f">c\n{sequence}\n")
    limit, pieces = criteria["pct_reads_converted"].max, fragments([sequence], chance, 1000)
    assert measured(tmp_path, pieces, 100, "minimap2")["pct_reads_converted"] < limit / 4
    # Of CpG, where methylated C stay, there are as many here as of other pairs: more than in animals.
    turned = [
        "".join(
            "T" if base == "C" and after != "G" else base for base, after in zip(piece, piece[1:] + "A", strict=True)
        )
        for piece in pieces
    ]
    unmethylated = [piece.replace("C", "T") for piece in pieces]
    assert measured(tmp_path, unmethylated, 100, "minimap2")["pct_reads_converted"] > 9 * limit
    if gc < 0.5:
        assert measured(tmp_path, turned, 100, "minimap2")["pct_reads_converted"] > limit


def test_real_genomes_are_no_rna_and_not_converted(shared_data, tmp_path, criteria):
    for path in sorted((shared_data / "genomics/ceu_trio_chr20").glob("*.bam")):
        records = subprocess.run(["samtools", "view", "-F", "2816", path], capture_output=True, text=True, check=True)
        found = molecules.shares(iter(records.stdout.splitlines()))
        assert found["pct_reads_joined"] < 1
        assert found["pct_reads_spliced"] < criteria["pct_reads_spliced"].max / 4, path
        assert found["pct_reads_converted"] < criteria["pct_reads_converted"].max / 4, path


def test_of_no_reads_nothing_is_told():
    assert molecules.shares(iter(())) == {}
