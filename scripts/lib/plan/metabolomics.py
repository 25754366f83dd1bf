"""What the rules of the metabolomics branch ask: spectra, polarity, software."""

from __future__ import annotations

from importlib.metadata import version

from scripts.lib.plan.base import SitePlan


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

    @staticmethod
    def metabolomics_software(_wildcards) -> list[list[str]]:
        """Name and version of what picked and linked the features."""
        return [["OpenMS", version("pyopenms")]]
