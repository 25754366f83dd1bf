"""What an order's package holds, and what it says about itself."""

from __future__ import annotations

from scripts.lib import deliverables
from scripts.lib.plan.orders import Orders
from scripts.lib.plan.paths import PACKAGE, fields_of, order_fields
from scripts.lib.recipe import stated
from scripts.lib.registry import Order

#: What stands in every package's 00-Reports; a branch's own come before the last.
REPORTS = (
    ("multiqc_report.html", "HTML", "format_2331"),
    ("acceptance.tsv", "TSV", "format_3475"),
    ("acceptance.json", "JSON", "format_3464"),
    ("methods.md", "Markdown", "format_3999"),
    ("ACKNOWLEDGEMENT.md", "Markdown", "format_3999"),
)
#: What describes the payload and is part of it, made last: path, deliverable, format, EDAM id.
DESCRIPTORS = (
    ("data/00-Reports/workflow/Snakefile", "workflow", "Snakemake", ""),
    ("data/datapackage.json", "description", "Data Package", "format_3464"),
    ("data/ro-crate-metadata.json", "description", "RO-Crate", "format_3749"),
)


def payload(order: Order) -> list[dict[str, str]]:
    """Every file of an order's package but what describes it: path, sample, deliverable, format, EDAM id."""
    rows = order.branch.payload(order)
    reports = [deliverables.row(order, f"00-Reports/{name}", "report", "", *kind) for name, *kind in REPORTS]
    reports[-1:-1] = [row for row in rows if row["deliverable"] == "report"]
    return reports + [row for row in rows if row["deliverable"] != "report"]


def staged(order: Order) -> list[str]:
    """Every file of an order's staged package, its manifest last."""
    folder = PACKAGE.format(**fields_of(order))
    files = [row["path"] for row in payload(order)]
    about = [row[0] for row in DESCRIPTORS]
    return [f"{folder}/{name}" for name in (*files, *about, "README.md", "manifest.tsv")]


def wanted(order: Order) -> list[str]:
    """What a run leaves staged of an order: all of it, each named, so that a deleted file is missed; of human data,
    whose clear copies go when they were published, the manifest."""
    files = staged(order)
    return order.branch.kept(order) + (files[-1:] if order.human else files)


def date_of(order: Order) -> str:
    """The day that stands for an order, ISO 8601: of its newest measurement, else of its agreement's start.

    Formats ask for a day, and that of today would make each run another package. 1970-01-01: the sheets state neither.
    """
    days = [str(run.acquired)[:10] for _, run in order.all_runs() if run.acquired]
    return max(days, default=str(order.proposal.agreement_start or "1970-01-01"))


def settings(recipe: dict, prefix: str = "") -> dict[str, str]:
    """A recipe's values by their names, with a dot between levels."""
    flat: dict[str, str] = {}
    for key, value in recipe.items():
        flat |= settings(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": str(value)}
    return flat


class Packages:
    """The packages of a site's orders."""

    def __init__(self, orders: Orders):
        self._orders = orders

    def targets(self, _wildcards=None) -> list[str]:
        """What the selected orders leave staged."""
        return [path for order in self._orders.selected for path in wanted(order)]

    def rows(self, wildcards) -> list[dict[str, str]]:
        return payload(self._orders.order(wildcards))

    def files(self, wildcards) -> list[str]:
        """The staged payload, in the order of `rows`."""
        order = self._orders.order(wildcards)
        return staged(order)[: len(payload(order))]

    @staticmethod
    def descriptor_rows(_wildcards=None) -> list[dict[str, str]]:
        names = ("path", "deliverable", "format", "edam")
        return [dict(zip(names, row, strict=True)) | {"sample": ""} for row in DESCRIPTORS]

    @staticmethod
    def descriptors(wildcards) -> list[str]:
        """The files that describe the payload."""
        return [f"{PACKAGE}/{row[0]}".format(**order_fields(wildcards)) for row in DESCRIPTORS]

    def parameters(self, wildcards) -> dict[str, str]:
        """What was set: the recipe, and the references."""
        order = self._orders.order(wildcards)
        references = sorted({sample.reference for sample in order.samples if sample.reference})
        return settings(stated(order.service.recipe)) | ({"reference": ", ".join(references)} if references else {})

    def crate_facts(self, wildcards) -> dict[str, str]:
        """What the RO-Crate says of the order."""
        order = self._orders.order(wildcards)
        return {
            "facility": order.facility_id,
            "facility_name": order.facility.name,
            "contact": order.facility.contact,
            "url": order.facility.url,
            "ror": order.facility.ror,
            "proposal": order.proposal.proposal,
            "title": order.proposal.title,
            "call": order.proposal.call,
            "duo": order.proposal.duo,
            "service": order.service_id,
            "service_title": order.service.title,
            "date": date_of(order),
        }

    def acknowledgement(self, wildcards) -> dict[str, str]:
        """The words of the call, else of the facility, and what a sentence is made of where neither has any."""
        order = self._orders.order(wildcards)
        call = self._orders.site.config.calls.get(order.proposal.call)
        words = (call and call.acknowledgement) or order.facility.acknowledgement
        return {"acknowledgement": words} | self.crate_facts(wildcards)

    def contact(self, wildcards) -> str:
        return self._orders.order(wildcards).facility.contact
