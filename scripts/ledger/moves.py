"""What may be entered when: each function takes an order's account and returns what is to be entered, or refuses.

They are called inside the ledger's lock (`Ledger.enter`), so that what they decide on cannot change before it is
entered. What is already so gives no draft: every command may be repeated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from scripts.ledger.entries import Draft
from scripts.ledger.states import MOVES, Account, Termination, Version
from scripts.lib.refusal import Refusal


def legal(account: Account, *drafts: Draft) -> list[Draft]:
    """The drafts, unless one of them moves the order where it may not go from where it is then."""
    state = account.state
    for draft in drafts:
        if draft.event in MOVES:
            if draft.event not in MOVES[state]:
                onward = ", ".join(sorted(MOVES[state])) or "none: it stays so"
                expected = f"a move to {onward}"
                raise Refusal(
                    account.order, f"a move from {state or 'nothing'} to {draft.event}", expected, "see order"
                )
            state = draft.event
    return list(drafts)


def news(account: Account, files: Iterable[str], runs: Iterable[str], batches: Iterable[str]) -> dict[str, list[str]]:
    """What the order owns and its account does not name yet: it is known then, whatever the sheets say later.

    files, runs, batches  the received files that the sheets name for it, relative to the site, the folders of its
                          instrument runs, the batches with pools that it shares with others
    """
    found = {"files": set(files) - account.files, "runs": set(runs) - account.runs}
    found["batches"] = set(batches) - account.batches
    return {name: sorted(each) for name, each in found.items() if each}


def begin(
    account: Account, files: Iterable[str], runs: Iterable[str], run: str, batches: Iterable[str] = ()
) -> list[Draft]:
    """A run of the order begins: it was awarded, its files are there, it runs.

    run  name of the record of this run of the workflow; the others as in `news`
    """
    new = news(account, files, runs, batches)
    drafts = [Draft("awarded")] if not account.state else []
    if account.state in ("", "awarded"):
        drafts.append(Draft("received", new))
    elif new:
        drafts.append(Draft("files", new))
    return legal(account, *drafts, Draft("running", {"run": run}))


def accept(account: Account, refused: Iterable[str]) -> list[Draft]:
    """At least one sample meets the criteria; `refused` names those that do not."""
    return legal(account, Draft("accepted", {"refused": sorted(refused)})) if account.state == "running" else []


def package(
    account: Account,
    version: int,
    fingerprint: str,
    staged: str,
    refused: Iterable[str],
    found: bool = False,
    owned: Mapping[str, list[str]] | None = None,
) -> list[Draft]:
    """Version `version` was published; `fingerprint` stands for it, `staged` for what it was published from.

    owned  what its account does not name yet (`news`)
    found  it was published before it could be entered (the run was killed in between), and was found later
    """
    if version in {known.number for known in account.versions}:
        return []
    details = {"version": version, "fingerprint": fingerprint, "staged": staged} | ({"found": True} if found else {})
    details |= owned or {}
    if account.closed:  # terminated while it was being published
        return [Draft("version", details)]
    before = [] if account.state else [Draft("awarded"), Draft("received")]
    before += [Draft("running")] if account.state in ("", "awarded", "received") else []
    before += [] if account.state == "accepted" else [Draft("accepted", {"refused": sorted(refused)})]
    return legal(account, *before, Draft("packaged", details))


def unchanged(account: Account, version: int, refused: Iterable[str]) -> list[Draft]:
    """It was run again, and version `version` is what came out: the order is where it was with it."""
    known = version in {each.number for each in account.versions}  # else it is only half there, and was not entered
    if account.state not in ("running", "accepted") or not known:
        return []
    same = {"version": version, "unchanged": True}
    before = [Draft("accepted", {"refused": sorted(refused)})] if account.state == "running" else []
    released = any(each.number == version and each.released for each in account.versions)
    return legal(account, *before, Draft("packaged", same), *([Draft("released", same)] if released else []))


def release(account: Account) -> list[Draft]:
    """The scientist may have the newest version."""
    if account.state == "released":
        return []
    if account.state != "packaged":
        found, cure = f"an order that is {account.state or 'not in the ledger'}", "run it first"
        if account.closed:
            cure = "nothing is released after the agreement has ended"
        raise Refusal(account.order, found, "one that is packaged", cure)
    return legal(account, Draft("released", {"version": account.newest}))


def terminate(account: Account, end: Termination, reason: str = "") -> list[Draft]:
    """The service agreement ended, or ends, on a day; a date that was entered wrong is put right with a reason, and the
    rules stay those of the first time."""
    known = account.termination
    end = replace(known, on=end.on) if known else end
    if known and account.state == "terminated" and known.on != end.on and not reason:
        found = f"{end.on}, but it was terminated on {known.on}"
        raise Refusal(account.order, found, "one date", "give a --reason if the first was wrong")
    if known and (account.state != "terminated" or known.on == end.on):
        if known.on != end.on:
            raise Refusal(account.order, f"an order that is {account.state}", "one not yet purged", "it stays so")
        return []
    before = [] if account.state else [Draft("awarded")]
    details = {**vars(end), "on": end.on.isoformat()} | ({"reason": reason} if reason else {})
    return legal(account, *before, Draft("terminated", details))


def hold(account: Account, reason: str) -> list[Draft]:
    """It must not be deleted, whatever its dates say."""
    _still_there(account)
    return [] if account.hold == reason else [Draft("hold", {"reason": reason})]


def lift(account: Account, reason: str) -> list[Draft]:
    """The hold is over."""
    return [Draft("lift", {"reason": reason})] if account.hold else []


def extend(account: Account, reason: str) -> list[Draft]:
    """It is kept longer, as often as the catalogue allows."""
    end = account.termination
    if account.state != "terminated" or end is None:
        found = f"an order that is {account.state or 'not in the ledger'}"
        raise Refusal(account.order, found, "one that is terminated", "there is nothing to extend")
    if account.extensions >= end.max_extensions:
        found = f"{account.extensions} extensions"
        raise Refusal(account.order, found, f"at most {end.max_extensions}, as its service allows", "put it on hold")
    return [Draft("extension", {"reason": reason})]


def expire(account: Account, now: datetime, reason: str = "", strange: Collection[str] = ()) -> list[Draft]:
    """Its time is over and nothing holds it: it may be deleted.

    reason   why, though it was published less than the retention time ago
    strange  versions that are there, and the ledger does not know: nobody can tell since when
    """
    if account.state not in ("terminated", "expired"):
        found = f"an order that is {account.state or 'not in the ledger'}"
        raise Refusal(account.order, found, "one that is terminated", "see ./filiera retention")
    if account.hold:
        raise Refusal(account.order, f"a hold ({account.hold})", "none", "lift it first: ./filiera retention")
    if now < account.purge_from:
        found = f"an order that is kept to the end of {account.last_day}"
        raise Refusal(account.order, found, "one whose time is over", "wait, see ./filiera retention")
    answered = _answered(account, now, reason, strange)
    if account.state == "expired":
        return [Draft("note", answered)] if answered else []
    last_day = {"last_day": account.last_day.isoformat()}
    return legal(account, Draft("expired", last_day | answered))


def delete(account: Account, file: str, sha256: str) -> list[Draft]:
    """Its data are gone; `file` is the certificate."""
    return [] if account.state == "deleted" else legal(account, Draft("deleted", {"file": file, "sha256": sha256}))


def day_of_termination(account: Account, given: date | None, start: date | None, end: date | None, today: date) -> date:
    """The day that was given, that was entered before, or else that the sheet proposes (`end`).

    start, end  of the agreement, as the sheet says, if it does
    today       in the facility's time zone: an agreement that still lives is not terminated
    """
    known = account.termination
    day = given or (known.on if known else end)
    if day is None:
        expected = "one, here or as agreement_end in proposals.tsv"
        raise Refusal(account.order, "no day of termination", expected, "give --on DATE")
    if day > today:
        raise Refusal(account.order, f"an agreement that ends on {day}", f"a day up to {today}", "wait for its end")
    if start and day < start:
        raise Refusal(account.order, f"{day}", f"a day from {start}, when the agreement began", "correct the date")
    return day


def _answered(account: Account, now: datetime, reason: str, strange: Collection[str]) -> dict[str, str]:
    """Somebody's reason for deleting what was published a short while ago, or may have been, where one is needed and
    new."""
    early = account.early(now)
    if account.early_reason or not (early or strange):
        return {}
    if not reason:
        young = [f"{_told(early)}, less than {account.termination.months} months ago"] if early else []
        unknown = [f"{', '.join(strange)}, of which the ledger does not know when it was published"] if strange else []
        found = "; ".join(young + unknown)
        raise Refusal(account.order, found, "a reason, which the certificate repeats", "give --reason, or wait")
    return {"early": reason}


def _told(versions: Iterable[Version]) -> str:
    """`v1 (published 2026-11-30T18:56:35Z, released ...)`."""
    return ", ".join(
        f"v{each.number} (published {each.time}{f', released {each.released}' if each.released else ''})"
        for each in versions
    )


def _still_there(account: Account) -> None:
    if account.state in ("", "expired", "deleted"):
        found = f"an order that is {account.state or 'not in the ledger'}"
        raise Refusal(account.order, found, "one that the ledger knows and that is not being deleted", "it stays so")
