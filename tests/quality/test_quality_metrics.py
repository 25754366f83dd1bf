"""What is measured on a sample, by hand: regions, coverage, yield, targets, variants, the standard's document."""

from __future__ import annotations

import json
import random
import subprocess
from types import SimpleNamespace

import numpy as np
import pytest

from scripts.lib.karyotype import karyotype
from scripts.quality import coverage, ga4gh, metrics, regions, targets, variants

GRCH38 = {"chr1": 248_956_422, "chr22": 50_818_468, "chrX": 156_040_895, "chrY": 57_227_415, "chrM": 16_569}
TAG = {"facility": "F", "proposal": "P", "service": "V", "sample": "S"}


def test_gaps_are_left_out():
    assert regions.without_gaps("NNACGTnnACN") == [(2, 6), (8, 10)]
    assert regions.without_gaps("NNN") == []
    assert regions.without_gaps("ACGT") == [(0, 4)]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        (GRCH38 | {"chr1_KI270706v1_random": 9}, ["chr1", "chr22"]),
        ({"20": 9, "X": 9, "hs37d5": 9}, ["20"]),
        ({"chr1": 9, "chr38": 9, "chrX": 9}, ["chr1", "chr38"]),
        ({"contigA": 9, "contigB": 9, "MT": 9}, ["contigA", "contigB"]),
    ],
    ids=["GRCh38", "a slice", "a dog", "unnumbered"],
)
def test_coverage_is_measured_on_autosomes_where_there_are_any(sizes, expected):
    assert regions.autosomes(karyotype(sizes, {})) == expected


def test_sex_chromosomes_count_outside_of_what_they_share():
    species = karyotype(GRCH38, {})
    assert regions.kinds(species) == {"chr1": "autosome", "chr22": "autosome", "chrX": "x", "chrY": "y"}
    assert regions.single_copy(species, "chrX", "x") == [
        (0, 10_000),
        (2_781_479, 155_701_382),
        (156_030_895, 156_040_895),
    ]


def test_the_regions_are_written_with_their_kind(tmp_path):
    fasta = tmp_path / "r.fa"
    fasta.write_text(">chr1\nNNACGT\n>chrX\nACGTNACGT\n>chrY\nACGT\n>chrM\nACGT\n")
    declared = {"sex_chromosomes": {"x": "chrX", "y": "chrY"}, "par": ["chrX:1-2"]}
    paths = SimpleNamespace(fasta=str(fasta), bed=tmp_path / "r.bed")
    regions.main(paths, SimpleNamespace(declared=declared))
    assert paths.bed.read_text().splitlines() == [
        "chr1\t2\t6\tautosome",
        "chrX\t2\t4\tx",
        "chrX\t5\t9\tx",
        "chrY\t0\t4\ty",
    ]


def test_coverage_by_hand():
    # 20 positions: 4 at 0, 9 at 15, 7 at 20, so the median is 15 and the deviations are 0 nine times, 5 seven times.
    histogram = np.array([[0, 4], [15, 9], [20, 7]])
    assert coverage.mean(histogram) == pytest.approx(13.75)
    assert coverage.mad(histogram) == 5
    assert coverage.pct_at_least(histogram, 15) == 80
    assert coverage.pct_at_least(histogram, 20) == 35


def test_the_median_of_an_even_count_lies_between_the_middle_two():
    # As Picard has it: the median of 10, 20 is 15, each is 5 off it.
    assert coverage.median(np.array([20, 10]), np.array([1, 1])) == 15
    assert coverage.mad(np.array([[10, 1], [20, 1]])) == 5
    assert coverage.mad(np.array([[10, 1], [11, 1]])) == 1, "halves go upwards: the standard wants a whole number"


def test_fold_80_is_the_mean_over_the_20th_percentile():
    assert coverage.fold_80(np.array([[10, 2], [20, 2], [40, 6]])) == pytest.approx(30 / 10)
    assert coverage.fold_80(np.array([[0, 3], [20, 7]])) is None


def test_nothing_covered_is_zero_and_not_an_error():
    nothing = coverage.joined([])
    assert (coverage.mean(nothing), coverage.mad(nothing), coverage.pct_at_least(nothing, 15)) == (0, 0, 0)


STATS = "SN\traw total sequences:\t210\nSN\tfiltered sequences:\t10\nSN\tsequences:\t200\nSN\treads mapped:\t190\n"
STATS += "SN\treads paired:\t200\t# x\n"
STATS += "SN\treads mapped and paired:\t186\t# x\n"
STATS += "SN\treads properly paired:\t180\t# x\nSN\treads duplicated:\t20\n"
STATS += "SN\tinsert size average:\t301.5\nSN\tinsert size standard deviation:\t50.1\n"
#: A cycle each: qualities 0 to 31.
STATS += "FFQ\t1\t" + "\t".join(["5"] * 30 + ["3", "4"]) + "\nLFQ\t1\t" + "\t".join(["0"] * 31 + ["9"]) + "\n"


def test_metrics_of_reads_have_the_names_of_the_standard():
    assert metrics.of_reads(STATS) == {
        "yield_bp_q30": 16,
        "pct_reads_mapped": 95.0,
        "pct_reads_properly_paired": 90.0,
        "pct_reads_duplicated": 10.0,
        "pct_reads_improperly_paired": 3.0,
        "mean_insert_size": 301.5,
        "insert_size_std_deviation": 50.1,
    }


def test_single_reads_have_no_insert_size_and_no_share_of_pairs():
    single = STATS
    for name in ("reads paired:\t200", "reads mapped and paired:\t186", "reads properly paired:\t180"):
        single = single.replace(name, f"{name.partition(':')[0]}:\t0")
    found = metrics.of_reads(single)
    assert set(found) == {
        "yield_bp_q30",
        "pct_reads_mapped",
        "pct_reads_duplicated",
        "pct_reads_improperly_paired",
    }
    assert found["pct_reads_improperly_paired"] == 0.0


def test_halves_of_single_reads_are_no_pairs(tmp_path):
    """As a sheet makes them that calls single reads joined: they face one way, and callers leave them out."""
    rng = random.Random(3)
    genome = "".join(rng.choices("ACGT", k=20_000))
    (tmp_path / "r.fa").write_text(f">c\n{genome}\n")
    reads = [genome[at : at + 150] for at in (rng.randrange(19_000) for _ in range(500))]
    halves = "".join(
        f"@{n}\n{half}\n+\n{'I' * 75}\n" for n, read in enumerate(reads) for half in (read[:75], read[75:])
    )
    (tmp_path / "r.fq").write_text(halves)
    command = "minimap2 -ax sr r.fa r.fq 2> log | samtools stats -"
    stats = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert metrics.of_reads(stats)["pct_reads_improperly_paired"] > 90


def test_sex_chromosomes_are_told_relative_to_the_autosomes():
    depths = {"autosome": np.array([[30, 10]]), "x": np.array([[15, 4]]), "y": np.array([[0, 1], [12, 1]])}
    assert metrics.of_sex_chromosomes(depths) == {
        "x_coverage_ratio": 0.5,
        "x_expected_bases": 120,
        "y_coverage_ratio": 0.2,
        "y_expected_bases": 60,
    }
    assert metrics.of_sex_chromosomes({"autosome": np.array([[0, 10]]), "x": depths["x"]}) == {}


def _measured(tmp_path, exome: bool, duplicates: str = "marked") -> dict:
    files = {
        "stats": STATS,
        "depths": "autosome\t10\t1\nautosome\t30\t1\nx\t20\t2\n",
        "variants": '{"count_snvs": 3}',
        "molecules": '{"pct_reads_spliced": 0.01}',
        "targets": '{"fold_80_base_penalty": 1.5}',
        "gel": "positions\t4\npositions_15x\t3\nbases_q30\t12\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    own = {name: tmp_path / name for name in ("stats", "depths", "variants", "molecules")}
    own |= {"metrics": tmp_path / "m.json", "histogram": tmp_path / "h.tsv"}
    own |= {"targets": [tmp_path / "targets"] * exome, "genomics_england": [tmp_path / "gel"] * (not exome)}
    metrics.main(SimpleNamespace(**own), SimpleNamespace(tag=TAG, exome=exome, duplicates=duplicates))
    found = json.loads((tmp_path / "m.json").read_text())
    assert found["tag"] == TAG
    return found["samples"]["S"] | {"histogram": (tmp_path / "h.tsv").read_text()}


def test_a_whole_genome_is_measured_on_its_autosomes(tmp_path):
    found = _measured(tmp_path, exome=False)
    assert found["histogram"] == "10\t1\n30\t1\n"
    assert (found["mean_autosome_coverage"], found["pct_autosomes_15x"], found["mad_autosome_coverage"]) == (20, 50, 10)
    assert (found["gel_pct_autosomes_15x"], found["gel_yield_bp_q30"]) == (75, 12)
    assert found["count_snvs"] == 3
    assert "pct_targets_20x" not in found and "pct_reads_duplicated" in found


def test_where_no_duplicate_is_marked_their_share_is_absent(tmp_path):
    assert "pct_reads_duplicated" not in _measured(tmp_path, exome=False, duplicates="unmarked")


def test_an_exome_is_measured_on_all_its_targets(tmp_path):
    found = _measured(tmp_path, exome=True)
    assert (found["mean_targets_coverage"], found["pct_targets_20x"]) == (20, 75)
    assert found["fold_80_base_penalty"] == 1.5
    assert not any("autosome" in name for name in found)


def test_overlapping_and_touching_targets_are_one():
    found = targets.merged([("b", 5, 9), ("a", 30, 40), ("a", 10, 20), ("a", 15, 25), ("a", 25, 30), ("b", 7, 7)])
    assert {name: own.tolist() for name, own in found.items()} == {"a": [[10, 40]], "b": [[5, 9]]}


RECORDS = [
    ("chr1", "A", "G", "PASS", "0/1"),
    ("chr1", "A", "C", "PASS", "1/1"),
    ("chr1", "C", "T", "PASS", "1|0"),
    ("chr1", "C", "T", "LowQual", "0/1"),
    ("chrX", "C", "T", "PASS", "0/1"),
    ("chr1", "C", "T", "PASS", "0/0"),
    ("chr1", "C", "T", "PASS", "./."),
    ("chr1", "C", "CAA", "PASS", "0/1"),
    ("chr1", "C" + 50 * "A", "C", "PASS", "1/1"),
    ("chr1", "C" + 49 * "A", "C", "PASS", "1/1"),
    ("chr1", "C", "<NON_REF>", "PASS", "0/1"),
    ("chr1", "C", "*", "PASS", "0/1"),
]


def test_passing_variants_of_autosomes_are_counted():
    lines = ["##fileformat=VCFv4.2\n", "#CHROM\t...\n"]
    lines += [f"{name}\t1\t.\t{ref}\t{alt}\t9\t{mark}\t.\tGT:DP\t{gt}:9\n" for name, ref, alt, mark, gt in RECORDS]
    assert variants.metrics(variants.count(lines, {"chr1"})) == {
        "count_snvs": 3,
        "count_insertions": 1,
        "count_deletions": 1,
        "ratio_insertion_deletion": 1.0,
        "ratio_transitions_transversions_snv": 2.0,
        "ratio_heterozygous_homzygous_snv": 2.0,
        "ratio_heterozygous_homzygous_indel": 1.0,
    }


def test_reference_reads_at_homozygous_snvs_hint_at_another_persons_reads():
    line = "chr1\t1\t.\tA\t{}\t9\tPASS\t.\tGT:AD\t{}\n"
    lines = [line.format(*own) for own in (("G", "1/1:1,39"), ("G", "0/1:20,20"), ("GA", "1/1:9,9"), ("C", "1/1:0,60"))]
    found = variants.metrics(variants.count(lines, {"chr1"}))
    assert found["pct_reference_reads_at_homozygous_snvs"] == 1.0


def test_a_ratio_to_nothing_is_not_told():
    assert variants.metrics(variants.count([], set())) == {"count_snvs": 0, "count_insertions": 0, "count_deletions": 0}


def test_the_document_has_the_standards_shape_and_ids_and_the_tag(shared_data):
    measured = dict.fromkeys((*ga4gh.ALIGNMENT, *ga4gh.VARIANTS, "gel_yield_bp_q30"), 1)
    found = ga4gh.document(measured, TAG)
    assert found.pop("filiera") == TAG
    (theirs,) = (shared_data / "genomics/wgs_qc_100").glob("results-npm*HG00100*")
    theirs = json.loads(theirs.read_text())
    assert found["biosample"].keys() == theirs["biosample"].keys()
    for part in ("aln_metrics", "variant_metrics"):
        assert found["wgs_qc_metrics"][part].keys() == theirs["wgs_qc_metrics"][part].keys()


def test_what_was_not_measured_is_not_in_the_document():
    assert ga4gh.document({"count_snvs": 5}, TAG)["wgs_qc_metrics"] == {
        "aln_metrics": {},
        "variant_metrics": {"count_snvs": 5},
    }


def test_all_hundred_genomes_of_the_standard_pass_the_catalogue(root, shared_data):
    from scripts.acceptance.judge import verdict
    from scripts.lib import registry

    criteria = registry.load(root).services["GEN-WGS-30X"].acceptance
    known = {*ga4gh.ALIGNMENT, *ga4gh.VARIANTS}
    asked = {name: criterion.model_dump() for name, criterion in criteria.items() if name in known}
    assert {"pct_autosomes_15x", "mean_autosome_coverage", "pct_reads_mapped"} <= asked.keys()
    assert not any(name.startswith("count_") or "het" in name for name in asked), "these shift with ancestry"
    files = sorted((shared_data / "genomics/wgs_qc_100").glob("results-npm*"))
    assert len(files) == 100
    for path in files:
        parts = json.loads(path.read_text())["wgs_qc_metrics"]
        found = parts["aln_metrics"] | parts["variant_metrics"]
        assert {verdict(found[name], criterion) for name, criterion in asked.items()} == {"pass"}, path.name
