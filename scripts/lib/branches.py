"""Which branches there are: each folder of `scripts/branches/`."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scripts.lib.branch import Branch

PACKAGE = "scripts.branches"


@cache
def known() -> dict[str, Branch]:
    """Name -> branch."""
    folders = pkgutil.resolve_name(PACKAGE).__path__
    return {each.name: pkgutil.resolve_name(f"{PACKAGE}.{each.name}:BRANCH") for each in pkgutil.iter_modules(folders)}


def of_entry(entry: Any, branches: Iterable[Branch]) -> Branch | None:
    """The branch that a catalogue entry names by its domain, and by its approach where several share that; without one,
    the branch whose approach need not be stated. None: no branch is of that domain."""
    entry = entry if isinstance(entry, dict) else {}
    sharing = [branch for branch in branches if branch.domain == entry.get("domain")]
    named = [branch for branch in sharing if branch.approach == entry.get("approach", branch.default_approach)]
    default = [branch for branch in sharing if branch.approach == branch.default_approach]
    return next(iter([*named, *default, *sharing]), None)
