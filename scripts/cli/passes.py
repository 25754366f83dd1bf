"""A run's passes of Snakemake: what decides how much is to be done comes first, and what was left over comes last."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from scripts.cli import console, journal
from scripts.lib import made
from scripts.lib.plan.package import wanted
from scripts.lib.plan.paths import fields_of, run_folder
from scripts.lib.registry import Order

#: Takes options for Snakemake, and returns its exit code.
Snakemake = Callable[..., int]
LEFT = "Snakemake left it undone twice and named no cause"


def all_of_it(orders: Iterable[Order], site: Path, folder: Path, options: list[str], snakemake: Snakemake) -> int:
    """Run what is asked for; returns Snakemake's exit code.

    folder  of the run

    What decides how much is to be done is made anew in passes of its own, where that is due: what stays as it was is no
    reason for anything else. (A checkpoint would do without them, but it makes Snakemake plan again while jobs run: it
    forgets then what waits for a retry, and submits running groups twice.)
    """
    code, broken = 0, []
    for known in first(orders, site) if "--" not in options else ():
        code = snakemake(*options, *broken, "--", *known) or code
        if code not in (0, 1):
            return code
        # What failed in one pass, and what waits for it, is not tried again in the next.
        last = journal.jobs(journal.read(folder / "journal.jsonl")).values()
        failed = [path for event in last if event["event"] == "failed" for path in event.get("output", ())]
        broken = ["--omit-from", *failed] if failed else []
    return snakemake(*options, *broken) or code


def first(orders: Iterable[Order], site: Path) -> list[list[str]]:
    """Of what is there already, what decides how much is to be done, pass by pass: intake's verdicts on files that were
    handled since (touched, put back from a backup), then what a branch wants first (the parameters that are proposed to
    a batch: when it gets another pool and the values stay what they were, no run is picked again)."""
    verdicts, wanted_first = {}, {}
    for order in orders:
        for _, run in order.all_runs():
            path = f"{run_folder(order, run)}/intake.json"
            if _older(site / path, [site / each for each in run.received.values()]):
                verdicts[path] = None
        wanted_first |= dict.fromkeys(path for path in order.branch.first(order) if (site / path).is_file())
    return [list(paths) for paths in (verdicts, wanted_first) if paths]


def _older(verdict: Path, received: list[Path]) -> bool:
    """Whether a received file's inode was changed after the verdict on it, by whatever means and to whatever time."""
    try:
        return max(path.stat().st_ctime_ns for path in received) > verdict.stat().st_mtime_ns
    except FileNotFoundError:
        return False


def made_again(site: Path, folder: Path, code: int, again: Callable[[], int]) -> int:
    """Files that are no longer what their jobs made are named, deleted and made once more; returns the exit code.

    folder  of the run
    code    Snakemake's exit code so far
    again   runs what was asked for; returns Snakemake's exit code
    """
    done: set[Path] = set()
    while code == 1 and (found := made.differing(folder) - done):
        done |= found
        for path in sorted(found):
            console.say(f"{path} is not what its job made: it is made again.")
            (site / path).unlink(missing_ok=True)
        code = again()
    return code


def what_was_left(orders: Iterable[Order], site: Path, folder: Path, snakemake: Snakemake) -> int:
    """Once more for orders that a run left unfinished though nothing in their way failed: no order is lost because
    something was forgotten. What is left even then is a failure that the journal tells. Returns Snakemake's exit code,
    0 where nothing was left.

    folder  of the run
    """
    written = folder / "journal.jsonl"
    if not (left := _left(orders, site, written)):
        return 0
    console.say(f"Once more, because Snakemake left it undone: {', '.join(order.id for order in left)}.")
    code = snakemake("--", *(path for order in left for path in wanted(order)))
    for order in _left(left, site, written) if code in (0, 1) else ():
        journal.note(
            written,
            "failed",
            rule="write_manifest",
            wildcards=fields_of(order),
            message=f"Order {order.id}",
            log=[str((folder / "console.log").relative_to(site))],
            cause=LEFT,
        )
    return code


def _left(orders: Iterable[Order], site: Path, written: Path) -> list[Order]:
    events = journal.read(written)
    unfinished = (order for order in orders if not all((site / path).exists() for path in wanted(order)))
    return [order for order in unfinished if not journal.failures(events, order)]
