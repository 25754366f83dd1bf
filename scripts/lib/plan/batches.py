"""The groups of runs whose parameters are proposed together: an instrument batch, or an order's own part of it.

A batch's shared pools (`proposal` = `-`) speak for everybody who was measured in it. Where it has none, each proposal's
own runs speak for themselves, so that nobody waits for a file of somebody else's.
"""

from __future__ import annotations

from collections.abc import Iterable

from scripts.lib.registry import Order
from scripts.lib.registry.models import SHARED, Run, Sample

BATCH = "results/{facility}/batches/{service}/{batch}"
#: A proposal's own part of a batch: the sign stands in no id.
OWN = "{batch}+{proposal}"
#: So many pool runs are looked at: the first, the middle and the last of them by injection.
LOOKED_AT = 3

Measured = tuple[Sample, Run]


def is_pool(sample: Sample) -> bool:
    """Pools that are diluted are for linearity, and say less about peaks."""
    return sample.role == "pool" and sample.dilution in (None, 1)


def groups(order: Order) -> dict[str, str]:
    """Key of each run of the order -> name of the group that it belongs to."""
    runs = list(order.all_runs())
    spoken_for = {run.batch for sample, run in runs if is_pool(sample) and sample.proposal == SHARED}
    return {
        run.key: run.batch
        if sample.proposal == SHARED or run.batch in spoken_for
        else OWN.format(batch=run.batch, proposal=order.proposal.proposal)
        for sample, run in runs
    }


def names(order: Order) -> list[str]:
    """The groups that the order's runs belong to, each once."""
    return list(dict.fromkeys(groups(order).values()))


def speaking(group: str, measured: Iterable[Measured]) -> list[Measured]:
    """The runs of a group that its parameters are proposed from: chosen pools, else all runs of its samples."""
    found = sorted(measured, key=lambda each: (each[1].injection or 0, each[1].key))
    pools = [each for each in found if is_pool(each[0])]
    if len(pools) > LOOKED_AT:
        pools = [pools[0], pools[len(pools) // 2], pools[-1]]
    return pools or [each for each in found if each[0].role == "sample" and "+" in group]
