"""The files and folders that are one order's alone: what is deleted when its time is over, and what must stay, and why.

Received files, runs and records of runs that several orders share go with the last of them. References are nobody's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.ledger.states import Account
from scripts.lib.files import read_json
from scripts.lib.plan.batches import BATCH, OWN
from scripts.lib.plan.paths import ORDER, RUN
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Site
from scripts.lib.registry.models import SHARED, Run, Sample

RECORDS = ".filiera/runs"
MIRRORED = ("results", "logs", "benchmarks")  # logs and benchmarks lie in the same folders as results

Measured = tuple[Sample, Run]


@dataclass(frozen=True)
class Holdings:
    """All paths relative to the site, sorted.

    files    received files
    folders  results, logs, benchmarks, deliveries, records of runs: whole
    kept     path -> why it stays
    """

    files: list[str]
    folders: list[str]
    kept: dict[str, str]


def of(site: Site, accounts: Mapping[str, Account], order: str) -> Holdings:
    """What one order holds, by the sheets and by all that the ledger remembers of them."""
    root = site.directory.resolve()
    account, facility, service = accounts[order], *order.split("/")[1:]
    gone = {name for name, one in accounts.items() if one.state == "deleted"} | {order}
    mine, others = _measured(site, order, gone)
    needed = {path for _, run in others for name in run.received.values() for path in _names(root, name)}
    keys = {run.key for sample, run in others if (sample.facility, sample.service) == (facility, service)}
    files, kept = [], {}
    for name in sorted({name for _, run in mine for name in run.received.values()} | account.files):
        reason = _outside(root, name)
        if not reason and _names(root, name) & needed:
            reason = "another order needs it"
        if reason:
            kept[name] = reason
        elif os.path.lexists(root / name):
            files.append(os.path.relpath(_place(root, name), root))
    runs = ({run.key for _, run in mine} | account.runs) - keys
    fields = {"facility": facility, "service": service}
    own = [
        ORDER.format(proposal=order.split("/")[0], **fields),
        *(RUN.format(run=key, **fields) for key in sorted(runs)),
    ]
    own += _batches(root, order, mine)
    folders = [path.replace("results", top, 1) for path in own for top in MIRRORED]
    folders += [f"deliveries/{order}", *_records(root, gone)]
    return Holdings(sorted(set(files)), sorted(filter(None, (_inside(root, name) for name in folders))), kept)


def _batches(root: Path, order: str, mine: list[Measured]) -> list[str]:
    """The parameters that were proposed for the order's own runs; those of shared pools go with the pools' runs."""
    proposal, facility, service = order.split("/")
    pattern = BATCH.format(facility=facility, service=service, batch=OWN.format(batch="*", proposal=proposal))
    names = {path.name for path in root.glob(pattern)}
    names |= {run.batch for sample, run in mine if sample.proposal == SHARED}
    return [BATCH.format(facility=facility, service=service, batch=name) for name in sorted(names)]


def _measured(site: Site, order: str, gone: set[str]) -> tuple[list[Measured], list[Measured]]:
    """The runs that go with the order, and those that other orders still need.

    gone  the orders that are deleted, and this one
    """
    every = [(site.samples[name], run) for name, runs in site.runs.items() for run in runs]
    own = [(sample, run) for sample, run in every if sample.proposal != SHARED]
    shared = [(sample, run) for sample, run in every if sample.proposal == SHARED]

    def batch(each: Measured) -> tuple[str, str, str]:
        return each[0].facility, each[0].service, each[1].batch

    mine = [each for each in own if each[0].order_id == order]
    living = [each for each in own if each[0].order_id not in gone]
    batches, wanted = {batch(each) for each in mine}, {batch(each) for each in living}
    freed = [each for each in shared if batch(each) in batches - wanted]
    return mine + freed, living + [each for each in shared if batch(each) not in batches - wanted]


def _records(root: Path, gone: set[str]) -> Iterator[str]:
    """The records of runs (copies of the sheets, journal) all of whose orders are gone."""
    for path in sorted((root / RECORDS).glob("*/run.json")):
        try:
            orders = set(read_json(path)["orders"])
        except (KeyError, ValueError):
            continue  # cut short when it was made: no run came of it
        if orders and orders <= gone:
            yield f"{RECORDS}/{path.parent.name}"


def _place(root: Path, name: str) -> Path:
    """Where a name really lies: links in its folders resolved, itself not."""
    path = root / name
    return path.parent.resolve() / path.name


def _names(root: Path, name: str) -> set[Path]:
    """The place of a name, and the place of what it links to."""
    return {_place(root, name), (root / name).resolve()}


def _outside(root: Path, name: str) -> str:
    """Why a received file is not ours to delete, or ''."""
    return "" if _place(root, name).is_relative_to(root) else "outside of the site: not deleted here"


def _inside(root: Path, name: str) -> str:
    """The folder's name if it exists. Raises Refusal when a link on the way leads out of the site."""
    if not os.path.lexists(root / name):
        return ""
    if not _place(root, name).is_relative_to(root):
        raise Refusal(
            str(root / name),
            "a folder that a link brings in from outside of the site",
            "working folders inside the site, because nothing outside of it is deleted",
            "delete it there by hand, remove the link, and start again",
        )
    return name


def walk(root: Path, holdings: Holdings) -> Iterator[Path]:
    """Everything that is there of an order, relative to the site; folders come behind what they hold."""
    yield from (Path(name) for name in holdings.files if os.path.lexists(root / name))
    for folder in holdings.folders:
        yield from _below(root, Path(folder))


def _below(root: Path, path: Path) -> Iterable[Path]:
    here = root / path
    if here.is_dir() and not here.is_symlink():
        for name in sorted(os.listdir(here)):
            yield from _below(root, path / name)
    if os.path.lexists(here):
        yield path
