"""What is found in the runs of an order: variants with their reads, and the reads after each step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Run(NamedTuple):
    """A run whose primers are off: its place in the order, name, batch, files, reads with primers, and the different
    qualities of its first reads."""

    number: int
    name: str
    batch: str
    forward: str
    reverse: str
    primers: int
    qualities: frozenset[int]


@dataclass
class Found:
    """counts    sequence -> number of a run -> reads
    chimeras  sequences that are chimeras of others
    steps     number of a run -> reads of good quality, and merged
    """

    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    chimeras: set[str] = field(default_factory=set)
    real: set[str] = field(default_factory=set)
    steps: dict[int, dict[str, int]] = field(default_factory=dict)

    def count(self, sequence: str, run: int, reads: int, chimera: bool) -> None:
        mine = self.counts.setdefault(sequence, {})
        mine[run] = mine.get(run, 0) + reads
        (self.chimeras if chimera else self.real).add(sequence)

    def add(self, other: Found) -> None:
        """Take in another batch; what is a variant of its own in one batch is no chimera."""
        for sequence, runs in other.counts.items():
            for run, reads in runs.items():
                self.count(sequence, run, reads, sequence in other.chimeras)
        self.chimeras = (self.chimeras | other.chimeras) - self.real
        self.steps |= other.steps
