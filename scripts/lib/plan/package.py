"""What an order is judged on, what its report shows, what its package holds."""

from __future__ import annotations

from scripts.lib.plan.base import SitePlan
from scripts.lib.plan.calling import callsets
from scripts.lib.plan.delivery import DESCRIPTORS
from scripts.lib.plan.genomics import GenomicsPlan
from scripts.lib.plan.identity import IdentityPlan
from scripts.lib.plan.metadata import RECORD, MetadataPlan
from scripts.lib.plan.paths import ORDER, PACKAGE, libraries, order_fields
from scripts.lib.registry import Order
from scripts.lib.registry.metrics import METRICS

#: Sections that quantification draws.
DRAWN = tuple(
    f"features_{name}_mqc.json"
    for name in ("fates", "pca", "rsd", "standards", "shapes", "blanks", "missing", "shifts")
)
#: Files below {ORDER}/sections/ that rooms add to the reports of a branch; scripts/report/order.py says what they are.
SECTIONS: dict[str, tuple[str, ...]] = {
    "genomics": ("identity_mqc.json", "relatedness_mqc.json"),
    "metabolomics": (*DRAWN, "features_parameters_mqc.json"),
    "targeted": ("compounds_mqc.json",),
}
#: The tables of an untargeted order.
MATRICES = (
    "feature_matrix",
    "feature_matrix_origin",
    "feature_matrix_normalised",
    "compound_matrix",
    "features",
    "parameters",
)


class PackagePlan(IdentityPlan, MetadataPlan):
    """Acceptance, report and delivery."""

    def metrics(self, wildcards) -> list[str]:
        """The metrics files on which an order is judged."""
        if self.order(wildcards).service.domain == "genomics":
            of_samples = self.of_samples("metrics/{sample}.genomics.json")(wildcards)
            of_order = f"{ORDER}/metrics/identity.json".format(**order_fields(wildcards))
            return [*of_samples, *self.contamination(wildcards), of_order]
        name = "targeted" if self.order(wildcards).service.branch == "targeted" else "metabolomics"
        return [f"{ORDER}/metrics/{name}.json".format(**order_fields(wildcards))]

    def report_inputs(self, wildcards) -> dict[str, list[str]]:
        """What the order's report shows, by the kind of file."""
        order = self.order(wildcards)
        inputs = {
            "verdicts": self.of_runs("intake.json")(wildcards),
            "metrics": self.metrics(wildcards),
            "logo": [order.facility.logo] if order.facility.logo else [],
            "sections": [
                f"{ORDER}/sections/{name}".format(**order_fields(wildcards)) for name in SECTIONS[order.service.branch]
            ],
        }
        if order.service.domain == "genomics":
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
        if order.service.branch == "targeted":
            return inputs
        return inputs | {
            "spectra": self.of_runs("spectra.json")(wildcards),
            "features": self.of_runs("features.json")(wildcards),
            "alignment": [f"{ORDER}/quantification/alignment.tsv".format(**order_fields(wildcards))],
        }

    @staticmethod
    def payload(order: Order) -> list[dict[str, str]]:
        """Every file of an order's package but what describes it: path, sample, deliverable, format, EDAM id."""
        rows = []

        def add(path: str, deliverable: str, sample: str = "", format: str = "", edam: str = "") -> None:
            promised = order.service.deliverables.get(deliverable)
            rows.append(
                {
                    "path": f"data/{path}",
                    "sample": sample,
                    "deliverable": deliverable,
                    "format": format or promised.format,
                    "edam": edam or (promised.edam if promised else ""),
                }
            )

        promised = order.service.deliverables
        add("00-Reports/multiqc_report.html", "report", format="HTML", edam="format_2331")
        add("00-Reports/acceptance.tsv", "report", format="TSV", edam="format_3475")
        add("00-Reports/acceptance.json", "report", format="JSON", edam="format_3464")
        add("00-Reports/methods.md", "report", format="Markdown", edam="format_3999")
        if order.service.domain == "genomics":
            add("00-Reports/identity.tsv", "report", format="TSV", edam="format_3475")
        add("00-Reports/ACKNOWLEDGEMENT.md", "report", format="Markdown", edam="format_3999")
        if "matrix" in promised:
            for name in MATRICES:
                add(f"quantification/{name}.tsv", "matrix")
        if "mztab" in promised:
            add(f"quantification/{'features' if 'matrix' in promised else 'concentrations'}.mzTab", "mztab")
        if "concentrations" in promised:
            add("quantification/concentrations.tsv", "concentrations")
        if "workbook" in promised:
            add("quantification/concentrations.xlsx", "workbook")
        for page in ("calibration", "chromatograms"):
            if page in promised:
                add(f"quantification/{page}.html", page)
        if "consensus" in promised:
            add("quantification/features.consensusXML", "consensus")
        if "fragments" in promised:
            add("quantification/fragments.mgf", "fragments")
        if "joint" in promised:
            for callset, members in callsets(order).items():
                if len(members) > 1:
                    add(f"joint/{callset}.vcf.gz", "joint")
                    add(f"joint/{callset}.vcf.gz.tbi", "joint", "", "TBI", "format_3700")
        for path, name, kind, edam in MetadataPlan.metadata_files(order):
            add(path, "metadata", name, kind, edam)
        for sample in order.samples:
            name = sample.sample
            if "alignment" in promised and promised["alignment"].format == "BAM":
                add(f"{name}/{name}.bam", "alignment", name)
                add(f"{name}/{name}.bam.bai", "alignment", name, "BAI", "format_3327")
            elif "alignment" in promised:
                add(f"{name}/{name}.cram", "alignment", name)
                add(f"{name}/{name}.cram.crai", "alignment", name, "CRAI", "format_3462")
            if "variants" in promised:
                add(f"{name}/{name}.vcf.gz", "variants", name)
                add(f"{name}/{name}.vcf.gz.tbi", "variants", name, "TBI", "format_3700")
            if "gvcf" in promised:
                add(f"{name}/{name}.g.vcf.gz", "gvcf", name)
                add(f"{name}/{name}.g.vcf.gz.tbi", "gvcf", name, "TBI", "format_3700")
            # An exome is no whole genome, whatever its service.
            if "wgs_qc" in promised and not sample.targets:
                add(f"{name}/{name}.wgs_qc.json", "wgs_qc", name)
            for run in order.runs[name]:
                if "features" in promised:
                    add(f"{name}/{name}_{run.run}.featureXML", "features", name)
                if "peaks" in promised:
                    add(f"{name}/{name}_{run.run}.peaks.tsv", "peaks", name)
                if "quality" in promised:
                    add(f"{name}/{name}_{run.run}.mzQC", "quality", name)
                for kind in {"reads", "spectra"} & promised.keys():
                    for received in SitePlan.received_names(sample, run):
                        add(f"{name}/received/{received}", kind, name)
        return rows

    @staticmethod
    def described(order: Order) -> list[tuple[str, str, str, str]]:
        """What describes the payload: within it, and beside it for catalogues."""
        return [*DESCRIPTORS, *([RECORD] if MetadataPlan.of_people(order) else [])]

    def about_rows(self, wildcards) -> list[dict[str, str]]:
        names = ("path", "deliverable", "format", "edam")
        return [dict(zip(names, row, strict=True)) | {"sample": ""} for row in self.described(self.order(wildcards))]

    def about_files(self, wildcards) -> list[str]:
        return [f"{PACKAGE.format(**order_fields(wildcards))}/{row['path']}" for row in self.about_rows(wildcards)]

    @staticmethod
    def staged(order: Order) -> list[str]:
        """Every file of an order's staged package, its manifest last."""
        folder = PACKAGE.format(facility=order.facility_id, proposal=order.proposal.proposal, service=order.service_id)
        files = [row["path"] for row in PackagePlan.payload(order)]
        about = [row[0] for row in PackagePlan.described(order)]
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
        service = self.order(wildcards).service
        known = METRICS[service.branch]
        return {name: item.model_dump() | known[name]._asdict() for name, item in service.acceptance.items()}

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
            "branch": order.service.branch,
            "human": order.human,
            "catalogued": MetadataPlan.of_people(order),
            "agreement_end": str(order.proposal.agreement_end or ""),
            "retention_months": order.service.retention_months,
            "samples": [
                {"sample": sample.sample, "role": sample.role, "runs": len(order.runs[sample.sample])}
                for sample in order.samples
            ],
            "absent": self.absent(wildcards),
        }
