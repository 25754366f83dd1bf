"""Males and females of a tiny species, from reads to variants: copies of the sex chromosomes, blocks, a swap."""

from __future__ import annotations

import random
from pathlib import Path

import pysam
import pytest
from sites import sequence_reads

from scripts.lib.files import read_json

LENGTHS, PAR = {"chr1": 8000, "chrX": 6000, "chrY": 5000}, 1500
HET, BLOCK, IN_PAR, ON_X, ON_Y = ("chr1", 2000), ("chr1", 5000), ("chrX", 700), ("chrX", 4000), ("chrY", 3500)
OTHER = dict(zip("ACGT", "CGTA", strict=True))
HEADS = {
    "proposals.tsv": "proposal call title status human_data",
    "samples.tsv": "sample proposal facility service organism sex reference",
    "runs.tsv": "sample run read1 read2 platform",
}


def planted(sequence: str, *places: int) -> str:
    """The sequence with another base at each place (1-based)."""
    bases = list(sequence)
    for place in places:
        bases[place - 1] = OTHER[bases[place - 1]]
    return "".join(bases)


def animal(genome: dict[str, str], sex: str) -> list[str]:
    """What an animal's cells hold, one sequence a copy."""
    block = range(BLOCK[1], BLOCK[1] + 3)
    autosomes = [planted(genome["chr1"], *block), planted(genome["chr1"], *block, HET[1])]
    x = planted(genome["chrX"], IN_PAR[1], ON_X[1])
    if sex == "female":
        return [*autosomes, x, planted(genome["chrX"], IN_PAR[1])]
    # The reference masks what Y shares with X; a man's Y has it.
    return [*autosomes, x, genome["chrX"][:PAR] + planted(genome["chrY"], ON_Y[1])[PAR:]]


@pytest.fixture(scope="module")
def answered(filiera, tmp_path_factory):
    site = tmp_path_factory.mktemp("sexes")
    for folder in ("config", "reads"):
        (site / folder).mkdir()
    rng = random.Random(3)
    genome = {name: "".join(rng.choices("ACGT", k=length)) for name, length in LENGTHS.items()}
    masked = genome | {"chrY": "N" * PAR + genome["chrY"][PAR:]}
    (site / "ref.fa").write_text("".join(f">{name}\n{sequence}\n" for name, sequence in masked.items()))
    (site / "config" / "config.yaml").write_text(
        "references:\n  tiny: {fasta: ref.fa, sex_chromosomes: {x: chrX, y: chrY}, par: ['chrX:1-1500']}\n"
    )
    sheets = {name: ["\t".join(head.split())] for name, head in HEADS.items()}
    for proposal in ("SOUND", "SWAPPED"):
        sheets["proposals.tsv"].append(f"{proposal}\tC\tTwo animals\tawarded\tno")
    declared = [("HIM", "SOUND", "male", "male"), ("HER", "SOUND", "female", "female")]
    for sample, proposal, sex, is_really in [*declared, ("NOTHER", "SWAPPED", "female", "male")]:
        reads = sequence_reads([(copy, 15) for copy in animal(genome, is_really)], site, f"{sample}-L1", rng)
        row = f"{sample}\t{proposal}\tCNR-IBIOM\tGEN-WGS-30X\tMus musculus\t{sex}\ttiny"
        sheets["samples.tsv"].append(row)
        sheets["runs.tsv"].append("\t".join([sample, f"{sample}-L1", *reads, "ILLUMINA"]))
    for name, rows in sheets.items():
        (site / "config" / name).write_text("\n".join(rows) + "\n")
    return site, filiera("run", site)


def called(site: Path, sample: str) -> dict[tuple[str, int], tuple[int, ...]]:
    """Place -> genotype of the variants that pass, all of which are single bases here."""
    path = site / "deliveries" / "SOUND" / "CNR-IBIOM" / "GEN-WGS-30X" / "v1" / "data" / sample / f"{sample}.vcf.gz"
    with pysam.VariantFile(str(path)) as records:
        passing = [record for record in records if "PASS" in record.filter]
    assert all(len(allele) == 1 for record in passing for allele in record.alleles)
    return {(record.chrom, record.pos): tuple(sorted(record.samples[0]["GT"])) for record in passing}


BOTH = {HET: (0, 1)} | {(BLOCK[0], BLOCK[1] + base): (1, 1) for base in range(3)}


def test_a_male_has_one_x_outside_of_par_and_one_y(answered):
    assert called(answered[0], "HIM") == BOTH | {IN_PAR: (0, 1), ON_X: (1,), ON_Y: (1,)}


def test_a_female_has_two_x_and_no_y(answered):
    assert called(answered[0], "HER") == BOTH | {IN_PAR: (1, 1), ON_X: (0, 1)}


def test_a_sample_of_the_other_sex_is_held_and_nobody_else(answered):
    site, answer = answered
    assert answer.code == 1
    assert not (site / "deliveries" / "SWAPPED").exists()
    metrics = read_json(site / "results" / "CNR-IBIOM" / "SWAPPED" / "GEN-WGS-30X" / "metrics" / "identity.json")
    assert metrics["samples"]["NOTHER"]["count_sex_mismatches"] == 1
