"""What an order is judged on, what its report shows, what its package holds."""

from __future__ import annotations

from scripts.lib import deliverables
from scripts.lib.plan.delivery import DESCRIPTORS
from scripts.lib.plan.genomics import GenomicsPlan
from scripts.lib.plan.identity import IdentityPlan
from scripts.lib.plan.metadata import MetadataPlan
from scripts.lib.plan.paths import ORDER, PACKAGE, libraries, order_fields
from scripts.lib.registry import Order

#: Sections that quantification draws.
DRAWN = tuple(
    f"features_{name}_mqc.json"
    for name in ("fates", "pca", "rsd", "standards", "shapes", "blanks", "missing", "shifts")
)
#: Files below {ORDER}/sections/ that rooms add to the reports of a branch; scripts/report/order.py says what they are.
SECTIONS: dict[str, tuple[str, ...]] = {
    "genomes": ("identity_mqc.json", "relatedness_mqc.json"),
    "untargeted": (*DRAWN, "features_parameters_mqc.json"),
    "targeted": ("compounds_mqc.json",),
}
#: What stands in every package's 00-Reports; a branch's own come before the last.
REPORTS = (
    ("multiqc_report.html", "HTML", "format_2331"),
    ("acceptance.tsv", "TSV", "format_3475"),
    ("acceptance.json", "JSON", "format_3464"),
    ("methods.md", "Markdown", "format_3999"),
    ("ACKNOWLEDGEMENT.md", "Markdown", "format_3999"),
)


class PackagePlan(IdentityPlan, MetadataPlan):
    """Acceptance, report and delivery."""

    def metrics(self, wildcards) -> list[str]:
        """The metrics files on which an order is judged."""
        if self.order(wildcards).branch.name == "genomes":
            of_samples = self.of_samples("metrics/{sample}.genomics.json")(wildcards)
            of_order = f"{ORDER}/metrics/identity.json".format(**order_fields(wildcards))
            return [*of_samples, *self.contamination(wildcards), of_order]
        name = "targeted" if self.order(wildcards).branch.name == "targeted" else "metabolomics"
        return [f"{ORDER}/metrics/{name}.json".format(**order_fields(wildcards))]

    def report_inputs(self, wildcards) -> dict[str, list[str]]:
        """What the order's report shows, by the kind of file."""
        order = self.order(wildcards)
        inputs = {
            "verdicts": self.of_runs("intake.json")(wildcards),
            "metrics": self.metrics(wildcards),
            "logo": [order.facility.logo] if order.facility.logo else [],
            "sections": [
                f"{ORDER}/sections/{name}".format(**order_fields(wildcards)) for name in SECTIONS[order.branch.name]
            ],
        }
        if order.branch.name == "genomes":
            return inputs | {
                "fastp": self.of_runs("fastp.json")(wildcards),
                "stats": self.of_samples("quality/{sample}/samtools.stats.txt")(wildcards),
                "duplicates": [
                    f"{ORDER}/alignment/{sample}/library.{library}.markdup.txt".format(**order_fields(wildcards))
                    for sample, library in libraries(order)
                ],
                "depths": self.of_samples("quality/{sample}/depth_histogram.tsv")(wildcards),
                "variants": self.of_samples("variants/{sample}/bcftools.stats.txt")(wildcards),
            }
        if order.branch.name == "targeted":
            return inputs
        return inputs | {
            "spectra": self.of_runs("spectra.json")(wildcards),
            "features": self.of_runs("features.json")(wildcards),
            "alignment": [f"{ORDER}/quantification/alignment.tsv".format(**order_fields(wildcards))],
        }

    @staticmethod
    def payload(order: Order) -> list[dict[str, str]]:
        """Every file of an order's package but what describes it: path, sample, deliverable, format, EDAM id."""
        rows = order.branch.payload(order)
        reports = [deliverables.row(order, f"00-Reports/{name}", "report", "", *kind) for name, *kind in REPORTS]
        reports[-1:-1] = [row for row in rows if row["deliverable"] == "report"]
        return reports + [row for row in rows if row["deliverable"] != "report"]

    @staticmethod
    def staged(order: Order) -> list[str]:
        """Every file of an order's staged package, its manifest last."""
        folder = PACKAGE.format(facility=order.facility_id, proposal=order.proposal.proposal, service=order.service_id)
        files = [row["path"] for row in PackagePlan.payload(order)]
        about = [row[0] for row in DESCRIPTORS]
        return [f"{folder}/{name}" for name in (*files, *about, "README.md", "manifest.tsv")]

    @staticmethod
    def wanted(order: Order) -> list[str]:
        """What a run leaves staged of an order: all of it, each named, so that a deleted file is missed; of human data,
        whose clear copies go when they were published, the manifest."""
        staged = PackagePlan.staged(order)
        return GenomicsPlan.counted(order) + (staged[-1:] if order.human else staged)

    def package_files(self, wildcards) -> list[str]:
        """The staged payload, in the order of `payload`."""
        order = self.order(wildcards)
        return self.staged(order)[: len(self.payload(order))]

    def package_rows(self, wildcards) -> list[dict[str, str]]:
        return self.payload(self.order(wildcards))

    def targets(self, _wildcards=None) -> list[str]:
        """What the selected orders leave staged."""
        return [path for order in self.selected for path in self.wanted(order)]

    def order_title(self, wildcards) -> str:
        order = self.order(wildcards)
        return f"{order.service.title} for proposal {order.proposal.proposal}: {order.proposal.title}"

    def criteria(self, wildcards) -> dict[str, dict]:
        """Metric -> its criterion, and what the registry knows of the metric."""
        order = self.order(wildcards)
        known = order.branch.metrics
        return {name: item.model_dump() | known[name]._asdict() for name, item in order.service.acceptance.items()}

    def absent(self, wildcards) -> dict[str, str]:
        """The proposal's samples that are not in this version, and why."""
        return dict(self.order(wildcards).absent)

    def waivers(self, wildcards) -> list[dict[str, str]]:
        return [
            {"sample": row.sample, "metric": row.metric, "by": row.by, "date": str(row.date), "reason": row.reason}
            for row in self.order(wildcards).waivers
        ]

    def order_facts(self, wildcards) -> dict:
        """What report and README say about the order."""
        order = self.order(wildcards)
        return {
            "facility": order.facility_id,
            "facility_name": order.facility.name,
            "contact": order.facility.contact,
            "url": order.facility.url,
            "text": order.facility.text,
            "proposal": order.proposal.proposal,
            "title": order.proposal.title,
            "call": order.proposal.call,
            "service": order.service_id,
            "service_title": order.service.title,
            "domain": order.service.domain,
            "branch": order.branch.name,
            "human": order.human,
            "agreement_end": str(order.proposal.agreement_end or ""),
            "retention_months": order.service.retention_months,
            "samples": [
                {"sample": sample.sample, "role": sample.role, "runs": len(order.runs[sample.sample])}
                for sample in order.samples
            ],
            "absent": self.absent(wildcards),
        }
