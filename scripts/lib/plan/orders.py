"""What every rule asks: the order, sample and run that wildcards name, their tags and their files."""

from __future__ import annotations

from scripts.lib.plan.paths import ORDER, order_fields, received_names, run_folder
from scripts.lib.recipe import set_by_catalogue
from scripts.lib.registry import Order, Site
from scripts.lib.registry.models import Run, Sample


def accepted(path: str) -> str:
    """A received file, or a link to it, for a job that reads intake's verdict beside it: that holds the digest of its
    content, so that a later time (it was touched, or put back from a backup) is no reason to do anything again."""
    from snakemake.io import ancient  # slow to import, and rules alone need it

    return ancient(path)


class Orders:
    """A site's orders, seen from the rules.

    proposals  ids, separated by commas: their orders are asked for (none: all are)
    selected   the orders that are asked for; look-ups answer for every order of the site
    """

    def __init__(self, site: Site, proposals: str = ""):
        self.site = site
        asked = proposals.split(",")
        self.selected = [order for order in site.orders.values() if not proposals or order.proposal.proposal in asked]
        self._orders = {order.path: order for order in site.orders.values()}
        # A batch's pools serve several orders; their runs are one computation, whichever order asks.
        self._runs: dict[tuple[str, str, str], tuple[Order, Sample, Run]] = {}
        for order in site.orders.values():
            for sample, run in order.all_runs():
                self._runs.setdefault((order.facility_id, order.service_id, run.key), (order, sample, run))

    def order(self, wildcards) -> Order:
        return self._orders[f"{wildcards.facility}/{wildcards.proposal}/{wildcards.service}"]

    def measured(self, wildcards) -> tuple[Order, Sample, Run]:
        """The run that wildcards name by its key, with its sample and an order that asks for it."""
        return self._runs[wildcards.facility, wildcards.service, wildcards.run]

    def received_run(self, wildcards) -> Run:
        """The run that a package file's `{sample}_{received}` wildcards name."""
        return next(run for run in self.order(wildcards).runs[wildcards.sample] if run.run == wildcards.received)

    def recipe(self, wildcards) -> dict:
        return self.site.services[wildcards.service].recipe.model_dump()

    def given(self, wildcards) -> dict[str, dict[str, float]]:
        """What the catalogue sets of the recipe's sections: it counts for more than what is proposed from the data."""
        return set_by_catalogue(self.site.services[wildcards.service].recipe)

    def setting(self, name: str):
        """A params function: one value of the recipe."""
        return lambda wildcards: self.recipe(wildcards)[name]

    # --- tags ---------------------------------------------------------------------------------------------------------

    def order_tag(self, wildcards) -> dict[str, str]:
        """Facility, proposal and service, and the sample where the wildcards have one."""
        return self.order(wildcards).tag(getattr(wildcards, "sample", "")).items()

    def run_tag(self, wildcards) -> dict[str, str]:
        """What a run's own files carry: neither sample nor proposal, which a correction may change."""
        order, _, run = self.measured(wildcards)
        return {"facility": order.facility_id, "service": order.service_id, "run": run.run}

    def received_run_tag(self, wildcards) -> dict[str, str]:
        return self.order(wildcards).tag(wildcards.sample, wildcards.received).items()

    # --- files --------------------------------------------------------------------------------------------------------

    def received(self, wildcards) -> list[str]:
        """The run's files as the sheet names them."""
        return list(self.measured(wildcards)[2].received.values())

    def accepted(self, wildcards) -> list[str]:
        """The same for the jobs behind intake."""
        return list(map(accepted, self.received(wildcards)))

    def of_runs(self, name: str, sample: bool = False):
        """An input function: the file `name` of every run of the order (or of the wildcards' sample)."""

        def files(wildcards) -> list[str]:
            order = self.order(wildcards)
            return [
                f"{run_folder(order, run)}/{name}"
                for owner, run in order.all_runs()
                if not sample or owner.sample == wildcards.sample
            ]

        return files

    def of_received_run(self, name: str):
        """An input function: the file `name` of the run that `{sample}` and `{received}` name."""
        return lambda wildcards: f"{run_folder(self.order(wildcards), self.received_run(wildcards))}/{name}"

    def of_samples(self, pattern: str):
        """An input function: `pattern` (below the order's folder, with {sample}) for every sample of the order."""
        return lambda wildcards: [
            f"{ORDER}/{pattern}".format(sample=sample.sample, **order_fields(wildcards))
            for sample in self.order(wildcards).samples
        ]

    # --- facts --------------------------------------------------------------------------------------------------------

    def runs(self, wildcards) -> list[dict]:
        """The order's runs, in the order of `of_runs`: what a table or a model needs to know of each."""
        return [
            {
                "run": run.run,
                "sample": sample.sample,
                "role": sample.role,
                "batch": run.batch,
                "injection": run.injection or "",
                "dilution": sample.dilution or "",
                "polarity": run.polarity,
                "group": sample.group,
                "files": received_names(sample, run),
            }
            for sample, run in self.order(wildcards).all_runs()
        ]

    def samples(self, wildcards) -> list[str]:
        return [sample.sample for sample in self.order(wildcards).samples]

    def roles(self, wildcards) -> dict[str, str]:
        """Sample -> its role."""
        return {sample.sample: sample.role for sample in self.order(wildcards).samples}

    def title(self, wildcards) -> str:
        order = self.order(wildcards)
        return f"{order.service.title} for proposal {order.proposal.proposal}: {order.proposal.title}"
