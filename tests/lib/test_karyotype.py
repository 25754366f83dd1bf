"""How many copies of what a sample has: known assemblies, declared ones, haploid organisms."""

from __future__ import annotations

import pytest

from scripts.lib.karyotype import ASSEMBLIES, Stretch, karyotype, lengths
from scripts.lib.refusal import Refusal

GRCH38 = {"chr1": 248_956_422, "chrX": 156_040_895, "chrY": 57_227_415, "chrM": 16_569}
GRCH37 = {"1": 249_250_621, "X": 155_270_560, "Y": 59_373_566, "MT": 16_569}


@pytest.mark.parametrize(
    ("contig", "sex", "copies"),
    [
        ("chr1", "male", [2]),
        ("chrX", "female", [2]),
        ("chrX", "male", [1, 2, 1, 2, 1]),
        ("chrX", "unknown", [2]),
        ("chrY", "female", [0]),
        ("chrY", "male", [1, 0, 1, 0, 1]),  # what Y shares with X is read as X's
        ("chrY", "unknown", [1, 0, 1, 0, 1]),
        ("chrM", "female", [1]),
    ],
)
def test_grch38_is_known(contig, sex, copies):
    found = karyotype(GRCH38, {}).stretches(contig, sex)
    assert [stretch.copies for stretch in found] == copies
    assert (found[0].start, found[-1].end) == (0, GRCH38[contig])
    assert all(before.end == after.start for before, after in zip(found, found[1:], strict=False))


def test_grch37_is_known_by_its_lengths():
    found = karyotype(GRCH37, {}).stretches("X", "male")
    assert found[1] == Stretch(60_000, 2_699_520, 2)


def test_t2t_is_known_and_its_pars_are_of_several_lengths():
    found = karyotype({"chrX": 154_259_566, "chrY": 62_460_029}, {})
    assert found.stretches("chrX", "male") == [
        Stretch(0, 2_394_410, 2),
        Stretch(2_394_410, 153_925_834, 1),
        Stretch(153_925_834, 154_259_566, 2),
    ]
    assert found.stretches("chrY", "male") == [
        Stretch(0, 2_458_320, 0),
        Stretch(2_458_320, 62_122_809, 1),
        Stretch(62_122_809, 62_460_029, 0),
    ]


def test_the_known_pars_of_x_and_y_are_as_long_as_each_other_where_they_are_copies():
    for name in ("GRCh37", "GRCh38"):
        x, y = ([high - low for low, high in regions] for _, regions in ASSEMBLIES[name])
        assert x == y


def test_another_assemblys_x_is_a_chromosome_like_any_other_until_it_is_declared():
    sizes = {"chrX": 1_000, "chrY": 300}
    assert karyotype(sizes, {}).stretches("chrX", "male") == [Stretch(0, 1_000, 2)]
    declared = {"sex_chromosomes": {"x": "chrX", "y": "chrY"}, "par": ["chrX:1-100"]}
    assert karyotype(sizes, declared).stretches("chrX", "male") == [Stretch(0, 100, 2), Stretch(100, 1_000, 1)]


def test_a_par_without_sex_chromosomes_is_refused():
    with pytest.raises(Refusal):
        karyotype({"chrX": 1_000}, {"par": ["chrX:1-100"]})


def test_a_known_assembly_keeps_its_pars_where_its_sex_chromosomes_are_said_again():
    assert karyotype(GRCH38, {"sex_chromosomes": {"x": "chrX", "y": "chrY"}}) == karyotype(GRCH38, {})


def test_pars_are_said_in_any_order():
    sizes = {"chrX": 1_000, "chrY": 300}
    declared = {"sex_chromosomes": {"x": "chrX", "y": "chrY"}, "par": ["chrX:901-1000", "chrX:1-100"]}
    assert [each.copies for each in karyotype(sizes, declared).stretches("chrX", "male")] == [2, 1, 2]


def test_a_haploid_organism_has_one_of_everything():
    assert karyotype({"U00096.3": 4_641_652}, {"ploidy": 1}).stretches("U00096.3", "unknown") == [
        Stretch(0, 4_641_652, 1)
    ]


@pytest.mark.parametrize(
    "declared",
    [
        {"sex_chromosomes": {"x": "chrZ", "y": "chrY"}},
        {"par": ["chrX:1-999999999"]},
        {"par": ["chrX:20-10"]},
        {"haploid": ["plastid"]},
        {"haploid": ["chrM", "chrY"]},  # a woman would have one
        {"sex_chromosomes": {"x": "chrX", "y": "chrX"}},
        {"par": ["chr1:1-1000"]},
        {"par": ["chrX:1-1000", "chrX:900-2000"]},
        {"par": ["chrY:1-1000"]},  # of X's a man has two copies: which bases these are must be said
    ],
)
def test_what_the_reference_does_not_have_or_what_contradicts_itself_is_refused(declared):
    with pytest.raises(Refusal):
        karyotype(GRCH38, declared)


def test_lengths_come_from_the_fasta_index(tmp_path):
    (tmp_path / "r.fa.fai").write_text("a\t10\t3\t60\t61\nb\t20\t16\t60\t61\n")
    assert lengths(tmp_path / "r.fa.fai") == {"a": 10, "b": 20}
