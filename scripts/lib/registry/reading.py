"""What a branch is given to check its part of a site, and to read sheets of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from pydantic import BaseModel

from scripts.lib.registry.catalogue import Service
from scripts.lib.registry.models import Sample
from scripts.lib.registry.problems import nearest

if TYPE_CHECKING:
    from scripts.lib.registry.site import Site

Model = TypeVar("Model", bound=BaseModel)
SAMPLES = "config/samples.tsv"


class Say(Protocol):
    """Tell of an error: in which sheet, line and column, what was found and expected, and whose proposals it stops."""

    def __call__(
        self, sheet: str, line: int | None, column: str, found: str, expected: str, *proposals: str
    ) -> None: ...


@dataclass(frozen=True)
class Reading:
    """A site while it is read, seen from a branch that has samples in it.

    services   its services by name
    samples    line and sample of each of its active samples
    say        tells of an error
    concerned  the proposals that an error in a sample stops
    rows       (line, row) of a sheet of the branch's own, whose errors stop these proposals; None where a row cannot be
               read, so that nobody calls unknown what it names
    there      whether the site has a sheet
    doubtful   whether the catalogue, which has errors, may name a service
    unsure     whether config.yaml, which has errors, may name a reference
    remark     tells, in a sentence, of what is in order and still worth a word
    """

    site: Site
    services: dict[str, Service]
    samples: list[tuple[int, Sample]]
    say: Say
    concerned: Callable[[Sample], set[str]]
    rows: Callable[[str, type[Model], set[str]], list[tuple[int, Model]] | None]
    there: Callable[[str], bool]
    doubtful: Callable[[str], bool]
    unsure: Callable[[str], bool]
    remark: Callable[[str], None]

    def of_sample(self, line: int, sample: Sample, column: str, found: str, expected: str) -> None:
        """Tell of an error in a sample's row."""
        self.say(SAMPLES, line, column, found, expected, *self.concerned(sample))

    def needs_reference(self, line: int, sample: Sample, who: str) -> None:
        """Tell of a sample that names no reference of config.yaml."""
        known = self.site.config.references
        if not sample.reference:
            self.of_sample(line, sample, "reference", "nothing", f"a reference of config.yaml, which {who} needs")
        elif sample.reference not in known and not self.unsure(sample.reference):
            expected = f"one that config.yaml names{nearest(sample.reference, known)}"
            self.of_sample(line, sample, "reference", repr(sample.reference), expected)
