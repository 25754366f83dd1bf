"""What the rules of features ask: the batches whose runs are picked with the same parameters."""

from __future__ import annotations

from functools import cached_property

from scripts.lib.plan import batches
from scripts.lib.plan.orders import Orders
from scripts.lib.plan.paths import RUN


class Features:
    """The features of runs, and the parameters that are proposed for them from their batch."""

    LOOKED_AT = batches.LOOKED_AT

    def __init__(self, orders: Orders):
        self.orders = orders

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """Order -> its batches: every job that fills a gap asks, and each would go through all runs of the order."""
        orders = self.orders.site.orders.values()
        return {order.id: batches.names(order) for order in orders}

    @cached_property
    def _batches(self) -> dict[tuple[str, str, str], list[batches.Measured]]:
        """(facility, service, batch) -> the runs of that group, each once."""
        found: dict[tuple[str, str, str], dict[str, batches.Measured]] = {}
        for order in self.orders.site.orders.values():
            names = batches.groups(order)
            for sample, run in order.all_runs():
                place = order.facility_id, order.service_id, names[run.key]
                found.setdefault(place, {})[run.key] = sample, run
        return {place: list(runs.values()) for place, runs in found.items()}

    @cached_property
    def _batch_of_run(self) -> dict[tuple[str, str, str], str]:
        """(facility, service, key of a run) -> its batch."""
        return {
            (facility, service, run.key): name
            for (facility, service, name), runs in self._batches.items()
            for _, run in runs
        }

    def proposed_parameters(self, wildcards) -> str:
        """The parameters that are proposed to a run: those of the batch that it belongs to."""
        place = {"facility": wildcards.facility, "service": wildcards.service}
        batch = self._batch_of_run[wildcards.facility, wildcards.service, wildcards.run]
        return f"{batches.BATCH.format(**place, batch=batch)}/parameters.json"

    def _speaking(self, wildcards) -> list[batches.Measured]:
        """The runs that a batch's parameters are proposed from."""
        place = wildcards.facility, wildcards.service, wildcards.batch
        return batches.speaking(wildcards.batch, self._batches[place])

    def of_speaking_runs(self, name: str):
        """An input function: the file `name` of the runs that a batch's parameters are proposed from."""
        return lambda wildcards: [
            f"{RUN.format(facility=wildcards.facility, service=wildcards.service, run=run.key)}/{name}"
            for _, run in self._speaking(wildcards)
        ]

    def speaking_runs(self, wildcards) -> list[str]:
        return [run.run for _, run in self._speaking(wildcards)]

    def speaking_role(self, wildcards) -> str:
        """`pool` or `sample`; '' where there is nothing that could speak."""
        return next((sample.role for sample, _ in self._speaking(wildcards)), "")

    @staticmethod
    def batch_tag(wildcards) -> dict[str, str]:
        return {name: getattr(wildcards, name) for name in ("facility", "service", "batch")}

    def of_batches(self, name: str):
        """An input function: the file `name` of the batches that an order was measured in."""

        def files(wildcards) -> list[str]:
            order = self.orders.order(wildcards)
            place = {"facility": order.facility_id, "service": order.service_id}
            return [f"{batches.BATCH.format(**place, batch=batch)}/{name}" for batch in self._names[order.id]]

        return files
