"""Which branches there are: each folder of `scripts/branches/`, each that an installed package brings by an entry
point, and each folder of `branches/` in the site.

A site's own are imported as `scripts.branches.NAME`, as the shipped ones are; processes that this one starts find them
by an environment variable, because a run reads them from its snapshot.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scripts.lib.code import GROUP, OF_SITE
from scripts.lib.formats import RECEIVED, Format

if TYPE_CHECKING:
    from scripts.lib.branch import Branch

PACKAGE = "scripts.branches"
SHIPPED = Path(__file__).resolve().parents[1] / "branches"
EXPECTED = "a module that defines BRANCH, as docs/branches.md says"


class Fault(NamedTuple):
    """Why a branch that somebody brings cannot be used."""

    where: str
    found: str
    expected: str


class Found(NamedTuple):
    branches: dict[str, Branch]
    faults: list[Fault]


_found: dict[str, Found] = {}


def use(folder: Path) -> None:
    """From now on the site's own branches are those in `folder`; where it is none, there are none."""
    path = str(folder.resolve()) if folder.is_dir() else ""
    if path == os.environ.get(OF_SITE, ""):
        return
    os.environ[OF_SITE] = path
    shipped = {each.name for each in pkgutil.iter_modules([str(SHIPPED)])}
    for name in [name for name in sys.modules if name.startswith(f"{PACKAGE}.") and name.split(".")[2] not in shipped]:
        del sys.modules[name]
    importlib.invalidate_caches()
    pkgutil.resolve_name(PACKAGE).__path__[:] = filter(None, [str(SHIPPED), path])


def known() -> dict[str, Branch]:
    """Name -> branch, for those that can be used."""
    return _look().branches


def faults() -> list[Fault]:
    """What is wrong with the others."""
    return _look().faults


def received() -> dict[str, Format]:
    """The formats of received files: those that intake knows, and those that branches bring."""
    return RECEIVED | {name: kind for branch in known().values() for name, kind in branch.formats.items()}


def _look() -> Found:
    path = os.environ.get(OF_SITE, "")
    if path not in _found:
        found = Found({}, [])
        for where, name, module in _candidates(path):
            branch = _loaded(name, module, found.branches)
            if isinstance(branch, str):
                found.faults.append(Fault(where, branch, EXPECTED))
            else:
                found.branches[name] = branch
        _found.clear()
        _found[path] = found
    return _found[path]


def _candidates(path: str) -> Iterator[tuple[str, str, str]]:
    """Where it comes from, name and place of the declaration of every branch that somebody names."""
    for each in pkgutil.iter_modules([str(SHIPPED)]):
        yield str(SHIPPED / each.name), each.name, f"{PACKAGE}.{each.name}:BRANCH"
    for entry in sorted(metadata.entry_points(group=GROUP)):
        yield f"the installed package {entry.dist.name if entry.dist else ''}", entry.name, entry.value
    for each in pkgutil.iter_modules([path] if path else []):
        yield f"branches/{each.name}", each.name, f"{PACKAGE}.{each.name}:BRANCH"


def _loaded(name: str, place: str, known: dict[str, Branch]) -> Branch | str:
    """The branch, or what was found in its place."""
    from scripts.lib.branch import Branch

    if name in known:
        return f"a second branch {name!r}"
    try:
        branch = pkgutil.resolve_name(place)
    except Exception as error:  # whatever somebody else's code does
        at = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} ({Path(at.filename).name}, line {at.lineno})"
    if not isinstance(branch, Branch):
        return f"a {type(branch).__name__} as {place}"
    return _wrong(branch, name, known.values()) or branch


def _wrong(branch: Branch, name: str, others: Iterable[Branch]) -> str:
    """What is wrong with a branch that is declared under a name beside others, or ''."""
    from scripts.lib.deliverables import fault
    from scripts.lib.rules import named, shared_files

    listed: Any = branch.service.model_fields["accepts"].annotation
    accepted = listed.__args__[0].__args__
    theirs = [*shared_files(), *(file for other in others for file in other.rule_files)]
    owner = {rule: file.name for file in theirs for rule in named(file)}
    mine = [rule for file in branch.rule_files for rule in named(file)]
    if branch.name != name:
        return f"a branch named {branch.name!r}"
    for other in others:
        if (other.domain, other.approach) == (branch.domain, branch.approach):
            return f"domain {branch.domain!r} and approach {branch.approach!r}, which are those of {other.name}"
    if not mine:
        return f"no rule file (*.smk) in {branch.rules.name}/"
    if clash := next(filter(owner.get, mine), ""):
        return f"a rule {clash!r}, which {owner[clash]} has already"
    named_files = filter(None, (branch.methods, branch.environment, branch.tables, branch.debian, branch.python))
    if missing := next((path for path in named_files if not path.is_file()), None):
        return f"no file {missing.name}"
    if unknown := set(accepted) - RECEIVED.keys() - branch.formats.keys():
        return f"accepted formats that nobody declares ({', '.join(sorted(unknown))})"
    return fault(branch)


def of_entry(entry: Any, branches: Iterable[Branch]) -> Branch | None:
    """The branch that a catalogue entry names by its domain, and by its approach where several share that; without one,
    the branch whose approach need not be stated. None: no branch is of that domain."""
    entry = entry if isinstance(entry, dict) else {}
    sharing = [branch for branch in branches if branch.domain == entry.get("domain")]
    named = [branch for branch in sharing if branch.approach == entry.get("approach", branch.default_approach)]
    default = [branch for branch in sharing if branch.approach == branch.default_approach]
    return next(iter([*named, *default, *sharing]), None)
