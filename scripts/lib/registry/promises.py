"""What can be wrong with the deliverables that a service promises: nobody makes them, or makes something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scripts.lib import formats
from scripts.lib.deliverables import Deliverable
from scripts.lib.registry.catalogue import Service
from scripts.lib.registry.problems import nearest, one_of
from scripts.lib.registry.settings import Error


def errors(service: Service, declared: Iterable[Deliverable], recipe: object | None) -> Iterator[Error]:
    """Every promise that would not be kept, given what the service's branch declares; where the recipe is not known, of
    what recipes do not make nothing is said."""
    known = {each.name: each for each in declared if not each.always}
    for name, promise in service.deliverables.items():
        at = ("deliverables", name)
        deliverable = known.get(name)
        if deliverable is None:
            yield Error(at, "a deliverable that nobody makes", f"{one_of(known)}{nearest(name, known)}")
            continue
        if deliverable.need and recipe is not None and not deliverable.need.met(recipe):
            yield Error(at, "what this recipe does not make", f"{deliverable.need.words}, or no {name}")
        made = [each.name for each in deliverable.made]
        if promise.format not in ("", *made):
            found = f"{promise.format!r}, which is not what is written"
            yield Error((*at, "format"), found, f"{one_of(made)}{nearest(promise.format, made)}")
            continue
        right = deliverable.format(promise.format)
        if promise.edam not in ("", right.edam):
            others = [each.name for each in formats.KNOWN if each.edam == promise.edam]
            found = f"{promise.edam!r}{f', which is {one_of(others)}' if others else ''}"
            yield Error((*at, "edam"), found, f"{right.edam}, which is {right.name}")
