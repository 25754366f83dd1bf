"""What can be wrong with the sheet of waivers: each must name a criterion that its very order is judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scripts.lib.branch import Branch
from scripts.lib.registry.catalogue import Service
from scripts.lib.registry.models import SHARED, Proposal, Sample, Waiver
from scripts.lib.registry.problems import nearest


def problems(
    rows: list[tuple[int, Waiver]],
    proposals: Mapping[str, Proposal],
    services: Mapping[str, Service],
    branches: Mapping[str, Branch],
    samples: Mapping[str, Sample],
) -> Iterator[tuple[int, str, str, str]]:
    """Every error as line, column, found, expected."""
    orders = {(sample.proposal, sample.facility, sample.service) for sample in samples.values()}
    first: dict[tuple, int] = {}
    for line, row in rows:
        place = (*row.order, row.sample, row.metric)
        if place in first:
            yield line, "metric", f"{row.metric!r} again (first in line {first[place]})", "each criterion waived once"
        first.setdefault(place, line)
        if row.proposal not in proposals:
            yield line, "proposal", f"{row.proposal!r}", f"one of proposals.tsv{nearest(row.proposal, proposals)}"
        elif row.order not in orders:
            named = sorted(
                f"{facility} {service}" for proposal, facility, service in orders if proposal == row.proposal
            )
            expected = f"an order of {row.proposal} ({', '.join(named) or 'it has none'})"
            yield line, "service", f"'{row.facility} {row.service}'", expected
        elif row.service in services:
            yield from (
                (line, *problem)
                for problem in _of_criterion(row, services[row.service], branches[row.service], samples)
            )


def _of_criterion(
    row: Waiver, service: Service, branch: Branch, samples: Mapping[str, Sample]
) -> Iterator[tuple[str, str, str]]:
    if row.metric not in service.acceptance:
        yield "metric", f"{row.metric!r}", f"a criterion of {row.service}{nearest(row.metric, service.acceptance)}"
        return
    of = branch.metrics[row.metric].of
    if of == "order" and row.sample:
        yield "sample", f"{row.sample!r}", f"nothing, because {row.metric} is judged of the order as a whole"
    elif of == "sample" and not row.sample:
        yield "sample", "nothing", f"a sample, because {row.metric} is judged of each"
    elif row.sample:
        ours = [name for name, sample in samples.items() if _serves(sample, row)]
        if row.sample not in ours:
            expected = f"a sample of {'/'.join(row.order)}{nearest(row.sample, ours)}"
            theirs = samples.get(row.sample)
            whose = f", a sample of {theirs.proposal}/{theirs.facility}/{theirs.service}" if theirs else ""
            yield "sample", f"{row.sample!r}{whose}", expected


def _serves(sample: Sample, row: Waiver) -> bool:
    """Whether a sample is the order's own, or of a batch that may serve it."""
    return sample.proposal in (row.proposal, SHARED) and (sample.facility, sample.service) == row.order[1:]
