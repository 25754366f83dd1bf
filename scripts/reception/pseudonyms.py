"""Pseudonyms: drawn at random and kept in the table of original names alone.

A digest of the name, even a keyed one, could be made again by whoever holds the key; a random one is forgotten for good
when its row is erased. The table makes a second reception of the same parcel give the same pseudonyms.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable

from scripts.lib.registry.parcels import Parcel, Received
from scripts.lib.registry.private import Key
from scripts.reception.donors import Donors

# No vowels, so that no words arise; nothing that is read as something else.
LETTERS, DIGITS = "BCDFGHJKMNPQRSTVWXZ", "23456789"
LENGTH = 9


def draw() -> str:
    """A new pseudonym: a letter, then letters and digits (about 41 bits)."""
    rest = (secrets.choice(LETTERS + DIGITS) for _ in range(LENGTH - 1))
    return secrets.choice(LETTERS) + "".join(rest)


def assigned(
    parcel: Parcel,
    accepted: Iterable[Received],
    keys: list[Key],
    taken: Iterable[str],
    new: Callable[[], str] = draw,
) -> dict[str, Key]:
    """Barcode -> key of every accepted tube: the one it was given before, or a new one.

    taken  the site's sample ids, none of which is given again
    """
    known = {key.barcode: key for key in keys if key.parcel == parcel.id}
    used = {*taken, *(key.sample for key in keys), *(key.donor for key in keys)}

    def fresh() -> str:
        while (name := new()) in used:
            pass
        used.add(name)
        return name

    donors, given = Donors(keys, fresh), {}
    for tube in accepted:
        if tube.barcode in known:
            given[tube.barcode] = known[tube.barcode]
            continue
        donor = donors.of(tube)
        told = {name: getattr(tube, name) for name in Key.model_fields if hasattr(tube, name)}
        given[tube.barcode] = Key(sample=fresh(), donor=donor, parcel=parcel.id, **told)
    return given
