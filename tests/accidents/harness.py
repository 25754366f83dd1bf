"""A small site that can be run, killed and held against a run of the same site that nothing disturbed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pysam

from scripts.cli import journal, leftovers, lock
from scripts.delivery import publish, verify
from scripts.ledger import check
from scripts.ledger.store import Ledger
from scripts.lib import made
from scripts.lib.files import read_tsv, remove_tree

END_OF_BGZF = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
MEASURED = "resources.tsv"  # time and memory, different each time
PATIENCE_S = 600  # for a machine that has much else to do


@dataclass(frozen=True)
class Undisturbed:
    """One site in three states, and the digests of every whole file that a run of it may show.

    pristine  as generated
    staged    everything measured, nothing published
    finished  published, and entered in the ledger
    """

    pristine: Path
    staged: Path
    finished: Path

    @property
    def jobs(self) -> int:
        """How many jobs a whole run has: each leaves a benchmark."""
        return sum(1 for _ in (self.staged / "benchmarks").rglob("*.tsv"))

    @property
    def digests(self) -> dict[str, str]:
        """Path below results/ -> SHA-256. What is published and cleared again is known from where it was staged."""
        return {**_digests(self.staged), **_digests(self.finished)}


def _digests(site: Path) -> dict[str, str]:
    results = site / "results"
    files = (path for path in results.rglob("*") if path.is_file() and path.name != MEASURED)
    whole = (path for path in files if path.parent.name != made.FOLDER)  # which tell when it was
    return {str(path.relative_to(results)): _digest(path) for path in whole}


def _digest(path: Path) -> str:
    """SHA-256 of a whole result. Tools write day and place into headers of working files, which nobody gets."""
    data = path.read_bytes()
    if path.suffix == ".bcf":
        assert data.endswith(END_OF_BGZF), f"{path} is cut off"
        with pysam.VariantFile(str(path)) as records:
            data = "".join(map(str, records)).encode()
    return hashlib.sha256(data).hexdigest()


def copied(site: Path, place: Path) -> Path:
    shutil.copytree(site, place, symlinks=True)
    return place


def as_it_should_be(site: Path, truth: Undisturbed) -> None:
    """The same packages, the same results, the same states in the ledger: no more, no less, nothing half done."""
    for order in _orders(truth.finished):
        ours, theirs = (publish.versions(where / "deliveries" / order) for where in (site, truth.finished))
        assert [path.name for path in ours] == [path.name for path in theirs], order
        for mine, yours in zip(ours, theirs, strict=True):
            assert (mine / "manifest.tsv").read_bytes() == (yours / "manifest.tsv").read_bytes(), mine
            assert verify.verify(mine).whole, mine
    assert _orders(site) == _orders(truth.finished)
    assert not list(site.glob("deliveries/*/*/*/.part*"))
    assert _digests(site) == _digests(truth.finished)
    assert states(site) == states(truth.finished)
    assert not check.findings(Ledger(site))


def nothing_half(site: Path, truth: Undisturbed) -> None:
    """Nothing has a final name, in packages or results, but what an undisturbed run has there, byte for byte."""
    for order in _orders(site):
        for version in publish.versions(site / "deliveries" / order):
            assert verify.verify(version).whole, version
            assert (version / "manifest.tsv").read_bytes() == (
                truth.finished / "deliveries" / order / version.name / "manifest.tsv"
            ).read_bytes()
    whole = truth.digests
    for path in (site / "results").rglob("*"):
        name = str(path.relative_to(site / "results"))
        if path.is_file() and not leftovers.UNFINISHED.search(path.name) and name in whole:
            known = incomplete(site, name)
            assert _digest(path) == whole[name], f"{name} is half a file (does Snakemake know? {known})"


def incomplete(site: Path, name: str) -> bool:
    """Whether Snakemake knows that a result is not whole."""
    key = urlsafe_b64encode(f"results/{name}".encode()).decode()
    return any(key.endswith(path.name) for path in (site / ".snakemake/incomplete").rglob("*"))


def _orders(site: Path) -> list[str]:
    return sorted(str(path.relative_to(site / "deliveries")) for path in site.glob("deliveries/*/*/*"))


def states(site: Path) -> dict[str, tuple]:
    """Order -> its state in the ledger and its versions."""
    accounts = Ledger(site).accounts()
    return {order: (one.state, [version.number for version in one.versions]) for order, one in accounts.items()}


def unpublished(site: Path) -> None:
    remove_tree(site / "deliveries")
    remove_tree(site / "ledger")


# --- running and ending -----------------------------------------------------------------------------------------------


@contextmanager
def launched(
    checkout: Path, site: Path, *arguments: str, environment: dict | None = None, largest: int | None = None
) -> Iterator[subprocess.Popen]:
    """`./filiera run` in a session of its own; whatever is left of it at the end is killed.

    largest  bytes that any file may have: what is written beyond fails in its middle, as on a full disk
    """
    limited = ["prlimit", f"--fsize={largest}"] if largest is not None else []
    with (
        open(site / "said.txt", "w+", encoding="utf-8") as said,
        subprocess.Popen(
            [*limited, checkout / "filiera", "run", "--directory", site, *arguments],
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            lock.stop_jobs(site)
            process.kill()


def ended(process: subprocess.Popen, site: Path) -> tuple[int, str]:
    """The exit code, and all that was said."""
    code = process.wait(PATIENCE_S)
    return code, (site / "said.txt").read_text(encoding="utf-8")


def finish(checkout: Path, site: Path, *arguments: str) -> str:
    """The same command, to its good end; what it said."""
    with launched(checkout, site, *arguments) as process:
        code, words = ended(process, site)
    assert code == 0, words
    return words


def kill_tree(process: subprocess.Popen, site: Path) -> None:
    """SIGKILL to everything at once, as when the machine goes down."""
    os.killpg(process.pid, signal.SIGKILL)
    lock.stop_jobs(site)
    process.wait()


def snakemake_of(process: subprocess.Popen) -> psutil.Process:
    for one in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.ZombieProcess):  # another program that the launcher called has ended
            if "snakemake" in one.cmdline():
                return one
    raise LookupError("Snakemake is not running")


def wait_for(process: subprocess.Popen, happened) -> bool:
    """Wait until something is so; False when the run ended before."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        if process.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def events(site: Path, before: Path | None) -> int:
    """How many events the run has written down that began after `before`."""
    run = journal.newest(site)
    return len((run / "journal.jsonl").read_bytes().splitlines()) if run and run != before else 0


def manifest(site: Path, order: str) -> list[dict[str, str]]:
    return read_tsv(publish.versions(site / "deliveries" / order)[-1] / "manifest.tsv")
