"""What the rules of spectra ask, which several branches share."""

from __future__ import annotations

from scripts.lib.plan.orders import Orders, accepted
from scripts.lib.plan.paths import run_folder


class Spectra:
    """The spectra of runs."""

    def __init__(self, orders: Orders):
        self._orders = orders

    def received(self, wildcards) -> str:
        return self._orders.accepted(wildcards)[0]

    def file(self, wildcards) -> list[str]:
        """The run's spectra: as received, or converted to what the later steps read."""
        order, _, run = self._orders.measured(wildcards)
        if run.format == "netcdf":
            return [f"{run_folder(order, run)}/converted.mzML"]
        return list(map(accepted, run.received.values()))

    def polarity(self, wildcards) -> str:
        return self._orders.measured(wildcards)[2].polarity
