"""What the rules of the metabolomics branch ask: spectra, polarity, software."""

from __future__ import annotations

from importlib.metadata import version

from scripts.lib.plan.base import SitePlan
from scripts.lib.plan.paths import ORDER, order_fields


class MetabolomicsPlan(SitePlan):
    """The metabolomics branch."""

    def spectra(self, wildcards) -> list[str]:
        """The run's spectra: as received, or converted to what the later steps read."""
        order, _, run = self._run(wildcards)
        if run.format == "netcdf":
            return [f"{self.run_folder(order, run)}/converted.mzML"]
        return list(run.received.values())

    def polarity(self, wildcards) -> str:
        return self._run(wildcards)[2].polarity

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
        return self.received_names(self.site.samples[wildcards.sample], run)[0]

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
