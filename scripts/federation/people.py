"""Who is counted: each person once, and nobody who withdrew, under whichever pseudonyms.

Reception gives a donor one pseudonym in each proposal. That two of them are one person only the donor's code tells.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from scripts.lib.refusal import Refusal
from scripts.lib.registry import persons

NAMES = "the table of original names"


@dataclass(frozen=True)
class Told:
    """What a site says of a sample's donor: a pseudonym, the code that other facilities know too, and the name."""

    sample: str
    donor: str
    code: str
    name: str


class People:
    """The persons behind a site's samples."""

    def __init__(self, told: Iterable[Told]):
        self._told = {one.sample: replace(one, code="") if persons.nobody(one.code) else one for one in told}
        self._codes: dict[str, dict[str, str]] = defaultdict(dict)  # pseudonym -> codes, each as it was first written
        spelt: dict[str, str] = {}  # what spellings have in common -> the first
        for one in self._told.values():
            if one.code:
                self._codes[one.donor].setdefault(persons.code(one.code), one.code)
                for form in (persons.code, persons.without_zeros):
                    if persons.unclear(one.code, spelt.setdefault(form(one.code), one.code)):
                        found = f"a code of sample {one.sample} that may be another's, or not (separators, zeros)"
                        raise Refusal(NAMES, found, "one spelling of each code", "correct donor_code there")

    def code(self, sample: str) -> str:
        """The code of a sample's donor, by whichever of the donor's samples it is known, or ''. Raises Refusal."""
        one = self._told[sample]
        known = self._codes.get(one.donor, {})
        if one.code or not known:
            return one.code
        if len(known) > 1:
            found = f"no code for sample {sample}, whose donor {one.donor} has several"
            raise Refusal(NAMES, found, "the code of its donor", "fill in donor_code there")
        return next(iter(known.values()))

    def person(self, sample: str) -> str:
        """Who somebody is: by code where there is one, else by pseudonym."""
        code = self.code(sample)
        return f"code {persons.code(code)}" if code else f"donor {self._told[sample].donor}"

    def marks(self, sample: str) -> tuple[str, ...]:
        """All that a person is known by, so that one is seen again after a code was added: the code, and pseudonyms
        that are nobody else's."""
        code, own = self.code(sample), self._told[sample].donor
        names = {own, *(name for name, known in self._codes.items() if persons.code(code) in known)}
        alone = (f"donor {name}" for name in names if len(self._codes.get(name, {})) < 2)
        return tuple(sorted({self.person(sample), *alone}))

    def namesakes(self, samples: Iterable[str]) -> int:
        """How many of these samples are of donors without a code who have a name in common with another's donor."""
        names = {sample: persons.orders(self._told[sample].name) - {""} for sample in samples}
        counted = Counter(order for orders in names.values() for order in orders)
        return sum(any(counted[order] > 1 for order in names[sample]) and not self.code(sample) for sample in names)

    def left(self, withdrawn: Iterable[str]) -> set[str]:
        """All samples of those of whom these samples were withdrawn, whatever pseudonyms and codes join them."""
        together: dict[str, set[str]] = defaultdict(set)
        for one in self._told.values():
            for mark in self._marks(one.sample):
                together[mark].add(one.sample)
        found, todo = set(), list(withdrawn)
        while todo:
            sample = todo.pop()
            if sample not in found:
                found.add(sample)
                todo += [other for mark in self._marks(sample) for other in together[mark]]
        return found

    def _marks(self, sample: str) -> list[str]:
        one = self._told[sample]
        return [f"donor {one.donor}", *([f"code {persons.code(one.code)}"] if one.code else [])]
