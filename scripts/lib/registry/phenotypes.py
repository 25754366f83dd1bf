"""phenotypes.tsv: what is known of a sample's donor, in ontology terms; optional, and only what consent covers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, StringConstraints

from scripts.lib.registry.models import Id, Strict, Text, column
from scripts.lib.registry.problems import nearest


class Phenotype(Strict):
    """One row of phenotypes.tsv: a feature or disease that the donor has, or was found not to have."""

    sample: Id = column("the sample", "a sample of samples.tsv")
    term: Annotated[str, StringConstraints(pattern=r"^(HP:\d{7}|MONDO:\d{7}|OMIM:\d{6}|ORPHA:\d+)$")] = column(
        "HPO term of a feature; MONDO, OMIM or ORPHA term of a disease", "a term as HP:0001250"
    )
    label: Text = column("the term's name", "a name as Seizure")
    excluded: Annotated[Literal["yes", "no"], BeforeValidator(lambda value: value or "no")] = column(
        "`yes`: looked for and not found", "yes or no", "no"
    )

    @property
    def disease(self) -> bool:
        return not self.term.startswith("HP:")


def problems(rows: list[tuple[int, Phenotype]], samples: Collection[str]) -> Iterator[tuple[int, str, str, str, str]]:
    """Every error as line, column, found, expected and the sample that it concerns."""
    first: dict[tuple[str, str], int] = {}
    for line, row in rows:
        if row.sample not in samples:
            yield line, "sample", repr(row.sample), f"a sample of config/samples.tsv{nearest(row.sample, samples)}", ""
        if (key := (row.sample, row.term)) in first:
            yield line, "term", f"{row.term!r} again (first in line {first[key]})", "each term once", row.sample
        first.setdefault(key, line)
