"""What must be asked before a parcel is received: whose a tube is, and why it is another than when it came before."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.lib.registry import persons
from scripts.lib.registry.parcels import Parcel, Received
from scripts.lib.registry.private import Key
from scripts.lib.registry.problems import Problem
from scripts.reception.donors import Donors

#: What the key table holds of a tube; what it did not know of those of before may be added.
NOTED = ("proposal", "facility", "service", "name", "donor_name", "donor_code", "sender")
ADDED = ("facility", "service", "donor_code", "sender")


def completed(parcel: Parcel, keys: list[Key]) -> list[Key]:
    """The key table with what its rows of this parcel did not know and the sheet now says."""
    tubes = {tube.barcode: tube for tube in parcel.tubes}

    def complete(key: Key) -> Key:
        tube = tubes.get(key.barcode) if key.parcel == parcel.id else None
        new = {name: getattr(tube, name) for name in ADDED if tube and not getattr(key, name)}
        return key.model_copy(update=new)

    return [complete(key) for key in keys]


def problems(parcel: Parcel, keys: list[Key]) -> list[Problem]:
    """Every doubt. keys: the key table as it was read."""
    before = {key.barcode: key for key in keys if key.parcel == parcel.id and key.barcode}
    donors, found = _donors(parcel, keys), []
    for barcode in sorted(before.keys() - parcel.lines.keys()):
        words = f"no tube {barcode!r}, for which the parcel's receipt was given"
        found.append(Problem(parcel.sheet, words, "every tube that was received (another parcel: another name)"))
    for tube in parcel.tubes:
        line, where = parcel.lines[tube.barcode], f"line {parcel.lines[tube.barcode]}"
        if tube.barcode in before:
            told = [*_changed(tube, before[tube.barcode]), *_added(tube, before[tube.barcode], donors)]
        else:
            told = list(donors.doubts(tube))
            donors.of(tube, where)
        found += [Problem(parcel.sheet, *words, line, column) for column, *words in told]
    return found


def _changed(tube: Received, key: Key) -> Iterator[tuple[str, str, str]]:
    for name in NOTED:
        noted, now = getattr(key, name), " ".join(getattr(tube, name).split())
        same = persons.code(noted) == persons.code(now) if name == "donor_code" else noted == now
        if not same and not (name in ADDED and not noted):
            expected = f"{noted or 'nothing'!r}, as the tube was received before (another parcel: another name)"
            yield name, repr(now) if now else "nothing", expected


def _added(tube: Received, key: Key, donors: Donors) -> Iterator[tuple[str, str, str]]:
    if key.donor and tube.donor_code and not key.donor_code:
        yield from donors.added(tube, key.donor)


def renamed(parcel: Parcel, keys: list[Key]) -> list[str]:
    """A sentence for each tube whose code was known with other names alone: the code decides, somebody should know."""
    donors, known = _donors(parcel, keys), {key.barcode for key in keys if key.parcel == parcel.id}
    told = []
    for tube in parcel.tubes:
        where = f"line {parcel.lines[tube.barcode]}"
        if tube.barcode not in known:
            if donors.renamed(tube):
                told.append(f"{parcel.sheet}, {where}: the code of a donor of another name, taken for that donor.")
            donors.of(tube, where)
    return told


def _donors(parcel: Parcel, keys: list[Key]) -> Donors:
    """The donors, with pseudonyms that nobody will see for those that are new."""
    return Donors(keys, iter(map(str, range(len(parcel.tubes)))).__next__)
