"""What an order is judged on, what its report shows, and how its methods are told."""

from __future__ import annotations

from importlib import metadata

from scripts.lib import software
from scripts.lib.deliverables import about
from scripts.lib.plan import methods
from scripts.lib.plan.orders import Orders
from scripts.lib.plan.package import said_of
from scripts.lib.plan.paths import ORDER, order_fields
from scripts.lib.sentences import Sentence


class Reports:
    """Acceptance, report and methods of a site's orders."""

    def __init__(self, orders: Orders):
        self._orders = orders

    # --- acceptance ---------------------------------------------------------------------------------------------------

    def metrics(self, wildcards) -> list[str]:
        """The metrics files on which an order is judged."""
        order = self._orders.order(wildcards)
        return order.branch.judged(order)

    def criteria(self, wildcards) -> dict[str, dict]:
        """Metric -> its criterion, and what the branch says of the metric."""
        order = self._orders.order(wildcards)
        known = order.branch.metrics
        return {name: item.model_dump() | known[name]._asdict() for name, item in order.service.acceptance.items()}

    def absent(self, wildcards) -> dict[str, str]:
        """The proposal's samples that are not in this version, and why."""
        return dict(self._orders.order(wildcards).absent)

    def waivers(self, wildcards) -> list[dict[str, str]]:
        return [
            {"sample": row.sample, "metric": row.metric, "by": row.by, "date": str(row.date), "reason": row.reason}
            for row in self._orders.order(wildcards).waivers
        ]

    # --- report -------------------------------------------------------------------------------------------------------

    def inputs(self, wildcards) -> dict[str, list[str]]:
        """What the order's report shows, by the kind of file."""
        order = self._orders.order(wildcards)
        folder = f"{ORDER}/sections".format(**order_fields(wildcards))
        return {
            "verdicts": self._orders.of_runs("intake.json")(wildcards),
            "logo": [order.facility.logo] if order.facility.logo else [],
            "sections": [f"{folder}/{name}" for name in order.branch.sections],
            "statistics": [file.path for file in order.branch.statistics(order)],
        }

    def statistics(self, wildcards) -> list[str]:
        """Under which names MultiQC reads the files of `statistics`, in their order."""
        order = self._orders.order(wildcards)
        return [file.name for file in order.branch.statistics(order)]

    def facts(self, wildcards) -> dict:
        """What report and README say about the order."""
        order = self._orders.order(wildcards)
        return said_of(order) | {
            "text": order.facility.text,
            "human": order.human,
            "catalogued": any(not row["path"].startswith("data/") for row in about(order)),
            "agreement_end": str(order.proposal.agreement_end or ""),
            "retention_months": order.service.retention_months,
            "samples": [
                {"sample": sample.sample, "role": sample.role, "runs": len(order.runs[sample.sample])}
                for sample in order.samples
            ],
            "absent": self.absent(wildcards),
        }

    # --- methods ------------------------------------------------------------------------------------------------------

    def methods_facts(self, wildcards) -> dict:
        return methods.facts_of(self._orders.order(wildcards))

    def methods_sentences(self, wildcards) -> list[Sentence]:
        order = self._orders.order(wildcards)
        return methods.sentences(order.branch, methods.facts_of(order))

    def methods_references(self, wildcards) -> dict[str, str]:
        return methods.references(self._orders.order(wildcards).branch, self.methods_sentences(wildcards))

    def methods_told(self, wildcards) -> list[str]:
        """Files of what only the results can tell."""
        order = self._orders.order(wildcards)
        return order.branch.told(order)

    @staticmethod
    def snakemake_version(_wildcards) -> str:
        return metadata.version("snakemake")

    def environment(self, wildcards) -> str:
        """Where the branch's tools run."""
        return str(self._orders.order(wildcards).branch.environment)

    def software(self, wildcards) -> list[str]:
        """The tools of the order's branch whose versions its methods may tell."""
        return methods.tools(" ".join(sentence["text"] for sentence in self.methods_sentences(wildcards)))

    def software_versions(self, wildcards) -> dict[str, str]:
        """What is installed now: when it changes, it is noted anew, beside the jobs that it makes again."""
        return software.versions(*self.software(wildcards))
