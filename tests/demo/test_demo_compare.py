"""The comparison: what it counts as found, missed and false, on truths small enough to read."""

from __future__ import annotations

from pathlib import Path

import pysam
import pytest

from scripts.delivery import crypt
from scripts.demo import recipients
from scripts.demo.compare import compounds_recovered, names_right, summary, variants_recovered
from scripts.lib import keys

#        1234567890123456789012345678901234567890
CHR1 = "GATTACAGGGGGCATCATCATGTACGTTGCAAACCTGAGT"
HEAD = (
    '##fileformat=VCFv4.2\n##FILTER=<ID=LowQual,Description="low">\n##contig=<ID=chr1,length=40>\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tG001\n"
)
#: A heterozygous and a homozygous SNP, a deletion of one G of five, an insertion of CAT into CATCATCAT.
TRUTH = ["3 T C PASS 0|1", "7 AG A PASS 1|0", "12 G GCAT PASS 1|1", "24 A G PASS 1|1"]


def vcf(path: Path, records: list[str]) -> Path:
    lines = []
    for record in records:
        pos, ref, alt, flt, genotype = record.split()
        lines.append(f"chr1\t{pos}\t.\t{ref}\t{alt}\t50\t{flt}\t.\tGT\t{genotype}\n")
    text = (HEAD + "".join(lines)).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        with pysam.BGZFile(str(path), "wb") as handle:
            handle.write(text)
    else:
        path.write_bytes(text)
    return path


@pytest.fixture
def compared(tmp_path):
    """Counts for these delivered records: (tp, fn, fp, wrong_genotype) of SNPs and of indels."""
    fasta = tmp_path / "ref.fa"
    fasta.write_text(f">chr1\n{CHR1}\n")
    truth = vcf(tmp_path / "truth.vcf", TRUTH)

    def compare(*records: str):
        counts = variants_recovered(truth, vcf(tmp_path / "delivered.vcf.gz", list(records)), fasta)
        return tuple(
            tuple(counts[kind][name] for name in ("tp", "fn", "fp", "wrong_genotype")) for kind in ("snp", "indel")
        )

    return compare


ALL_FOUND = ((2, 0, 0, 0), (2, 0, 0, 0))


def test_the_truth_itself_is_fully_recovered(compared):
    assert compared(*TRUTH) == ALL_FOUND


def test_phase_and_missing_filter_do_not_matter(compared):
    assert compared("3 T C . 0/1", "7 AG A . 0/1", "12 G GCAT . 1/1", "24 A G . 1/1") == ALL_FOUND


def test_indels_written_elsewhere_in_their_repeat_are_the_same(compared):
    assert compared("3 T C PASS 0/1", "11 GG G PASS 0/1", "15 T TCAT PASS 1/1", "24 A G PASS 1/1") == ALL_FOUND


def test_blocks_and_records_with_several_alleles_are_split(compared):
    (tp, fn, fp, wrong), indel = compared("3 TT CT PASS 0/1", "24 A G,C PASS 1/2", *TRUTH[1:3])
    assert (tp, fn, fp, wrong) == (1, 1, 2, 1), "C at 24 is invented, G has one copy instead of two"
    assert indel == (2, 0, 0, 0)


def test_wrong_number_of_copies_is_no_recovery(compared):
    snp, indel = compared("3 T C PASS 1/1", "7 AG A PASS 1/1", *TRUTH[2:])
    assert snp == (1, 1, 1, 1)
    assert indel == (1, 1, 1, 1)


def test_a_filtered_record_was_not_called(compared):
    snp, _ = compared("3 T C LowQual 0/1", *TRUTH[1:])
    assert snp == (1, 1, 0, 0)


def test_an_invented_variant_is_false(compared):
    snp, indel = compared(*TRUTH[:3], "20 A T PASS 0/1", "24 A G PASS 1/1", "30 C CT PASS 0/1")
    assert snp == (2, 0, 1, 0)
    assert indel == (2, 0, 1, 0)


COMPOUNDS = """\
compound	formula	mz	rt_s	level	B:r1	M1:r2	M2:r3
alpha	C6H13NO2	132.101905	50	1	0	1	2
beta	C5H9NO2	116.070605	80	2	0	0.5	1
gamma	C5H11NO2	118.086255	30	4	1	1	1
"""
COLUMNS = ["facility", "proposal", "service", "feature", "mz", "rt_s", "charge", "B:r1", "M1:r2", "M2:r3"]


@pytest.fixture
def looked_up(tmp_path):
    """Counts for a matrix whose rows are (m/z, apex, area in the blank, in M1, in M2)."""
    truth = tmp_path / "compounds.tsv"
    truth.write_text(COMPOUNDS)

    def look_up(*rows: tuple) -> dict:
        lines = ["\t".join(COLUMNS)]
        lines += ["\t".join(map(str, ("F", "P", "S", f"f{n}", *row[:2], 1, *row[2:]))) for n, row in enumerate(rows)]
        matrix = tmp_path / "matrix.tsv"
        matrix.write_text("\n".join(lines) + "\n")
        return compounds_recovered(truth, matrix)

    return look_up


ALPHA, BETA, GAMMA = (132.1021, 52, "", 1e6, 2e6), (116.0706, 79, "", 4e5, 8e5), (118.0863, 31, 3e5, 3e5, 3e5)


def test_all_compounds_found_clean_and_right(looked_up):
    assert looked_up(ALPHA, BETA, GAMMA) == {
        "planted": 3,
        "found": 3,
        "cells": 7,
        "cells_found": 7,
        "empty": 2,
        "empty_free": 2,
        "areas_right": 7,
        "area_error": 0.0,
        "missing_runs": [],
    }


@pytest.mark.parametrize("mz, rt", [(132.1021 * (1 + 12e-6), 52), (132.1021, 57)])
def test_too_far_in_mass_or_time_is_not_found(looked_up, mz, rt):
    counts = looked_up((mz, rt, *ALPHA[2:]), BETA, GAMMA)
    assert (counts["found"], counts["cells_found"]) == (2, 5)


def test_a_compound_in_the_blank_is_seen(looked_up):
    assert looked_up((*ALPHA[:2], 5e5, *ALPHA[3:]), BETA, GAMMA)["empty_free"] == 1


def test_a_wrong_ratio_is_seen(looked_up):
    assert looked_up((*ALPHA[:3], 1e6, 1e6), BETA, GAMMA)["areas_right"] == 5


def test_an_empty_matrix_finds_nothing(looked_up):
    counts = looked_up()
    assert (counts["found"], counts["areas_right"]) == (0, 0)
    assert counts["missing_runs"] == ["B:r1", "M1:r2", "M2:r3"]


@pytest.fixture
def delivered(tmp_path) -> tuple[Path, dict]:
    """A site's truth and two packages that hold exactly what was planted."""
    site = tmp_path / "site"
    (site / "truth").mkdir(parents=True)
    (site / "reference").mkdir()
    (site / "truth/orders.tsv").write_text(
        "proposal\tfacility\tservice\tstatus\tsamples\n"
        "P1\tF1\tGEN\tawarded\tG001\nP2\tF1\tGEN\tsubmitted\tG002\nP1\tF2\tMET\tawarded\tM1,M2\n"
    )
    vcf(site / "truth/G001.vcf", TRUTH)
    with pysam.BGZFile(str(site / "reference/demo1.fa.gz"), "wb") as handle:
        handle.write(f">chr1\n{CHR1}\n".encode())
    (site / "truth/compounds.tsv").write_text(COMPOUNDS)
    genomics, metabolomics = tmp_path / "genomics", tmp_path / "metabolomics"
    vcf(genomics / "data/G001/G001.vcf.gz", TRUTH)
    (metabolomics / "data/quantification").mkdir(parents=True)
    rows = [("F2", "P1", "MET", "f", *row[:2], 1, *row[2:]) for row in (ALPHA, BETA, GAMMA)]
    lines = ["\t".join(map(str, row)) for row in [COLUMNS, *rows]]
    (metabolomics / "data/quantification/feature_matrix.tsv").write_text("\n".join(lines) + "\n")
    listed = [("alpha", 1, *ALPHA[:2]), ("beta", 2, *BETA[:2]), ("", 4, *GAMMA[:2])]
    lines = ["name\tlevel\tmz\trt_s", *("\t".join(map(str, row)) for row in listed)]
    (metabolomics / "data/quantification/features.tsv").write_text("\n".join(lines) + "\n")
    return site, {("P1", "F1", "GEN"): genomics, ("P1", "F2", "MET"): metabolomics}


def test_summary_has_a_row_per_order(delivered):
    site, packages = delivered
    rows = summary(site, packages)
    assert [(row["order"], row["samples"], row["recovered"], row["ok"]) for row in rows] == [
        ("P1/F1/GEN", 1, "SNP 2/2, indel 2/2, 0 false", True),
        ("P2/F1/GEN", 1, "refused: submitted, not awarded", True),
        ("P1/F2/MET", 2, "compounds 3/3, areas 7/7 within 25%, absent 2/2 clean, named 3/3", True),
    ]
    assert [row["package"] for row in rows] == [packages[("P1", "F1", "GEN")], None, packages[("P1", "F2", "MET")]]


def encrypted(package: Path, public: list[str]) -> None:
    for path in [path for path in package.rglob("*") if path.is_file()]:
        with open(path, "rb") as source, open(f"{path}.c4gh", "wb") as target:
            crypt.encrypt(source, target, public)
        path.unlink()


def test_an_encrypted_package_is_opened_with_every_recipients_key(delivered):
    site, packages = delivered
    recipients.write(site, seed=1)
    public = [keys.public_key(site / recipients.public_file(name)) for name in recipients.RECIPIENTS]
    encrypted(packages[("P1", "F1", "GEN")], public)
    (row, *_) = summary(site, packages)
    assert row["recovered"] == "SNP 2/2, indel 2/2, 0 false; opened with 2 keys"
    assert row["ok"]
    recipients.write(site, seed=2)
    with pytest.raises(ValueError):
        summary(site, packages)


@pytest.mark.parametrize("name", ["beta", "gamma", "alpha and more"])
def test_a_wrong_name_and_a_name_for_an_unknown_are_seen(delivered, name):
    site, packages = delivered
    listed = packages[("P1", "F2", "MET")] / "data/quantification/features.tsv"
    listed.write_text(listed.read_text().replace("alpha", name))
    assert names_right(site / "truth/compounds.tsv", listed) == (2, 3)
    assert "named 2/3" in summary(site, packages)[2]["recovered"] and not summary(site, packages)[2]["ok"]


def test_summary_tells_what_is_not_right(delivered):
    site, packages = delivered
    vcf(packages[("P1", "F1", "GEN")] / "data/G001/G001.vcf.gz", [*TRUTH[:3], "30 C T PASS 0/1"])
    matrix = packages[("P1", "F2", "MET")] / "data/quantification/feature_matrix.tsv"
    matrix.unlink()
    packages[("P2", "F1", "GEN")] = packages[("P1", "F1", "GEN")]
    rows = summary(site, packages)
    assert [(row["recovered"], row["ok"]) for row in rows] == [
        ("SNP 1/2, indel 2/2, 1 false", False),
        ("delivered although: submitted, not awarded", False),
        ("no feature matrix delivered", False),
    ]
    assert [row["recovered"] for row in summary(site, {})][::2] == ["not delivered", "not delivered"]
