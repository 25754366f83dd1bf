"""Starting Snakemake on a site: snapshot, lock, journal, and its exit code."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

from scripts.cli import journal
from scripts.lib import code
from scripts.lib.files import write_tsv
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Order

INTERRUPTED = 130
PROFILES = code.ROOT / "workflow" / "profiles"


def checked(extra: list[str]) -> list[str]:
    """Arguments for Snakemake, unless they would take the place of our own."""
    ours = ("--config", "-C", "--directory", "-d", "--snakefile", "-s", "--profile", "--workflow-profile", "--logger")
    for argument in extra:
        if argument.split("=", 1)[0] in ours:
            raise Refusal("arguments behind --", argument, "none that Filiera sets itself", "use its own options")
    return extra


def profile(name: str) -> Path:
    """The folder of a profile, by name or path. Raises Refusal naming those there are."""
    for folder in (PROFILES / name, Path(name).absolute()):
        if folder.is_dir():
            return folder
    known = ", ".join(sorted(path.name for path in PROFILES.iterdir() if path.is_dir()))
    raise Refusal("--profile", repr(name), f"{known}, or a directory with a profile.yaml", "choose one of these")


@contextmanager
def alone(site: Path) -> Iterator[None]:
    """Hold the site's lock. Raises Refusal when another run of it lives on this machine.

    Snakemake inherits the lock: when the launcher alone is killed, the site is not free before Snakemake has ended.
    """
    folder = site / ".filiera"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            who = handle.read().strip() or "another process"
            found = f"a run or purge that is still going on ({who})"
            raise Refusal(str(site), found, "none", "wait for its end") from None
        handle.truncate(0)
        handle.write(f"process {os.getpid()} since {time.strftime('%Y-%m-%d %H:%M')}")
        handle.flush()
        os.set_inheritable(handle.fileno(), True)
        yield


def died(site: Path) -> bool:
    """Whether Snakemake left its lock here; asked by who holds the site's own, it means that a run was killed."""
    return any((site / ".snakemake" / "locks").glob("*"))


def snapshot(site: Path, proposal: str, orders: Iterable[Order], closed: Mapping[str, str]) -> Path:
    """Copy what the run is made with, so that its jobs never see a sheet change; returns the run's folder.

    orders  those that it runs
    closed  orders that the ledger has closed, with their states: an order that is closed while the run goes on is not
            missed by its jobs
    """
    name = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()) + f"-{os.getpid()}"
    folder = site / journal.RUNS / name
    folder.mkdir(parents=True)
    # By name: editors leave locks and backups beside a sheet that is open.
    (folder / "config").mkdir()
    for path in sorted((site / "config").iterdir()):
        if path.suffix in (".tsv", ".yaml") and not path.name.startswith(".") and path.is_file():
            shutil.copy2(path, folder / "config")
    rows = ({"order": order, "state": state} for order, state in closed.items())
    write_tsv(folder / "config" / "closed.tsv", ["order", "state"], rows)
    about = {
        "run": name,
        "proposal": proposal,
        "orders": [order.id for order in orders],
        "code": code.whole(),
        "python": sys.version.split()[0],
    }
    (folder / "run.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return folder


def _command(site: Path, profile: Path, proposal: str, without: Collection[str], *config: str) -> list[str]:
    """Snakemake's command line, up to what the caller adds."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(code.ROOT / "Snakefile")]
    command += ["--directory", str(site), "--workflow-profile", str(profile)]
    # The comma keeps Snakemake from reading an id as a number.
    chosen = {
        "proposal": f"{proposal}," if proposal else "",
        "without": "".join(f"{name}," for name in sorted(without)),
    }
    values = [*config, *(f"{key}={value}" for key, value in chosen.items() if value)]
    return command + (["--config", *values] if values else [])


def dry_run(site: Path, profile: Path, proposal: str, extra: list[str], without: Collection[str] = ()) -> int:
    """Let Snakemake say what it would do; returns its exit code."""
    return _watched([*_command(site, profile, proposal, without), "--dry-run", "--quiet", "rules", *extra])


def left_to_do(site: Path, profile: Path, proposal: str, without: Collection[str] = ()) -> bool:
    """Whether the orders are less than complete."""
    command = [*_command(site, profile, proposal, without), "--dry-run", "--quiet", "rules"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "Nothing to be done" not in done.stdout + done.stderr


def run(site: Path, profile: Path, proposal: str, extra: list[str], folder: Path, without: Collection[str] = ()) -> int:
    """Run Snakemake with the snapshot in `folder`, and journal there; returns its exit code, or INTERRUPTED.

    without  samples that are left out this time
    """
    command = _command(site, profile, proposal, without, f"snapshot={(folder / 'config').relative_to(site)}")
    if died(site):
        # We hold the site's own lock, so the run that left these is dead; its jobs on a cluster need not be.
        settings = yaml.safe_load((profile / "profile.yaml").read_text(encoding="utf-8")) or {}
        if settings.get("executor", "local") != "local":
            raise Refusal(
                str(site / ".snakemake" / "locks"),
                "the lock of a run that died",
                "none, because its jobs may still be on the cluster and would run twice",
                "cancel what squeue shows of it, remove that folder, and start again",
            )
        subprocess.run([*command, "--unlock"], capture_output=True, check=False)
    plugins = os.pathsep.join([str(code.ROOT), str(code.ROOT / "scripts" / "cli" / "plugins")])
    environment = dict(os.environ, PYTHONPATH=plugins, FILIERA_JOURNAL=str(folder / "journal.jsonl"))
    return _watched([*command, "--logger", "filiera", *extra], environment, folder)


def _watched(command: list[str], environment: dict[str, str] | None = None, folder: Path | None = None) -> int:
    """Run a command, pass on what it says, and keep it in the run's folder; INTERRUPTED when a person ends it."""
    interrupted = threading.Event()

    def note(number, _frame) -> None:
        # Ctrl-C reaches Snakemake too, a plain kill only us: either way it stops its jobs, cleans up, and we wait.
        interrupted.set()
        if folder:
            journal.note_interrupt(folder / "journal.jsonl")
        if number == signal.SIGTERM:
            process.send_signal(signal.SIGINT)

    with (
        open(folder / "console.log" if folder else os.devnull, "a", encoding="utf-8") as log,
        subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, close_fds=False) as process,
    ):
        ours = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            for line in process.stderr:
                log.write(line)
                # What jobs say while they are being stopped helps nobody.
                if not (interrupted.is_set() or line.startswith("Using workflow specific profile")):
                    sys.stderr.write(line)
            ended = process.wait()
        finally:
            for number, handler in ours.items():
                signal.signal(number, handler)
    return INTERRUPTED if interrupted.is_set() else ended
