"""One run or purge of a site at a time; what a dead one left is cleared away, and nothing of a living one is.

The lock is the file `.filiera/lock`. Who takes it holds it by flock, which ends with the process however that ends, and
writes into it who he is; who ends well empties it. What stands in a file that nobody holds was left by one that died.
On file systems whose flock does not reach other machines, what a machine wrote there is taken for living by all others.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import psutil

from scripts.cli import desk, journal, leftovers, places, slurm
from scripts.lib.refusal import Refusal

#: In the environment of Snakemake and of its jobs: whose they are.
MARK = "FILIERA_SITE"
BOOT = Path("/proc/sys/kernel/random/boot_id")
#: Who only asks (`living`) has the file for an instant: seconds after which it is looked at again.
LOOKS = (0.05, 0.2)


@dataclass(frozen=True)
class Holder:
    """Who holds a site's lock, or died with it.

    what  `run` or `purge`
    boot  names one start of the machine: after a reboot it is another
    """

    what: str
    by: str
    host: str
    boot: str
    process: int
    since: str

    def __str__(self) -> str:
        return f"{self.what} of {self.by} on {self.host}, process {self.process}, since {self.since}"

    @property
    def elsewhere(self) -> bool:
        """Whether it was on another machine, where a process cannot be looked for from here."""
        return self.boot != _boot() and self.host != socket.gethostname()


@contextmanager
def alone(site: Path, what: str, overrule: bool = False) -> Iterator[Holder | None]:
    """Hold the site's lock; yields who died with it, if somebody did, when all that he left is cleared away.

    overrule  a person answers for it that what cannot be looked at from here (another machine) is dead

    Raises Refusal when another run or purge lives, or may live. Snakemake inherits the lock: when the launcher alone is
    killed, the site is not free before Snakemake has ended.
    """
    site = site.resolve()
    places.check(site)
    (site / ".filiera").mkdir(exist_ok=True)
    with open(site / ".filiera" / "lock", "a+", encoding="utf-8") as handle:
        _take(site, handle)
        dead = _read(handle)
        if not overrule:
            _refuse_unknown(site, dead)
        _clear(site, dead)
        me = Holder(what, desk.actor(), socket.gethostname(), _boot(), os.getpid(), time.strftime("%Y-%m-%d %H:%M"))
        _write(handle, json.dumps(asdict(me)))
        os.set_inheritable(handle.fileno(), True)
        try:
            yield dead
        finally:
            # Where Snakemake alone was killed, its lock and its jobs are still there: the next one clears them away.
            if not _snakemakes(site):
                _write(handle, "")


def living(site: Path) -> Holder | None:
    """Who holds the site's lock now, on this machine or (as far as the file system tells) another; None: nobody."""
    try:
        with open(site / ".filiera" / "lock", encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _read(handle)
            holder = _read(handle)
            return holder if holder and holder.elsewhere else None
    except FileNotFoundError:
        return None


def _take(site: Path, handle: IO[str]) -> None:
    try:
        for wait in (*LOOKS, None):
            try:
                return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if wait is None:
                    raise
                time.sleep(wait)
    except BlockingIOError:
        found = f"a run or purge that is still going on ({_read(handle) or 'another process'})"
        raise Refusal(str(site), found, "none", "wait for its end") from None
    except OSError as error:
        cure = "put the site on one, or mount it so (Lustre: -o flock)"
        raise Refusal(str(site), f"no lock to be had ({error.strerror})", "a file system with locks", cure) from error


def _refuse_unknown(site: Path, dead: Holder | None) -> None:
    unlock = f"./filiera unlock --directory '{site}'"
    if dead and dead.elsewhere:
        found = f"the lock of a {dead}, which did not end it"
        cure = f"see there whether it lives (ps -p {dead.process}), and if not: {unlock}"
        raise Refusal(str(site), found, "none, or one of this machine", cure)
    if not dead and _snakemakes(site):
        found = "a lock that no run of Filiera left, so somebody started Snakemake itself"
        cure = f"wait for its end, or, where it is dead: {unlock}"
        raise Refusal(str(site / ".snakemake" / "locks"), found, "none", cure)


def _clear(site: Path, dead: Holder | None) -> None:
    """Stop the jobs that a dead run left on this machine, take away what they were writing, and Snakemake's lock."""
    stop_jobs(site)
    if _snakemakes(site):
        _end_jobs_elsewhere(site)
        shutil.rmtree(site / ".snakemake" / "locks")
    if dead:
        leftovers.clear(site)


def jobs(site: Path) -> list[psutil.Process]:
    """Snakemake and its jobs, as far as they live on this machine."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):  # not ours, or gone
            if process.environ().get(MARK) == str(site):
                found.append(process)
    return found


def stop_jobs(site: Path) -> None:
    """Kill them."""
    left = jobs(site)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=10)  # what hangs in a dead network disk dies before it writes again


def _end_jobs_elsewhere(site: Path) -> None:
    """End what the dead run left on a cluster. Raises Refusal where that cannot be done from here."""
    run = journal.newest(site)
    executor = slurm.settings(run / "profile").get("executor", "local") if run else "local"
    if executor == slurm.EXECUTOR:
        slurm.cancel({folder.name for folder in run.parent.iterdir()})
    elif executor != "local":
        raise Refusal(
            str(site / ".snakemake" / "locks"),
            "the lock of a run that died",
            f"none, because its jobs may still be under way ({executor}) and would run twice",
            "end what is left of it, remove that folder, and start again",
        )


def _snakemakes(site: Path) -> bool:
    """Whether Snakemake's own lock is there."""
    return any((site / ".snakemake" / "locks").glob("*"))


def _read(handle: IO[str]) -> Holder | None:
    handle.seek(0)
    try:
        return Holder(**json.loads(handle.read()))
    except (ValueError, TypeError):
        return None  # empty, or its writer died before a word of it was written


def _write(handle: IO[str], text: str) -> None:
    handle.truncate(0)
    handle.write(text)
    handle.flush()


def _boot() -> str:
    return BOOT.read_text(encoding="ascii").strip() if BOOT.exists() else ""
