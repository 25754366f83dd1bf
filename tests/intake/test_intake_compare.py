"""One content under two names is found across the runs of an order."""

from types import SimpleNamespace

import pytest

from scripts.intake import compare
from scripts.lib.files import read_json, write_json
from scripts.lib.refusal import Refusal

RUNS = [{"sample": "S1", "run": "L1"}, {"sample": "S2", "run": "L1"}]


def verdict(sha256: str, content: str) -> dict:
    return {"tag": {"run": "L1"}, "files": [{"role": "file", "format": "fastq", "sha256": sha256, "content": content}]}


def job(tmp_path, *verdicts: dict):
    paths = SimpleNamespace(
        verdicts=[tmp_path / f"{at}.json" for at in range(len(verdicts))], comparison=tmp_path / "c.json"
    )
    for path, one in zip(paths.verdicts, verdicts, strict=True):
        write_json(path, one)
    compare.main(paths, SimpleNamespace(runs=RUNS, tag={"proposal": "P"}))
    return read_json(paths.comparison)


def test_different_data_pass(tmp_path):
    assert job(tmp_path, verdict("a", "x"), verdict("b", "y")) == {"files_compared": 2, "tag": {"proposal": "P"}}


@pytest.mark.parametrize("second", [verdict("a", "x"), verdict("b", "x")], ids=["same bytes", "packed differently"])
def test_the_same_data_under_two_samples_is_refused_naming_both(tmp_path, second):
    with pytest.raises(Refusal, match="sample S1, run L1: found the same data as in sample S2, run L1"):
        job(tmp_path, verdict("a", "x"), second)
    assert not (tmp_path / "c.json").exists()
