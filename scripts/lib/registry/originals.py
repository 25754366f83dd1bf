"""Original names that somebody has to see to: those that cannot be searched for, and those that stand in the sheets."""

from __future__ import annotations

from collections.abc import Iterable

from scripts.lib.names import Names, Spelled, hidden, why_not
from scripts.lib.registry.models import SHARED, Strict
from scripts.lib.registry.private import Key, original
from scripts.lib.registry.problems import Problem
from scripts.lib.registry.site import Site

SHOWN = 5  # pseudonyms in a sentence about many
#: Cells that packages repeat.
PROPOSAL = ("proposal", "title")
SAMPLE = ("sample", "donor", "group", "population", "reason")
RUN = ("run", "library", "flowcell", "batch")


def unsearched(keys: Iterable[Key], ordinary: Iterable[str] = ()) -> list[str]:
    """A sentence for each column and reason for which names cannot be searched for; it tells pseudonyms alone."""
    found: dict[tuple[str, str], list[str]] = {}
    for key in keys:
        for part, name in original(key).items():
            if reason := why_not(name, ordinary):
                found.setdefault((part, reason), []).append(key.sample)
    return [
        f"The {part} of {', '.join(samples[:SHOWN])}{f' and {len(samples) - SHOWN} more' * (len(samples) > SHOWN)}"
        f" cannot be searched for in packages, because {reason}: see yourself that it stands in no file."
        for (part, reason), samples in found.items()
    ]


def openly_named(site: Site, keys: Iterable[Key]) -> list[Problem]:
    """Cells of the sheets that hold an original name: what stands there is delivered."""
    every = (name for key in keys for name in original(key).values())
    names = Names(every, also=site.config.ordinary_words)
    problems = []

    def look(file: str, row: Strict, proposal: str, cells: tuple[str, ...]) -> None:
        for cell in cells:
            if found := names.find(Spelled(getattr(row, cell))):
                concerned = frozenset({proposal} - {SHARED})
                expected = "a pseudonym, because it stands in packages"
                problems.append(Problem(f"config/{file}", hidden(found[0]), expected, None, cell, concerned))

    if not names:
        return []
    for proposal in site.proposals.values():
        look(f"proposals.tsv, {proposal.proposal}", proposal, proposal.proposal, PROPOSAL)
    for sample in site.samples.values():
        look(f"samples.tsv, {sample.sample}", sample, sample.proposal, SAMPLE)
        for run in site.runs.get(sample.sample, ()):
            look(f"runs.tsv, run {run.run} of {sample.sample}", run, sample.proposal, RUN)
    return problems
