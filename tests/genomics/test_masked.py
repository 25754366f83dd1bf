"""What aligner and caller read of a reference."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pysam
import pytest

from scripts.alignment import masked

SEXES = {"sex_chromosomes": {"x": "X", "y": "Y"}}


@pytest.fixture(scope="module")
def genome() -> dict[str, str]:
    rng = random.Random(4)
    x, y, other = ("".join(rng.choices("ACGT", k=size)) for size in (5_000, 3_000, 1_000))
    return {"1": other, "X": x, "Y": x[200:900] + y + x[4_500:]}


def read(tmp_path, genome: dict[str, str], declared: dict) -> tuple[dict[str, str], dict[str, str]]:
    """What the aligner and what the caller is given."""
    (tmp_path / "ref.fa").write_text("".join(f">{name} about it\n{text}\n" for name, text in genome.items()))
    paths = SimpleNamespace(**{name: str(tmp_path / f"{name}.fa") for name in ("aligned", "called")})
    paths.fasta = str(tmp_path / "ref.fa")
    paths.index, paths.dict = f"{paths.called}.fai", str(tmp_path / "called.dict")
    masked.main(paths, SimpleNamespace(declared=declared))
    found = []
    for path in (paths.aligned, paths.called):
        with pysam.FastxFile(path) as fasta:
            found.append({each.name: each.sequence for each in fasta})
    with pysam.AlignmentFile(paths.dict, check_sq=False) as dictionary:
        assert dict(zip(dictionary.references, dictionary.lengths, strict=True)) == {
            name: len(text) for name, text in found[1].items()
        }
    assert str(tmp_path) not in (tmp_path / "called.dict").read_text()
    return tuple(found)


def expected(genome: dict[str, str], *regions: tuple[int, int]) -> str:
    y = genome["Y"]
    for low, high in regions:
        y = y[:low] + "N" * (high - low) + y[high:]
    return y


@pytest.mark.parametrize(
    ("par", "regions"),
    [
        pytest.param(["X:201-900", "X:4501-5000"], [(0, 700), (3_700, 4_200)], id="found where Y repeats X"),
        pytest.param(["X:201-900", "Y:11-20"], [(10, 20)], id="as config.yaml says"),
        pytest.param(["X:1001-1500"], [], id="Y has nothing of it"),
        pytest.param([], [], id="none"),
    ],
)
def test_what_y_shares_is_masked(tmp_path, genome, par, regions):
    for found in read(tmp_path, genome, SEXES | {"par": par}):
        assert found == genome | {"Y": expected(genome, *regions)}


def test_a_reference_that_is_masked_stays_as_it_is(tmp_path, genome):
    before = genome | {"Y": expected(genome, (0, 700))}
    for found in read(tmp_path, before, SEXES | {"par": ["X:201-900"]}):
        assert found == before


def test_codes_are_reduced_for_the_caller_alone(tmp_path):
    aligned, called = read(tmp_path, {"HLA-A*01:01": "ACGTNRYSWKMBDHVnrya"}, {})
    assert aligned == {"HLA-A*01:01": "ACGTNRYSWKMBDHVnrya"}
    assert called == {"HLA-A*01:01": "ACGTNACCAGACAAANACA"}
