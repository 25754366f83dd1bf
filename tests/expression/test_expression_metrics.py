"""What counts say of a library, by hand and by tools and formulas that are not ours."""

from __future__ import annotations

import gzip
import subprocess
from math import comb

import numpy as np
import pysam
import pytest

from scripts.branches.transcriptomes.recipe import TranscriptomesRecipe
from scripts.expression import bodies, compare, counted, library, metrics, profiles, strandedness

RECIPE = TranscriptomesRecipe().model_dump()


@pytest.mark.parametrize(
    ("forward", "reverse", "found"),
    [
        (18781, 1082, "forward"),  # the yeast set: featureCounts' own numbers
        (299, 324, "unstranded"),  # the human set: salmon's
        (5, 995, "reverse"),
        (300, 700, "mixed"),
        (40, 59, "unknown"),
        (0, 0, "unknown"),
    ],
)
def test_strandedness_is_measured(forward, reverse, found):
    assert strandedness.measured(forward, reverse, RECIPE) == found


@pytest.mark.parametrize(
    ("declared", "found", "chosen"),
    [
        ("reverse", "forward", "reverse"),
        ("unknown", "forward", "forward"),
        ("unknown", "mixed", "reverse"),
        ("unknown", "unknown", "unstranded"),
        ("unstranded", "reverse", "unstranded"),
    ],
)
def test_fragments_are_counted_as_declared_and_else_as_measured(declared, found, chosen):
    assert strandedness.counted_as(declared, found, 3, 7) == chosen


def told(declared: str, measured: str) -> dict[str, str | int]:
    return {"declared": declared, "measured": measured}


@pytest.mark.parametrize(
    ("strands", "wrong", "dna", "words"),
    [
        (told("reverse", "reverse"), 2.0, 1.0, "reverse, as declared"),
        (told("reverse", "forward"), 98.0, 1.0, "the protocol is swapped"),
        (told("reverse", "mixed"), 30.0, 60.0, "as genomic DNA puts there"),
        (told("reverse", "mixed"), 30.0, 2.0, "a mixture of protocols or samples"),
        (told("reverse", "unstranded"), 49.0, 1.0, "another protocol"),
        (told("unknown", "forward"), 2.0, 1.0, "nothing was declared; measured forward"),
        (told("reverse", "unknown"), None, None, "too few fragments"),
    ],
)
def test_a_mixture_is_told_from_genomic_dna_and_from_a_swapped_protocol(strands, wrong, dna, words):
    assert words in library.why_wrong(strands, wrong, dna, 80.0)


def test_genomic_dna_is_what_lies_everywhere_alike():
    # 100 fragments outside of genes, which are half of the genome: as many are to be expected inside of them.
    bases = {"exonic": 300, "intronic": 200, "intergenic": 500}
    assert library.genomic_dna({"exonic": 700, "intronic": 200}, 100, bases) == 20.0
    assert library.genomic_dna({"exonic": 7}, 3, {"exonic": 970, "intergenic": 30}) is None


@pytest.mark.parametrize(("counted_as", "wrong"), [("forward", 25.0), ("reverse", 75.0), ("unstranded", None)])
def test_the_wrong_strand_is_that_which_the_library_should_not_have(counted_as, wrong):
    assert library.wrong_strand(75, 25, counted_as) == wrong


def test_saturation_is_the_expectation_over_all_halves():
    counts = [1, 1, 2, 4]
    kept = 4
    expected = sum(1 - comb(8 - count, kept) / comb(8, kept) for count in counts)
    assert library.expected_genes(np.array([0, *counts]), 0.5) == pytest.approx(expected)
    assert library.saturation([0, 0]) == 0.0


def test_duplicates_of_low_expression_leave_out_what_is_expressed():
    assert library.copies([10, 1000, 0], [5, 10, 0], [1000, 1000, 1000], 50) == 50.0
    assert library.copies([0], [0], [1000], 50) is None


@pytest.mark.parametrize(
    ("tpm", "sex"),
    [
        ({"XIST": 20.0, "UTY": 0.0}, "female"),
        ({"XIST": 0.1, "UTY": 3.0}, "male"),
        ({"XIST": 9.0, "UTY": 9.0}, "unknown"),
        ({"XIST": 0.0, "UTY": 0.0}, "unknown"),
        ({"abc": 9.0}, ""),
    ],
)
def test_sex_is_told_by_genes_of_one_sex(tpm, sex):
    assert library.sex_of(tpm, ["XIST"], ["UTY"], 1.0) == sex


def test_fragments_and_their_shares():
    assert metrics.of_fragments("200\n150\n30\n") == {
        "count_fragments": 200,
        "count_fragments_aligned": 150,
        "pct_fragments_aligned": 75.0,
        "pct_fragments_unique": 60.0,
        "pct_fragments_multiple": 15.0,
    }


def test_a_table_that_a_full_disk_cut_is_told(tmp_path):
    (tmp_path / "c.txt").write_text("# Program\nGeneid\tx\tn\nG1\tchr1\t5\n")
    with pytest.raises(OSError, match="has 1 of 2 genes"):
        counted.whole(counted.counts(str(tmp_path / "c.txt")), ["G1", "G2"], "c.txt")


# --- coverage along transcripts, by Picard ----------------------------------------------------------------------------


def test_the_bias_along_transcripts_is_picards(tmp_path):
    """Reads that crowd at the 3' ends of twenty transcripts of two exons, on both strands."""
    rng, header = np.random.default_rng(3), {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "c", "LN": 60_000}]}
    reads, exons, flat = [], [], []
    for number in range(20):
        at, strand = 1000 + number * 2500, "+-"[number % 2]
        spans = [(at, at + 600), (at + 900, at + 1500)]
        exons += [
            "\t".join(
                [
                    "c",
                    ".",
                    "exon",
                    str(s + 1),
                    str(e),
                    ".",
                    strand,
                    ".",
                    f'gene_id "G{number}"; transcript_id "T{number}";',
                ]
            )
            for s, e in spans
        ]
        starts, ends = (",".join(map(str, each)) + "," for each in zip(*spans, strict=True))
        flat.append(
            "\t".join(
                [f"G{number}", f"T{number}", "c", strand, str(at), str(at + 1500), str(at), str(at), "2", starts, ends]
            )
        )
        for _ in range(300):
            place = int(1200 * rng.beta(3, 1)) if strand == "+" else int(1200 * rng.beta(1, 3))
            start = min(place, 1150) if place < 550 else max(600, min(place, 1150))
            reads.append(at + start + (300 if start >= 600 else 0))
    with pysam.AlignmentFile(tmp_path / "a.bam", "wb", header=header) as out:
        for name, start in enumerate(sorted(reads)):
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.query_sequence, read.flag = f"r{name}", "A" * 50, 0
            read.reference_id, read.reference_start, read.mapping_quality, read.cigarstring = 0, start, 60, "50M"
            out.write(read)
    (tmp_path / "e.gtf").write_text("\n".join(exons) + "\n")
    (tmp_path / "flat").write_text("\n".join(flat) + "\n")
    command = ["PicardCommandLine", "CollectRnaSeqMetrics", f"I={tmp_path}/a.bam", f"O={tmp_path}/m.txt"]
    command += [f"REF_FLAT={tmp_path}/flat", "STRAND=NONE", "VALIDATION_STRINGENCY=SILENT"]
    subprocess.run(command, check=True, capture_output=True)
    lines = [text.split("\t") for text in (tmp_path / "m.txt").read_text().splitlines()]
    at = next(place for place, row in enumerate(lines) if row[0] == "PF_BASES")
    picard = dict(zip(lines[at], lines[at + 1], strict=False))
    bed = subprocess.run(
        ["bedtools", "genomecov", "-ibam", tmp_path / "a.bam", "-bg", "-split"], check=True, capture_output=True
    ).stdout
    (tmp_path / "p.gz").write_bytes(gzip.compress(bed))
    (tmp_path / "m.gz").write_bytes(gzip.compress(b""))
    depths = bodies.depths(str(tmp_path / "e.gtf"), [str(tmp_path / "p.gz"), str(tmp_path / "m.gz")], False, 500)
    found, curve = bodies.bias(depths, 1000)
    assert len(depths) == 20 and len(curve) == 101 and curve[5] < 0.3 < 1.5 < curve[95]
    assert found["bias_5_prime"] == pytest.approx(float(picard["MEDIAN_5PRIME_BIAS"]), rel=0.02, abs=0.005)
    assert found["bias_3_prime"] == pytest.approx(float(picard["MEDIAN_3PRIME_BIAS"]), rel=0.02)


# --- of the order -----------------------------------------------------------------------------------------------------


def test_size_factors_are_medians_of_ratios():
    counts = np.array([[10, 20], [30, 60], [0, 5], [7, 14]])
    assert profiles.size_factors(counts) == pytest.approx([2**-0.5, 2**0.5])
    assert np.isfinite(profiles.size_factors(np.array([[0, 5], [5, 0]]))).all()


def samples(*groups: str) -> list[compare.Design]:
    return [
        {"sample": f"S{place}", "group": group, "replicate": "", "donor": "", "batch": ""}
        for place, group in enumerate(groups)
    ]


def profile(kinds: str) -> np.ndarray:
    """log2 expression of samples that are `a` or `b`."""
    rng = np.random.default_rng(5)
    base = {"a": rng.normal(5, 2, 200), "b": rng.normal(5, 2, 200)}
    return np.column_stack([base[kind] + rng.normal(0, 0.2, 200) for kind in kinds])


@pytest.mark.parametrize(
    ("kinds", "groups", "told"),
    [
        ("aaabbb", "AAABBB", {}),
        ("aabbba", "AAABBB", {"S2": "B", "S5": "A"}),
        ("aaab", "AAAA", {}),
        ("ab", "AB", {}),
    ],
    ids=["all in place", "two swapped", "one group", "no replicates"],
)
def test_a_swapped_replicate_is_told(kinds, groups, told):
    placed = compare.out_of_place(compare.distances(profile(kinds)), samples(*groups))
    assert {name: group for name, group in placed.items() if group} == told


def test_relations_of_samples():
    one = samples("A", "A", "B", "")
    for each, donor in zip(one, ("D1", "D1", "D1", ""), strict=True):
        each["donor"] = donor
    assert compare.relation(one[0], one[1]) == "isogenic"
    assert compare.relation(one[0], one[2]) == "others"
    assert compare.relation(one[0], one[3]) == ""
    assert compare.relation(*samples("A", "A")) == "replicates"


def test_components_part_what_differs_most():
    scores, shares = compare.components(profile("aaabbb"))
    assert shares[0] > 90 and (scores[:3, 0] > 0).all() != (scores[3:, 0] > 0).all()
