"""What a branch, that is a kind of service, declares of itself to the core, which names none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from scripts.lib.registry import Order
    from scripts.lib.registry.catalogue import Service


class Metric(NamedTuple):
    """A measured quantity that acceptance criteria may name, with the words that documentation, acceptance and report
    use for it; it is called as its standard calls it.

    of          what is judged by it: each sample, or the order as a whole
    title       what a scientist calls it
    unit        of its values, as they stand in the tables
    definition  how it is measured, and whose definition that is
    meaning     what a scientist should think of a value that misses its criterion: the end of a sentence
    roles       of the samples that are judged by it; none named: all but blanks
    """

    of: Literal["sample", "order"]
    title: str
    unit: str
    definition: str
    meaning: str = ""
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Branch:
    """A kind of service.

    name     that of its folder
    title    of what it is a service, in a sentence
    service  the model of its entries in the catalogue
    metrics  what they may be judged by
    payload  the files of an order's package, those that every order has aside: path below data/, sample, deliverable,
             format and EDAM id
    """

    name: str
    title: str
    service: type[Service]
    metrics: Mapping[str, Metric]
    payload: Callable[[Order], list[dict[str, str]]]

    @property
    def domain(self) -> str:
        """What its entries in the catalogue say for `domain`."""
        return self._stated("domain")

    @property
    def approach(self) -> str:
        """The same for `approach`, by which branches of one domain are told apart; '' where there is but one."""
        return self._stated("approach")

    @property
    def default_approach(self) -> str:
        """What an entry means that states none; '' where it must."""
        field = self.service.model_fields.get("approach")
        return "" if field is None or field.is_required() else field.default

    def _stated(self, key: str) -> str:
        field = self.service.model_fields.get(key)
        return field.annotation.__args__[0] if field else ""
