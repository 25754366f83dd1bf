"""An order of RNA the whole way, with planted truth: counts, strands, genomic DNA, a package that verifies; and real
yeast, whose counts others made."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.branches.transcriptomes import demo
from scripts.lib.files import read_json, read_tsv, write_tsv

SMALL = demo.Size(
    genes=20,
    pairs=2000,
    samples={
        "R01": ("A", "A", 0.0),
        "R02": ("A", "A", 0.0),
        "R03": ("B", "B", 0.0),
        "R04": ("B", "B", 0.0),
        "R05": ("A", "A", 0.6),
    },
)


@pytest.fixture(scope="module")
def delivered(filiera, tmp_path_factory) -> tuple[Path, Path]:
    site = tmp_path_factory.mktemp("an rna site") / "small"
    demo.generate(site, SMALL)
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    return site, site / "deliveries/P001/CNR-IBIOM/GEN-RNA/v1"


def test_counts_are_what_was_planted_and_genomic_dna_is_told(delivered):
    site, package = delivered
    (row,) = demo.compare(site, {(demo.PROPOSAL, demo.FACILITY, demo.SERVICE): package})
    assert row["ok"], row["recovered"]


def test_a_strand_that_nobody_declared_is_measured(delivered):
    told = read_json(delivered[1] / "data/R01/R01.rna_qc.json")
    assert (told["strandedness_declared"], told["strandedness_measured"]) == ("unknown", "reverse")
    assert told["metrics"]["pct_wrong_strand"] == 0


def test_what_failed_is_in_no_matrix_and_every_column_is_described(delivered):
    package = delivered[1]
    counts = read_tsv(package / "data/expression/counts.tsv")
    assert [name for name in counts[0] if name.startswith("R")] == ["R01", "R02", "R03", "R04"]
    own = {row["gene"]: row["count"] for row in read_tsv(package / "data/R03/R03.genes.tsv")}
    assert {row["gene"]: row["R03"] for row in counts} == own
    assert not (package / "data/R05").exists()
    described = read_json(package / "data/datapackage.json")["resources"]
    fields = [(table["path"], field) for table in described for field in table["schema"]["fields"]]
    assert [(path, field["name"]) for path, field in fields if not field.get("description")] == []


def test_the_package_is_whole_and_its_report_tells_of_strands_and_components(delivered, root):
    package = delivered[1]
    verified = subprocess.run([root / "filiera", "verify", package], capture_output=True, text=True)
    assert verified.returncode == 0 and "is whole" in verified.stdout
    report = (package / "data/00-Reports/multiqc_report.html").read_text()
    assert all(title in report for title in ("Strands and sex", "Principal components", "Coverage along transcripts"))
    assert "with STAR" in (package / "data/00-Reports/methods.md").read_text()


def test_nothing_is_left_to_do(delivered, filiera):
    answer = filiera("run", delivered[0])
    assert answer.code == 0 and "already delivered" in answer.out


def test_counts_of_real_yeast_are_those_of_its_reference(filiera, shared_data, tmp_path):
    """Old qualities are refused with the cure; converted, 98 % of genes are within 10 % and two."""
    folder = shared_data / "rna/yeast_htseq"
    for name in ("config", "raw", "reference"):
        (tmp_path / name).mkdir()
    for kind, name in (("fasta", "R64-1-1.dna.toplevel.fa.gz"), ("gtf", "R64-1-1.96.gtf.gz")):
        shutil.copyfile(folder / f"Saccharomyces_cerevisiae.{name}", tmp_path / "reference" / f"{kind}.gz")
    (tmp_path / "config/config.yaml").write_text(
        "references:\n  R64: {fasta: reference/fasta.gz, gtf: reference/gtf.gz, ploidy: 1}\n"
    )
    (tmp_path / "config/catalogue.yaml").write_text(
        "services:\n  GEN-RNA:\n    recipe: {aligner: hisat2, kmer: 21, max_intron: 5000}\n"
    )
    reads = gzip.decompress((folder / "yeast_RNASeq_excerpt_sequence.txt.gz").read_bytes())
    (tmp_path / "raw/lane.fastq").write_bytes(reads)
    row = {"proposal": "Y1", "call": "C1", "title": "Yeast", "status": "awarded", "human_data": "no"}
    write_tsv(tmp_path / "config/proposals.tsv", list(row), [row])
    row = {"sample": "SC1", "proposal": "Y1", "facility": "CNR-IBIOM", "service": "GEN-RNA", "reference": "R64"}
    write_tsv(tmp_path / "config/samples.tsv", list(row), [row])
    row = {"sample": "SC1", "run": "L1", "read1": "raw/lane.fastq", "platform": "ILLUMINA"}
    write_tsv(tmp_path / "config/runs.tsv", list(row), [row])
    answer = filiera("run", tmp_path)
    assert answer.code == 1 and "which is the old Phred+64" in answer.err
    lines = reads.split(b"\n")
    lines[3::4] = [line.translate(bytes(max(33, at - 31) for at in range(256))) for line in lines[3::4]]
    (tmp_path / "raw/lane.fastq").write_bytes(b"\n".join(lines))
    answer = filiera("rerun", tmp_path)
    assert answer.code == 0, answer.err
    data = tmp_path / "deliveries/Y1/CNR-IBIOM/GEN-RNA/v1/data/SC1"
    found = {row["gene"]: int(row["count"]) for row in read_tsv(data / "SC1.genes.tsv")}
    known = {
        row["gene_id"]: int(row["count"])
        for row in read_tsv(folder / "reference_counts_hisat2_featureCounts_s1_q10.tsv")
    }
    near = sum(abs(found[gene] - count) <= 0.1 * count + 2 for gene, count in known.items())
    assert near >= 0.98 * len(known) and 18_000 <= sum(found.values()) <= 19_500
    assert read_json(data / "SC1.rna_qc.json")["strandedness_measured"] == "forward"
