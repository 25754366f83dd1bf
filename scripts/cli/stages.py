"""Rules and their stages, as the rule files name them, without starting Snakemake."""

from __future__ import annotations

from scripts.lib import branches
from scripts.lib.refusal import Refusal
from scripts.lib.registry.problems import nearest
from scripts.lib.rules import named, shared_files


def stages() -> dict[str, str]:
    """Rule -> its stage: the name of its file."""
    files = [*shared_files(), *(path for branch in branches.known().values() for path in branch.rule_files)]
    return {rule: path.stem for path in files for rule in named(path)}


def rules(step: str) -> set[str]:
    """The rules that a step names, which is one of them or a stage. Raises Refusal naming what is near."""
    known = stages()
    found = {rule for rule, stage in known.items() if step in (rule, stage)}
    if not found:
        expected = f"a step as ./filiera status names it{nearest(step, [*known, *known.values()])}"
        raise Refusal("--step", repr(step), expected, "or one of " + ", ".join(sorted(set(known.values()))))
    return found
