"""Rules and their stages, as the rule files name them, without starting Snakemake."""

from __future__ import annotations

import re
from functools import cache

from scripts.lib import branches
from scripts.lib.code import ROOT
from scripts.lib.refusal import Refusal
from scripts.lib.registry.problems import nearest

RULE = re.compile(r"^(?:rule (\w+)|use rule \w+ as (\w+) with):$", re.MULTILINE)


@cache
def stages() -> dict[str, str]:
    """Rule -> its stage: the name of its file."""
    files = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
    files += [path for branch in branches.known().values() for path in branch.rule_files]
    return {one or other: path.stem for path in files for one, other in RULE.findall(path.read_text("utf-8"))}


def rules(step: str) -> set[str]:
    """The rules that a step names, which is one of them or a stage. Raises Refusal naming what is near."""
    known = stages()
    found = {rule for rule, stage in known.items() if step in (rule, stage)}
    if not found:
        expected = f"a step as ./filiera status names it{nearest(step, [*known, *known.values()])}"
        raise Refusal("--step", repr(step), expected, "or one of " + ", ".join(sorted(set(known.values()))))
    return found
