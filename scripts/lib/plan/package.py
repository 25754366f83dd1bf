"""What an order's package holds, and what it says about itself."""

from __future__ import annotations

from scripts.lib import columns
from scripts.lib.deliverables import about, declared, descriptors, meanings, payload
from scripts.lib.plan.orders import Orders, accepted
from scripts.lib.plan.paths import PACKAGE, REBUILT, fields_of, order_fields
from scripts.lib.recipe import stated
from scripts.lib.registry import Order, Site
from scripts.lib.registry.models import Record


def staged(order: Order) -> list[str]:
    """Every file of an order's staged package, its manifest last."""
    folder = PACKAGE.format(**fields_of(order))
    files = [row["path"] for row in [*payload(order), *about(order)]]
    return [f"{folder}/{name}" for name in (*files, "README.md", "manifest.tsv")]


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


def said_of(order: Order) -> dict[str, str]:
    """What report, README and crate say of an order alike."""
    return {
        "facility": order.facility_id,
        "facility_name": order.facility.name,
        "contact": order.facility.contact,
        "url": order.facility.url,
        "proposal": order.proposal.proposal,
        "title": order.proposal.title,
        "call": order.proposal.call,
        "service": order.service_id,
        "service_title": order.service.title,
    }


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
        files = staged(order)[: len(payload(order))]
        return [
            accepted(path) if "/received/" in path and not path.lower().endswith(REBUILT) else path for path in files
        ]

    def meanings(self, wildcards) -> dict[str, str]:
        """Deliverable -> what it is, of all that the order's branch may deliver."""
        return meanings(declared(self._orders.order(wildcards).branch))

    def tables(self, wildcards) -> dict[str, dict]:
        """What is known of the columns of tables."""
        return columns.of_branch(self._orders.order(wildcards).branch)

    @staticmethod
    def descriptor_rows(_wildcards=None) -> list[dict[str, str]]:
        return descriptors()

    def about_rows(self, wildcards) -> list[dict[str, str]]:
        return about(self._orders.order(wildcards))

    def about_files(self, wildcards) -> list[str]:
        """The files that describe the payload, the README aside."""
        return [f"{PACKAGE.format(**order_fields(wildcards))}/{row['path']}" for row in self.about_rows(wildcards)]

    def deliveries(self, wildcards) -> str:
        """The folder of the order's published versions."""
        return f"deliveries/{self._orders.order(wildcards).id}"

    def parameters(self, wildcards) -> dict[str, str]:
        """What was set: the recipe, and the references."""
        order = self._orders.order(wildcards)
        references = sorted({sample.reference for sample in order.samples if sample.reference})
        return settings(stated(order.service.recipe)) | ({"reference": ", ".join(references)} if references else {})

    def crate_facts(self, wildcards) -> dict[str, str]:
        """What the RO-Crate says of the order."""
        order = self._orders.order(wildcards)
        own = {"ror": order.facility.ror, "duo": order.proposal.duo, "date": date_of(order)}
        return said_of(order) | own

    def acknowledgement(self, wildcards) -> dict[str, str]:
        """The words of the call, else of the facility, and what a sentence is made of where neither has any."""
        order = self._orders.order(wildcards)
        call = self._orders.site.config.calls.get(order.proposal.call)
        words = (call and call.acknowledgement) or order.facility.acknowledgement
        return {"acknowledgement": words} | self.crate_facts(wildcards)

    def contact(self, wildcards) -> str:
        """The addresses that may stand in the package: the facility's, and that of who decides on access."""
        order = self._orders.order(wildcards)
        body = record_of(self._orders.site, order).hdab
        return " ".join([order.facility.contact, *([body.email] if body else [])])

    def openly(self, wildcards) -> list[str]:
        """What a package says of the order in any case."""
        order = self._orders.order(wildcards)
        facility, service = order.facility, order.service
        said = [order.facility_id, facility.name, facility.url, order.service_id, service.title]
        return sorted({*filter(None, [*said, order.proposal.proposal, order.proposal.call])})
