"""Four copies of each sequence: found with their dosages by the caller that knows so many."""

from __future__ import annotations

import random
from pathlib import Path

import pysam
import pytest
from sites import sequence_reads
from test_real_sets import write

OTHER = dict(zip("ACGT", "CGTA", strict=True))
LENGTH, APART = 16_000, 380


@pytest.fixture(scope="module")
def truth() -> dict[int, int]:
    """0-based place -> how many of the copies differ there."""
    rng = random.Random(5)
    return {at: rng.randint(1, 4) for at in range(APART, LENGTH - APART, APART)}


@pytest.fixture(scope="module")
def delivered(truth, filiera, tmp_path_factory) -> Path:
    site, rng = tmp_path_factory.mktemp("potato"), random.Random(6)
    (site / "reads").mkdir()
    sequence = "".join(rng.choices("ACGT", k=LENGTH))
    (site / "ref.fa").write_text(f">chr1\n{sequence}\n")
    copies = [list(sequence) for _ in range(4)]
    for at, dosage in truth.items():
        for copy in rng.sample(copies, dosage):
            copy[at] = OTHER[sequence[at]]
    reads = sequence_reads([("".join(copy), 15) for copy in copies], site, "P-L1", rng)
    config = site / "config"
    write(config / "config.yaml", "references: {potato: {fasta: ref.fa, ploidy: 4}}")
    write(
        config / "catalogue.yaml",
        "services:",
        "  GEN-WGS-30X: {recipe: {caller: freebayes}, acceptance: {pct_autosomes_15x: {severity: warn}}}",
    )
    write(config / "proposals.tsv", "proposal\tcall\ttitle\tstatus\thuman_data", "P\tC\tPotatoes\tawarded\tno")
    write(
        config / "samples.tsv",
        "sample\tproposal\tfacility\tservice\torganism\treference",
        "P1\tP\tCNR-IBIOM\tGEN-WGS-30X\tSolanum tuberosum\tpotato",
    )
    write(config / "runs.tsv", "sample\trun\tread1\tread2\tplatform", "\t".join(["P1", "P-L1", *reads, "ILLUMINA"]))
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    return site / "deliveries/P/CNR-IBIOM/GEN-WGS-30X/v1/data/P1/P1.vcf.gz"


def test_all_are_found_and_most_dosages_are_right(delivered, truth):
    with pysam.VariantFile(str(delivered)) as records:
        found = {record.start: sum(record.samples[0]["GT"]) for record in records if "PASS" in record.filter}
        records.reset()
        assert all(len(record.samples[0]["GT"]) == 4 for record in records)
    assert set(found) == set(truth)
    assert sum(found[at] == dosage for at, dosage in truth.items()) >= 0.85 * len(truth)
