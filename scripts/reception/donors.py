"""Which donor a tube is of: known by code where there is one, else by name; in doubt the sheet's sender is asked.

A donor keeps its pseudonym within a proposal. Whether two proposals' donors are one person only a code can tell, and
their pseudonyms differ even then, so that nobody who gets data of both sees it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from scripts.lib.registry import persons
from scripts.lib.registry.parcels import Received
from scripts.lib.registry.private import Key

Doubt = tuple[str, str, str]  # column, found, expected


@dataclass
class _Donor:
    """All that was told of a donor: codes and names as they were written, each with the place where it was first."""

    pseudonym: str
    codes: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def told(self, row: Key | Received, where: str) -> None:
        for known, text in ((self.codes, row.donor_code), (self.names, row.donor_name)):
            if text:
                known.setdefault(text, where)

    def has_code(self, code: str) -> bool:
        return persons.code(code) in map(persons.code, self.codes)

    def has_name(self, name: str) -> bool:
        return any(persons.alike(name, known) for known in self.names)

    def has_spelling(self, name: str) -> bool:
        return persons.name(name) in map(persons.name, self.names)


class Donors:
    """The donors of all proposals, as the table of original names has them; tubes are told one after the other."""

    def __init__(self, keys: Iterable[Key], new: Callable[[], str]):
        self._known: dict[str, dict[str, _Donor]] = defaultdict(dict)  # proposal -> pseudonym -> donor
        self._new = new
        for key in keys:
            if key.donor:
                self._known[key.proposal].setdefault(key.donor, _Donor(key.donor)).told(key, f"parcel {key.parcel}")

    def of(self, tube: Received, where: str = "") -> str:
        """The pseudonym of a tube's donor, a new one if need be; '' where nothing is said of the donor."""
        if not tube.donor_code and not tube.donor_name:
            return ""
        donor = self._found(tube) or _Donor(self._new())
        donor.told(tube, where)
        self._known[tube.proposal][donor.pseudonym] = donor
        return donor.pseudonym

    def _found(self, tube: Received) -> _Donor | None:
        known = self._known[tube.proposal].values()
        if tube.donor_code:
            return next((donor for donor in known if donor.has_code(tube.donor_code)), None)
        return next((donor for donor in known if not donor.codes and donor.has_name(tube.donor_name)), None)

    def doubts(self, tube: Received) -> Iterator[Doubt]:
        """Why nobody can say which donor a new tube is of."""
        for column in ("donor_code", "donor_name"):
            if persons.nobody(getattr(tube, column)):
                yield column, repr(getattr(tube, column)), "nothing, where nothing is known"
        for donor in self._known[tube.proposal].values():
            for known, where in donor.codes.items():
                if persons.unclear(tube.donor_code, known):
                    found = f"{tube.donor_code!r}, which may be {known!r} of {where}"
                    yield "donor_code", found, "one spelling of each code"
            if tube.donor_name and donor.has_name(tube.donor_name):
                yield from self._doubts_of_name(tube, donor)

    @staticmethod
    def _doubts_of_name(tube: Received, donor: _Donor) -> Iterator[Doubt]:
        known, where = next(iter(donor.names.items()))
        if bool(tube.donor_code) != bool(donor.codes):
            here, there = ("a code", "has none") if tube.donor_code else ("nothing", "has a code")
            found = f"{here} for {tube.donor_name!r}, who {there} in {where}"
            yield "donor_code", found, "a code in both places, the same if it is one person"
        elif not tube.donor_code and not donor.has_spelling(tube.donor_name):
            found = f"{tube.donor_name!r}, who may be {known!r} of {where}"
            yield "donor_name", found, "one spelling of each name, or a donor_code for both"

    def added(self, tube: Received, pseudonym: str) -> Iterator[Doubt]:
        """Why a code cannot be added to a donor who had none."""
        for donor in self._known[tube.proposal].values():
            one = donor.pseudonym == pseudonym
            if (donor.codes and not donor.has_code(tube.donor_code)) if one else donor.has_code(tube.donor_code):
                found = f"{tube.donor_code!r}, {'which has another' if one else 'the code of another pseudonym'}"
                yield "donor_code", found, f"the code of donor {pseudonym}"

    def renamed(self, tube: Received) -> bool:
        """Whether a code was known with other names alone: the code decides, and the operator is told."""
        donor = self._found(tube) if tube.donor_code else None
        return bool(donor and donor.names and tube.donor_name and not donor.has_name(tube.donor_name))
