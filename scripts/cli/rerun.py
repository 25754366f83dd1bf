"""`./filiera rerun`: run again what failed, or one step, and what depends on it; nothing else."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from scripts.cli import console, engine, journal, repair, run, stages, working
from scripts.lib.plan import steps
from scripts.lib.plan.package import wanted
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Order, Site
from scripts.lib.registry.problems import nearest

MB = 1000  # of a GB, as rules count memory


def arguments(parser: ArgumentParser) -> None:
    run.common_arguments(parser)
    parser.add_argument("--sample", default="", metavar="ID", help="this sample alone, pools and blanks included")
    parser.add_argument(
        "--step", default="", metavar="NAME", help="this step alone: a rule or stage, as status names it"
    )
    parser.add_argument(
        "--with-memory",
        type=float,
        default=0,
        metavar="GB",
        help="give these jobs so much memory, whatever they ask (default: twice as much where it was too little)",
    )
    parser.add_argument("--force", action="store_true", help="also what is up to date: a person knows better")
    parser.set_defaults(snakemake=[])


def main(arguments) -> int:
    named = {name: getattr(arguments, name) for name in ("proposal", "sample", "step") if getattr(arguments, name)}
    if arguments.force and not named:
        raise Refusal("--force", "nothing else", "what to run again", "name a proposal, a sample or a step")
    if arguments.with_memory < 0:
        raise Refusal("--with-memory", f"{arguments.with_memory:g}", "GB", "give a number above 0")

    def choose(site: Site, orders: list[Order], profile: Path) -> run.Aim | None:
        # Which steps there are depends on the site's branches.
        rules = stages.rules(arguments.step) if arguments.step else set()
        return _choose(site, orders, profile, arguments, rules, named)

    return run.perform(arguments, choose)


def _choose(site: Site, orders: list[Order], profile: Path, arguments, rules: set[str], named: dict) -> run.Aim | None:
    memory = journal.Memory(site.directory)
    failures = [event for order in orders for event in journal.failures(memory.events(order), order)]
    failed = set(map(journal.job, failures))
    if not failed and not named:
        console.say("Nothing failed in the last run, so there is nothing to repair.")
        return None
    if arguments.sample:
        orders = _with_sample(site, orders, arguments.sample)
    graph = repair.Graph(engine.jobs(site.directory, profile, arguments.proposal))
    within = _named(graph, orders, rules, arguments.sample)
    if not within:
        words = " ".join(f"--{name} {value}" for name, value in named.items())
        raise Refusal("rerun", words, "a step that this has", "see ./filiera status")
    # What failed there; where nothing did, all that is named, as far as it is missing or out of date.
    chosen = within if arguments.force else (within & failed) or within
    blocked = graph.blocked(failed, chosen)
    targets = graph.outputs(graph.last(chosen, blocked))
    reached, waiting = graph.places(chosen | graph.below(chosen)), graph.places(blocked)
    mine = [order for order in orders if journal.place_of(order) in reached]
    targets += [path for order in mine if journal.place_of(order) not in waiting for path in wanted(order)]
    outputs = graph.outputs(chosen)
    if not arguments.force and any(not (site.directory / path).exists() for path in outputs):
        missing = engine.missing(site.directory, profile, arguments.proposal)
        gone = [working.taken_away(site.directory, order) for order in orders]
        targets += [path for path in outputs if path in missing and not any(away(path) for away in gone)]
    more = _more_memory(event for event in failures if journal.job(event) in chosen)
    return run.Aim(mine, named, _options(arguments, graph, chosen, targets, more))


def _named(graph: repair.Graph, orders: list[Order], rules: set[str], sample: str) -> set[journal.Job]:
    """The jobs in the way of these orders that a person means; no rules: all, no sample: any."""
    homes: dict[journal.Place, list[Order]] = defaultdict(list)
    for order in orders:
        for place in journal.places(order):
            homes[place].append(order)
    return {
        key
        for key, job in graph.jobs.items()
        if not rules or job["rule"] in rules
        if any(
            not sample or sample in steps.owners(order, job["wildcards"])
            for order in homes[journal.place(job["wildcards"])]
        )
    }


def _with_sample(site: Site, orders: list[Order], sample: str) -> list[Order]:
    found = [order for order in orders if sample in order.runs]
    if not found:
        known = [name for order in orders for name in order.runs]
        expected = f"a sample that may run{nearest(sample, known)}"
        raise Refusal("--sample", repr(sample), expected, "see ./filiera status and ./filiera check")
    return found


def _more_memory(failures: Iterable[dict]) -> dict[str, int]:
    """Rule -> MB for jobs that ran out of memory: twice what they had, or they would again."""
    asked: dict[str, int] = {}
    for event in filter(journal.out_of_memory, failures):
        asked[event["rule"]] = max(asked.get(event["rule"], 0), 2 * (event.get("memory_mb") or 0))
    return {rule: amount for rule, amount in asked.items() if amount}


def _options(
    arguments, graph: repair.Graph, chosen: set[journal.Job], targets: list[str], more: dict[str, int]
) -> list[str]:
    options = []
    if arguments.force:
        options += ["--forcerun", *(graph.jobs[key]["output"][0] for key in sorted(chosen))]
    if arguments.with_memory:
        more = {rule: round(arguments.with_memory * MB) for rule, *_ in chosen}
    if more:
        options += ["--set-resources", *(f"{rule}:mem_mb={amount}" for rule, amount in sorted(more.items()))]
    return [*options, "--", *dict.fromkeys(targets)]
