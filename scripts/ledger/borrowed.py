"""Files of other orders that an order reads: a row may name them, and they go when their owner's time is over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from scripts.ledger.claims import Claim
from scripts.ledger.holdings import MIRRORED
from scripts.ledger.states import Account
from scripts.lib.registry import Order, Site
from scripts.lib.registry.site import RESERVED_PROPOSALS


def remarks(site: Site, accounts: Mapping[str, Account], claimed: Mapping[str, Claim]) -> Iterator[str]:
    """One sentence for each file that an order reads and another owns, or both: whose it is, how long it is kept."""
    root = Path(os.path.realpath(site.directory))
    named: dict[str, set[str]] = {}
    for owner, claim in claimed.items():
        for name in claim.files if getattr(accounts.get(owner), "state", "") != "deleted" else ():
            named.setdefault(os.path.realpath(root / name), set()).add(owner)
    for order in site.orders.values():
        for name in dict.fromkeys(_own_files(order)):
            path = os.path.realpath(root / name)
            owner = _owner(Path(os.path.relpath(path, root)))
            if owner and owner != order.id:
                yield f"{order.id} reads {name} of {owner}, {_until(accounts.get(owner))}."
            for other in sorted(named.get(path, set()) - {order.id, f"-/{order.facility_id}/{order.service_id}"}):
                yield f"{order.id} reads {name}, as {other} does or did: it stays until the last of them is purged."


def _own_files(order: Order) -> Iterator[str]:
    """What it names for its own samples; the pools of a batch are for several anyway."""
    for sample, run in order.all_runs():
        if sample.proposal == order.proposal.proposal:
            yield from run.received.values()


def _owner(path: Path) -> str:
    """The order whose folder a path lies in, or ''."""
    top, *rest = path.parts
    if top == "deliveries" and len(rest) > 3:
        return "/".join(rest[:3])
    if top in MIRRORED and len(rest) > 3 and rest[1] not in RESERVED_PROPOSALS:
        return "/".join((rest[1], rest[0], rest[2]))
    return ""


def _until(owner: Account | None) -> str:
    if owner is None or not owner.state:
        return "which the ledger does not know: nobody can tell how long it is kept"
    if owner.last_day:
        return f"which is kept to the end of {owner.last_day} and deleted then"
    return "which is kept as long as its agreement lives, and deleted after the months of its service"
