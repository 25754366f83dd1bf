"""What every branch asks: the order, run and sample that wildcards name, their tags and their received files."""

from __future__ import annotations

from dataclasses import asdict

from scripts.lib import software
from scripts.lib.plan.paths import ORDER, RUN, order_fields
from scripts.lib.plan.received import received_names
from scripts.lib.recipe import set_by_catalogue
from scripts.lib.registry import Order, Site
from scripts.lib.registry.models import Run, Sample


class SitePlan:
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

    def _run(self, wildcards) -> tuple[Order, Sample, Run]:
        return self._runs[wildcards.facility, wildcards.service, wildcards.run]

    def _run_of(self, wildcards) -> Run:
        """The run that a package file's `{sample}_{received}` wildcards name."""
        return next(run for run in self.order(wildcards).runs[wildcards.sample] if run.run == wildcards.received)

    def recipe(self, wildcards) -> dict:
        service = self.site.services[wildcards.service]
        return service.recipe.model_dump()

    def given(self, wildcards) -> dict[str, dict[str, float]]:
        """What the catalogue sets of the recipe's sections: it counts for more than what is proposed from the data."""
        return set_by_catalogue(self.site.services[wildcards.service].recipe)

    @staticmethod
    def versions(*tools: str):
        """A params function: the versions of the tools that a job calls, so that an upgraded one runs it again.

        Only the jobs that are looked at ask for them, not every reading of the rules.
        """
        return lambda _wildcards: software.versions(*tools)

    def run_folder(self, order: Order, run: Run) -> str:
        return RUN.format(facility=order.facility_id, service=order.service_id, run=run.key)

    def order_tag(self, wildcards) -> dict[str, str]:
        """Facility, proposal and service, and the sample where the wildcards have one."""
        return self.order(wildcards).tag(getattr(wildcards, "sample", "")).items()

    def run_tag(self, wildcards) -> dict[str, str]:
        """What a run's own files carry: neither sample nor proposal, which a correction may change."""
        order, _, run = self._run(wildcards)
        return {"facility": order.facility_id, "service": order.service_id, "run": run.run}

    def of_runs(self, name: str, sample: bool = False):
        """An input function: the file `name` of every run of the order (or of the wildcards' sample)."""

        def files(wildcards) -> list[str]:
            order = self.order(wildcards)
            return [
                f"{self.run_folder(order, run)}/{name}"
                for owner, run in order.all_runs()
                if not sample or owner.sample == wildcards.sample
            ]

        return files

    def of_received_run(self, name: str):
        """An input function: the file `name` of the run that `{sample}` and `{received}` name."""

        def file(wildcards) -> str:
            return f"{self.run_folder(self.order(wildcards), self._run_of(wildcards))}/{name}"

        return file

    def received_run_tag(self, wildcards) -> dict[str, str]:
        return self.order(wildcards).tag(wildcards.sample, wildcards.received).items()

    def of_samples(self, pattern: str):
        """An input function: `pattern` (below the order's folder, with {sample}) for every sample of the order."""
        return lambda wildcards: [
            f"{ORDER}/{pattern}".format(sample=sample.sample, **order_fields(wildcards))
            for sample in self.order(wildcards).samples
        ]

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

    def received(self, wildcards) -> list[str]:
        """The run's files as the sheet names them."""
        return list(self._run(wildcards)[2].received.values())

    def received_state(self, wildcards) -> list[list[int]]:
        """Size and time of each received file: one that is replaced by an older one is checked again too."""
        states = [(self.site.directory / path).stat() for path in self.received(wildcards)]
        return [[state.st_size, state.st_mtime_ns] for state in states]

    def fact(self, name: str):
        """A params function: what sheets and catalogue say about a run, for intake to hold its files against."""

        def value(wildcards):
            order, sample, run = self._run(wildcards)
            facts = {
                "kind": run.format,
                "checksums": run.checksums(),
                "accepts": list(order.service.accepts),
                "platform": run.platform,
                "flowcell": run.flowcell,
                "lane": run.lane,
                "polarity": run.polarity,
                # Only an alignment carries a sample's name: FASTQ files may change their sample unread.
                "names": [sample.sample, *filter(None, [sample.donor])] if run.format in ("bam", "cram") else [],
            }
            if order.branch.name == "targeted":
                facts |= {"srm": order.service.recipe.acquisition == "srm"}
                facts |= {"names": [run.run]} if run.format == "areas" else {}
            if order.branch.name == "genomes":
                facts |= {
                    "platforms": list(order.service.platforms),
                    "read_length_min": order.service.min_read_length,
                    "read_length_max": order.service.max_read_length,
                    "read_limits": asdict(order.service.intake),
                }
            else:
                facts["spectra_limits"] = asdict(order.service.intake)
            return facts.get(name, [] if name == "platforms" else 0)

        return value

    def received_file(self, wildcards) -> str:
        """The received file that is delivered under the name that the wildcards make up."""
        order = self.order(wildcards)
        name = f"{wildcards.sample}_{wildcards.received}"
        for run in order.runs[wildcards.sample]:
            names = received_names(self.site.samples[wildcards.sample], run)
            if name in names:
                return list(run.received.values())[names.index(name)]
        raise KeyError(f"no received file is delivered as {name}")

    def verdict_of_received(self, wildcards) -> str:
        order, path = self.order(wildcards), self.received_file(wildcards)
        run = next(run for run in order.runs[wildcards.sample] if path in run.received.values())
        return f"{self.run_folder(order, run)}/intake.json"

    def sample_roles(self, wildcards) -> dict[str, str]:
        return {sample.sample: sample.role for sample in self.order(wildcards).samples}
