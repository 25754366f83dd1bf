"""The files and folders that are one order's alone: what is deleted when its time is over, and what must stay, and why.

An order owns what its jobs made, which lies in folders of its name and of its runs, and what it received. Received
files, runs and records of runs that several orders share go with the last of them. References are nobody's.
"""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from scripts.ledger import claims
from scripts.ledger.claims import RECORDS, Claim, Past
from scripts.ledger.protected import Protected
from scripts.ledger.received import NEEDED, Received, real
from scripts.ledger.states import Account
from scripts.lib.files import read_tsv
from scripts.lib.plan.batches import BATCH, OWN
from scripts.lib.plan.paths import ORDER, RUN
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Site

MIRRORED = ("results", "logs", "benchmarks")  # logs and benchmarks lie in the same folders as results


@dataclass(frozen=True)
class Holdings:
    """All paths relative to the site, sorted.

    files    received files
    folders  results, logs, benchmarks, deliveries, records of runs: whole, but for what is kept in them
    kept     path -> why it stays
    spared   what of that lies in the folders
    """

    files: list[str]
    folders: list[str]
    kept: dict[str, str]
    spared: frozenset[str]

    def holds(self, path: str) -> bool:
        """Whether something at a path is the order's to delete."""
        above = {path, *map(str, Path(path).parents)}
        return path in self.files or (not above.isdisjoint(self.folders) and above.isdisjoint(self.spared))


def of(site: Site, accounts: Mapping[str, Account], order: str, past: Collection[Past]) -> Holdings:
    """What one order holds, by the sheets and by all that the ledger and the records of runs (`past`) remember of
    them."""
    root = site.directory.resolve()
    claimed = claims.every(site, accounts, past)
    gone = {name for name, one in accounts.items() if one.state == "deleted"} | {order}
    mine, others = claimed[order], {name: claim for name, claim in claimed.items() if name not in gone}
    guard = Protected(site, past)
    made, shared = _made(root, order, mine, others)
    folders = [*made, *_records(root, gone, accounts)]
    mounted = {path for each in psutil.disk_partitions(all=True) if root in (path := Path(each.mountpoint)).parents}
    folders = sorted(name for name in folders if _is_there(root, name, mounted))
    for version in (root / "deliveries" / order).glob("v*"):
        if version.is_dir():
            _is_there(root, str(version.relative_to(root)), mounted)
    spared = {path: reason for name in folders for path, reason in _spared(root, Path(name), guard)}
    spared |= of_others(root, order)
    kept = spared | {path: NEEDED for path in shared if os.path.lexists(root / path)}
    received = Received(site, guard, others, [root / name for name in folders])
    files: set[str] = set()
    for name in sorted(mine.files):
        own, told = received.judged(name)
        files |= own
        kept |= told
    return Holdings(sorted(files), folders, kept, frozenset(spared))


def _made(root: Path, order: str, mine: Claim, others: Mapping[str, Claim]) -> tuple[list[str], list[str]]:
    """The folders of what its jobs made, and those of runs and batches that others name too."""
    proposal, facility, service = order.split("/")
    fields = {"facility": facility, "service": service}

    def run(key: str) -> str:
        return RUN.format(run=key, **fields)

    def batch(name: str) -> str:
        return BATCH.format(batch=name, **fields)

    beside = [claim for name, claim in others.items() if name.split("/")[1:] == [facility, service]]
    named = {*map(run, mine.runs), *map(batch, mine.batches)}
    shared = named & {path for claim in beside for path in (*map(run, claim.runs), *map(batch, claim.batches))}
    # Proposed for the order's own runs alone, which the sheets may not name any more.
    own_batches = {batch(path.name) for path in root.glob(batch(OWN.format(batch="*", proposal=proposal)))}
    own = [ORDER.format(proposal=proposal, **fields), *(named - shared), *own_batches]
    made = [path.replace("results", top, 1) for path in own for top in MIRRORED]
    return [*made, f"deliveries/{order}"], sorted(shared)


def _records(root: Path, gone: set[str], accounts: Mapping[str, Account]) -> Iterator[str]:
    """The records of runs (copies of the sheets, journal), where all orders that the record or the ledger names are
    gone."""
    ran = {(entry.details.get("run"), name) for name, one in accounts.items() for entry in one.entries}
    for folder, orders in claims.records(root):
        orders = orders | {name for run, name in ran if run == folder.name}
        if orders and orders <= gone:
            yield f"{RECORDS}/{folder.name}"


def of_others(root: Path, order: str) -> dict[str, str]:
    """Versions that lie in the order's deliveries, and by their manifests are another's."""
    proposal, facility, service = order.split("/")
    own, kept = {"facility": facility, "proposal": proposal, "service": service}, {}
    for manifest in manifests(root, order):
        with suppress(ValueError, csv.Error):  # a manifest that cannot be read names nobody else
            if any({name: row.get(name, value) for name, value in own.items()} != own for row in read_tsv(manifest)):
                kept[str(manifest.parent.relative_to(root))] = "by its manifest it is another order's"
    return kept


def manifests(root: Path, order: str) -> list[Path]:
    """The manifests of an order's versions; what a link brings in is none."""
    found = (root / "deliveries" / order).glob("v*/manifest.tsv")
    return sorted(path for path in found if path.is_file() and real(path) == root.resolve() / path.relative_to(root))


def _spared(root: Path, path: Path, guard: Protected) -> Iterator[tuple[str, str]]:
    """What in a folder of the order's is protected by itself."""
    for where, folders, names in os.walk(root / path):
        for name in (*names, *folders):
            here = Path(where, name)
            if reason := guard.itself(here):
                yield str(here.relative_to(root)), reason


def _is_there(root: Path, name: str, mounted: set[Path]) -> bool:
    """Whether a folder is there. Raises Refusal when a link or a mount brings it in, that may lead to anybody's."""
    full = root / name
    if not os.path.lexists(full):
        return False
    found = ""
    if not stat.S_ISDIR(os.lstat(full).st_mode) and not full.is_dir():
        found = "what is no folder"
    elif real(full) != full:
        found = "a folder that a link brings in" + (
            "" if real(full).is_relative_to(root) else " from outside of the site"
        )
    elif any(each.is_relative_to(full) for each in mounted):
        found = "a folder that is mounted, or in which something is"
    elif not mounted.isdisjoint(full.parents) and _has_double(root, name):
        found = "a folder that is mounted, and is another order's too"
    if found:
        expected = "working folders of the site itself, because what another leads to may be somebody else's"
        raise Refusal(str(full), found, expected, "delete it there by hand, take it away here, and start again")
    return True


def _has_double(root: Path, name: str) -> bool:
    """Whether a folder stands in the place of another order's too."""
    top, *rest = Path(name).parts
    others = (path for path in (root / top).glob("/".join("*" for _ in rest)) if path.is_dir() and path != root / name)
    return any(os.path.samefile(path, root / name) for path in others)


def walk(root: Path, holdings: Holdings) -> Iterator[Path]:
    """Everything that is there of an order, relative to the site; folders come behind what they hold."""
    yield from (Path(name) for name in holdings.files if os.path.lexists(root / name))
    above = {str(parent) for name in holdings.spared for parent in Path(name).parents}
    for folder in holdings.folders:
        yield from _below(root, Path(folder), holdings.spared, above)


def _below(root: Path, path: Path, spared: frozenset[str], above: set[str]) -> Iterator[Path]:
    here = root / path
    if str(path) in spared:
        return
    if here.is_dir() and not here.is_symlink():
        for name in sorted(os.listdir(here)):
            yield from _below(root, path / name, spared, above)
    if os.path.lexists(here) and str(path) not in above:
        yield path
