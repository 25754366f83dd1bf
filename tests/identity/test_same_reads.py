"""The same reads under two names are found however they are written; other reads of the same genome are not."""

from __future__ import annotations

import random
import subprocess
from types import SimpleNamespace

import pytest

from scripts.identity import same_reads
from scripts.lib.files import read_json
from scripts.lib.refusal import Refusal

RUNS = [{"sample": "S1", "run": "L1"}, {"sample": "S2", "run": "L4"}]
GENOME = "".join(random.Random(1).choices("ACGT", k=3_000))


def pairs(seed: int) -> list[tuple[str, str, str]]:
    """Bases of both mates, and qualities."""
    rng = random.Random(seed)
    starts = [rng.randrange(2_700) for _ in range(400)]
    return [(GENOME[at : at + 80], GENOME[at + 150 : at + 230], "".join(rng.choices("FI#", k=80))) for at in starts]


def counted(folder, name: str, reads: list[tuple[str, str, str]], together: bool = False):
    """What fastp, called as the rule calls it, counts of two files, or of one stream as of a received alignment."""
    records = [
        [f"@{name}{number}\n{bases}\n+\n{qualities}\n" for bases in (one, two)]
        for number, (one, two, qualities) in enumerate(reads)
    ]
    texts = ["".join(one + two for one, two in records)] if together else map("".join, zip(*records, strict=True))
    arguments = []
    for mate, text in enumerate(texts, 1):
        (folder / f"{name}{mate}.fq").write_text(text)
        arguments += [f"--in{mate}", f"{name}{mate}.fq"]
    command = ["fastp", *arguments, "--json", f"{name}.json", "--html", "/dev/null"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return folder / f"{name}.json"


def compared(folder, *files) -> dict:
    paths = SimpleNamespace(counted=files, comparison=folder / "c.json")
    same_reads.main(paths, SimpleNamespace(runs=RUNS, tag={}))
    return read_json(paths.comparison)


@pytest.mark.parametrize("together", [False, True], ids=["two files", "one stream"])
@pytest.mark.parametrize("shuffled", [False, True])
def test_the_same_reads_are_told(tmp_path, together, shuffled):
    reads = pairs(1)
    first = counted(tmp_path, "a", reads)
    if shuffled:
        random.Random(2).shuffle(reads)
    with pytest.raises(Refusal, match="sample S1, run L1: found the same reads as in sample S2, run L4"):
        compared(tmp_path, first, counted(tmp_path, "b", reads, together))
    assert not (tmp_path / "c.json").exists()


def test_other_reads_are_not(tmp_path):
    reads = pairs(1)
    other = [*reads[:-1], pairs(2)[0]]
    assert compared(tmp_path, counted(tmp_path, "a", reads), counted(tmp_path, "b", other))["runs_compared"] == 2
