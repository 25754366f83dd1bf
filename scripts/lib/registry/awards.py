"""What can be wrong with the awards sheet, and with samples that go beyond it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from scripts.lib.registry.models import Award, Sample
from scripts.lib.registry.problems import nearest

Key = tuple[str, str, str]  # proposal, facility, service


def key(row: Award | Sample) -> Key:
    return row.proposal, row.facility, row.service


def problems(
    rows: list[tuple[int, Award]], known: Mapping[str, Collection[str]], doubtful: Mapping[str, Callable[[str], bool]]
) -> Iterator[tuple[int, str, str, str, str]]:
    """Every error in the sheet itself as line, column, found, expected and the proposal that it concerns.

    known     column -> the names that may stand in it
    doubtful  column -> whether nobody can say that a name may not, because what explains it has errors itself
    """
    first: dict[Key, int] = {}
    for line, row in rows:
        for column, names in known.items():
            name, unsure = getattr(row, column), doubtful.get(column)
            if name not in names and not (unsure and unsure(name)):
                yield line, column, repr(name), f"a known one{nearest(name, names)}", row.proposal
        if key(row) in first:
            found = f"{'/'.join(key(row))} again (first in line {first[key(row)]})"
            yield line, "service", found, "each once", row.proposal
        first.setdefault(key(row), line)


def excess(samples: Iterable[Sample], awards: dict[Key, Award]) -> Iterator[tuple[Sample, str, str]]:
    """Every sample beyond what its proposal was awarded, with what was found and expected.

    Proposals without an award in the sheet (older or commissioned ones) are not limited.
    """
    limited = {award.proposal for award in awards.values()}
    counted: Counter[str] = Counter()
    for sample in samples:
        if sample.proposal not in limited or sample.role != "sample" or sample.status == "withdrawn":
            continue
        order = "/".join(key(sample))
        counted[order] += 1
        award = awards.get(key(sample))
        if award is None:
            yield sample, f"{order}, which was not awarded", "a facility and service that config/awards.tsv gives it"
        elif counted[order] > award.units:
            yield sample, f"sample {counted[order]} of {order}", f"at most {award.units}, as config/awards.tsv says"
