"""What the rules of the metabolomics branch ask: spectra, polarity, software."""

from __future__ import annotations

from functools import cached_property
from importlib.metadata import version

from scripts.lib.plan import batches
from scripts.lib.plan.base import SitePlan
from scripts.lib.plan.paths import ORDER, RUN, order_fields
from scripts.lib.plan.received import received_names


class MetabolomicsPlan(SitePlan):
    """The metabolomics branch."""

    LOOKED_AT = batches.LOOKED_AT

    def spectra(self, wildcards) -> list[str]:
        """The run's spectra: as received, or converted to what the later steps read."""
        order, _, run = self._run(wildcards)
        if run.format == "netcdf":
            return [f"{self.run_folder(order, run)}/converted.mzML"]
        return list(run.received.values())

    def polarity(self, wildcards) -> str:
        return self._run(wildcards)[2].polarity

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """Order -> its batches: every job that fills a gap asks, and each would go through all runs of the order."""
        orders = self.site.orders.values()
        return {order.id: batches.names(order) for order in orders if order.branch.name == "untargeted"}

    @cached_property
    def _batches(self) -> dict[tuple[str, str, str], list[batches.Measured]]:
        """(facility, service, batch) -> the runs of that group, each once."""
        found: dict[tuple[str, str, str], dict[str, batches.Measured]] = {}
        for order in self.site.orders.values():
            if order.branch.name == "untargeted":
                names = batches.groups(order)
                for sample, run in order.all_runs():
                    place = order.facility_id, order.service_id, names[run.key]
                    found.setdefault(place, {})[run.key] = sample, run
        return {place: list(runs.values()) for place, runs in found.items()}

    @cached_property
    def _batch_of_run(self) -> dict[tuple[str, str, str], str]:
        """(facility, service, key of a run) -> its batch."""
        return {(*place, run.key): name for (*place, name), runs in self._batches.items() for _, run in runs}

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
            order = self.order(wildcards)
            place = {"facility": order.facility_id, "service": order.service_id}
            return [f"{batches.BATCH.format(**place, batch=batch)}/{name}" for batch in self._names[order.id]]

        return files

    def of_order_runs(self, ending: str):
        """An input function: of every run of the order, in the order of `of_runs`, what filling gaps wrote of it."""

        def files(wildcards) -> list[str]:
            folder = ORDER.format(**order_fields(wildcards))
            runs = self.order(wildcards).all_runs()
            return [f"{folder}/quantification/runs/{sample.sample}/{run.run}.{ending}" for sample, run in runs]

        return files

    def received_run_name(self, wildcards) -> str:
        """The name under which the run's (first) received file is delivered."""
        run = self._run_of(wildcards)
        return received_names(self.site.samples[wildcards.sample], run)[0]

    def acquired(self, wildcards) -> str:
        """When the run was measured, as the sheet says; '' where it does not."""
        return str(self._run_of(wildcards).acquired or "")

    def facility(self, wildcards) -> dict[str, str]:
        facility = self.order(wildcards).facility
        return {"name": facility.name, "contact": facility.contact}

    def library(self, wildcards) -> list[str]:
        """The service's compound library, if it has one."""
        return list(filter(None, [self.recipe(wildcards)["library"]]))

    def library_name(self, wildcards) -> str:
        return self.recipe(wildcards)["library"].rsplit("/", 1)[-1]

    @staticmethod
    def metabolomics_software(_wildcards) -> list[list[str]]:
        """Name and version of what picked and linked the features."""
        return [["OpenMS", version("pyopenms")]]
