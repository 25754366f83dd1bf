"""Real data of every kind is accepted, and what is measured in it is right."""

from __future__ import annotations

import pytest

from scripts.intake.examine import examine, examine_pair
from scripts.intake.verdict import Expected

SPECTRA = {
    # file: spectra, MS1, peaks measured as
    "mzmine_qc_pair/171103_PMA_TK_QC_04-4to5min.mzML": (507, 126, "centroid"),
    "mzmine_qc_pair/171103_PMA_TK_QC_05-4to5min.mzML": (508, 127, "centroid"),
    "openms_nucleosides/FeatureFinderMetaboIdent_1_input.mzML": (380, 380, "profile"),
    "hilic_ingalls/LB12HL_AB.mzML.gz": (705, 705, "centroid"),
    "hilic_ingalls/LB12HL_CD.mzML.gz": (705, 705, "centroid"),
    "hilic_ingalls/LB12HL_EF.mzML.gz": (705, 705, "centroid"),
}


@pytest.mark.parametrize(("name", "counts"), SPECTRA.items())
def test_spectra(shared_data, name, counts):
    verdict = examine(shared_data / "metabolomics" / name, Expected(in_site=True, polarity="positive"))
    facts = verdict.facts
    assert (facts["spectra"], facts["ms1_spectra"], facts["peak_mode"]) == counts
    assert facts["polarities"] == ["positive"]


def test_fastq_pair(shared_data):
    files = [shared_data / "genomics/na12878_chr20" / f"NA12878.{mate}.fq.gz" for mate in (1, 2)]
    first, second = examine_pair(files, Expected(in_site=True, platform="ILLUMINA", flowcell="C0D8DACXX"))
    assert first.facts["records"] == second.facts["records"] == 25839
    assert first.facts["bases"] == 25839 * 101
    assert first.facts["lanes"] == [f"C0D8DACXX.{lane}" for lane in (1, 2, 3, 4)]
    assert first.facts["duplicate_names_searched"] == "all names"


@pytest.mark.parametrize(
    ("name", "records"),
    [
        ("na12878_multilane/gatk_mini_bundle_extract.bam", 24444),
        ("ceu_trio_chr20/HG001.chr20.10_10p1mb_sorted.bam", 1823),
        ("ceu_trio_chr20/NA12891.chr20.10_10p1mb_sorted.bam", 2593),
        ("ceu_trio_chr20/NA12892.chr20.10_10p1mb_sorted.bam", 2492),
    ],
)
def test_bam(shared_data, name, records):
    verdict = examine(shared_data / "genomics" / name, Expected())
    assert verdict.format == "bam"
    assert verdict.facts["records"] == records
    assert verdict.facts["coordinate_sorted"]


def test_bam_facts_agree_with_samtools(shared_data):
    import pysam

    path = shared_data / "genomics/na12878_multilane/gatk_mini_bundle_extract.bam"
    with pysam.AlignmentFile(path) as file:
        primary = [read for read in file if not read.is_secondary and not read.is_supplementary]
    facts = examine(path, Expected()).facts
    assert facts["bases"] == sum(read.query_length for read in primary)
    assert facts["q30_bases"] == sum(sum(q >= 30 for q in read.query_qualities) for read in primary)
    assert facts["marked_duplicates"] == sum(read.is_duplicate for read in primary)
    assert facts["mapped"] == sum(not read.is_unmapped for read in primary)
    assert len(facts["read_groups"]) == 16


def test_side_files(shared_data):
    for pattern in (
        "genomics/*/*.bed",
        "genomics/*/*.vcf.gz",
        "metabolomics/*/*.tsv",
        "standards/vcf_4.2/passed/*.vcf",
    ):
        files = sorted(shared_data.glob(pattern))
        assert files
        for path in files:
            examine(path, Expected())
