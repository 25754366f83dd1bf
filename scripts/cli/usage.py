"""`./filiera usage`: what jobs asked for and what they used, by rule; and from that, what a run will take.

All of it is this site's own experience: the journals of its earlier runs. What has never run here is named, and not
guessed.
"""

from __future__ import annotations

import os
import statistics
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from scripts.cli import console, journal
from scripts.lib.registry.site import demand

#: Memory is asked in steps that nobody needs to tune below this, in MB; and shares of it that say too much, too little.
WORTH_A_WORD, IDLE, TIGHT = 2000, 0.25, 0.9
HEADER = ["rule", "jobs", "CPU h", "wall h", "asked MB", "peak MB", ""]


@dataclass(frozen=True)
class Job:
    """A job that ended well: what it asked for (MB; threads) and what it used."""

    rule: str
    service: str
    memory_mb: float
    threads: int
    cpu_s: float
    wall_s: float
    peak_mb: float


@dataclass(frozen=True)
class Estimate:
    """Of planned jobs: CPU and wall hours of those whose like has run here, and how many of which rules have not."""

    cpu_hours: float
    wall_hours: float
    unknown: Mapping[str, int]


def arguments(parser: ArgumentParser) -> None:
    console.site_argument(parser)


def main(arguments) -> int:
    demand(arguments.directory)
    found = list(_of_site(arguments.directory))
    if not found:
        console.tell("No job has run here yet.")
        return 0
    console.tell(console.table(HEADER, _rows(found)))
    return 0


def jobs(events: Iterable[dict]) -> list[Job]:
    """The jobs of a run that ended well, with what each asked for when it was last begun."""
    begun: dict[journal.Job, dict] = {}
    found = []
    for event in events:
        if event["event"] == "started":
            begun[journal.job(event)] = event
        elif event["event"] == "finished" and event["rule"] != "all" and "wall_s" in event:
            asked = begun.get(journal.job(event), {})
            figures = (event[name] for name in ("cpu_s", "wall_s", "peak_mb"))
            service = event["wildcards"].get("service", "")
            memory, threads = asked.get("memory_mb") or 0, asked.get("threads") or 1
            found.append(Job(event["rule"], service, memory, threads, *figures))
    return found


def _of_site(site: Path) -> Iterator[Job]:
    """Those of all its runs, the newest first."""
    for folder in journal.folders(site):
        yield from jobs(journal.read(folder / "journal.jsonl"))


def verdicts(found: Iterable[Job]) -> dict[str, str]:
    """Rule -> how its requests differ from its needs: `too little` where a job came near its memory, `too much` where
    none of them used a quarter of a large one."""
    said = {}
    for rule, mine in _by_rule(found).items():
        shares = [job.peak_mb / job.memory_mb for job in mine if job.memory_mb]
        if shares and max(shares) > TIGHT:
            said[rule] = "asks too little"
        elif shares and max(shares) < IDLE and max(job.memory_mb for job in mine) > WORTH_A_WORD:
            said[rule] = "asks too much"
    return said


def sentence(events: Iterable[dict]) -> str:
    """What to say of a run's requests when it has ended; '' when they fit."""
    said = verdicts(jobs(events))
    parts = [
        f"{words.removeprefix('asks ')} memory is asked by {', '.join(rules)}"
        for words in ("asks too little", "asks too much")
        if (rules := [rule for rule, told in said.items() if told == words])
    ]
    return f"{'; '.join(parts)[:1].upper()}{'; '.join(parts)[1:]}: ./filiera usage." if parts else ""


def estimate(site: Path, planned: Iterable[tuple], profile: Path) -> Estimate:
    """What planned jobs (rule, wildcards) will take, by the medians of their like: of the same service, else of any.

    Wall time is what is left when the profile's width is always full, and no less than the longest job.
    """
    like: dict[tuple[str, str], list[Job]] = defaultdict(list)
    for job in _of_site(site):
        for service in {job.service, ""}:
            like[job.rule, service].append(job)
    cpu, busy, longest = 0.0, 0.0, 0.0
    unknown: dict[str, int] = defaultdict(int)
    cores, most = _width(profile)
    for rule, wildcards in planned:
        known = like.get((rule, dict(wildcards).get("service", ""))) or like.get((rule, ""))
        if not known:
            unknown[rule] += 1
            continue
        wall = statistics.median(job.wall_s for job in known)
        cpu += statistics.median(job.cpu_s for job in known)
        busy += wall * (min(statistics.median(job.threads for job in known), cores) / cores if cores else 1 / most)
        longest = max(longest, wall)
    return Estimate(cpu / 3600, max(busy, longest) / 3600, dict(unknown))


def in_words(found: Estimate, disk_gb: float) -> str:
    told = (
        f"About {found.cpu_hours:.2g} CPU h, {found.wall_hours:.2g} h at this profile's width, as such jobs took here"
    )
    if unknown := ", ".join(f"{count} {rule}" for rule, count in sorted(found.unknown.items())):
        told += f", without what has not run here yet ({unknown})"
    return f"{told}; up to {disk_gb:.2g} GB more on disk."


def _width(profile: Path) -> tuple[int, int]:
    """Cores that a profile works with on this machine, or (0 and) how many jobs it has on a cluster at once."""
    told = yaml.safe_load((profile / "profile.yaml").read_text(encoding="utf-8")) if profile.is_dir() else {}
    if told.get("executor", "local") != "local":
        return 0, max(1, int(told.get("jobs", 1)))
    cores = told.get("cores", "all")
    return (cores if isinstance(cores, int) else len(os.sched_getaffinity(0))), 0


def _by_rule(found: Iterable[Job]) -> dict[str, list[Job]]:
    rules: dict[str, list[Job]] = defaultdict(list)
    for job in found:
        rules[job.rule].append(job)
    return dict(sorted(rules.items()))


def _rows(found: list[Job]) -> list[list[str]]:
    said = verdicts(found)
    return [
        [rule, str(len(mine)), f"{sum(job.cpu_s for job in mine) / 3600:.2g}"]
        + [f"{sum(job.wall_s for job in mine) / 3600:.2g}", f"{max(job.memory_mb for job in mine):.0f}"]
        + [f"{max(job.peak_mb for job in mine):.0f}", said.get(rule, "")]
        for rule, mine in _by_rule(found).items()
    ]
