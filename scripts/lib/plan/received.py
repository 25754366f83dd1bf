"""What received files are called in a package."""

from __future__ import annotations

from scripts.lib.plan.paths import MATES, ending
from scripts.lib.registry.models import Run, Sample


def received_names(sample: Sample, run: Run) -> list[str]:
    """Names under which a run's received files are delivered: the sender's own names stay behind.

    A table of areas holds other samples too, so nobody gets it.
    """
    if run.format == "areas":
        return []
    return [f"{sample.sample}_{run.run}{MATES[role]}{ending(path)}" for role, path in run.received.items()]
