"""What the core asks of a targeted order."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from scripts.branches.targeted.targeted import peaks_name
from scripts.lib.branch import Step
from scripts.lib.plan.paths import ORDER, RUN, fields_of
from scripts.lib.registry import Order
from scripts.lib.registry.models import Run, Sample

STEPS = (
    Step("targeted", ("intake", "spectra"), (lambda run: f"{RUN}/{peaks_name(run)}",), ("peaks",)),
    Step(
        "calibration",
        ("targeted",),
        (f"{ORDER}/calibration/calibration.json", f"{ORDER}/metrics/targeted.json"),
        then="acceptance",
    ),
)


def expected(order: Order, _sample: Sample, run: Run) -> dict[str, Any]:
    """What intake expects of a run's files."""
    return {
        "srm": order.service.recipe.acquisition == "srm",
        "spectra_limits": asdict(order.service.intake),
        # A table holds many runs, each under its own name.
        "names": [run.run] if run.format == "areas" else [],
    }


def told(order: Order) -> list[str]:
    """Where areas came from, and what became of them."""
    return [f"{ORDER}/calibration/told.json".format(**fields_of(order))]


def drawn(order: Order) -> list[dict]:
    """Where the page of chromatograms is: in every order that has some."""
    return [{}] if any(run.format != "areas" for _, run in order.all_runs()) else []


def judged(order: Order) -> list[str]:
    return [f"{ORDER}/metrics/targeted.json".format(**fields_of(order))]
