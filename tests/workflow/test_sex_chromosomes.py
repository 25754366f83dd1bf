"""Males and females of a tiny species, from reads to variants: copies of the sex chromosomes, blocks, a swap; and a
reference whose Y repeats X, with IUPAC codes, and with a colon in a name."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path

import pysam
import pytest
import standins
from sites import sequence_reads

from scripts.lib.files import read_json

HLA = "HLA-A*01:01:01:01"
LENGTHS, PAR = {"chr1": 8000, "chrX": 6000, "chrY": 5000, HLA: 3000}, 1500
HET, BLOCK, IN_PAR, ON_X, ON_Y = ("chr1", 2000), ("chr1", 5000), ("chrX", 700), ("chrX", 4000), ("chrY", 3500)
ON_HLA = (HLA, 1200)
# code of the reference, what everybody has there, and REF as VCF 4.3 reduces it
CODES = {6500: ("R", "A", "A"), 6800: ("Y", "T", "C"), 7100: ("s", "c", "C"), 7400: ("M", "C", "A")}
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
    autosomes += [planted(genome[HLA], ON_HLA[1]), genome[HLA]]
    x = planted(genome["chrX"], IN_PAR[1], ON_X[1])
    if sex == "female":
        return [*autosomes, x, planted(genome["chrX"], IN_PAR[1])]
    return [*autosomes, x, genome["chrX"][:PAR] + planted(genome["chrY"], ON_Y[1])[PAR:]]


@pytest.fixture(scope="module")
def answered(filiera, tmp_path_factory):
    site = tmp_path_factory.mktemp("sexes")
    for folder in ("config", "reads"):
        (site / folder).mkdir()
    rng = random.Random(3)
    genome = {name: "".join(rng.choices("ACGT", k=length)) for name, length in LENGTHS.items()}
    written = list(genome["chr1"])
    for place, (code, had, _) in CODES.items():
        genome["chr1"] = genome["chr1"][: place - 1] + had.upper() + genome["chr1"][place:]
        written[place - 1] = code
    whole = genome | {"chr1": "".join(written), "chrY": genome["chrX"][:PAR] + genome["chrY"][PAR:]}
    (site / "ref.fa").write_text("".join(f">{name}\n{sequence}\n" for name, sequence in whole.items()))
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


def called(site: Path, sample: str, version: str = "v1") -> dict[tuple[str, int], tuple[int, ...]]:
    """Place -> genotype of the variants that pass, all of which are single bases here."""
    path = site / "deliveries" / "SOUND" / "CNR-IBIOM" / "GEN-WGS-30X" / version / "data" / sample / f"{sample}.vcf.gz"
    with pysam.VariantFile(str(path)) as records:
        passing = [record for record in records if "PASS" in record.filter]
    assert all(len(allele) == 1 for record in passing for allele in record.alleles)
    return {(record.chrom, record.pos): tuple(sorted(record.samples[0]["GT"])) for record in passing}


BOTH = {HET: (0, 1), ON_HLA: (0, 1)} | {(BLOCK[0], BLOCK[1] + base): (1, 1) for base in range(3)}
BOTH |= {("chr1", place): (1, 1) for place, (_, had, reduced) in CODES.items() if had.upper() != reduced}


def test_a_male_has_one_x_outside_of_par_and_one_y(answered):
    assert called(answered[0], "HIM") == BOTH | {IN_PAR: (0, 1), ON_X: (1,), ON_Y: (1,)}


def test_a_female_has_two_x_and_no_y(answered):
    assert called(answered[0], "HER") == BOTH | {IN_PAR: (1, 1), ON_X: (0, 1)}


@pytest.mark.parametrize(
    ("caller", "said"),
    [("freebayes", "freebayes 1."), ("gatk", "GATK 4.6.1.0"), ("deepvariant", "DeepVariant 1.6.1")],
)
def test_every_caller_keeps_one_contract(answered, filiera, caller, said, tmp_path, monkeypatch):
    standins.install(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    site = tmp_path / "site"
    shutil.copytree(answered[0], site, symlinks=True)
    (site / "config" / "catalogue.yaml").write_text(
        f"services: {{GEN-WGS-30X: {{recipe: {{caller: {caller}, interval_bases: 9000}}}}}}\n"
    )
    answer = filiera("run", site, "--proposal", "SOUND")
    assert answer.code == 0, answer.err
    assert answer.jobs[f"call_interval_with_{caller}"] >= 4
    assert "align_reads" not in answer.jobs
    assert called(site, "HIM", "v2") == BOTH | {IN_PAR: (0, 1), ON_X: (1,), ON_Y: (1,)}
    assert called(site, "HER", "v2") == BOTH | {IN_PAR: (1, 1), ON_X: (0, 1)}
    package = site / "deliveries" / "SOUND" / "CNR-IBIOM" / "GEN-WGS-30X" / "v2" / "data"
    with pysam.VariantFile(str(package / "HER" / "HER.vcf.gz")) as records:
        assert set(records.header.filters) == {"PASS", "LowQual"} | ({"StrandBias"} if caller == "gatk" else set())
        assert not [record for record in records if record.chrom == "chrY"]
    assert said in (package / "00-Reports" / "methods.md").read_text()


def delivered(site: Path, sample: str, suffix: str) -> Path:
    return site / f"deliveries/SOUND/CNR-IBIOM/GEN-WGS-30X/v1/data/{sample}/{sample}{suffix}"


def test_nothing_lies_on_what_y_repeats_of_x_and_delivered_digests_are_the_received_references(answered):
    site, _ = answered
    digests = {}
    with pysam.FastxFile(str(site / "ref.fa")) as fasta:
        for each in fasta:
            digests[each.name] = hashlib.md5(each.sequence.upper().encode()).hexdigest()
    for sample in ("HIM", "HER"):
        with pysam.AlignmentFile(delivered(site, sample, ".cram"), reference_filename=str(site / "ref.fa")) as cram:
            assert {each["SN"]: each["M5"] for each in cram.header.to_dict()["SQ"]} == digests
            assert cram.count("chrY", 0, PAR - 100) == 0
            assert cram.count("chrX", 0, PAR) > 100
        with pysam.VariantFile(str(delivered(site, sample, ".vcf.gz"))) as records:
            assert {name: contig.header_record["md5"] for name, contig in records.header.contigs.items()} == digests
            assert records.header.version == "VCFv4.3"
            if sample == "HER":
                assert not [record for record in records if record.chrom == "chrY"]


def test_a_code_of_the_reference_is_told_as_vcf_reduces_it(answered):
    with pysam.VariantFile(str(delivered(answered[0], "HER", ".vcf.gz"))) as records:
        found = {record.pos: record.ref for record in records if record.pos in CODES and record.chrom == "chr1"}
    assert found == {place: reduced for place, (_, had, reduced) in CODES.items() if had.upper() != reduced}


def test_a_sample_of_the_other_sex_is_held_and_nobody_else(answered):
    site, answer = answered
    assert answer.code == 1
    assert not (site / "deliveries" / "SWAPPED").exists()
    metrics = read_json(site / "results" / "CNR-IBIOM" / "SWAPPED" / "GEN-WGS-30X" / "metrics" / "identity.json")
    assert metrics["samples"]["NOTHER"]["count_sex_mismatches"] == 1
