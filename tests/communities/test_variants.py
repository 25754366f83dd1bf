"""Primers off, variants found and judged: planted communities by both methods, and what R says of the statistics."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from scripts.branches.communities import demo
from scripts.branches.communities.recipe import CommunitiesRecipe
from scripts.communities import contaminants, controls, find, frames, judge, trim
from scripts.lib.files import read_json, read_tsv
from scripts.lib.refusal import Refusal

RECIPE = CommunitiesRecipe()
DESIGN = demo.Design(samples=3, pairs=1500, members=12)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> SimpleNamespace:
    folder = tmp_path_factory.mktemp("planted") / "site"
    return SimpleNamespace(folder=folder, planted=demo.write_site(folder, 5, DESIGN))


def trimmed(folder: Path, files: list[Path], **recipe) -> dict:
    folder.mkdir(parents=True, exist_ok=True)
    paths = trim.Paths(
        [str(file) for file in files], *(str(folder / name) for name in ("1.gz", "2.gz", "primers.json"))
    )
    trim.main(paths, trim.Values({}, RECIPE.model_copy(update=recipe).model_dump()))
    return read_json(folder / "primers.json")


def mates(site, sample: str) -> list[Path]:
    return [site.folder / "reads" / f"{sample}_R{mate}.fastq.gz" for mate in (1, 2)]


def answer(folder: Path, samples: list[str], **recipe) -> dict:
    runs = [{"sample": sample, "run": "r", "batch": "B", "role": role(sample)} for sample in samples]
    files = [[str(folder / sample / name) for sample in samples] for name in ("1.gz", "2.gz", "primers.json")]
    target = folder / "found.json"
    own = RECIPE.model_copy(update=recipe).model_dump()
    find.main(find.Paths(*files, str(target)), find.Values(runs, own))
    return read_json(target)


def bases(path: Path) -> bytes:
    """What a compressed file holds."""
    return gzip.decompress(path.read_bytes())


def role(sample: str) -> str:
    return {"M": "control", "B": "blank"}.get(sample[0], "sample")


def test_mates_of_either_orientation_come_out_the_same_way(site, tmp_path):
    straight = trimmed(tmp_path / "a", mates(site, "MOCK1"))
    swapped = trimmed(tmp_path / "b", mates(site, "MOCK1")[::-1])
    assert straight["primers"] == swapped["primers"] == straight["received"]
    assert (straight["turned"], swapped["turned"]) == (0, swapped["primers"])
    for name in ("1.gz", "2.gz"):
        assert bases(tmp_path / "a" / name) == bases(tmp_path / "b" / name)


def test_reads_without_the_primers_are_counted_and_left_out(site, tmp_path):
    assert trimmed(tmp_path, mates(site, "MOCK1"), forward_primer="ACACACACACACACACACA")["primers"] == 0
    with pytest.raises(Refusal, match="correct the primers of the recipe"):
        (tmp_path / "x").mkdir()
        for name in ("1.gz", "2.gz", "primers.json"):
            (tmp_path / name).rename(tmp_path / "x" / name)
        answer(tmp_path, ["x"])


def test_primers_that_were_said_to_be_removed_and_are_there_are_told(site, tmp_path):
    with pytest.raises(Refusal, match="`primers: inside`"):
        trimmed(tmp_path, mates(site, "MOCK1"), primers="removed")


def test_reads_whose_primers_were_removed_pass_as_they_are(site, tmp_path):
    trimmed(tmp_path / "a", mates(site, "MOCK1"))
    again = trimmed(tmp_path / "b", [tmp_path / "a" / "1.gz", tmp_path / "a" / "2.gz"], primers="removed")
    assert again["primers"] == again["received"] > 0
    assert bases(tmp_path / "a" / "1.gz") == bases(tmp_path / "b" / "1.gz")


@pytest.mark.parametrize("method", ["dada2", "unoise"])
def test_every_planted_variant_is_found_exactly_and_the_contaminant_is_told(site, tmp_path, method):
    samples = list(site.planted.reads)
    for sample in samples:
        trimmed(tmp_path / sample, mates(site, sample))
    found = answer(tmp_path, samples, variants=method)
    mock = {
        row["variant"]: [row["sequence"], float(row["share"])] for row in read_tsv(site.folder / "config/mocks.tsv")
    }
    runs = [{"sample": sample, "run": "r", "batch": "B", "role": role(sample)} for sample in samples]
    values = SimpleNamespace(mocks={"MOCK1": mock}, concentrations={})
    recipe = RECIPE.model_copy(update={"variants": method}).model_dump()
    judged, share = judge.judge(found, [[] for _ in found["variants"]], runs, recipe, values)
    status = {variant["sequence"]: variant["status"] for variant in judged["variants"]}
    names = {name for mine in site.planted.reads.values() for name, count in mine.items() if count >= 20}
    for name in names:
        wanted = "contaminant" if name == demo.CONTAMINANT else "kept"
        assert status.get(site.planted.sequences[name]) == wanted, name
    assert {s for s, said in status.items() if said == "kept"} <= set(site.planted.sequences.values())
    numbers = judge.metrics(judged, share, recipe, values)
    assert numbers["samples"]["MOCK1"]["pct_mock_found"] == 100
    assert numbers["samples"]["MOCK1"]["mock_distance"] < 0.05
    assert numbers["order"]["count_contaminants"] == 1
    assert answer(tmp_path, samples, variants=method) == found  # to the letter


def test_three_reads_and_none_are_no_error(site, tmp_path):
    for name, lines in (("few", 12), ("none", 0)):
        (tmp_path / "raw").mkdir(exist_ok=True)
        files = [tmp_path / "raw" / f"{name}{mate}.fastq.gz" for mate in (1, 2)]
        for file, source in zip(files, mates(site, "MOCK1"), strict=True):
            text = bases(source).splitlines(keepends=True)
            file.write_bytes(gzip.compress(b"".join(text[:lines])))
        trimmed(tmp_path / name, files)
    for method in ("dada2", "unoise"):
        steps = answer(tmp_path, ["few", "none"], variants=method)["steps"]
        assert [step["primers"] for step in steps] == [3, 0]


def test_binned_qualities_are_refused_where_an_error_model_is_learnt(site, tmp_path):
    (tmp_path / "raw").mkdir()
    files = [tmp_path / "raw" / f"{mate}.fastq.gz" for mate in (1, 2)]
    for file, source in zip(files, mates(site, "MOCK1"), strict=True):
        lines = bases(source).splitlines()
        lines[3::4] = [bytes(b"#,:F"[min(3, (q - 33) // 12)] for q in line) for line in lines[3::4]]
        file.write_bytes(gzip.compress(b"\n".join(lines) + b"\n"))
    trimmed(tmp_path / "x", files)
    with pytest.raises(Refusal, match="`variants: unoise`"):
        answer(tmp_path, ["x"])
    assert answer(tmp_path, ["x"], variants="unoise")["variants"]


def test_mates_that_do_not_overlap_leave_nothing_merged(site, tmp_path):
    trimmed(tmp_path / "MOCK1", mates(site, "MOCK1"))
    found = answer(tmp_path, ["MOCK1"], trim_forward=100, trim_reverse=100)
    assert (found["variants"], found["steps"][0]["merged"]) == ([], 0)
    assert answer(tmp_path, ["MOCK1"], trim_forward=100, reads="forward")["variants"]


R = r"""
shares <- c({shares}); dna <- c({dna})
contaminant <- sum(residuals(lm(log(shares) ~ offset(-log(dna))))^2)
own <- sum(residuals(lm(log(shares) ~ 1))^2)
cat(fisher.test(matrix(c(2, 0, 3, 5), 2), alternative = "greater")$p.value,
    pf(contaminant / own, length(shares) - 1, length(shares) - 1), phyper(0, 3, 97, 50))
"""


def test_statistics_are_those_of_r(tmp_path):
    rng = np.random.default_rng(3)
    dna = rng.uniform(1, 30, 9)
    shares = 0.01 / dna * np.exp(rng.normal(0, 0.3, 9))
    program = R.format(shares=", ".join(map(repr, shares.tolist())), dna=", ".join(map(repr, dna.tolist())))
    done = subprocess.run(["Rscript", "--vanilla", "-e", program], capture_output=True, text=True, check=True)
    fisher, frequency, missed = map(float, done.stdout.split())
    assert contaminants.prevalence(2, 2, 3, 8) == pytest.approx(fisher, rel=1e-5)
    assert contaminants.frequency(shares, dna, 3) == pytest.approx(frequency, rel=1e-4)
    assert contaminants.frequency(shares, dna, 10) is None
    expected = 100 * (2 - missed) / 2  # of 97 and 3 reads, in 50
    assert judge.rarefied(np.array([97, 3])) == pytest.approx(expected, abs=0.01)


def test_reads_that_hopped_from_a_rich_sample_make_no_contaminant_of_its_variant():
    reads = np.array([[5000, 0, 0, 0, 4, 3], [10, 12, 8, 9, 50, 60]])
    roles = ["sample"] * 4 + ["blank"] * 2
    there = controls.present(reads, ["B"] * 6, 0.001)
    settings = RECIPE.controls.model_dump()
    said = controls.told(reads, there, roles, [None] * 6, settings)
    assert [bool(each["reason"]) for each in said] == [False, True]


def test_a_stop_codon_in_every_frame_is_told():
    assert frames.readable("ATGGCTGCTGCTGCT", 5)
    assert not frames.readable("TAATAATAATAACTAACTAACTAACTAACTAAC", 1)
