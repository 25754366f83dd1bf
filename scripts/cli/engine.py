"""Starting Snakemake on a site: snapshot, journal, and its exit code."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from scripts.cli import console, journal, lock, planning
from scripts.lib import code, files
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


def snapshot(
    site: Path,
    proposal: str,
    orders: Iterable[Order],
    closed: Mapping[str, str],
    aim: Mapping[str, Any],
    human: bool = False,
) -> Path:
    """Copy what the run is made with, so that its jobs never see a sheet change; returns the run's folder.

    orders  those that it runs
    closed  orders that the ledger has closed, with their states: an order that is closed while the run goes on is not
            missed by its jobs
    aim     what was asked for, where it is less than everything of these orders
    human   the sheets tell of persons: their copies are for the operator alone. No copy is ever open to more people
            than the sheet that it was made of
    """
    name = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()) + f"-{os.getpid()}"
    folder = site / journal.RUNS / name
    folder.mkdir(parents=True)
    with files.kept_from_others(0o077 if human else 0):
        (folder / "config").mkdir(mode=files.mode(site / "config"))
        # By name: editors leave locks and backups beside a sheet that is open.
        for path in sorted((site / "config").iterdir()):
            if path.suffix in (".tsv", ".xlsx", ".yaml") and not path.name.startswith((".", "~$")) and path.is_file():
                _copy(path, folder / "config" / path.name)
        if (site / "branches").is_dir():
            hidden = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(site / "branches", folder / "branches", ignore=hidden)
        rows = ({"order": order, "state": state} for order, state in closed.items())
        files.write_tsv(folder / "config" / "closed.tsv", ["order", "state"], rows)
    about = {
        "run": name,
        "proposal": proposal,
        "orders": [order.id for order in orders],
        "aim": dict(aim),
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "code": code.whole(),
        "python": sys.version.split()[0],
    }
    (folder / "run.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return folder


def _copy(source: Path, target: Path) -> None:
    """A copy with its time, whose mode is the original's from the first byte on, as far as the umask allows it."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, files.mode(source))
    with open(source, "rb") as original, open(descriptor, "wb") as copy:
        shutil.copyfileobj(original, copy)
    about = source.stat()
    os.utime(target, ns=(about.st_atime_ns, about.st_mtime_ns))


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


def dry_run(
    site: Path,
    profile: Path,
    orders: Iterable[Order],
    extra: list[str],
    without: Collection[str],
    first: Collection[str],
    takes: Callable[[Iterable[tuple]], str],
) -> int:
    """Say what a run would do; returns the exit code.

    first  files that are made in a pass before the rest, which decide how much that is
    takes  says in a sentence what jobs will take
    """
    proposals = list(dict.fromkeys(order.proposal.proposal for order in orders))
    if jobs := planning.planned(lambda some: [*_command(site, profile, some, without)[3:], *extra], proposals, first):
        console.tell(console.table(["jobs", "rule", "because"], planning.table(jobs)))
        console.tell(f"\n{len(jobs)} jobs. {takes(jobs)} This was a dry run: nothing was done.")
    else:
        console.tell("Nothing to be done: everything is up to date.")
    return 0


def jobs(site: Path, profile: Path, proposal: str) -> list[dict]:
    """Every job that the orders consist of, done or not, with its inputs and outputs, as Snakemake plans them.

    Raises Refusal with Snakemake's last words when it cannot.
    """
    return planning.everything(_command(site, profile, proposal, ())[3:])


def submissions(
    site: Path, profile: Path, orders: Iterable[Order], extra: list[str], without: Collection[str]
) -> list[dict]:
    """What a run will submit to a cluster (see `planning.submissions`)."""
    proposals = list(dict.fromkeys(order.proposal.proposal for order in orders))
    return planning.submissions(lambda some: [*_command(site, profile, some, without)[3:], *extra], proposals)


def missing(site: Path, profile: Path, proposal: str) -> set[str]:
    """The outputs of all jobs that are not there and were not meant to go: an intermediate result that somebody
    deleted is not missed as long as what was made of it is there."""
    command = [*_command(site, profile, proposal, ()), "--summary"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return {row[0] for row in rows if len(row) == 6 and row[4] == "missing"}


def left_to_do(site: Path, profile: Path, proposal: str, without: Collection[str] = ()) -> bool:
    """Whether the orders are less than complete."""
    return bool(planning.planned(lambda some: _command(site, profile, some, without)[3:], [proposal]))


def run(site: Path, profile: Path, proposal: str, extra: list[str], folder: Path, without: Collection[str] = ()) -> int:
    """Run Snakemake with the snapshot in `folder`, and journal there; returns its exit code, or INTERRUPTED.

    without  samples that are left out this time
    """
    command = _command(site, profile, proposal, without, f"snapshot={(folder / 'config').relative_to(site)}")
    (folder / "profile").mkdir(exist_ok=True)
    for path in filter(Path.is_file, profile.iterdir()):
        shutil.copy2(path, folder / "profile")
    environment = _journaled(folder / "journal.jsonl") | {lock.MARK: str(site)}
    return _watched([*command, "--logger", "filiera", *extra], environment, folder)


def _journaled(path: Path) -> dict[str, str]:
    """The environment in which Snakemake finds our logger, and the logger its journal."""
    plugins = os.pathsep.join([str(code.ROOT), str(code.ROOT / "scripts" / "cli" / "plugins")])
    return dict(os.environ, PYTHONPATH=plugins, FILIERA_JOURNAL=str(path))


def _watched(command: list[str], environment: dict[str, str] | None = None, folder: Path | None = None) -> int:
    """Run a command, pass on what it says, and keep it in the run's folder; INTERRUPTED when a person ends it."""
    interrupted = threading.Event()

    def note(number, _frame) -> None:
        # Ctrl-C reaches Snakemake too, a plain kill only us: either way it stops its jobs, cleans up, and we wait.
        interrupted.set()
        if folder:
            # Jobs that fail from now on were killed for it.
            journal.note(folder / "journal.jsonl", "interrupted")
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
                    console.say(line.rstrip("\n"))
            ended = process.wait()
        finally:
            for number, handler in ours.items():
                signal.signal(number, handler)
    return INTERRUPTED if interrupted.is_set() else ended
