"""Whether the packages that the ledger knows still are those that were published, all of each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from scripts.cli import console, verify
from scripts.delivery import verify as proving
from scripts.ledger.states import Account
from scripts.lib.refusal import Refusal

GOING = ("expired", "deleted")  # packages of such orders are being deleted, or are gone


def is_whole(package: Path) -> bool:
    """Whether a folder is a package, and whole."""
    try:
        return proving.verify(package).whole
    except Refusal:
        return False


def prove(package: Path) -> None:
    """Read all of a package that was published here. Raises Refusal naming what is not as it was."""
    console.say(f"Reading all of {console.shown(package)}.")
    proof = proving.verify(package, frozen=True)
    if not proof.whole:
        console.say(verify.said(proof))
        first, count = proof.findings[0], len(proof.findings)
        more = f" (and {count - 1} more)" if count > 1 else ""
        where, cure = (
            console.shown(package / first.path),
            f"put back the backup of {package.name}; see ./filiera verify",
        )
        raise Refusal(where, f"{first.fault}, {first.detail}{more}", "it as it was published", cure)


def findings(site: Path, accounts: Iterable[Account], deep: bool) -> list[str]:
    """One sentence for each thing that is wrong with a package that is there.

    deep  whether all of each is read; else names, sizes and modes of all files are compared, and what stands beside
          the payload is read
    """
    named = [(account.order, f"v{version.number}") for account in accounts for version in account.versions]
    closed = {account.order for account in accounts if account.state in GOING}
    places = [(order, name, site / "deliveries" / order / name) for order, name in named if order not in closed]
    there = [each for each in places if each[2].is_dir()]
    found = []
    for number, (order, name, package) in enumerate(there, 1):
        if deep:
            console.say(f"Reading {order} {name} ({number} of {len(there)}).")
        try:
            proof = proving.verify(package, read=deep, frozen=True)
            found += [f"{order} {name}, {each.path}: {each.fault}, {each.detail}" for each in proof.findings]
        except (Refusal, OSError) as why:
            found.append(f"{order} {name} cannot be judged: {why}")
    return found
