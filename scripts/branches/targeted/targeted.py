"""What the rules of targeted services ask: ions, concentrations, and where the peaks of each run come from."""

from __future__ import annotations

from scripts.branches.targeted.check import Sheets
from scripts.lib.plan.orders import Orders, accepted
from scripts.lib.plan.paths import run_folder
from scripts.lib.registry.models import Run


class Targeted:
    """Peaks and concentrations of known compounds."""

    def __init__(self, orders: Orders):
        self._orders = orders

    @property
    def _sheets(self) -> Sheets:
        return self._orders.site.sheets["targeted"]

    def ions(self, wildcards) -> list[dict]:
        """The service's target list; a compound's quantifier is number 0, its qualifiers count from 1."""
        counts: dict[str, int] = {}
        rows = []
        for row in self._sheets.targets[wildcards.service]:
            number = 0 if row.ion == "quantifier" else counts.get(row.compound, 0) + 1
            counts[row.compound] = max(number, counts.get(row.compound, 0))
            plain = row.model_dump(exclude={"service"})
            rows.append({**plain, "mz": row.ion_mz, "number": number})
        return rows

    def concentrations(self, wildcards) -> dict[str, dict[str, list]]:
        """Compound -> level -> nominal concentration and unit."""
        wanted = {row.compound for row in self._sheets.targets[wildcards.service]}
        held: dict[str, dict[str, list]] = {}
        for (level, compound), row in self._sheets.concentrations.items():
            if compound in wanted:
                held.setdefault(compound, {})[level] = [row.concentration, row.unit]
        return held

    def target_source(self, wildcards) -> list[str]:
        """What the peaks of a run are extracted from: its centroided spectra, or its chromatograms as received."""
        order, _, run = self._orders.measured(wildcards)
        if order.service.recipe.acquisition == "srm":
            return list(map(accepted, run.received.values()))
        return [f"{run_folder(order, run)}/centroided.mzML"]

    def peaks_of_received_run(self, wildcards) -> str:
        """The peaks of the run that `{sample}` and `{received}` name."""
        return self._orders.of_received_run(peaks_name(self._orders.received_run(wildcards)))(wildcards)

    def peaks(self, wildcards) -> list[str]:
        """The peaks of every run of the order: extracted here, or read from a table."""
        order = self._orders.order(wildcards)
        return [f"{run_folder(order, run)}/{peaks_name(run)}" for _, run in order.all_runs()]

    def traces(self, wildcards) -> list[str]:
        """The traces of the order's runs that have some."""
        order = self._orders.order(wildcards)
        return [f"{run_folder(order, run)}/traces.json" for _, run in order.all_runs() if run.format != "areas"]

    def run_name(self, wildcards) -> str:
        return self._orders.measured(wildcards)[2].run

    def measured_runs(self, wildcards) -> list[dict]:
        """The order's runs, in the order of `peaks`, with all that turns areas into concentrations."""
        extra = ("level", "spiked", "amount", "amount_unit", "dilution")
        return [
            {**plain, **{name: getattr(sample, name) for name in extra}, "imported": run.format == "areas"}
            for plain, (sample, run) in zip(
                self._orders.runs(wildcards), self._orders.order(wildcards).all_runs(), strict=True
            )
        ]


def peaks_name(run: Run) -> str:
    return "areas.json" if run.format == "areas" else "peaks.json"
