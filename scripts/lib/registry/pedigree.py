"""What can be wrong with the pedigree sheet: unknown donors, parents of the wrong sex, nobody's own ancestor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from scripts.lib.registry.models import Parents, Sample
from scripts.lib.registry.problems import nearest

SEX = {"father": "male", "mother": "female"}


def donors(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    """Donor -> its samples; a sample without a donor belongs to nobody known."""
    found: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        if sample.donor:
            found[sample.donor].append(sample)
    return dict(found)


def problems(
    rows: list[tuple[int, Parents]], known: dict[str, list[Sample]]
) -> Iterator[tuple[int, str, str, str, tuple[str, ...]]]:
    """Every error as line, column, found, expected, and the donors that it concerns."""
    first: dict[str, int] = {}
    parents = {row.donor: row for _, row in reversed(rows)}
    for line, row in rows:
        concerned = (row.donor, *row.known.values())
        if row.donor in first:
            yield line, "donor", f"{row.donor!r} again (first in line {first[row.donor]})", "each child once", concerned
        first.setdefault(row.donor, line)
        for column, donor in {"donor": row.donor, **row.known}.items():
            if donor not in known:
                yield line, column, f"{donor!r}", f"a donor of config/samples.tsv{nearest(donor, known)}", concerned
        for column, donor in row.known.items():
            declared = {sample.sex for sample in known.get(donor, ())} - {"unknown", SEX[column]}
            if declared:
                yield line, column, f"{donor!r}, declared {declared.pop()}", f"a {SEX[column]} donor", concerned
        if row.donor in _ancestors(row.donor, parents):
            yield line, "donor", f"{row.donor!r}, its own ancestor", "parents that are not its descendants", concerned


def _ancestors(donor: str, parents: dict[str, Parents]) -> set[str]:
    found: set[str] = set()
    todo = [donor]
    while todo:
        row = parents.get(todo.pop())
        new = set(row.known.values() if row else ()) - found
        found |= new
        todo += new
    return found
