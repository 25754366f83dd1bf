"""Pairs that fit in several copies of a repeat lie where the sample's own alleles say."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pysam
import pytest

from scripts.alignment import depth, places
from scripts.alignment.depth import Depth
from scripts.alignment.evidence import Evidence
from scripts.alignment.pairs import by_pair

READ, SPAN = 100, 350
COPY, FIRST, SECOND = 2000, 1500, 6000  # a repeat of 2 kb, at 1,500 and 6,000
CONVERTED = range(FIRST + 500, FIRST + 1100)


def changed(sequence: str, at: int) -> str:
    return "ACGT"[("ACGT".index(sequence[at]) + 1) % 4]


def substituted(sequence: str, alleles: dict[int, str]) -> str:
    return "".join(alleles.get(at, base) for at, base in enumerate(sequence))


@pytest.fixture(scope="module")
def genome() -> tuple[str, str]:
    """A reference with two copies of a repeat, one base in 50 apart; and a person whose first copy has the bases of the
    other over 600 bases, and some of its own."""
    rng = random.Random(5)
    unique = "".join(rng.choices("ACGT", k=9500))
    copy = unique[FIRST : FIRST + COPY]
    apart = {at: changed(copy, at) for at in range(20, COPY, 50)}
    reference = unique[:SECOND] + substituted(copy, apart) + unique[SECOND + COPY :]
    own = {FIRST + at: base for at, base in apart.items() if FIRST + at in CONVERTED}
    own |= {at: changed(reference, at) for at in range(FIRST + 45, FIRST + COPY, 150)}
    return reference, substituted(reference, own)


@pytest.fixture(scope="module")
def aligned(genome, tmp_path_factory):
    """30x of the person, named by where they are from, aligned; doubtful pairs apart, with all places that the aligner
    offers."""
    folder = tmp_path_factory.mktemp("doubtful")
    reference, person = genome
    (folder / "ref.fa").write_text(f">chr1\n{reference}\n")
    rng = random.Random(7)
    turned = str.maketrans("ACGT", "TGCA")
    with open(folder / "reads.fq", "w") as handle:
        for number in range(len(person) * 30 // (2 * READ)):
            start = rng.randrange(len(person) - SPAN)
            span = person[start : start + SPAN + rng.randrange(-40, 1)]
            for sequence in (span[:READ], span[-READ:].translate(turned)[::-1]):
                handle.write(f"@{number}:{start}\n{sequence}\n+\n{'I' * READ}\n")
    command = (
        "minimap2 -a -x sr --secondary=yes -R '@RG\\tID:L1' ref.fa reads.fq | samtools fixmate -m -u - -"
        " | samtools view -u -e 'flag & 0x100 || mapq < 20 || [MQ] < 20' -o doubtful.bam -U - -"
        " | samtools sort --write-index -o 'aligned.bam##idx##aligned.bam.csi' - && samtools faidx ref.fa"
    )
    subprocess.run(["bash", "-c", command], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def placed(aligned):
    command = [
        sys.executable,
        "-m",
        "scripts.alignment.places",
        "--reach",
        "12",
        "--doubtful",
        aligned / "doubtful.bam",
    ]
    command += ["--alignments", aligned / "aligned.bam", "--fasta", aligned / "ref.fa"]
    with open(aligned / "placed.bam", "wb") as handle:
        subprocess.run(command, check=True, stdout=handle)
    return aligned / "placed.bam"


def astray(bam) -> int:
    """How many reads lie on another copy than theirs."""
    with pysam.AlignmentFile(str(bam)) as reads:
        return sum(
            abs(read.reference_start - int(read.query_name.partition(":")[2])) > SPAN
            for read in reads
            if not read.is_secondary
        )


def test_reads_of_a_copy_that_took_anothers_bases_come_home(aligned, placed):
    before, after = astray(aligned / "doubtful.bam"), astray(placed)
    assert before > 50
    assert after <= before / 5


def test_every_read_is_kept_once_with_its_bases(aligned, placed):
    def reads(path):
        with pysam.AlignmentFile(str(path)) as source:
            return sorted(
                (read.query_name, read.is_read1, read.get_forward_sequence(), str(read.get_forward_qualities()))
                for read in source
                if not read.is_secondary
            )

    with pysam.AlignmentFile(str(placed)) as source:
        assert not any(read.is_secondary for read in source)
    assert reads(placed) == reads(aligned / "doubtful.bam")


def test_mates_know_of_each_other(placed):
    with pysam.AlignmentFile(str(placed)) as source:
        for (one,), (two,) in by_pair(source):
            for read, mate in ((one, two), (two, one)):
                assert (read.next_reference_start, read.mate_is_reverse) == (mate.reference_start, mate.is_reverse)
                assert (read.get_tag("MC"), read.get_tag("MQ")) == (mate.cigarstring, mate.mapping_quality)
            assert one.template_length == -two.template_length


def test_tags_agree_with_the_sequence(aligned, placed):
    reference = (aligned / "ref.fa").read_text().splitlines()[1]
    with pysam.AlignmentFile(str(placed)) as source:
        for read in source:
            if read.cigarstring == f"{READ}M":
                under = reference[read.reference_start : read.reference_end]
                assert read.get_tag("NM") == sum(map(str.__ne__, read.query_sequence, under))


def evidence(certain: list[list[int]]) -> Evidence:
    """A pair that shows C and could lie at either of two sites, both A in the reference."""
    return Evidence(
        first=np.array([0]),
        fixed=np.zeros(2),
        start=np.array([0, 1]),
        key=np.array([1, 5]),
        error=np.array([0.001, 0.001]),
        certain=np.array(certain, float).ravel(),
        reference=np.array([True, False, False, False] * 2),
    )


@pytest.mark.parametrize(
    ("certain", "least", "most"),
    [
        pytest.param([[30, 0, 0, 0], [30, 0, 0, 0]], 0.45, 0.55, id="nobody shows its base: either"),
        pytest.param([[0, 30, 0, 0], [30, 0, 0, 0]], 0.99, 1.0, id="all others show it at the first"),
        pytest.param([[15, 15, 0, 0], [30, 0, 0, 0]], 0.99, 1.0, id="half of the others: heterozygous"),
        pytest.param([[30, 0, 0, 0], [0, 3, 0, 0]], 0.0, 0.01, id="three of three at the second"),
    ],
)
def test_the_place_is_where_others_show_the_same(certain, least, most):
    weight = places.settle(evidence(certain))
    assert least <= weight[0] <= most
    assert weight.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("seen", "least", "most"),
    [
        pytest.param([80, 80], 0.45, 0.55, id="as deep as around, both: either"),
        pytest.param([40, 120], 0.75, 1.0, id="half as deep at the first, half again as deep at the second"),
        pytest.param([0, 0], 0.45, 0.55, id="nothing there"),
    ],
)
def test_where_alleles_do_not_tell_depth_does(seen, least, most):
    expected = np.array([80.0, 80.0]) if any(seen) else np.zeros(2)
    window = np.array([[0, 0], [1, 1]])
    either = evidence([[30, 0, 0, 0], [30, 0, 0, 0]])
    assert least <= places.settle(either, Depth(window, np.array(seen, float), expected))[0] <= most


def test_starts_of_reads_are_counted_by_window_and_neighbourhood(aligned):
    with pysam.AlignmentFile(str(aligned / "aligned.bam")) as reads:
        found = depth.started(reads, {"chr1": 0})
        starts = [read.reference_start for read in reads.fetch() if not read.flag & depth.NOT_COUNTED]
    assert found.tolist() == np.bincount(np.array(starts) // depth.WINDOW, minlength=len(found)).tolist()
    assert depth.around(np.array([0.0, 3.0, 6.0])).tolist() == [3.0, 3.0, 3.0]


def test_pairs_are_told_in_batches_by_their_lowest_place():
    lowest, sizes = np.array([900, 10, 0, 20, 910]), np.array([3, 2, 1, 2, 3])
    assert places.batches(lowest, sizes, most=4).tolist() == [1, 0, -1, 0, 2]
    assert places.batches(lowest, sizes).tolist() == [0, 0, -1, 0, 0]


@pytest.mark.parametrize(("probability", "quality"), [(0.5, 3), (0.9, 9), (0.999, 29), (1.0, places.SURE)])
def test_mapping_quality_is_never_surer_than_the_model(probability, quality):
    assert abs(places.mapping_quality(probability) - quality) <= 1
