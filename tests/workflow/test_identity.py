"""Samples that are not what the sheets say: one holds another donor's DNA, one a tenth of a stranger's."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sites import sequence_reads

from scripts.lib.files import read_json, read_tsv

SNPS, SPACING, DEPTH = 600, 200, 32
#: Sample -> its proposal, the donor of the sheets, and whose DNA it holds, in shares.
SAMPLES = {
    "FIRST": ("SWAPPED", "ANNA", {"ANNA": 1.0}),
    "SECOND": ("SWAPPED", "ANNA", {"BRUNO": 1.0}),
    "MIXTURE": ("MIXED", "ANNA", {"ANNA": 0.9, "BRUNO": 0.1}),
}
OTHER = dict(zip("ACGT", "CGTA", strict=True))


@pytest.fixture(scope="module")
def answered(filiera, tmp_path_factory):
    site, rng = tmp_path_factory.mktemp("identity"), random.Random(5)
    for folder in ("config", "reads"):
        (site / folder).mkdir()
    genome = rng.choices("ACGT", k=SNPS * SPACING)
    places = range(SPACING // 2, len(genome), SPACING)
    frequencies = [rng.uniform(0.1, 0.9) for _ in places]
    (site / "ref.fa").write_text(f">chr1\n{''.join(genome)}\n")
    (site / "panel.vcf").write_text(panel(genome, places, frequencies))
    (site / "config" / "config.yaml").write_text(
        "references:\n  tiny: {fasta: ref.fa, allele_frequencies: panel.vcf}\n"
    )
    donors = {name: copies(genome, places, frequencies, rng) for name in ("ANNA", "BRUNO")}
    sheets = {
        "proposals.tsv": ["proposal\tcall\ttitle\tstatus\thuman_data"],
        "samples.tsv": ["sample\tproposal\tfacility\tservice\torganism\tdonor\treference"],
        "runs.tsv": ["sample\trun\tread1\tread2\tplatform"],
    }
    for proposal in sorted({of for of, _, _ in SAMPLES.values()}):
        sheets["proposals.tsv"].append(f"{proposal}\tC\tOf mice\tawarded\tno")
    for sample, (proposal, donor, holds) in SAMPLES.items():
        dna = [(copy, DEPTH / 2 * share) for name, share in holds.items() for copy in donors[name]]
        reads = sequence_reads(dna, site, sample, rng)
        sheets["samples.tsv"].append(f"{sample}\t{proposal}\tCNR-IBIOM\tGEN-WGS-30X\tMus musculus\t{donor}\ttiny")
        sheets["runs.tsv"].append("\t".join([sample, f"{sample}-L1", *reads, "ILLUMINA"]))
    for name, rows in sheets.items():
        (site / "config" / name).write_text("\n".join(rows) + "\n")
    return site, filiera("run", site)


def panel(genome: list[str], places: range, frequencies: list[float]) -> str:
    lines = ["##fileformat=VCFv4.2", f"##contig=<ID=chr1,length={len(genome)}>"]
    lines += ['##INFO=<ID=AF,Number=A,Type=Float,Description="f">', "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    for place, frequency in zip(places, frequencies, strict=True):
        lines.append(f"chr1\t{place + 1}\t.\t{genome[place]}\t{OTHER[genome[place]]}\t.\tPASS\tAF={frequency:.4f}")
    return "\n".join(lines) + "\n"


def copies(genome: list[str], places: range, frequencies: list[float], rng: random.Random) -> list[str]:
    """The two chromosomes of somebody unrelated."""
    both = [list(genome), list(genome)]
    for copy in both:
        for place, frequency in zip(places, frequencies, strict=True):
            if rng.random() < frequency:
                copy[place] = OTHER[genome[place]]
    return ["".join(copy) for copy in both]


def metrics(site: Path, proposal: str, name: str) -> dict:
    return read_json(site / "results" / "CNR-IBIOM" / proposal / "GEN-WGS-30X" / "metrics" / name)["samples"]


def test_two_samples_of_one_donor_that_differ_are_held(answered):
    site, answer = answered
    assert answer.code == 1
    assert failed(site, "SWAPPED") == {("FIRST", "count_donor_mismatches"), ("SECOND", "count_donor_mismatches")}
    found = metrics(site, "SWAPPED", "identity.json")
    assert {sample: row["count_donor_mismatches"] for sample, row in found.items()} == {"FIRST": 1, "SECOND": 1}


def test_a_contaminated_sample_is_held(answered):
    site, _ = answered
    assert failed(site, "MIXED") == {("MIXTURE", "cross_contamination_rate")}
    found = metrics(site, "MIXED", "MIXTURE.contamination.json")["MIXTURE"]
    assert found["cross_contamination_rate"] == pytest.approx(0.1, abs=0.015)


def failed(site: Path, proposal: str) -> set[tuple[str, str]]:
    """(sample, criterion) that keep the proposal's order back."""
    assert not (site / "deliveries" / proposal).exists()
    (path,) = (site / "results" / "CNR-IBIOM" / proposal).rglob("acceptance.tsv")
    return {(row["sample"], row["metric"]) for row in read_tsv(path) if row["verdict"] == "fail"}
