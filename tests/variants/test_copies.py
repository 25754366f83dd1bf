"""Ploidy as the callers are told it."""

from __future__ import annotations

from types import SimpleNamespace

from scripts.variants import copies

DECLARED = {"ploidy": 2, "sex_chromosomes": {"x": "X", "y": "Y"}, "par": ["X:1-100"], "haploid": ["MT"]}


def test_every_caller_is_told_the_same(tmp_path):
    (tmp_path / "r.fai").write_text("1\t900\t0\t60\t61\nX\t500\t0\t60\t61\nY\t200\t0\t60\t61\nMT\t50\t0\t60\t61\n")
    paths = SimpleNamespace(
        fai=tmp_path / "r.fai",
        ploidy=tmp_path / "ploidy.txt",
        sexes=tmp_path / "sexes.txt",
        copies=tmp_path / "copies.bed",
        haploid=tmp_path / "haploid.txt",
        diploid=tmp_path / "diploid.bed",
    )
    copies.main(paths, SimpleNamespace(declared=DECLARED, sexes={"him": "male"}))
    assert paths.haploid.read_text() == "X\nY\nMT\n"
    assert paths.diploid.read_text() == "X\t0\t100\n"
    copies.main(paths, SimpleNamespace(declared=DECLARED, sexes={"her": "female", "him": "male"}))
    assert paths.haploid.read_text() == "MT\n"
    assert paths.diploid.read_text() == ""
    assert paths.sexes.read_text() == "her\tfemale\nhim\tmale\n"
    rows = [line.split("\t") for line in paths.ploidy.read_text().splitlines()]
    assert [row for row in rows if row[3] == "male"] == [
        ["1", "1", "900", "male", "2"],
        ["X", "1", "100", "male", "2"],
        ["X", "101", "500", "male", "1"],
        ["Y", "1", "200", "male", "1"],
        ["MT", "1", "50", "male", "1"],
        ["*", "*", "*", "male", "2"],
    ]
    assert ["Y", "1", "200", "female", "0"] in rows
    assert paths.copies.read_text().splitlines() == [
        "Y\t0\t200\ther\t0",
        "MT\t0\t50\ther\t1",
        "X\t100\t500\thim\t1",
        "Y\t0\t200\thim\t1",
        "MT\t0\t50\thim\t1",
    ]
