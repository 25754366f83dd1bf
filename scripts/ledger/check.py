"""Whether the ledger is what was entered: what was changed, removed or added by hand.

Found: any field of any entry changed, an entry removed, inserted or moved, illegal moves, missing triggers; the newest
entries removed, as long as `head.json` or a signed certificate still names one of them. Not found: a whole ledger that
was rewritten from some entry on, together with `head.json`, and no certificate signed since. Copies of `head.json`
kept elsewhere (the backup) find that too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from scripts.ledger import certificate
from scripts.ledger.entries import START, Entry
from scripts.ledger.states import MOVES, Account, accounts
from scripts.ledger.store import HEAD, Ledger


def findings(ledger: Ledger) -> list[str]:
    """One sentence for each thing that is not as it was entered; none for a sound ledger."""
    entries = ledger.entries()
    if not entries:
        return [f"the ledger is empty, but {where} names entry {number}" for where, number, _ in _witnesses(ledger)]
    found = [
        f"{entry} was changed by hand: its hash is not that of what it says"
        for entry in entries
        if entry.hash != entry.expected_hash()
    ]
    found += [] if (ledger.folder / HEAD).is_file() else [f"{HEAD} is missing, which vouches for the newest entry"]
    found += _gaps(entries)
    found += _illegal(entries)
    found += [f"the trigger {name} is missing: the table can be changed" for name in sorted(ledger.guards())]
    by_number = {entry.number: entry for entry in entries}
    for where, number, digest in _witnesses(ledger):
        if number not in by_number:
            found.append(f"entry {number} is missing: {where} names it, and the last one here is {entries[-1].number}")
        elif by_number[number].hash != digest:
            found.append(f"{by_number[number]} is not the one that {where} names: the ledger was rewritten")
    return found


def differences(accounts: Iterable[Account], there: Mapping[str, Mapping[int, str]]) -> list[str]:
    """What of the packages on disk is not as the ledger knows it.

    there  order -> version -> fingerprint
    """
    found = []
    for account in accounts:
        here = there.get(account.order, {})
        if account.state == "deleted":
            found += [f"{account.order} v{number} is there, but the order was deleted" for number in here]
            continue
        for version in account.versions if account.state != "expired" else ():  # it is being deleted
            if version.number not in here:
                found.append(f"{account.order} v{version.number} was published, and is not there any more")
            elif here[version.number] != version.fingerprint:
                found.append(f"{account.order} v{version.number} is not the package that was published")
    return found


def _gaps(entries: list[Entry]) -> list[str]:
    found = []
    if entries[0].number != 1 or entries[0].previous != START:
        found.append(f"{entries[0]} is the first here, but it is not the first of a ledger: those before were removed")
    for before, after in pairwise(entries):
        if after.number != before.number + 1:
            found.append(f"entries {before.number + 1} to {after.number - 1} are missing")
        elif after.previous != before.hash:
            found.append(f"{after} does not follow {before}")
    return found


def _illegal(entries: list[Entry]) -> list[str]:
    found = []
    for account in accounts(entries).values():
        state = ""
        for entry in account.entries:
            if entry.event in MOVES:
                if entry.event not in MOVES[state]:
                    found.append(f"{entry} moves the order from {state or 'nothing'}, which is not legal")
                state = entry.event
    return found


def _witnesses(ledger: Ledger) -> list[tuple[str, int, str]]:
    """(who, number, hash) of the entries that something outside of the table vouches for."""
    found = []
    if (ledger.folder / HEAD).is_file():
        found.append((HEAD, *ledger.head()))
    for path in certificate.written_for(ledger.site):
        about = certificate.read(path)
        found.append((f"the certificate of {about['order']}", about["ledger"]["number"], about["ledger"]["hash"]))
    return found
