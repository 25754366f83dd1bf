"""Real samples, the whole way: GIAB's NA12878 from FASTQ, lanes and BAM, and mzmine's pair of QC runs."""

from __future__ import annotations

import contextlib
import csv
import gzip
import json
import random
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pysam
import pysam.samtools
import pytest

from benchmarks.genomics import picard
from scripts.lib.files import read_tsv
from scripts.quality import coverage, metrics, targets

TRIO = ("HG001", "NA12891", "NA12892")
WGS, LCMS = "GIAB/CNR-IBIOM/GEN-WGS-30X", "MZ/CNR-IBSBC/MET-UNTARGETED"


def write(path: Path, *rows: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{row}\n" for row in rows))


def lanes(bam: Path, folder: Path) -> dict[str, str]:
    """Cut a BAM into one FASTQ pair a read group below `folder`; returns read group -> library."""
    folder.mkdir(parents=True)
    with pysam.AlignmentFile(bam) as source:
        libraries = {group["ID"].replace(".", "-"): group["LB"] for group in source.header["RG"]}
    by_name = folder / "by_name.bam"
    pysam.samtools.sort("-n", "-o", str(by_name), str(bam), catch_stdout=False)
    out = {}
    with contextlib.ExitStack() as stack, pysam.AlignmentFile(by_name) as source:
        mates: dict[str, pysam.AlignedSegment] = {}
        for read in source:
            if read.is_secondary or read.is_supplementary:
                continue
            mate = mates.pop(read.query_name, None)
            if mate is None:
                mates = {read.query_name: read}
                continue
            group = read.get_tag("RG").replace(".", "-")
            for one in (mate, read):
                number = 1 if one.is_read1 else 2
                if (group, number) not in out:
                    path = folder / f"{group}_{number}.fastq.gz"
                    out[group, number] = stack.enter_context(gzip.open(path, "wt", 1))
                qualities = "".join(chr(33 + quality) for quality in one.get_forward_qualities())
                out[group, number].write(f"@{one.query_name}\n{one.get_forward_sequence()}\n+\n{qualities}\n")
    by_name.unlink()
    return {group: libraries[group] for group, _ in out}


@pytest.fixture(scope="module")
def giab(shared_data, filiera, tmp_path_factory):
    """NA12878 three times: a FASTQ pair at 52x; 16 lanes in 2 libraries at 7x; a received BAM on another reference,
    where her parents are too."""
    data, site = shared_data / "genomics", tmp_path_factory.mktemp("giab")
    (site / "reference").mkdir()
    shutil.copy(data / "na12878_chr20/ucsc.hg19.chr20.unittest.fasta.gz", site / "reference/hg19.chr20.fa.gz")
    shutil.copy(data / "ceu_trio_chr20/hs37d5.chr20.fa.gz", site / "reference/hs37d5.chr20.fa.gz")
    libraries = lanes(data / "na12878_multilane/gatk_mini_bundle_extract.bam", site / "lanes")
    for mate in (1, 2):
        shutil.copy(data / f"na12878_chr20/NA12878.{mate}.fq.gz", site / f"NA12878.{mate}.fq.gz")
    for name in TRIO:
        shutil.copy(data / f"ceu_trio_chr20/{name}.chr20.10_10p1mb_sorted.bam", site / f"{name}.bam")
    config = site / "config"
    write(
        config / "config.yaml",
        "references:",
        "  hg19_chr20: {fasta: reference/hg19.chr20.fa.gz}",
        "  hs37d5_chr20: {fasta: reference/hs37d5.chr20.fa.gz}",
    )
    # A slice of a chromosome cannot cover the autosomes.
    relaxed = "{acceptance: {pct_autosomes_15x: {severity: warn}}}"
    write(config / "catalogue.yaml", "services:", f"  GEN-WGS-30X: {relaxed}")
    write(
        config / "proposals.tsv",
        "proposal\tcall\ttitle\tstatus\thuman_data",
        "GIAB\tNOA-2026\tGenome in a Bottle\tawarded\tpublic",
    )
    write(
        config / "samples.tsv",
        "sample\tproposal\tfacility\tservice\torganism\tsex\tdonor\treference",
        "NA12878\tGIAB\tCNR-IBIOM\tGEN-WGS-30X\tHomo sapiens\tfemale\tHG001\thg19_chr20",
        "NA12878L\tGIAB\tCNR-IBIOM\tGEN-WGS-30X\tHomo sapiens\tfemale\tHG001\thg19_chr20",
        "NA12878B\tGIAB\tCNR-IBIOM\tGEN-WGS-30X\tHomo sapiens\tfemale\tHG001\ths37d5_chr20",
        "NA12891\tGIAB\tCNR-IBIOM\tGEN-WGS-30X\tHomo sapiens\tmale\tNA12891\ths37d5_chr20",
        "NA12892\tGIAB\tCNR-IBIOM\tGEN-WGS-30X\tHomo sapiens\tfemale\tNA12892\ths37d5_chr20",
    )
    write(config / "pedigree.tsv", "donor\tfather\tmother", "HG001\tNA12891\tNA12892")
    write(
        config / "runs.tsv",
        "sample\trun\tread1\tread2\tfile\tplatform\tlibrary",
        "NA12878\tall\tNA12878.1.fq.gz\tNA12878.2.fq.gz\t\tILLUMINA\t",
        *(
            f"NA12878L\tL{group}\tlanes/{group}_1.fastq.gz\tlanes/{group}_2.fastq.gz\t\tILLUMINA\t{library}"
            for group, library in sorted(libraries.items())
        ),
        "NA12878B\tbam\t\t\tHG001.bam\tILLUMINA\t",
        "NA12891\tbam\t\t\tNA12891.bam\tILLUMINA\t",
        "NA12892\tbam\t\t\tNA12892.bam\tILLUMINA\t",
    )
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    return site, site / "deliveries" / WGS / "v1" / "data", libraries


def calls(vcf: Path, regions: list[tuple[int, int]], shift: str = "") -> dict[tuple, tuple]:
    """(position, REF, ALT) -> genotype of the passing records that start inside the regions (0-based, half-open)."""
    found = {}
    with pysam.VariantFile(str(vcf)) as source:
        for record in source:
            if set(record.filter) - {"PASS"} or not any(low < record.pos <= high for low, high in regions):
                continue
            for number, alt in enumerate(record.alts, 1):
                genotype = tuple(sorted(int(allele == number) for allele in record.samples[0]["GT"]))
                found[record.pos, record.ref, alt] = genotype
    return found


@pytest.fixture(scope="module")
def confident(shared_data) -> list[tuple[int, int]]:
    bed = shared_data / "genomics/na12878_chr20/test_nist.b37_chr20_100kbp_at_10mb.bed"
    return [(int(low), int(high)) for _, low, high in map(str.split, bed.read_text().splitlines())]


@pytest.fixture(scope="module")
def truth(shared_data, confident) -> dict[tuple, tuple]:
    vcf = shared_data / "genomics/na12878_chr20/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz"
    found = calls(vcf, confident)
    assert sum(len(ref) == len(alt) for _, ref, alt in found) == 45
    assert len(found) == 49
    return found


def test_all_of_giabs_variants_are_found_with_their_genotypes_and_nothing_else(giab, truth, confident):
    assert calls(giab[1] / "NA12878/NA12878.vcf.gz", confident) == truth


def test_the_benchmark_says_of_giabs_sample_what_its_truth_says(giab, shared_data, filiera):
    """45 SNPs and 4 indels lie in the regions, and the test above finds them all without our comparator."""
    folder, site = shared_data / "genomics/na12878_chr20", giab[0]
    asked = ["--truth", folder / "test_nist.b37_chr20_100kbp_at_10mb.vcf.gz"]
    asked += ["--regions", folder / "test_nist.b37_chr20_100kbp_at_10mb.bed", "--sample", "NA12878"]
    answer = filiera("benchmark", site, WGS, *map(str, asked))
    assert answer.code == 0, answer.err
    (place,) = (site / "results").rglob("accuracy/NA12878.v1.*/summary.tsv")
    found = {row["kind"]: row for row in read_tsv(place) if (row["stratum"], row["size"]) == ("all", "all")}
    counts = {kind: [int(row[name]) for name in ("found", "missed", "right", "false")] for kind, row in found.items()}
    assert counts["snp"] == [45, 0, 45, 0] and counts["indel"] == [4, 0, 4, 0]


def column(reads: pysam.AlignmentFile, record: pysam.VariantRecord, quality: int) -> list[tuple[str, int]]:
    """Base ('' if deleted) and bases inserted or deleted behind it, of each read over a record's first base, as the
    caller is told to take them; of mates that disagree, one has the quality 0."""
    options = {"stepper": "samtools", "min_base_quality": quality, "min_mapping_quality": 1, "ignore_overlaps": True}
    found = []
    for each in reads.pileup(record.chrom, record.start, record.start + 1, truncate=True, max_depth=100_000, **options):
        for read in each.pileups:
            base = "" if read.is_del else read.alignment.query_sequence[read.query_position]
            found.append((base, read.indel))
    return found


def recounted(reads: list[tuple[str, int]], record: pysam.VariantRecord) -> list[int]:
    """Reads of each allele: by their base, or by the length that their alignment inserts or deletes there."""
    if all(len(allele) == 1 for allele in record.alleles):
        return [sum(base == allele for base, _ in reads) for allele in record.alleles]
    lengths = [length for base, length in reads if base]
    return [lengths.count(len(allele) - len(record.ref)) for allele in record.alleles]


def test_counts_of_real_records_are_those_of_the_delivered_reads(giab, tmp_path):
    site, data, _ = giab
    with pysam.VariantFile(str(data / "NA12878/NA12878.vcf.gz")) as source:
        records = random.Random(16).sample([record for record in source if "PASS" in record.filter], 120)
    fasta = str(site / "results/references/hg19_chr20/hg19_chr20.fa")
    exact, close, indels = 0, 0, 0
    bam = str(tmp_path / "all.bam")
    pysam.samtools.view("-b", "-T", fasta, "-o", bam, str(data / "NA12878/NA12878.cram"), catch_stdout=False)
    pysam.index(bam)
    with pysam.AlignmentFile(bam) as alignment:
        for record in records:
            reads, sample = column(alignment, record, 1), record.samples[0]
            true, told = recounted(reads, record), sample["AD"]
            every = column(alignment, record, 0)
            assert sum(told) <= sample["DP"] <= record.info["DP"] <= len(every), str(record)
            # By strand, alleles that the record does not name among those that differ from the reference.
            assert (sum(record.info["DP4"]), sum(record.info["DP4"][:2])) == (sample["DP"], told[0]), str(record)
            if all(len(allele) == 1 for allele in record.alleles):
                # The caller takes bases that may be misaligned for less than they are, and may not count them.
                assert all(one <= other for one, other in zip(told, true, strict=True)), str(record)
                assert record.info["DP"] == sum(base != "" for base, _ in every), str(record)
                exact += list(told) == true
            else:
                # It aligns reads to either haplotype anew: what they say of an indel is not what their CIGAR says.
                indels += 1
                close += abs(told[1] - true[1]) <= max(3, 0.2 * true[1])
    assert exact >= 0.8 * (len(records) - indels)
    assert indels >= 10 and close >= 0.8 * indels


def test_quality_likelihoods_and_genotypes_of_real_records_agree(giab):
    checked = 0
    with pysam.VariantFile(str(giab[1] / "NA12878/NA12878.vcf.gz")) as records:
        for record in records:
            sample = record.samples[0]
            likelihoods, (one, two) = sample["PL"], sorted(sample["GT"])
            called = two * (two + 1) // 2 + one
            others = min(value for number, value in enumerate(likelihoods) if number != called)
            # Weighed by how common the caller takes variants to be, which shifts them by about 30.
            assert likelihoods[called] <= 30, str(record)
            surest = max(0, min(127, others - likelihoods[called]))
            assert surest - 35 <= sample["GQ"] <= surest, str(record)
            if len(record.alts) == 1:
                assert likelihoods[0] - 45 <= record.qual <= likelihoods[0], str(record)
            checked += 1
    assert checked > 200


@pytest.mark.parametrize("name", ["NA12878", "NA12878L"])
def test_picard_marks_as_many_duplicates(giab, tmp_path, name):
    site, data, _ = giab
    fasta = str(site / "results/references/hg19_chr20/hg19_chr20.fa")
    ours, theirs = tmp_path / "ours.bam", tmp_path / "theirs.bam"
    pysam.samtools.view("-b", "-T", fasta, "-o", str(ours), str(data / name / f"{name}.cram"), catch_stdout=False)
    picard.call("MarkDuplicates", I=str(ours), O=str(theirs), M=str(tmp_path / "metrics"))
    counts = []
    for path in (ours, theirs):
        with pysam.AlignmentFile(path) as reads:
            counts.append(sum(read.is_duplicate for read in reads if not (read.is_secondary or read.is_supplementary)))
    assert counts[1] >= 200
    assert abs(counts[0] - counts[1]) <= 0.001 * counts[1], counts


def test_a_received_bam_gives_the_same_variants(giab, truth, confident):
    # 26x over the first 10 kb, on a reference that calls the chromosome 20.
    found = calls(giab[1] / "NA12878B/NA12878B.vcf.gz", confident)
    assert set(found) - set(truth) == set()
    assert len(found) >= 0.95 * len(truth)


def test_sixteen_lanes_become_one_sample_with_two_libraries(giab):
    site, data, libraries = giab
    fasta = site / "results/references/hg19_chr20/hg19_chr20.fa"
    with pysam.AlignmentFile(data / "NA12878L/NA12878L.cram", reference_filename=str(fasta)) as cram:
        groups = cram.header.to_dict()["RG"]
        reads, duplicates = 0, 0
        for read in cram:
            cell, lane, *_ = read.query_name.split(":")  # as the instrument wrote it
            assert read.get_tag("RG") == f"L{cell[:5]}-{lane}", "a read is of the lane that its name tells"
            reads += not (read.is_secondary or read.is_supplementary)
            duplicates += read.is_duplicate
    assert {group["ID"]: group["LB"] for group in groups} == {f"L{name}": lib for name, lib in libraries.items()}
    assert len(groups) == 16
    assert {group["SM"] for group in groups} == {"NA12878L"}
    assert reads == 2 * 12_184, "every full pair of the BAM is delivered"
    # samtools markdup per library finds 351 in the alignment that came with the set (whose own 3,193 marks mostly refer
    # to reads that were not taken into it).
    assert duplicates == pytest.approx(351, rel=0.1)


def test_the_report_names_the_order_and_shows_every_sample(giab):
    html = (giab[1] / "00-Reports/multiqc_report.html").read_text()
    for words in ("CNR-IBIOM", "GIAB, NOA-2026", "GEN-WGS-30X", "NA12878L", "NA12878B"):
        assert words in html


@pytest.mark.parametrize(("sample", "unpaired"), [("NA12878", 0), ("NA12878L", 0), ("NA12878B", 0.03)])
def test_the_standards_metrics_are_picards(giab, sample, unpaired):
    """`unpaired`: the share of reads that were received without their mate. We count them, Picard does not."""
    site, data, _ = giab
    ours, cram, fasta = picard.of_sample(site, WGS, sample)
    theirs = picard.genome(cram, fasta, fasta.with_suffix(".assessed.bed"))
    # samtools depth takes the first of two overlapping bases, Picard the first of sufficient quality.
    least, most = 0.998 * theirs["mean_autosome_coverage"], (1.002 + unpaired) * theirs["mean_autosome_coverage"]
    assert least - 0.005 <= ours["mean_autosome_coverage"] <= most + 0.005
    assert ours["pct_autosomes_15x"] == pytest.approx(theirs["pct_autosomes_15x"], abs=0.02 + 20 * unpaired)
    assert ours["mad_autosome_coverage"] == theirs["mad_autosome_coverage"]
    assert ours["yield_bp_q30"] == theirs["yield_bp_q30"]
    assert ours["pct_reads_mapped"] == pytest.approx(theirs["pct_reads_mapped"], abs=0.005 + unpaired)
    paired = 100 * unpaired
    assert ours["pct_reads_properly_paired"] == pytest.approx(theirs["pct_reads_properly_paired"], abs=0.005 + paired)
    # The standard's own choice is samtools stats, which leaves out the longest inserts.
    assert ours["mean_insert_size"] == pytest.approx(theirs["mean_insert_size"], rel=0.02)
    assert ours["insert_size_std_deviation"] == pytest.approx(theirs["insert_size_std_deviation"], rel=0.15)
    document = json.loads((data / sample / f"{sample}.wgs_qc.json").read_text())
    assert document["biosample"] == {"id": sample}
    assert document["wgs_qc_metrics"]["aln_metrics"]["yield_bp_q30"] == theirs["yield_bp_q30"]
    assert document["wgs_qc_metrics"]["variant_metrics"]["count_snvs"] > 20


def test_exome_metrics_are_picards(giab, tmp_path):
    site, *_ = giab
    _, cram, fasta = picard.of_sample(site, WGS, "NA12878")
    bed = tmp_path / "targets.bed"
    starts = range(10_000_100, 10_095_000, 4_700)
    bed.write_text("".join(f"chr20\t{start}\t{start + 100 + number * 12}\n" for number, start in enumerate(starts)))
    theirs = picard.exome(cram, fasta, bed)
    paths = SimpleNamespace(
        cram=str(cram),
        fasta=str(fasta),
        fai=f"{fasta}.fai",
        regions=str(bed),
        depths=tmp_path / "d",
        targets=tmp_path / "t",
    )
    targets.main(paths, SimpleNamespace(declared={}))
    histogram = coverage.joined(list(coverage.read_depths(paths.depths).values()))
    ours = json.loads(paths.targets.read_text()) | metrics.of_depths(histogram, exome=True)
    assert ours["mean_targets_coverage"] == pytest.approx(theirs["mean_targets_coverage"], rel=0.002)
    for name, tolerance in (("pct_targets_20x", 0.02), ("pct_bases_on_target", 0.01), ("fold_80_base_penalty", 0.01)):
        assert ours[name] == pytest.approx(theirs[name], abs=tolerance), name


def test_what_is_declared_of_the_trio_is_not_contradicted_and_not_overstated(giab):
    rows = read_tsv(giab[1] / "00-Reports/identity.tsv")
    assert "disagrees" not in {row["verdict"] for row in rows}
    declared = {(row["sample"], row["other"]): row for row in rows if row["check"] in ("donor", "trio")}
    assert declared["NA12878", "NA12878L"]["declared"] == "same donor"
    assert declared["NA12878B", "NA12891"]["declared"] == "parent and child"
    assert declared["NA12878B", "NA12891+NA12892"]["verdict"] == "too little information", "10 kb are one stretch"
    assert declared["NA12878B", "NA12891+NA12892"]["explanation"].count("nothing speaks against it") == 1
    assert ("NA12878", "NA12891") not in declared, "on different references"


@pytest.fixture(scope="module")
def pair(shared_data, filiera, tmp_path_factory) -> Path:
    """mzmine's two pooled QC runs as an order; returns its package's data."""
    source, site = shared_data / "metabolomics/mzmine_qc_pair", tmp_path_factory.mktemp("mzmine")
    for number in ("04", "05"):
        shutil.copy(source / f"171103_PMA_TK_QC_{number}-4to5min.mzML", site / f"QC{number}.mzML")
    config = site / "config"
    write(config / "config.yaml", "references: {}")
    write(
        config / "proposals.tsv",
        "proposal\tcall\ttitle\tstatus\thuman_data",
        "MZ\tNOA-2026\tPooled quality controls\tawarded\tno",
    )
    write(
        config / "samples.tsv",
        "sample\tproposal\tfacility\tservice\trole",
        "QC\tMZ\tCNR-IBSBC\tMET-UNTARGETED\tpool",
    )
    write(
        config / "runs.tsv",
        "sample\trun\tfile\tpolarity\tbatch\tinjection",
        "QC\tr04\tQC04.mzML\tpositive\tB1\t4",
        "QC\tr05\tQC05.mzML\tpositive\tB1\t5",
    )
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    return site / "deliveries" / LCMS / "v1" / "data"


def test_mzmines_rows_are_matched(pair, shared_data):
    ours = pd.read_csv(pair / "quantification/feature_matrix.tsv", sep="\t")
    both = ours[ours[["QC:r04", "QC:r05"]].notna().all(axis=1)]
    with open(shared_data / "metabolomics/mzmine_qc_pair/expected_results.csv", newline="") as handle:
        theirs = list(csv.DictReader(handle))
    assert len(theirs) == 120
    matched: set[int] = set()
    for row in theirs:
        mz, rt = float(row["mz"]), 60 * float(row["rt"])
        near = (np.abs(both["mz"] / mz - 1) < 10e-6) & (np.abs(both["rt_s"] - rt) < 6)
        free = [index for index in both.index[near] if index not in matched]
        if free:
            matched.add(min(free, key=lambda index: abs(both.loc[index, "rt_s"] - rt)))
    assert len(matched) >= 119
    assert len(ours) < 300, "not by flooding: mzmine's own table has 120 rows after its filters"
