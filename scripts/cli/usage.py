"""`./filiera usage`: what jobs asked for and what they used, by rule; and from that, what a run will take.

It goes by this site's own experience, the journals of its earlier runs, and where a rule has not run here by shipped
figures. What neither knows is named, and not guessed.
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
from scripts.cli.shipped import Shipped
from scripts.lib.registry.site import demand

#: Shares of what was asked that say too much, too little.
IDLE, TIGHT = 0.25, 0.9
HEADER = ["rule", "jobs", "CPU h", "wall h", "asked MB", "peak MB", "asked min", "longest", ""]


@dataclass(frozen=True)
class Job:
    """A job that ended well: what it asked for (MB, minutes; 0 where it was not noted; threads) and what it used."""

    rule: str
    wildcards: Mapping[str, str]
    memory_mb: float
    minutes: float
    threads: int
    cpu_s: float
    wall_s: float
    peak_mb: float

    @property
    def service(self) -> str:
        return self.wildcards.get("service", "")

    @property
    def asked_and_used(self) -> dict[str, tuple[float, float]]:
        return {"memory": (self.memory_mb, self.peak_mb), "time": (self.minutes, self.wall_s / 60)}


#: Of a resource, in its own unit: it is asked in steps that nobody needs to tune below this.
WORTH_A_WORD = {"memory": 2000, "time": 120}


@dataclass(frozen=True)
class Estimate:
    """Of planned jobs: CPU and wall hours of those whose like is known, how many of these go by shipped figures, and
    how many of which rules nobody knows."""

    cpu_hours: float
    wall_hours: float
    shipped: int
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
            memory, minutes = asked.get("memory_mb") or 0, asked.get("runtime_min") or 0
            threads = asked.get("threads") or 1
            found.append(Job(event["rule"], event["wildcards"], memory, minutes, threads, *figures))
    return found


def _of_site(site: Path) -> Iterator[Job]:
    """Those of all its runs, the newest first."""
    for folder in journal.folders(site):
        yield from jobs(journal.read(folder / "journal.jsonl"))


def verdicts(found: Iterable[Job]) -> dict[str, list[str]]:
    """Rule -> how its requests differ from its needs: `too little memory` (or time) where a job came near what it
    asked, `too much` where none of them used a quarter of a large request."""
    said: dict[str, list[str]] = {}
    for rule, mine in _by_rule(found).items():
        for resource, least in WORTH_A_WORD.items():
            both = [each for job in mine if (each := job.asked_and_used[resource])[0]]
            most = max((used / asked for asked, used in both), default=0)
            if most > TIGHT:
                said.setdefault(rule, []).append(f"too little {resource}")
            elif most < IDLE and max((asked for asked, _ in both), default=0) > least:
                said.setdefault(rule, []).append(f"too much {resource}")
    return said


def sentence(events: Iterable[dict]) -> str:
    """What to say of a run's requests when it has ended; '' when they fit."""
    rules: dict[str, list[str]] = defaultdict(list)
    for rule, told in verdicts(jobs(events)).items():
        for words in told:
            rules[words].append(rule)
    parts = "; ".join(f"{words} is asked by {', '.join(named)}" for words, named in sorted(rules.items()))
    return f"{parts[:1].upper()}{parts[1:]}: ./filiera usage." if parts else ""


def estimate(site: Path, planned: Iterable[tuple], profile: Path, elsewhere: Shipped) -> Estimate:
    """What planned jobs (rule, wildcards) will take, by the medians of their like: of the same service, else of any,
    as large as they are; else by shipped figures.

    Wall time is what is left when the profile's width is always full, and no less than the longest job.
    """
    like: dict[tuple[str, str], list[Job]] = defaultdict(list)
    for job in _of_site(site):
        for service in {job.service, ""}:
            like[job.rule, service].append(job)
    cpu, busy, longest, shipped = 0.0, 0.0, 0.0, 0
    unknown: dict[str, int] = defaultdict(int)
    cores, most = _width(profile)
    for rule, pairs in planned:
        wildcards = dict(pairs)
        if known := like.get((rule, wildcards.get("service", ""))) or like.get((rule, "")):
            larger = [elsewhere.ratio(rule, wildcards, job.wildcards) for job in known]
            seconds, wall = (
                statistics.median(getattr(job, name) * times for job, times in zip(known, larger, strict=True))
                for name in ("cpu_s", "wall_s")
            )
            threads = statistics.median(job.threads for job in known)
        elif told := elsewhere.figures(rule, wildcards):
            seconds, threads = told
            wall, shipped = seconds / threads, shipped + 1
        else:
            unknown[rule] += 1
            continue
        cpu += seconds
        busy += wall * (min(threads, cores) / cores if cores else 1 / most)
        longest = max(longest, wall)
    return Estimate(cpu / 3600, max(busy, longest) / 3600, shipped, dict(unknown))


def in_words(found: Estimate, disk_gb: float) -> str:
    told = (
        f"About {found.cpu_hours:.2g} CPU h, {found.wall_hours:.2g} h at this profile's width, as such jobs took here"
    )
    if found.shipped:
        told += f" ({found.shipped} of them on another machine, because they have not run here yet)"
    if unknown := ", ".join(f"{count} {rule}" for rule, count in sorted(found.unknown.items())):
        told += f", without what nobody has measured ({unknown})"
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
    said, rows = verdicts(found), []
    for rule, mine in _by_rule(found).items():
        hours = (sum(getattr(job, name) for job in mine) / 3600 for name in ("cpu_s", "wall_s"))
        most = [
            max(job.asked_and_used[resource][which] for job in mine) for resource in WORTH_A_WORD for which in (0, 1)
        ]
        figures = [str(len(mine)), *(f"{each:.2g}" for each in hours), *(f"{each:.0f}" for each in most)]
        rows.append([rule, *figures, f"asks {', '.join(said[rule])}" if rule in said else ""])
    return rows
