"""What the columns of a package's tables are: of all packages and, by each branch, of its own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from scripts.lib.code import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.lib.branch import Branch

WORDS = ROOT / "resources" / "delivery" / "tables.yaml"


def of_branch(branch: Branch) -> dict[str, dict[str, Any]]:
    """`shared`: columns of several tables; `tables`: a table's file name -> its title and columns."""
    own = [_read(branch.tables)] if branch.tables else []
    known = [_read(WORDS), *own]
    return {
        part: {name: each for words in known for name, each in words.get(part, {}).items()}
        for part in ("shared", "tables")
    }


@cache
def _read(path: Path) -> dict[str, dict[str, Any]]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
