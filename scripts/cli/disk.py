"""Whether the disk has room for a run, before it is begun: afterwards it is too late for everyone's."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from scripts.cli import outcome
from scripts.delivery import publish
from scripts.lib.plan.paths import run_folder
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Order, Site

GB = 1e9


def admit(site: Site, orders: Iterable[Order]) -> None:
    """Raises Refusal where less is free than these orders will take (`disk` in the catalogue times what was received).

    An order whose package is staged takes nothing more; of any other, what it has taken already is subtracted.
    """
    ahead = {order.id: bytes_ahead(site.directory, order) for order in orders}
    needed, free = sum(ahead.values()), shutil.disk_usage(site.directory).free
    if needed > free:
        most = max(ahead, key=ahead.get)
        raise Refusal(
            str(site.directory),
            f"{free / GB:.1f} GB free",
            f"{needed / GB:.1f} GB for what is to be run, most of it for {most}",
            "make room, run one --proposal at a time, or overrule with --despite-disk",
        )


def bytes_ahead(site: Path, order: Order) -> float:
    """Bytes that an order will still take, about."""
    staged = outcome.staged_folder(site, order)
    if (staged / publish.LISTING).is_file():
        return 0
    received = {path for _, run in order.all_runs() for path in run.received.values()}
    folders = {run_folder(order, run) for _, run in order.all_runs()}
    taken = sum(_size(site / folder) for folder in folders) + _size(staged.parent)
    return max(0, order.service.disk * sum(_length(site / path) for path in received) - taken)


def _size(folder: Path) -> int:
    return sum(_length(path) for path in folder.rglob("*") if not path.is_symlink())


def _length(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
