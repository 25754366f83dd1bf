"""The names of rules, as rule files give them, without starting Snakemake."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from scripts.lib.code import ROOT

RULE = re.compile(r"^(?:rule (\w+)|use rule \w+ as (\w+) with):$", re.MULTILINE)


@cache
def named(path: Path) -> list[str]:
    """The rules of a file, in their order."""
    return [one or other for one, other in RULE.findall(path.read_text(encoding="utf-8"))]


def shared_files() -> list[Path]:
    """The files of the rules that all branches share."""
    return sorted((ROOT / "workflow" / "rules").glob("*.smk"))
