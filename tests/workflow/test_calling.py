"""What the catalogue may ask of variant calling: intervals, gVCF, BAM, freebayes, a missing aligner."""

from __future__ import annotations

import shutil
from pathlib import Path

import pysam
import pysam.samtools
import pytest
from sites import SMALL, Launcher

from scripts.demo import compare

PACKAGE = "results/CNR-IBIOM/P002/GEN-WGS-30X/package/data/G003"


def catalogue(site: Path, *lines: str) -> None:
    """Add to the site's own entry of the service."""
    path, entry = site / "config" / "catalogue.yaml", "  GEN-WGS-30X:\n"
    head, tail = path.read_text().split(entry)
    path.write_text(head + entry + "".join(f"    {line}\n" for line in lines) + tail)


@pytest.fixture(scope="module")
def asked(finished, filiera, tmp_path_factory) -> tuple[Path, Path]:
    """The small site before, and its order P002 again: nine intervals, a gVCF, BAM instead of CRAM."""
    site = tmp_path_factory.mktemp("calling") / "site"
    shutil.copytree(finished[0], site, symlinks=True)
    catalogue(
        site,
        "recipe: {interval_bases: 1500}",
        "deliverables:",
        "  alignment: {format: BAM, edam: format_2572}",
        "  gvcf: {format: gVCF, edam: format_3016}",
    )
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 0, answer.err
    assert answer.jobs["call_interval_with_bcftools"] >= 8
    assert "align_reads" not in answer.jobs
    return finished[0], site


def text(path: Path) -> str:
    return pysam.BGZFile(str(path)).read().decode()


def test_variants_do_not_depend_on_the_number_of_intervals_nor_on_a_gvcf(asked):
    before, after = (site / PACKAGE / "G003.vcf.gz" for site in asked)
    records = [line for line in text(after).splitlines() if line[0] != "#"]
    assert records == [line for line in text(before).splitlines() if line[0] != "#"]
    assert len(records) > 20


def test_a_gvcf_says_something_of_every_base_once(asked):
    spans = {name: [] for name in SMALL.contigs}
    with pysam.VariantFile(str(asked[1] / PACKAGE / "G003.g.vcf.gz")) as records:
        for record in records:
            if not record.alts:
                spans[record.chrom].append((record.start, record.stop))
        records.reset()
        alternative = {(record.chrom, record.pos, record.alts) for record in records if record.alts}
    for blocks in spans.values():
        assert all(before[1] <= after[0] for before, after in zip(blocks, blocks[1:], strict=False))
    with pysam.VariantFile(str(asked[1] / PACKAGE / "G003.vcf.gz")) as records:
        variants = {(record.chrom, record.pos, record.alts) for record in records}
    assert alternative == variants
    covered = sum(end - start for blocks in spans.values() for start, end in blocks)
    assert covered + len(variants) >= 0.99 * sum(SMALL.contigs.values())


def test_a_block_of_a_gvcf_says_its_least_depth(asked):
    found = pysam.samtools.depth("-a", "-s", "-q", "1", "-Q", "1", str(asked[1] / PACKAGE / "G003.bam"))
    rows = (line.split("\t") for line in found.splitlines())
    depths = {(contig, int(position)): int(depth) for contig, position, depth in rows}
    with pysam.VariantFile(str(asked[1] / PACKAGE / "G003.g.vcf.gz")) as records:
        blocks = [record for record in records if not record.alts]
    told = [(block.info["MIN_DP"], block.samples[0]["DP"]) for block in blocks]
    least = [min(depths[block.chrom, at + 1] for at in range(block.start, block.stop)) for block in blocks]
    assert all(one == other for one, other in told)
    # The caller takes bases beside an indel for less than they are, and does not count them.
    assert all(depth <= true for (depth, _), true in zip(told, least, strict=True))
    assert sum(depth >= true - 2 for (depth, _), true in zip(told, least, strict=True)) > 0.9 * len(blocks)


def test_bam_on_request_holds_what_the_cram_holds(asked):
    site = asked[1]
    fasta = str(site / "results/references/demo1/demo1.fa")
    with (
        pysam.AlignmentFile(site / PACKAGE / "G003.bam") as bam,
        pysam.AlignmentFile(site / PACKAGE / "G003.cram", reference_filename=fasta) as cram,
    ):
        assert str(bam.header) == str(cram.header)
        kept = [{read.to_string().replace("\t", " ") for read in source} for source in (bam, cram)]
        assert {line.split(" ")[0] for line in kept[0]} == {line.split(" ")[0] for line in kept[1]}
        assert len(kept[0]) == len(kept[1])
    delivered = site / "deliveries/P002/CNR-IBIOM/GEN-WGS-30X/v2/data/G003"
    assert {path.suffix for path in delivered.glob("G003.*")} >= {".bam", ".bai"}
    assert not list(delivered.glob("*.cram*"))


def test_freebayes_finds_what_was_planted(filiera, site):
    catalogue(site, "recipe: {caller: freebayes}")
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 0, answer.err
    fasta = site / "results" / "references" / "demo1" / "demo1.fa"
    found = compare.variants_recovered(site / "truth/G003.vcf", site / PACKAGE / "G003.vcf.gz", fasta)
    assert found["snp"]["tp"] >= 0.9 * found["snp"]["planted"]
    assert "##source=freebayes" in text(site / PACKAGE / "G003.vcf.gz")
    with pysam.VariantFile(str(site / PACKAGE / "G003.vcf.gz")) as records:
        # It would tell of alleles as they were before they were normalised.
        assert "CIGAR" not in records.header.info
        for record in records:
            assert list(record.info["LEN"]) == [
                max(1, abs(len(alt) - len(record.ref))) if kind != "mnp" else len(alt)
                for alt, kind in zip(record.alts, record.info["TYPE"], strict=True)
            ]


@pytest.mark.parametrize(
    ("key", "choice", "program"),
    [("aligner", "bwa-mem2", "bwa-mem2"), ("caller", "gatk", "gatk"), ("caller", "deepvariant", "run_deepvariant")],
)
def test_check_says_which_tool_is_missing(filiera: Launcher, site, key, choice, program):
    if shutil.which(program):
        pytest.skip(f"{program} is installed here")
    catalogue(site, f"recipe: {{{key}: {choice}}}")
    answer = filiera("check", site)
    assert answer.code == 1
    assert f"GEN-WGS-30X: its {key} {program} is not on this machine; install " in answer.err


STAND_IN = """#!/bin/sh
# bwa under another name: the same arguments must do.
case "$1" in
version) echo 2.2.1 ;;
index) bwa "$@" && cp "$3".bwt "$3".bwt.2bit.64 && cp "$3".bwt "$3".0123 ;;
*) exec bwa "$@" ;;
esac
"""


def test_bwa_mem2_is_called_like_bwa(filiera, site, tmp_path, monkeypatch):
    (tmp_path / "bwa-mem2").write_text(STAND_IN)
    (tmp_path / "bwa-mem2").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    catalogue(site, "recipe: {aligner: bwa-mem2}")
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 0, answer.err
    assert answer.jobs["index_for_bwa_mem2"] == 1
    fasta = str(site / "results/references/demo1/demo1.fa")
    with pysam.AlignmentFile(site / PACKAGE / "G003.cram", reference_filename=fasta) as cram:
        assert cram.header.to_dict()["PG"][0] == {"ID": "bwa-mem2", "PN": "bwa-mem2", "VN": "2.2.1"}
        assert sum(read.is_mapped for read in cram) > 1_000
