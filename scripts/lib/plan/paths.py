"""Where things lie below a site, as patterns with the rules' wildcards, and names made of a sheet's."""

from __future__ import annotations

from scripts.lib.registry import Order
from scripts.lib.registry.models import Run, Sample

RUN = "results/{facility}/runs/{service}/{run}"
ORDER = "results/{facility}/{proposal}/{service}"
PACKAGE = f"{ORDER}/package"
REFERENCE = "results/references/{reference}"
# Received files whose header is made anew before they are delivered: all that have one.
REBUILT = (".bam", ".cram", ".mzml", ".mzml.gz", ".mzxml", ".mzxml.gz", ".cdf", ".cdf.gz", ".nc", ".nc.gz")
MATES = {"read1": "_R1", "read2": "_R2", "file": ""}


def order_fields(wildcards) -> dict[str, str]:
    return {name: getattr(wildcards, name) for name in ("facility", "proposal", "service")}


def fields_of(order: Order) -> dict[str, str]:
    """What the patterns of an order have in braces."""
    return {"facility": order.facility_id, "proposal": order.proposal.proposal, "service": order.service_id}


def run_folder(order: Order, run: Run) -> str:
    return RUN.format(facility=order.facility_id, service=order.service_id, run=run.key)


def library_of(run: Run) -> str:
    """A run that names no library belongs to the sample's own."""
    return run.library or run.sample


def libraries(order: Order) -> list[tuple[str, str]]:
    """(sample, library) of every library of an order, each once, in the order of the sheets."""
    return list(dict.fromkeys((sample.sample, library_of(run)) for sample, run in order.all_runs()))


def ending(path: str) -> str:
    """`.fastq.gz` of `reads/x.1.fastq.gz`: the last suffix, and the one before a compression's."""
    parts = path.rsplit("/", 1)[-1].split(".")
    keep = 2 if parts[-1].lower() in ("gz", "bgz") else 1
    return "." + ".".join(parts[-keep:])


def received_names(sample: Sample, run: Run) -> list[str]:
    """Names under which a run's received files are delivered: the sender's own names stay behind.

    What holds other samples too, as a table of areas, nobody gets.
    """
    if run.shared:
        return []
    mates = {} if run.layout else MATES  # one file of both mates is not the first's
    return [f"{sample.sample}_{run.run}{mates.get(role, '')}{ending(path)}" for role, path in run.received.items()]
