"""What the rule of mzQC asks: what is told of a run beside what was measured of it."""

from __future__ import annotations

from scripts.lib.plan.orders import Orders
from scripts.lib.plan.paths import received_names


class RunQuality:
    """A run, as mzQC tells of it."""

    def __init__(self, orders: Orders):
        self._orders = orders

    def received_run_name(self, wildcards) -> str:
        """The name under which the run's (first) received file is delivered."""
        run = self._orders.received_run(wildcards)
        return received_names(self._orders.site.samples[wildcards.sample], run)[0]

    def acquired(self, wildcards) -> str:
        """When the run was measured, as the sheet says; '' where it does not."""
        return str(self._orders.received_run(wildcards).acquired or "")

    def facility(self, wildcards) -> dict[str, str]:
        facility = self._orders.order(wildcards).facility
        return {"name": facility.name, "contact": facility.contact}
