"""What the rules of metadata ask: what sheets and catalogue say of a person's sample, and of an order as a dataset."""

from __future__ import annotations

import hashlib
import re

from scripts.lib.plan.orders import Orders
from scripts.lib.plan.package import date_of, record_of
from scripts.lib.plan.paths import library_of, received_names
from scripts.lib.registry import Order
from scripts.lib.registry.models import is_address, is_human


def described_people(order: Order) -> list[dict[str, str]]:
    """The samples that metadata are delivered of: those of people."""
    return [] if order.proposal.human_data == "no" else [{"sample": sample.sample} for sample in order.samples]


def phenotyped(order: Order) -> list[dict[str, str]]:
    """Those of them of whose donors something was told."""
    return [place for place in described_people(order) if place["sample"] in order.phenotypes]


class Metadata:
    """Metadata of orders of people's genomes."""

    def __init__(self, orders: Orders):
        self._orders = orders

    def sample_facts(self, wildcards) -> dict:
        """What the sheets say of the sample and of its sequencing."""
        order, sample = self._orders.order(wildcards), self._orders.site.samples[wildcards.sample]
        runs = order.runs[wildcards.sample]
        return {
            "subject": sample.donor,
            "sex": sample.sex,
            "organism": sample.organism,
            "human": is_human(sample.organism),
            "population": sample.population,
            "phenotype": [
                {"id": row["term"], "label": row["label"], "excluded": row["excluded"]}
                for row in self.phenotypes(wildcards)
            ],
            "record_missing": record_of(self._orders.site, order).missing,
            "strategy": "WXS" if sample.targets else "WGS",
            "reference": sample.reference,
            "aligner": order.service.recipe.aligner,
            "caller": order.service.recipe.caller,
            "duo": [term.strip() for term in order.proposal.duo.split(",") if term.strip()],
            "runs": [
                {
                    "run": run.run,
                    "library": library_of(run),
                    "platform": run.platform.upper(),
                    "instrument": run.instrument,
                    "layout": "PAIRED" if run.read2 or run.layout else "" if run.file else "SINGLE",
                    "flowcell": run.flowcell,
                    "lane": run.lane,
                    "acquired": run.acquired.isoformat().removesuffix("T00:00:00") if run.acquired else "",
                    "files": received_names(sample, run),
                    "format": run.kind.edam,
                }
                for run in runs
            ],
        }

    def phenotypes(self, wildcards) -> list[dict]:
        return [
            {"term": row.term, "label": row.label, "excluded": row.excluded == "yes", "disease": row.disease}
            for row in self._orders.order(wildcards).phenotypes.get(wildcards.sample, ())
        ]

    def created(self, wildcards) -> str:
        return date_of(self._orders.order(wildcards))

    def dataset_facts(self, wildcards) -> dict:
        """The order as a dataset of a catalogue: the fields of `dcat.Description`."""
        order = self._orders.order(wildcards)
        people = [sample for sample in order.samples if sample.role == "sample"]
        organisation = re.sub("[^A-Z]", "", order.facility_id.upper())[:16]
        # The pattern asks for digits: those of the order's own name, so that it keeps them.
        number = int(hashlib.sha256(order.id.encode()).hexdigest()[:12], 16)
        identifier = f"GDI-{order.facility.country}-{organisation}-{number}"
        site = order.facility.url.rstrip("/") if is_address(order.facility.url) else ""
        return {
            "address": f"{site}/datasets/{identifier}" if site else f"urn:dataset:{identifier}",
            "identifier": identifier,
            "title": f"{order.service.title}: {order.proposal.title}",
            "description": f"{order.service.title}; samples: {len(people)}; measured by {order.facility.name} for"
            f" proposal {order.proposal.proposal} of call {order.proposal.call}; its investigators give access.",
            "creators": [order.facility.name],
            "publisher": order.facility.name,
            "contact": order.facility.name,
            "email": order.facility.contact,
            "access": site,
            "url": site,
            "access_rights": "PUBLIC" if order.proposal.human_data == "public" else "NON_PUBLIC",
            "keywords": [order.service.title, "human genome"],
            # The GDI counts a FASTQ file as a record.
            "records": sum(len(run.received) for sample in people for run in order.runs[sample.sample]),
            "individuals": len({sample.donor or sample.sample for sample in people}),
            **record_of(self._orders.site, order).told,
        }
