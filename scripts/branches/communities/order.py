"""What the core asks of an order of communities."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

from scripts.branches.communities.recipe import CommunitiesService
from scripts.lib.branch import Step
from scripts.lib.plan.paths import ORDER, RUN, fields_of
from scripts.lib.registry import Order
from scripts.lib.registry.models import Run, Sample

STEPS = (
    Step("primers", ("intake",), (f"{RUN}/primers.json",)),
    Step("variants", ("primers",), (f"{ORDER}/variants/found.json",)),
    Step("taxonomy", ("variants",), (f"{ORDER}/variants/taxonomy.json",)),
    Step("controls", ("taxonomy",), (f"{ORDER}/metrics/communities.json",), then="acceptance"),
)
#: Files below {ORDER}/sections/.
SECTIONS = (
    "measured_mqc.json",
    "reads_mqc.json",
    "taxa_mqc.json",
    "ordination_mqc.json",
    "controls_mqc.json",
)


def expected(order: Order, _sample: Sample, run: Run) -> dict[str, Any]:
    """What intake expects of a run's files."""
    service = cast(CommunitiesService, order.service)
    return {
        "layout": run.layout,
        "platforms": list(service.platforms),
        "read_length_min": service.min_read_length,
        "read_length_max": service.max_read_length,
        "read_limits": asdict(service.intake),
    }


def judged(order: Order) -> list[str]:
    return [f"{ORDER}/metrics/communities.json".format(**fields_of(order))]


def told(order: Order) -> list[str]:
    """Which database it was, and what the controls could tell."""
    return [f"{ORDER}/variants/told.json".format(**fields_of(order))]
