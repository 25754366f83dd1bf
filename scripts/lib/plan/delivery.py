"""What a package says about itself, and what it must not say."""

from __future__ import annotations

from scripts.lib.plan.base import SitePlan
from scripts.lib.plan.paths import REBUILT
from scripts.lib.registry import Order, Site
from scripts.lib.registry.models import Record

#: What describes the payload and is part of it, made last: path, deliverable, format, EDAM id.
DESCRIPTORS = (
    ("data/00-Reports/workflow/Snakefile", "workflow", "Snakemake", ""),
    ("data/datapackage.json", "description", "Data Package", "format_3464"),
    ("data/ro-crate-metadata.json", "description", "RO-Crate", "format_3749"),
)


def date_of(order: Order) -> str:
    """The day that stands for an order, ISO 8601: of its newest measurement, else of its agreement's start.

    Formats ask for a day, and that of today would make each run another package. 1970-01-01: the sheets state neither.
    """
    days = [str(run.acquired)[:10] for _, run in order.all_runs() if run.acquired]
    return max(days, default=str(order.proposal.agreement_start or "1970-01-01"))


def record_of(site: Site, order: Order) -> Record:
    """What the configuration tells catalogues of the order: of its proposal, else of its facility."""
    own = site.config.records.get(order.proposal.proposal, Record())
    return order.facility.record.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})


def settings(recipe: dict, prefix: str = "") -> dict[str, str]:
    """A recipe's values by their names, with a dot between levels."""
    flat: dict[str, str] = {}
    for key, value in recipe.items():
        flat |= settings(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": str(value)}
    return flat


class DeliveryPlan(SitePlan):
    """Delivery."""

    @staticmethod
    def descriptor_rows(_wildcards=None) -> list[dict[str, str]]:
        names = ("path", "deliverable", "format", "edam")
        return [dict(zip(names, row, strict=True)) | {"sample": ""} for row in DESCRIPTORS]

    def deliveries(self, wildcards) -> str:
        """The folder of the order's published versions."""
        return f"deliveries/{self.order(wildcards).id}"

    def parameters(self, wildcards) -> dict[str, str]:
        """What was set: the recipe, and the references."""
        order = self.order(wildcards)
        references = sorted({sample.reference for sample in order.samples if sample.reference})
        return settings(self.recipe(wildcards)) | ({"reference": ", ".join(references)} if references else {})

    def crate_facts(self, wildcards) -> dict[str, str]:
        """What the RO-Crate says of the order."""
        order = self.order(wildcards)
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
        order = self.order(wildcards)
        call = self.site.config.calls.get(order.proposal.call)
        words = (call and call.acknowledgement) or order.facility.acknowledgement
        return {"acknowledgement": words} | self.crate_facts(wildcards)

    def rebuilt(self, wildcards) -> list[str]:
        """The received files that are delivered with a header of their own."""
        return [name for run in self.runs(wildcards) for name in run["files"] if name.lower().endswith(REBUILT)]

    @staticmethod
    def received_name(wildcards) -> str:
        """What a received file is called in the package, without its ending."""
        return f"{wildcards.sample}_{wildcards.received.split('.')[0]}"

    def sent(self, wildcards) -> list[str]:
        """The received files as the sheet names them."""
        return [path for _, run in self.order(wildcards).all_runs() for path in run.received.values()]

    def known_names(self, wildcards) -> list[str]:
        """What the order's files, samples and runs are called in the package itself."""
        order = self.order(wildcards)
        names = [
            [sample.sample, sample.donor, run.run, run.library, run.flowcell, run.batch]
            for sample, run in order.all_runs()
        ]
        return sorted({*filter(None, sum(names, []))})

    def contact(self, wildcards) -> str:
        """The addresses that may stand in the package: the facility's, and that of who decides on access."""
        order = self.order(wildcards)
        body = record_of(self.site, order).hdab
        return " ".join([order.facility.contact, *([body.email] if body else [])])

    def openly(self, wildcards) -> list[str]:
        """What a package says of the order in any case."""
        order = self.order(wildcards)
        facility, service = order.facility, order.service
        said = [order.facility_id, facility.name, facility.url, order.service_id, service.title]
        return sorted({*filter(None, [*said, order.proposal.proposal, order.proposal.call])})

    def ordinary_words(self, _wildcards=None) -> list[str]:
        """Words that are no names at this site."""
        return sorted(self.site.config.ordinary_words)

    def private_names(self, _wildcards=None) -> str:
        """Where the table of original names lies; nothing of what it holds."""
        return self.site.config.private_names
