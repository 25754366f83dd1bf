"""Every field of what is delivered, recomputed from the delivered reads or held against the tools that read it.

A family of three depths is called together; its reads leave a hole, some have mates that map nowhere, and there are
places with two alternative alleles.
"""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
from pathlib import Path

import pysam
import pytest
from sites import READ, sequence_reads
from test_real_sets import write

DEPTHS = {"DAD": 12, "MUM": 30, "SON": 40}
LENGTHS = {"chr1": 9_000, "chr2": 3_000}
HOLE = range(6_000, 6_500)
ORDER = "P/CNR-IBIOM/GEN-WGS-30X"
WEIGHED = READ  # bases at either side of an indel, where the caller may take bases of a read for less than they are
OTHER = dict(zip("ACGT", "CGTA", strict=True))
Change = dict[int, tuple[str, str]]  # 0-based position -> REF, ALT


def changed(sequence: str, changes: Change) -> str:
    parts, end = [], 0
    for at, (ref, alt) in sorted(changes.items()):
        assert sequence[at : at + len(ref)] == ref
        parts += [sequence[end:at], alt]
        end = at + len(ref)
    return "".join([*parts, sequence[end:]])


def haplotypes(genome: dict[str, str], rng: random.Random) -> dict[str, tuple[Change, Change]]:
    """Two of each person on chr1: substitutions and indels of the parents, one haplotype of either in the child; and a
    place at which both haplotypes of the mother have another insertion."""
    sequence, made = genome["chr1"], {}
    for parent in ("DAD", "MUM"):
        both: tuple[Change, Change] = ({}, {})
        for at in range(400, LENGTHS["chr1"] - 400, 311):
            if at in range(HOLE.start - 400, HOLE.stop + 400):
                continue
            kind = rng.randrange(4)
            ref = sequence[at : at + 4] if kind == 0 else sequence[at]
            alt = ref[0] if kind == 0 else ref + "".join(rng.choices("ACGT", k=3)) if kind == 1 else OTHER[ref]
            for haplotype in rng.choice([both, both[:1], both[1:]]):
                haplotype[at] = (ref, alt)
        made[parent] = both
    base = sequence[5_000]
    made["MUM"][0][5_000], made["MUM"][1][5_000] = (base, base + "ACGTC"), (base, base + "TG")
    return made | {"SON": (made["DAD"][0], made["MUM"][1])}


@pytest.fixture(scope="module")
def family(filiera, tmp_path_factory) -> Path:
    """The site, run."""
    site, rng = tmp_path_factory.mktemp("fields"), random.Random(8)
    (site / "reads").mkdir()
    genome = {name: "".join(rng.choices("ACGT", k=size)) for name, size in LENGTHS.items()}
    (site / "ref.fa").write_text("".join(f">{name}\n{sequence}\n" for name, sequence in genome.items()))
    rows = []
    for name, both in haplotypes(genome, rng).items():
        before, after = (
            [
                changed(genome["chr1"][: HOLE.start], {at: change for at, change in each.items() if at < HOLE.start})
                for each in both
            ],
            [
                changed(
                    genome["chr1"][HOLE.stop :],
                    {at - HOLE.stop: change for at, change in each.items() if at >= HOLE.stop},
                )
                for each in both
            ],
        )
        copies = [(copy, DEPTHS[name] / 2) for copy in (*before, *after, genome["chr2"], genome["chr2"])]
        reads = sequence_reads(copies, site, f"{name}-L1", rng)
        for path, sequence in zip(
            reads, (genome["chr2"][500 : 500 + READ], "".join(rng.choices("ACGT", k=READ))), strict=True
        ):
            with gzip.open(site / path, "at") as handle:
                handle.writelines(
                    f"@lonely:{number}\n{sequence}\n+\n{'I' * (READ - number)}{'H' * number}\n" for number in range(5)
                )
        rows.append("\t".join([name, f"{name}-L1", *reads, "ILLUMINA"]))
    config = site / "config"
    write(config / "config.yaml", "references: {tiny: {fasta: ref.fa}}")
    write(
        config / "catalogue.yaml",
        "services:",
        "  GEN-WGS-30X:",
        "    acceptance: {pct_autosomes_15x: {severity: warn}}",
        "    recipe: {joint: family}",
        "    deliverables:",
        "      gvcf: {format: gVCF, edam: format_3016}",
        "      joint: {format: VCF, edam: format_3016}",
    )
    write(config / "proposals.tsv", "proposal\tcall\ttitle\tstatus\thuman_data", "P\tC\tA family\tawarded\tno")
    write(
        config / "samples.tsv",
        "sample\tproposal\tfacility\tservice\torganism\tdonor\treference",
        *(f"{name}\tP\tCNR-IBIOM\tGEN-WGS-30X\tMus musculus\t{name}\ttiny" for name in DEPTHS),
    )
    write(config / "runs.tsv", "sample\trun\tread1\tread2\tplatform", *rows)
    write(config / "pedigree.tsv", "donor\tfather\tmother", "SON\tDAD\tMUM")
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    return site


def data(site: Path) -> Path:
    return site / "deliveries" / ORDER / "v1" / "data"


def counts(cram: Path, fasta: Path) -> dict[tuple[str, int], dict[tuple[str, bool], int]]:
    """(sequence, 0-based position) -> {(base, on the reverse strand): reads}, as the caller is told to take reads."""
    found: dict[tuple[str, int], dict[tuple[str, bool], int]] = {}
    options = {"stepper": "samtools", "min_base_quality": 1, "min_mapping_quality": 1, "ignore_overlaps": True}
    with pysam.AlignmentFile(str(cram), reference_filename=str(fasta)) as reads:
        for column in reads.pileup(**options, max_depth=10_000):
            here = found.setdefault((column.reference_name, column.reference_pos), {})
            for read in column.pileups:
                if not read.is_del and not read.is_refskip:
                    key = read.alignment.query_sequence[read.query_position], read.alignment.is_reverse
                    here[key] = here.get(key, 0) + 1
    return found


def beside_indels(records: list[pysam.VariantRecord]) -> set[tuple[str, int]]:
    """Positions of which the caller may count fewer reads."""
    return {
        (record.chrom, at)
        for record in records
        if record.alts and any(len(alt) != len(record.ref) for alt in record.alts)
        for at in range(record.start - WEIGHED, record.stop + WEIGHED)
    }


@pytest.mark.parametrize("name", DEPTHS)
def test_counts_are_those_of_the_delivered_reads(family, name):
    seen = counts(data(family) / name / f"{name}.cram", family / "ref.fa")
    with pysam.VariantFile(str(data(family) / name / f"{name}.vcf.gz")) as source:
        records = list(source)
    near, checked = beside_indels(records), 0
    for record in records:
        if any(len(allele) > 1 for allele in record.alleles):
            continue
        checked += 1
        here, sample = seen[record.chrom, record.start], record.samples[name]
        strands = [[here.get((allele, strand), 0) for strand in (False, True)] for allele in record.alleles]
        true = [
            *map(sum, strands),
            *strands[0],
            *(sum(each) for each in zip(*strands[1:], strict=True)),
            sum(here.values()),
        ]
        told = [*sample["AD"], *record.info["DP4"], sample["DP"]]
        if (record.chrom, record.start) in near:
            assert all(one <= other <= one + 3 for one, other in zip(told, true, strict=True)), str(record)
        else:
            assert told == true, str(record)
        assert record.info["DP"] == sum(here.values()), str(record)
        assert record.info["MQ0F"] == 0
    assert checked >= 4
    assert not any({"IDV", "IMF"} & set(record.info) for record in records)


@pytest.mark.parametrize("name", DEPTHS)
def test_blocks_and_records_tell_each_base_once_with_its_least_depth(family, name):
    seen = counts(data(family) / name / f"{name}.cram", family / "ref.fa")
    with pysam.VariantFile(str(data(family) / name / f"{name}.g.vcf.gz")) as source:
        records = list(source)
    near, told = beside_indels(records), []
    for record in records:
        if record.alts:
            told.append((record.chrom, record.start))
            continue
        block = [(record.chrom, at) for at in range(record.start, record.stop)]
        told += block
        depths = [sum(seen.get(at, {}).values()) for at in block]
        assert record.info["MIN_DP"] == record.samples[name]["DP"]
        least = record.info["MIN_DP"]
        assert least <= min(depths) and (least == min(depths) or near & set(block)), str(record)
        assert (record.samples[name]["GT"][0] is None) == (record.info["MIN_DP"] == 0)
    assert sorted(set(told)) == [(chrom, at) for chrom, size in LENGTHS.items() for at in range(size)]
    bases = [at for at in told if at not in {(record.chrom, record.start) for record in records if record.alts}]
    assert len(bases) == len(set(bases))
    assert any(record.start < HOLE[250] < record.stop and record.info["MIN_DP"] == 0 for record in records)


def every_vcf(site: Path) -> list[Path]:
    found = sorted(data(site).rglob("*.vcf.gz"))
    assert len(found) == 7
    return found


def test_genotypes_are_the_likeliest_and_two_alternative_alleles_are_one_record(family):
    both = 0
    for path in every_vcf(family):
        with pysam.VariantFile(str(path)) as records:
            for record in records:
                for sample in record.samples.values():
                    likelihoods, called = sample.get("PL"), sample["GT"]
                    if not record.alts or "<*>" in record.alts or None in called or likelihoods in (None, (None,)):
                        continue
                    one, two = sorted(called)
                    # The caller weighs likelihoods by how common it takes variants to be: by 30 or so.
                    number = two * (two + 1) // 2 + one
                    assert likelihoods[number] <= 30, str(record)
                    both += one != two and one > 0
                    others = (each for other, each in enumerate(likelihoods) if other != number)
                    assert 0 <= sample["GQ"] <= max(0, min(127, min(others) - likelihoods[number])), str(record)
    assert both >= 1


def test_other_programs_read_everything_without_a_word(family):
    for path in every_vcf(family):
        command = [
            sys.executable,
            "-m",
            "scripts.lib.hts",
            "bcftools",
            "norm",
            "-c",
            "e",
            "-f",
            family / "ref.fa",
            "-o",
            "/dev/null",
        ]
        done = subprocess.run([*command, path], capture_output=True, text=True, cwd=Path(__file__).parents[2])
        assert done.returncode == 0, done.stderr
        assert not [line for line in done.stderr.splitlines() if not line.startswith("Lines")], done.stderr


def test_the_parser_of_gatk_and_picard_reads_everything(family, tmp_path):
    for number, path in enumerate(every_vcf(family)):
        read = tmp_path / f"{number}.vcf"
        command = ["PicardCommandLine", "SortVcf", f"I={path}", f"O={read}", "QUIET=true", "VERBOSITY=WARNING"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        with pysam.VariantFile(str(path)) as one, pysam.VariantFile(str(read)) as other:
            given, found = ([(each.chrom, each.pos, each.alleles) for each in records] for records in (one, other))
        assert sorted(given) == sorted(found)


@pytest.mark.parametrize("name", DEPTHS)
def test_picard_finds_nothing_wrong_with_alignments(family, name, tmp_path):
    cram, fasta = data(family) / name / f"{name}.cram", family / "results/references/tiny/tiny.fa"
    # Of CRAM, Picard does not make the tags again that htslib leaves out because they can be made.
    bam = tmp_path / "all.bam"
    pysam.samtools.view("-b", "-T", str(fasta), "-o", str(bam), str(cram), catch_stdout=False)
    command = ["PicardCommandLine", "ValidateSamFile", f"I={bam}", f"R={fasta}", "MODE=VERBOSE", "QUIET=true"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "No errors found" in done.stdout, done.stdout[:2_000]
    with pysam.AlignmentFile(str(cram), reference_filename=str(fasta)) as reads:
        assert sum(read.mate_is_unmapped and read.is_mapped for read in reads) >= 5


def test_a_samples_own_files_tell_nothing_of_its_relatives(family):
    """What it does not carry is in no record of its own, and nothing there depends on theirs."""
    for name in DEPTHS:
        with pysam.VariantFile(str(data(family) / name / f"{name}.vcf.gz")) as records:
            assert list(records.header.samples) == [name]
            assert all(record.info["DP"] <= 2.5 * DEPTHS[name] for record in records)
    with pysam.VariantFile(str(data(family) / "joint" / "DAD.joint.vcf.gz")) as records:
        assert list(records.header.samples) == list(DEPTHS)
