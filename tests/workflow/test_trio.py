"""A real family called together: GIAB's NA12878 and her parents, 10 kb, as an exome with GIAB's regions as targets."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pysam
import pytest
from test_real_sets import calls, confident, truth, write  # noqa: F401 (fixtures)

PACKAGE = "results/CNR-IBIOM/CEU/GEN-WES/package/data"
FAMILY = {"NA12878": "HG001.chr20.10_10p1mb_sorted.bam"} | {
    name: f"{name}.chr20.10_10p1mb_sorted.bam" for name in ("NA12891", "NA12892")
}

DONORS = {name: name for name in FAMILY} | {"NA12878": "HG001"}  # as her BAM calls her


@pytest.fixture(scope="module")
def trio(shared_data, filiera, tmp_path_factory) -> Path:
    data, site = shared_data / "genomics/ceu_trio_chr20", tmp_path_factory.mktemp("trio")
    for name, bam in FAMILY.items():
        shutil.copy(data / bam, site / f"{name}.bam")
    for name in ("hs37d5.chr20.fa.gz", "test_giab.b37_chr20_100kbp_at_10mb.bed"):
        shutil.copy(data / name, site / name)
    config = site / "config"
    write(config / "config.yaml", "references: {hs37d5_chr20: {fasta: hs37d5.chr20.fa.gz}}")
    write(
        config / "catalogue.yaml",
        "services:",
        "  GEN-WES:",
        "    acceptance: {pct_targets_20x: {severity: warn}}",
        "    deliverables: {joint: {format: VCF, edam: format_3016}}",
        "    recipe: {joint: family, interval_bases: 2000}",
    )
    write(
        config / "proposals.tsv",
        "proposal\tcall\ttitle\tstatus\thuman_data",
        "CEU\tNOA-2026\tA family\tawarded\tpublic",
    )
    sexes = {"NA12878": "female", "NA12891": "male", "NA12892": "female"}
    bed = "test_giab.b37_chr20_100kbp_at_10mb.bed"
    write(
        config / "samples.tsv",
        "sample\tproposal\tfacility\tservice\torganism\tsex\tdonor\treference\ttargets",
        *(
            f"{name}\tCEU\tCNR-IBIOM\tGEN-WES\tHomo sapiens\t{sexes[name]}\t{DONORS[name]}\ths37d5_chr20\t{bed}"
            for name in FAMILY
        ),
    )
    write(config / "runs.tsv", "sample\trun\tfile\tplatform", *(f"{name}\tL1\t{name}.bam\tILLUMINA" for name in FAMILY))
    write(config / "pedigree.tsv", "donor\tfather\tmother", "HG001\tNA12891\tNA12892")
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    assert answer.jobs["call_interval_with_bcftools"] >= 16, "each callset in several intervals"
    return site


def test_no_genotype_of_the_child_is_impossible(trio):
    checked = 0
    with pysam.VariantFile(str(trio / PACKAGE / "joint/NA12878.joint.vcf.gz")) as records:
        assert list(records.header.samples) == list(FAMILY)
        for record in records:
            child, father, mother = (record.samples[name]["GT"] for name in FAMILY)
            # A parent of whom no allele was read with confidence explains anything.
            doubtful = any(record.samples[name]["GQ"] < 20 for name in FAMILY)
            if set(record.filter) - {"PASS"} or doubtful:
                continue
            possible = {tuple(sorted(pair)) for pair in itertools.product(father, mother)}
            assert tuple(sorted(child)) in possible, str(record)
            checked += 1
    assert checked >= 50


def test_the_child_has_giabs_variants_and_no_other(trio, truth, confident):  # noqa: F811
    found = calls(trio / PACKAGE / "NA12878/NA12878.vcf.gz", confident)
    assert set(found) - set(truth) == set()
    assert len(found) >= 0.95 * len(truth)


def test_a_sample_of_a_family_is_delivered_what_it_carries_alone(trio):
    for name in FAMILY:
        with pysam.VariantFile(str(trio / PACKAGE / f"{name}/{name}.vcf.gz")) as records:
            assert list(records.header.samples) == [name]
            assert all(any(record.samples[0]["GT"]) for record in records)


def test_seams_change_nothing_on_real_reads(trio, filiera):
    before = {path: path.read_bytes() for path in (trio / PACKAGE).rglob("*.vcf.gz")}
    assert len(before) == 4
    path = trio / "config" / "catalogue.yaml"
    path.write_text(path.read_text().replace("interval_bases: 2000", "interval_bases: 1000000"))
    answer = filiera("run", trio)
    assert answer.code == 0, answer.err
    assert answer.jobs["call_interval_with_bcftools"] == 4, "each alone, and the family"
    assert {path: path.read_bytes() for path in before} == before
