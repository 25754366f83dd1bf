"""`./filiera status`: where each order, sample and step stands, what failed and why, and the command that goes on.

It reads sheets, looks at files, and reads what the runs wrote down: nothing is started, and nobody is disturbed.
"""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict

from scripts.cli import console, desk, outcome, watch, working
from scripts.cli.progress import FAILED, Board, Failure, Progress

#: States that a run takes further.
UNFINISHED = ("complete", "waiting")
#: States in which a person has to do something else than to start a run.
STUCK = ("failed", "not accepted")
MOST = 20  # samples of an order that are shown; --json shows all
SHOWN = {FAILED: "FAILED"}
THE_ORDER = "(the order)"


def arguments(parser: ArgumentParser) -> None:
    console.site_argument(parser)
    parser.add_argument("--failed", action="store_true", help="only what failed, why, and how to go on")
    parser.add_argument("--json", action="store_true", help="everything, for machines")
    parser.add_argument(
        "--watch",
        nargs="?",
        type=float,
        const=2.0,
        metavar="SECONDS",
        help="again and again while a run is going on (default: every 2 seconds)",
    )


def main(arguments) -> int:
    site, _ = desk.opened(arguments.directory)
    board = Board(site)
    if arguments.watch is not None and not arguments.json:
        board = watch.watch(board, lambda board: "\n".join(text(board, arguments.failed)), arguments.watch)
    elif arguments.json:
        console.tell(console.as_json(facts(board)))
    else:
        for problem in site.problems:
            console.say(str(problem))
        desk.say_closed(site)
        console.tell("\n".join(text(board, arguments.failed)))
    return 1 if stuck(board) else 0


def stuck(board: Board) -> bool:
    """Whether something failed or waits for a person: an error in the sheets, a failed job, samples that do not meet
    the criteria, a package that could not be published."""
    wrong = any(not problem.pending for problem in board.site.problems)
    return wrong or any(one.state in STUCK or _unpublished(one) or one.failures for one in board.orders)


def _unmet(board: Board, one: Progress) -> list[str]:
    return outcome.unmet(board.site.directory, board.site.orders[one.standing.order])


def _unpublished(one: Progress) -> bool:
    return one.outcome.startswith("not ")


def facts(board: Board) -> dict:
    """Everything, for machines; docs/operator.md says what the keys mean."""
    site = board.site
    orders = []
    for one in board.orders:
        steps = {
            sample: {step: asdict(stand) for step, stand in stands.items()} for sample, stands in one.samples.items()
        }
        about = asdict(one.standing) | {"state": one.state, "outcome": one.outcome}
        about["unmet"] = _unmet(board, one)
        about["clear"] = [str(path) for path in working.copies(site.directory, site.orders[one.standing.order])]
        about["package"] = str(one.standing.package) if one.standing.package else None
        orders.append(about | {"steps": steps.pop("", {}), "samples": steps, "command": _command(board, one)})
    return {
        "orders": orders,
        "failures": [asdict(failure) for failure in board.failures()],
        "run": asdict(board.run) if board.run else None,
        "closed": site.closed,
        "still_held": outcome.still_held(site),
        "problems": [str(problem) for problem in site.problems],
    }


def _command(board: Board, one: Progress) -> str:
    """The command that takes an order further, or ''."""
    if one.failures:
        return one.failures[0].command if len(one.failures) == 1 else board.command("rerun", *_proposal(one))
    return board.command("run", *_proposal(one)) if one.state in UNFINISHED else ""


def _proposal(one: Progress) -> tuple[str, str]:
    return "--proposal", one.standing.order.split("/")[0]


def text(board: Board, failed: bool = False) -> list[str]:
    """The same for people, as lines."""
    lines = _run(board)
    if not failed:
        lines += _orders(board)
        for one in board.orders:
            if one.state != "delivered":
                lines += _steps(one)
    failures = board.failures()
    for failure in failures:
        lines += _failure(failure)
    if failed:
        return lines + ([] if failures else ["No job failed."])
    for one in board.orders:
        if one.state == "not accepted":
            lines += ["", f"{one.standing.order}: no sample meets the criteria, and a run changes nothing:"]
            lines += ["waive them in config/waivers.tsv, measure again, or withdraw the samples."]
            lines += [f"  {line}" for line in _unmet(board, one)]
        elif _unpublished(one):
            lines += ["", f"{one.standing.order}: {one.outcome}"]
    lines += _held(outcome.still_held(board.site))
    clear = [working.sentence(board.site.directory, order) for order in board.site.orders.values()]
    lines += [line for said in clear if said for line in ("", said)]
    return lines + _on(board)


def _run(board: Board) -> list[str]:
    run = board.run
    if not run or not run.alive:
        return []
    done = f"{run.finished} of {run.planned} jobs are done, {run.failed} failed"
    lines = [f"A run is going on (since {console.local(run.began)}): {done}."]
    for what, jobs in (("At work since", run.running), ("In the cluster's queue since", run.queued)):
        shown = [f"  {console.local(job['time'])}  {job['message']}{_reason(job)}" for job in jobs]
        lines += [f"{what}:"] if jobs else []
        lines += shown[:MOST] + ([f"  and {len(shown) - MOST} more"] if len(shown) > MOST else [])
    return [*lines, ""]


def _reason(job: dict[str, str]) -> str:
    """Why Slurm lets a job wait."""
    return f" ({reason})" if (reason := job.get("reason", "")) not in ("", "None") else ""


def _orders(board: Board) -> list[str]:
    if not board.orders:
        return ["No orders that could run."]
    rows = []
    for one in board.orders:
        samples = [name for name in one.samples if name]
        done = sum(map(one.finished, samples))
        package = console.shown(one.standing.package) if one.standing.package else "-"
        files = f"{one.standing.done}/{one.standing.total}"
        rows.append([one.standing.order, one.state, f"{done}/{len(samples)}", files, package])
    return console.table(["order", "state", "samples", "files", "newest package"], rows).splitlines()


def _steps(one: Progress) -> list[str]:
    """Samples that are not done, and the order, with each step; then what they wait for."""
    samples = one.samples
    open_ones = [name for name in samples if name and not one.finished(name)]
    columns = list(dict.fromkeys(step for stands in samples.values() for step in stands))
    rows = [
        [
            name or THE_ORDER,
            *(SHOWN.get(stands[step].state, stands[step].state) if step in stands else "" for step in columns),
        ]
        for name in [*open_ones[:MOST], ""]
        if (stands := samples.get(name))
    ]
    lines = ["", one.standing.order]
    lines += console.table(["sample", *columns], rows, indent="  ").splitlines()
    if len(open_ones) > MOST:
        lines.append(f"  and {len(open_ones) - MOST} more samples (--json has all)")
    waits = dict.fromkeys(stand.waits_for for stand in one.cells.values() if stand.waits_for)
    return [*lines, f"  waits for {'; '.join(waits)}"] if waits else lines


def _failure(failure: Failure) -> list[str]:
    whose = ", ".join(failure.orders) + (f", sample {', '.join(failure.samples)}" if failure.samples else "")
    lines = ["", f"{whose}: {failure.step} failed ({failure.rule})", f"  {failure.cause}"]
    if not failure.cause.endswith("."):  # a refusal says all; the words of a tool need those before them
        lines += [f"  | {line}" for line in failure.last if line.strip() != failure.cause]
    return [*lines, f"  log: {' '.join(failure.log)}", f"  put that right, then: {failure.command}"]


def _held(held: dict[str, dict[str, list[str]]]) -> list[str]:
    lines = []
    for order, samples in held.items():
        for sample, versions in samples.items():
            lines += ["", f"{order}: {sample} was withdrawn, but is still in {', '.join(versions)}."]
            lines += [f"It goes with the whole order: ./filiera terminate {order}, and ./filiera purge when it is due."]
    return lines


def _on(board: Board) -> list[str]:
    """What takes the rest further."""
    if board.run and board.run.alive:
        return []
    lines = []
    unfinished = [one for one in board.orders if one.state in UNFINISHED and not one.failures]
    for proposal in dict.fromkeys(_proposal(one)[1] for one in unfinished):
        lines += ["", f"To go on with {proposal}: {board.command('run', '--proposal', proposal)}"]
    if len(failures := board.failures()) > 1:
        lines += ["", f"To go on with all {len(failures)} failed jobs: {board.command('rerun')}"]
    return lines
