"""Whether the ledger is what was entered: what was changed, removed or added by hand.

Found: any field of any entry changed, an entry removed, inserted or moved, illegal moves, missing triggers; another
newest entry than `head.json` names; an entry that a signed certificate names and is another now. Not found: a whole
ledger that was rewritten from some entry on, together with `head.json`, and no certificate signed since. What names an
entry outside of the house (certificates that were sent, copies of `head.json` in backups) finds that too (`against`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from scripts.ledger import certificate, witness
from scripts.ledger.entries import START, Entry
from scripts.ledger.states import MOVES, REHEARSAL, Account, accounts
from scripts.ledger.store import Ledger
from scripts.ledger.witness import HEAD, Head
from scripts.lib.checksums import sha256


def demand(ledger: Ledger) -> None:
    """Raise Refusal unless the whole ledger is sound: before anything that cannot be undone."""
    if found := findings(ledger):
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise witness.changed(f"that {found[0]}{more}")


def findings(ledger: Ledger, papers: Iterable[Path] = (), doubted: bool = True) -> list[str]:
    """One sentence for each thing that is not as it was entered; none for a sound ledger.

    papers   certificates, and copies of `head.json`, wherever they were kept
    doubted  whether the witness is to fit; who answers for it that it does not, asks for all else
    """
    with ledger.still():
        entries = ledger.entries()
        found = _doubts(ledger, entries) if doubted else []
    if entries:
        found += [
            f"{entry} was changed by hand: its hash is not that of what it says"
            for entry in entries
            if entry.hash != entry.expected_hash()
        ]
        found += _gaps(entries)
        found += _illegal(entries)
        found += [f"the trigger {name} is missing: the table can be changed" for name in sorted(ledger.guards())]
    return found + list(_contradictions(entries, _papers(ledger, papers)))


def differences(accounts: Iterable[Account], there: Mapping[str, Mapping[int, str]]) -> list[str]:
    """What of the packages on disk is not as the ledger knows it.

    there  order -> version -> fingerprint
    """
    found, known = [], set()
    for account in accounts:
        known.add(account.order)
        here = there.get(account.order, {})
        if account.state == "deleted":
            found += [f"{account.order} v{number} is there, but the order was deleted" for number in here]
            continue
        for version in account.versions if account.state != "expired" else ():  # it is being deleted
            if version.number not in here:
                found.append(f"{account.order} v{version.number} was published, and is not there any more")
            elif here[version.number] != version.fingerprint:
                found.append(f"{account.order} v{version.number} is not the package that was published")
        if account.state != "expired":
            found += _strange(account.order, here.keys() - {version.number for version in account.versions})
    return found + [line for order in there.keys() - known for line in _strange(order, there[order])]


def _strange(order: str, numbers: Iterable[int]) -> list[str]:
    return [f"{order} v{number} is there, and was never entered" for number in sorted(numbers)]


def altered(site: Path, accounts: Iterable[Account]) -> list[str]:
    """The certificates that are not the ones that were entered. Where one is not there, it may be kept elsewhere."""
    return [
        f"the certificate of {account.order} is not the one that was entered"
        for account in accounts
        if account.certificate
        and (path := site / account.certificate["file"]).is_file()
        and sha256(path) != account.certificate["sha256"]
    ]


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
    found = [
        f"{entry} makes a rehearsal of a ledger that was not begun as one"
        for entry in entries[1:]
        if entry.event == REHEARSAL
    ]
    for account in accounts(entries).values():
        state = ""
        for entry in account.entries:
            if entry.event in MOVES:
                if entry.event not in MOVES[state]:
                    found.append(f"{entry} moves the order from {state or 'nothing'}, which is not legal")
                state = entry.event
    return found


def _doubts(ledger: Ledger, entries: list[Entry]) -> list[str]:
    newest = _newest(entries)
    if not ledger.witness.doubt(newest):
        return []
    if not ledger.witness.is_there:
        return [f"{HEAD} is missing, which vouches for the newest entry"]
    named = ledger.witness.heads()
    late = f"entry {newest.number} is the newest, but {HEAD} names entry {named[0].number}: one of them was put back"
    return list(_contradictions(entries, [(HEAD, named)])) or [late]


def _newest(entries: list[Entry]) -> Head:
    return Head(entries[-1].number, entries[-1].hash) if entries else Head(0, START)


def _is(entry: Entry | None, head: Head) -> bool:
    return entry is not None and entry.hash == head.hash


def _papers(ledger: Ledger, more: Iterable[Path]) -> Iterator[tuple[str, list[Head]]]:
    """What names entries, and which: each names one of these."""
    for path in certificate.written_for(ledger.site):
        about = certificate.read(path)
        yield f"the certificate of {about['order']}", [Head(about["ledger"]["number"], about["ledger"]["hash"])]
    for path in more:
        yield str(path), witness.heads(path)


def _contradictions(entries: list[Entry], papers: Iterable[tuple[str, list[Head]]]) -> Iterator[str]:
    known = {entry.number: entry for entry in entries}
    for where, heads in papers:
        if any(head == Head(0, START) or _is(known.get(head.number), head) for head in heads):
            continue
        number = heads[0].number
        if not entries:
            yield f"the ledger is empty, but {where} names entry {number}"
        elif number in known:
            yield f"{known[number]} is not the one that {where} names: the ledger was rewritten"
        else:
            yield f"entry {number} is missing: {where} names it, and the last one here is {_newest(entries).number}"
