"""What a cluster's partitions give, held against what a run will ask before anything is submitted.

A job that asks more than its partition gives is not refused by every Slurm: it waits for ever. Jobs that are submitted
together ask for the time of all, which may be too long where each by itself is not: such a group falls apart into its
rules.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scripts.lib.refusal import Refusal
from scripts.lib.registry.models import Cluster

#: What is asked -> its unit.
UNITS = {"runtime": "minutes", "mem_mb": "MB", "cpus": "cores"}
#: As Slurm writes a time: [days-]hours:minutes:seconds.
TIME = re.compile(r"(?:(\d+)-)?(\d+):(\d+):(\d+)")


@dataclass(frozen=True)
class Partition:
    """The most that a job of a partition gets: minutes, MB and cores of one node."""

    name: str
    runtime: float = math.inf
    mem_mb: float = math.inf
    cpus: float = math.inf

    def takes(self, asked: Mapping[str, Any]) -> bool:
        named = asked.get("slurm_partition") or self.name
        return named == self.name and all(asked.get(kind, 0) <= getattr(self, kind) for kind in UNITS)

    def __str__(self) -> str:
        given = [f"{getattr(self, kind):g} {unit}" for kind, unit in UNITS.items() if getattr(self, kind) < math.inf]
        return f"{self.name} ({', '.join(given) or 'no limit'})"


def offered(shown: str, nodes: str) -> dict[str, Partition]:
    """The partitions that Slurm has, by name. Of nodes that differ the one with most memory counts, and of these that
    with most cores.

    shown    what `scontrol --oneliner show partition` answers
    nodes    what `sinfo --Node --noheader --format "%R %c %m"` answers: partition, cores and MB of each node
    """
    rows = [row for row in map(str.split, nodes.splitlines()) if len(row) == 3]
    found = {}
    for facts in _facts(shown):
        name = facts["PartitionName"]
        sizes = [(float(row[2]), float(row[1])) for row in rows if row[0] == name]
        mem_mb, cpus = max(sizes, default=(math.inf, math.inf))
        found[name] = Partition(
            name,
            _minutes(facts.get("MaxTime", "")),
            min(mem_mb, _number(facts.get("MaxMemPerNode", ""))),
            min(cpus, _number(facts.get("MaxCPUsPerNode", ""))),
        )
    return found


def _facts(shown: str) -> list[dict[str, str]]:
    facts = [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in shown.splitlines()]
    return [one for one in facts if "PartitionName" in one]


def chosen(shown: str, there: Mapping[str, Partition], cluster: Cluster) -> list[Partition]:
    """Those that jobs may go to: the ones that config names, with its own limits, else Slurm's default. Raises Refusal
    where Slurm has none of that name, or no default.

    shown  and `there`: what Slurm has, as `offered` reads it
    """
    names = list(cluster.partitions) or [one["PartitionName"] for one in _facts(shown) if one.get("Default") == "YES"]
    all_of_them = ", ".join(there) or "none"
    for name in names:
        if name not in there:
            where = "config/config.yaml, cluster.partitions"
            raise Refusal(where, repr(name), f"a partition of this Slurm ({all_of_them})", "correct its name")
    if not names:
        cure = "name those for Filiera's jobs under cluster.partitions in config/config.yaml"
        raise Refusal("Slurm", "no default partition", f"one, or partitions in config (it has {all_of_them})", cure)
    return [_narrowed(there[name], cluster.partitions.get(name)) for name in names]


def _narrowed(partition: Partition, config: Any) -> Partition:
    """With the limits that config sets besides."""
    if config is None:
        return partition
    return replace(
        partition,
        runtime=min(partition.runtime, config.max_runtime or math.inf),
        mem_mb=min(partition.mem_mb, config.max_mem_mb or math.inf),
        cpus=min(partition.cpus, config.max_threads or math.inf),
    )


def _minutes(text: str) -> float:
    found = TIME.fullmatch(text)
    if not found:
        return math.inf
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return (days * 24 + hours) * 60 + minutes + seconds // 60


def _number(text: str) -> float:
    return float(text) if text.isdigit() and int(text) else math.inf


def for_the_executor(partitions: Iterable[Partition]) -> dict[str, Any]:
    """The same as the executor's file of partitions has it."""
    names = {"runtime": "max_runtime", "mem_mb": "max_mem_mb", "cpus": "max_threads"}
    return {
        "partitions": {
            one.name: {
                theirs: int(getattr(one, ours)) for ours, theirs in names.items() if getattr(one, ours) < math.inf
            }
            for one in partitions
        }
    }


def fitting(profile: Mapping[str, Any], partitions: list[Partition], submissions: list[dict]) -> list[str]:
    """Snakemake's arguments that make a run's submissions fit, at every attempt; none where they do.

    profile      its settings
    submissions  as `planning.submissions` gives them

    Raises Refusal that names the rules of which a job by itself fits nowhere.
    """
    attempts = 1 + int(profile.get("retries", 0))
    largest = _largest(submissions)
    _refuse(largest, partitions)
    broken = {
        profile["groups"][job["rule"]]  # groups of several names may have met in one
        for one in submissions
        if len(one["jobs"]) > 1 and not _taken(partitions, one | {"runtime": one["runtime"] * attempts})
        for job in one["jobs"]
    }
    return _apart(profile, partitions, largest, broken, attempts) + _held_down(profile, partitions, largest, attempts)


def _taken(partitions: list[Partition], asked: Mapping[str, Any]) -> bool:
    return any(one.takes(asked) for one in partitions)


def _largest(submissions: list[dict]) -> dict[str, dict[str, Any]]:
    """Rule -> the most that a job of it asks, and the name of one that does."""
    found: dict[str, dict[str, Any]] = {}
    for job in (job for one in submissions for job in one["jobs"]):
        so_far = found.setdefault(job["rule"], dict(job))
        if any(job.get(kind, 0) > so_far.get(kind, 0) for kind in UNITS):
            most = {kind: max(job.get(kind, 0), so_far.get(kind, 0)) for kind in UNITS}
            found[job["rule"]] = job | most
    return found


def _refuse(largest: Mapping[str, dict], partitions: list[Partition]) -> None:
    misfits = [
        f"{rule} ({asked['name']}) asks {', '.join(f'{asked.get(kind, 0)} {unit}' for kind, unit in UNITS.items())}"
        for rule, asked in largest.items()
        if not _taken(partitions, asked)
    ]
    if misfits:
        raise Refusal(
            "Slurm's partitions",
            "; ".join(misfits),
            f"no more than one of them gives: {', '.join(map(str, partitions))}",
            "name one that gives it under cluster.partitions in config/config.yaml",
        )


def _apart(
    profile: Mapping[str, Any],
    partitions: list[Partition],
    largest: Mapping[str, dict],
    broken: set[str],
    attempts: int,
) -> list[str]:
    """Groups that are too long fall apart into their rules, of which as many jobs are submitted together as fit."""
    if not broken:
        return []
    groups, together = dict(profile["groups"]), dict(profile.get("group-components", {}))
    for number, (rule, group) in enumerate(profile["groups"].items()):
        if group not in broken:
            continue
        groups[rule] = f"{group}_{number}"
        together.pop(group, None)
        longest = max((one.runtime for one in partitions if rule in largest and one.takes(largest[rule])), default=0)
        fit = min(longest / (largest[rule]["runtime"] * attempts), 100) if longest else 0
        if fit >= 2:
            together[groups[rule]] = int(fit)
    words = ["--groups", *(f"{rule}={group}" for rule, group in groups.items())]
    joined = [f"{group}={count}" for group, count in together.items()]
    return words + (["--group-components", *joined] if joined else [])


def _held_down(
    profile: Mapping[str, Any], partitions: list[Partition], largest: Mapping[str, dict], attempts: int
) -> list[str]:
    """A retry asks for more, but never for more than there is."""
    held = []
    for rule, asked in largest.items():
        last = asked | {kind: asked.get(kind, 0) * attempts for kind in ("runtime", "mem_mb")}
        if _taken(partitions, last):
            continue
        roomiest = max(
            (one for one in partitions if one.takes(asked)),
            key=lambda one: min(getattr(one, kind) / max(last[kind], 1) for kind in ("runtime", "mem_mb")),
        )
        for kind in ("runtime", "mem_mb"):
            if last[kind] > (most := getattr(roomiest, kind)):
                held.append(f"{rule}:{kind}=min({asked[kind]} * attempt, {most:.0f})")
    theirs = profile.get("set-resources", {})
    kept = [f"{rule}:{kind}={value}" for rule, values in theirs.items() for kind, value in values.items()]
    return ["--set-resources", *kept, *held] if held else []
