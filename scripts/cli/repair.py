"""What depends on what: the jobs of a site as Snakemake plans them, to choose those that a repair is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from scripts.cli import journal


class Graph:
    """Jobs by their key (`journal.job`), and who makes what others read."""

    def __init__(self, planned: Iterable[dict]):
        self.jobs = {journal.job(job): job for job in planned if job["rule"] != "all"}
        makers = {path: key for key, job in self.jobs.items() for path in job["output"]}
        self._before = {
            key: {makers[path] for path in job["input"] if path in makers} for key, job in self.jobs.items()
        }
        self._after: dict[str, set[str]] = defaultdict(set)
        for key, others in self._before.items():
            for other in others:
                self._after[other].add(key)

    def below(self, keys: Iterable[str]) -> set[str]:
        """The jobs that depend on these."""
        return _reached(keys, self._after)

    def above(self, keys: Iterable[str]) -> set[str]:
        """The jobs that these depend on."""
        return _reached(keys, self._before)

    def blocked(self, failed: Collection[str], chosen: Collection[str]) -> set[str]:
        """The jobs that failed and are not to be run again, nor needed for those that are, and what waits for them."""
        bad = {key for key in failed if key in self.jobs} - set(chosen) - self.above(chosen)
        return bad | self.below(bad)

    def last(self, chosen: Collection[str], blocked: Collection[str]) -> set[str]:
        """Of the chosen jobs and all that depends on them and can be run: those on which no other of these depends."""
        reached = (set(chosen) | self.below(chosen)) - set(blocked)
        return {key for key in reached if not self._after.get(key, set()) & reached}


def _reached(keys: Iterable[str], edges: Mapping[str, Collection[str]]) -> set[str]:
    todo, seen = list(keys), set()
    while todo:
        new = set(edges.get(todo.pop(), ())) - seen
        seen |= new
        todo += new
    return seen
