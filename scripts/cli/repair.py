"""What depends on what: the jobs of a site as Snakemake plans them, to choose those that a repair is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from scripts.cli import journal
from scripts.cli.journal import Job, Place


class Graph:
    """Jobs by their key (`journal.job`), and who makes what others read."""

    def __init__(self, planned: Iterable[dict]):
        self.jobs = {journal.job(job): job for job in planned if job["rule"] != "all"}
        makers = {path: key for key, job in self.jobs.items() for path in job["output"]}
        self._before = {
            key: {makers[path] for path in job["input"] if path in makers} for key, job in self.jobs.items()
        }
        self._after: dict[Job, set[Job]] = defaultdict(set)
        for key, others in self._before.items():
            for other in others:
                self._after[other].add(key)

    def outputs(self, keys: Iterable[Job]) -> list[str]:
        """What jobs make."""
        return [path for key in sorted(keys) for path in self.jobs[key]["output"]]

    def places(self, keys: Iterable[Job]) -> set[Place]:
        """What jobs belong to."""
        return {journal.place(self.jobs[key]["wildcards"]) for key in keys}

    def below(self, keys: Iterable[Job]) -> set[Job]:
        """The jobs that depend on these."""
        return _reached(keys, self._after)

    def above(self, keys: Iterable[Job]) -> set[Job]:
        """The jobs that these depend on."""
        return _reached(keys, self._before)

    def blocked(self, failed: Collection[Job], chosen: Collection[Job]) -> set[Job]:
        """The jobs that failed and are not to be run again, nor needed for those that are, and what waits for them."""
        bad = {key for key in failed if key in self.jobs} - set(chosen) - self.above(chosen)
        return bad | self.below(bad)

    def last(self, chosen: Collection[Job], blocked: Collection[Job]) -> set[Job]:
        """Of the chosen jobs and all that depends on them and can be run: those on which no other of these depends."""
        reached = (set(chosen) | self.below(chosen)) - set(blocked)
        return {key for key in reached if not self._after.get(key, set()) & reached}


def _reached(keys: Iterable[Job], edges: Mapping[Job, Collection[Job]]) -> set[Job]:
    todo, seen = list(keys), set()
    while todo:
        new = set(edges.get(todo.pop(), ())) - seen
        seen |= new
        todo += new
    return seen
