"""The site that accidents happen to: a human order, encrypted for two recipients; with `--every` all of the demo's."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import Undisturbed, copied, finish  # noqa: E402

from scripts.demo.generate import PERSON, Size, generate  # noqa: E402
from scripts.lib.files import read_tsv, write_tsv  # noqa: E402

SMALL = Size(contigs={"chr1": 4_000, "chr2": 2_500}, depth=20, compounds=12, gradient=150, targets=0)


@pytest.fixture(scope="session")
def every(request) -> bool:
    return request.config.getoption("--every")


@pytest.fixture
def rng(request) -> random.Random:
    """The same accidents for the same seed, each test its own."""
    return random.Random(f"{request.config.getoption('--seed')} {request.node.name}")


@pytest.fixture(scope="session")
def truth(root, every, tmp_path_factory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    pristine = folder / "pristine"
    generate(pristine, size=SMALL)
    if not every:
        _alone(pristine / "config", PERSON.proposal)
    staged = copied(pristine, folder / "staged")
    subprocess.run(
        [sys.executable, "-m", "snakemake", "--directory", staged, "--cores", "2", "--quiet", "all"],
        cwd=root,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        check=True,
    )
    finished = copied(staged, folder / "finished")
    finish(root, finished)
    return Undisturbed(pristine, staged, finished)


def _alone(config: Path, proposal: str) -> None:
    """Leave one proposal in the sheets."""
    samples = [row for row in read_tsv(config / "samples.tsv") if row["proposal"] == proposal]
    kept = {row["sample"] for row in samples}
    runs = [row for row in read_tsv(config / "runs.tsv") if row["sample"] in kept]
    for name, rows in (("samples", samples), ("runs", runs)):
        write_tsv(config / f"{name}.tsv", list(rows[0]), rows)


@pytest.fixture
def site(tmp_path):
    """Makes a copy of one of the three states, to be disturbed."""

    def make(state: Path, name: str = "site") -> Path:
        shutil.rmtree(tmp_path / name, ignore_errors=True)
        return copied(state, tmp_path / name)

    return make
