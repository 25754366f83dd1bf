"""Allele counts: of one donor, of many, and of many sites together."""

from __future__ import annotations

import random
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.federation import genotypes, regions, table
from scripts.lib.refusal import Refusal
from tests.federation.cohort import HEADER, KARYOTYPE, LENGTHS, Call, Donor, cohort, counted, rows

WHOLE = tuple((name, 0, length) for name, length in LENGTHS.items())


def of(tmp_path, *donors: Donor):
    """AC, AC_HOM, AC_HET, AC_HEMI, AN of every site and population of these donors."""
    made = [donor.table(tmp_path / str(number)) for number, donor in enumerate(donors)]
    return rows(table.sites(table.total(made)))


def carrier(genotype: str, contig: str = "chr1", pos: int = 11, sex: str = "female", **changed) -> Donor:
    return Donor(sex, "IT", (Call(contig, pos, "A", "C", genotype, **changed),), WHOLE)


# What a genotype counts as: contig, 1-based position, sex, genotype, and AC, hom, het, hemi, AN beside a het female.
ZYGOSITY = {
    "heterozygote": ("chr1", 11, "female", "0/1", (2, 0, 2, 0, 4)),
    "homozygote": ("chr1", 11, "male", "1/1", (3, 2, 1, 0, 4)),
    "reference": ("chr1", 11, "male", "0/0", (1, 0, 1, 0, 4)),
    "missing is not reference": ("chr1", 11, "male", "./.", (1, 0, 1, 0, 2)),
    "half a genotype": ("chr1", 11, "male", "./1", (1, 0, 1, 0, 2)),
    "a man's X": ("chrX", 101, "male", "1", (2, 0, 1, 1, 3)),
    "a man's X as some callers write it": ("chrX", 101, "male", "1/1", (2, 0, 1, 1, 3)),
    "a man cannot be heterozygous there": ("chrX", 101, "male", "0/1", (1, 0, 1, 0, 2)),
    "a woman's X": ("chrX", 101, "female", "1/1", (3, 2, 1, 0, 4)),
    "the last pseudoautosomal base": ("chrX", 40, "male", "0/1", (2, 0, 2, 0, 4)),
    "the first beyond it": ("chrX", 41, "male", "1", (2, 0, 1, 1, 3)),
    "X of an unknown sex": ("chrX", 101, "unknown", "0/1", (1, 0, 1, 0, 2)),
    "pseudoautosomal, of an unknown sex": ("chrX", 40, "unknown", "0/1", (2, 0, 2, 0, 4)),
}


@pytest.mark.parametrize("case", ZYGOSITY)
def test_a_genotype_counts_by_copies_and_zygosity(tmp_path, case):
    contig, pos, sex, genotype, expected = ZYGOSITY[case]
    found = of(tmp_path, carrier("0/1", contig, pos), carrier(genotype, contig, pos, sex))
    assert found == {(contig.removeprefix("chr"), pos - 1, "A", "C", "IT"): expected}


def test_the_y_is_counted_in_men_and_mitochondria_in_everybody(tmp_path):
    people = [carrier("1", "chrY", 51, "male"), carrier("1", "chrY", 51, "female"), carrier("1", "chrM", 6, "female")]
    found = of(tmp_path, *people)
    assert found == {("Y", 50, "A", "C", "IT"): (1, 0, 0, 1, 1), ("M", 5, "A", "C", "IT"): (1, 0, 0, 1, 3)}


@pytest.mark.parametrize("doubt", [{"quality": 19}, {"filter": "LowQual"}])
def test_a_doubtful_call_is_missing_with_all_its_bases(tmp_path, doubt):
    deletion = Call("chr1", 10, "ACG", "A", "0/1", **doubt)
    doubtful = Donor("female", "IT", (deletion,), WHOLE)
    found = of(tmp_path, carrier("0/1", pos=10), carrier("0/1", pos=12), carrier("0/1", pos=13), doubtful)
    assert [found["1", pos, "A", "C", "IT"][-1] for pos in (9, 11, 12)] == [6, 6, 8]


def test_who_is_not_deep_enough_is_not_counted_even_as_a_carrier(tmp_path):
    shallow = Donor("female", "IT", (Call("chr1", 11, "A", "C", "1/1"),), (("chr1", 0, 10), ("chr1", 11, 300)))
    assert of(tmp_path, carrier("0/1"), shallow) == {("1", 10, "A", "C", "IT"): (1, 0, 1, 0, 2)}


def test_outside_of_an_exomes_targets_nothing_is_known(tmp_path):
    donor, targets = carrier("0/1", pos=31), tmp_path / "targets.bed"
    targets.write_text("chr1\t5\t20\nchr1\t25\t40\n")
    donor.table(tmp_path / "own")
    vcf, bed = tmp_path / "own" / "s.vcf", tmp_path / "own" / "s.bed"
    found = genotypes.sample_table(vcf, bed, KARYOTYPE, "female", "IT", 20, targets)
    assert [row["POS"] for row in found.counts.to_pylist()] == [30]
    known = {(row["CHROM"], row["START"], row["STOP"]) for row in found.callability.to_pylist()}
    assert known == {("1", 5, 20), ("1", 25, 40)}


def test_a_population_that_nobody_carries_it_in_still_tells_how_many_were_looked_at(tmp_path):
    finn = Donor("male", "FI", (), WHOLE)
    found = of(tmp_path, carrier("0/1"), finn)
    assert found["1", 10, "A", "C", "FI"] == (0, 0, 0, 0, 2)


def test_alleles_of_one_position_are_counted_apart(tmp_path):
    two = Donor("female", "IT", (Call("chr1", 11, "A", "C,G", "1/2"),), WHOLE)
    found = of(tmp_path, two, carrier("0/1"))
    assert found["1", 10, "A", "C", "IT"] == (2, 0, 2, 0, 4)
    assert found["1", 10, "A", "G", "IT"] == (1, 0, 1, 0, 4)


def test_blocks_of_a_gvcf_and_deleted_bases_are_no_alleles(tmp_path):
    odd = Donor("female", "IT", (Call("chr1", 11, "A", "<*>", "0/1"), Call("chr1", 12, "A", "*", "0/1")), WHOLE)
    assert of(tmp_path, odd) == {}


@pytest.mark.parametrize("seed", range(6))
def test_a_cohort_is_counted_as_base_by_base(tmp_path, seed):
    donors = cohort(random.Random(seed), 8)
    assert of(tmp_path, *donors) == counted(donors)


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Twelve donors, their tables, and the table of all of them, counted base by base."""
    folder, donors = tmp_path_factory.mktemp("people"), cohort(random.Random(99), 12)
    return [donor.table(folder / str(number)) for number, donor in enumerate(donors)], counted(donors)


@settings(max_examples=8, deadline=None)
@given(partition=st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_facilities_together_count_what_one_facility_would(people, partition):
    """Any partition of the donors, facilities without any of them included, and any grouping of the sums."""
    tables, expected = people
    parts = [[own for own, place in zip(tables, partition, strict=True) if place == site] for site in range(4)]
    sums = [table.total(part) for part in parts if part]
    assert rows(table.sites(table.total(sums))) == expected
    pooled, nested = table.total(tables), sums[0]
    for each in sums[1:]:
        nested = table.total([nested, each])
    assert nested.counts.equals(pooled.counts)
    assert nested.callability.equals(pooled.callability)


def test_tables_come_back_from_their_files_and_are_the_same_bytes(people, tmp_path):
    whole = table.total(people[0])
    table.write(tmp_path / "a", whole)
    table.write(tmp_path / "b", table.total(reversed(people[0])))
    assert table.read(tmp_path / "a").counts.equals(whole.counts)
    for name in table.FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_zygosity_counts_are_those_of_bcftools_fill_tags(tmp_path):
    genotypes_ = ["0/1", "1/1", "0/0", "1/1", "0/1", "0/1"]
    line = Call("chr1", 11, "A", "C", "0/1").line().rsplit("\t", 1)[0]
    many = HEADER.replace("\tS\n", "".join(f"\tS{number}" for number in range(6)) + "\n")
    (tmp_path / "all.vcf").write_text(many + line + "".join(f"\t{each}:50" for each in genotypes_) + "\n")
    asked = "%AC %AC_Hom %AC_Het %AC_Hemi %AN\n"
    command = f"bcftools +fill-tags {tmp_path}/all.vcf -- -t AC,AC_Hom,AC_Het,AC_Hemi,AN | bcftools query -f '{asked}'"
    told = subprocess.run(command, shell=True, capture_output=True, text=True)
    found = of(tmp_path, *(carrier(each) for each in genotypes_))
    assert found["1", 10, "A", "C", "IT"] == tuple(map(int, told.stdout.split())), told.stderr


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("FORMAT=<ID=GQ", "FORMAT=<ID=QQ", "found no FORMAT/GQ"),
        ("\tS\n", "\tS\tT\n", "found 2 samples, expected the calls of one sample"),
    ],
)
def test_calls_that_cannot_be_trusted_are_refused(tmp_path, old, new, words):
    (tmp_path / "s.vcf").write_text(HEADER.replace(old, new))
    (tmp_path / "s.bed").write_text("chr1\t0\t10\n")
    with pytest.raises(Refusal, match=words):
        genotypes.sample_table(tmp_path / "s.vcf", tmp_path / "s.bed", KARYOTYPE, "female", "IT", 20)


def test_a_bed_that_is_none_is_refused(tmp_path):
    (tmp_path / "s.bed").write_text("chr1\t0\t10\nchr1 5 6\n")
    with pytest.raises(Refusal, match="line 2: found chr1 5 6, expected a BED line"):
        regions.read_bed(tmp_path / "s.bed")


spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10)).map(lambda pair: (pair[0], sum(pair))), max_size=6)


def bases(intervals) -> set[int]:
    return {base for start, end in zip(*intervals, strict=True) for base in range(start, end)}


@settings(deadline=None)
@given(spans, spans)
def test_regions_are_sets_of_bases(one, other):
    a, b = regions.union(one), regions.union(other)
    left, right = ({base for start, end in pairs for base in range(start, end)} for pairs in (one, other))
    assert bases(a) == left
    assert bases(regions.intersection(a, b)) == left & right
    assert bases(regions.difference(a, b)) == left - right
    import numpy as np

    places = np.arange(45)
    assert set(places[a.contain(places)].tolist()) == left
