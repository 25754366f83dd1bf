"""A small site of both domains, run once; tests that change it work on a copy."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pyopenms as oms
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "attacks"))

import italian

from scripts.cli import journal
from scripts.demo.generate import Size, generate
from scripts.ledger.store import Ledger
from scripts.lib import registry
from scripts.lib.files import read_tsv, remove_tree, write_tsv
from scripts.lib.mzml import store
from scripts.lib.registry import private

SMALL = Size(contigs={"chr1": 8_000, "chr2": 5_000}, depth=30, compounds=12, gradient=150, human=False, targets=0)
READ, SPAN = 100, 300  # bases of a read, and of a fragment at most


@dataclass(frozen=True)
class Answer:
    """What one call of the launcher said, and the jobs that it finished or saw fail (rule -> number)."""

    code: int
    out: str
    err: str
    jobs: Counter
    failed: Counter


@dataclass(frozen=True)
class Launcher:
    """`./filiera` of a checkout."""

    checkout: Path

    def __call__(self, command: str, site: Path, *arguments: str) -> Answer:
        before = journal.newest(site)
        done = subprocess.run(
            [self.checkout / "filiera", command, "--directory", site, *arguments], capture_output=True, text=True
        )
        newest = journal.newest(site)
        events = journal.read(newest / "journal.jsonl") if newest and newest != before else []
        counts = {
            kind: Counter(event["rule"] for event in events if event["event"] == kind and event["rule"] != "all")
            for kind in ("finished", "failed")
        }
        return Answer(done.returncode, done.stdout, done.stderr, counts["finished"], counts["failed"])


@pytest.fixture(scope="session")
def filiera(root) -> Launcher:
    return Launcher(root)


@pytest.fixture(scope="session")
def finished(filiera, tmp_path_factory) -> tuple[Path, Answer]:
    """The small site after its first run, on a path with a space, and what the launcher said. Its table of original
    names holds a thousand of the commonest, none of which stands in what is delivered."""
    site = tmp_path_factory.mktemp("a site") / "small"
    generate(site, size=SMALL)
    Ledger(site).begin_rehearsal("ada", datetime.now(UTC))  # tests give the time
    keys = [
        private.Key(sample=f"K{number}", name=name, proposal="P001", parcel="X1", barcode=f"FX{number:06}")
        for number, name in enumerate(italian.people(1000))
    ]
    private.write_keys(site, registry.load(site).config, keys)
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    return site, answer


@pytest.fixture
def site(finished, tmp_path) -> Path:
    """A copy of the finished site, times and all, to be changed."""
    copy = tmp_path / "site copy"
    shutil.copytree(finished[0], copy, symlinks=True)
    return copy


@pytest.fixture
def edited(root, tmp_path) -> Launcher:
    """The launcher of a copy of the checkout, whose code may be changed."""
    copy = tmp_path / "checkout"
    for name in ("scripts", "workflow", "config", "envs", "resources"):
        shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("filiera", "Snakefile", "pyproject.toml"):
        shutil.copy2(root / name, copy / name)
    os.symlink(root / ".venv", copy / ".venv")
    return Launcher(copy)


@cache
def as_nobody() -> list[str]:
    """Before a command, where the tests run as root: it runs as another user, in a machine without network. He may read
    all that root may where the tests' Python lies in a folder that only root may enter."""
    if os.getuid():
        return []
    alone = ["unshare", "--net", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    # By a shell: setpriv itself keeps root's rights until it has started something.
    if subprocess.run([*alone, "sh", "-c", f"'{sys.executable}' -c ''"], capture_output=True).returncode == 0:
        return alone
    return [*alone, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]


def as_if_never_published(site: Path) -> None:
    """Take the packages away, and what the ledger knows of them: without the ledger's word they would not come back."""
    remove_tree(site / "deliveries")
    remove_tree(site / "ledger")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def inject(site: Path, like: str, run: str, injection: int, sample: str = "", keep: Callable = np.isfinite) -> Path:
    """Another injection of the material of run `like` in the sheet, for this sample or the same one; `keep` chooses
    centroids by their intensities. Values differ a little, or intake would see that the data are the same."""
    rows = read_tsv(site / "config" / "runs.tsv")
    old = next(row for row in rows if row["run"] == like)
    new = old | {"run": run, "injection": injection, "file": f"raw/metabolomics/{run}.mzML", "sha256": ""}
    new["sample"] = sample or old["sample"]
    experiment = oms.MSExperiment()
    oms.MzMLFile().load(str(site / old["file"]), experiment)
    for number in range(experiment.size()):
        spectrum = experiment[number]
        mz, counts = spectrum.get_peaks()
        mz, counts = mz[keep(counts)], counts[keep(counts)]
        scatter = np.sin(np.arange(len(mz)) + number)
        spectrum.set_peaks((mz * (1 + 2e-7 * scatter), counts * (1 + 0.02 * scatter)))
        experiment[number] = spectrum
    store(experiment, site / new["file"])
    write_tsv(site / "config" / "runs.tsv", list(old), [*rows, new])
    return site / new["file"]


def sequence_reads(copies: list[tuple[str, float]], folder: Path, run: str, rng: random.Random) -> list[str]:
    """So many times of each copy of a chromosome as a gzipped FASTQ pair; their paths relative to the site."""
    names = [f"reads/{run}_R{mate}.fastq.gz" for mate in (1, 2)]
    turned = str.maketrans("ACGT", "TGCA")
    with gzip.open(folder / names[0], "wt") as first, gzip.open(folder / names[1], "wt") as second:
        for number, (copy, depth) in enumerate(copies):
            for read in range(int(len(copy) * depth / (2 * READ))):
                # Uniform up to the ends, so that they are covered like the middle.
                start = min(max(rng.randrange(-SPAN // 2, len(copy) - SPAN // 2), 0), len(copy) - SPAN)
                span = copy[start : start + SPAN - rng.randrange(60)]
                for handle, bases in ((first, span[:READ]), (second, span[-READ:].translate(turned)[::-1])):
                    handle.write(f"@{run}:{number}:{read}\n{bases}\n+\n{'I' * READ}\n")
    return names


def packaging(orders: int) -> Counter:
    """The jobs that make packages of so many orders, once their files are staged."""
    return Counter(dict.fromkeys(("list_accepted_files", "describe_package", "search_leaks", "write_manifest"), orders))


def status_of(filiera: Launcher, site: Path) -> dict:
    """What `./filiera status --json` says."""
    return json.loads(filiera("status", site, "--json").out)


def standing(filiera: Launcher, site: Path) -> dict[str, dict]:
    """Order id -> its standing, as `./filiera status --json` says."""
    return {order["order"]: order for order in status_of(filiera, site)["orders"]}
