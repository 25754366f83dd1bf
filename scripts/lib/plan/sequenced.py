"""What rules of sequenced reads ask of a run: its files as arguments, its read group as SAM has it."""

from __future__ import annotations

import shlex

from scripts.lib.plan.paths import library_of
from scripts.lib.registry import Order
from scripts.lib.registry.models import Run

FASTP_READS = (".gz", ".fastq", ".fq")


def fastp_reads(run: Run) -> str:
    """fastp's input arguments for a run's FASTQ files, quoted."""
    # fastp takes a file for compressed by the ending .gz alone, and reads nothing from one that ends otherwise.
    return " ".join(
        f"--in{mate} {shlex.quote(path) if path.endswith(FASTP_READS) else f'<(gzip -dc {shlex.quote(path)})'}"
        for mate, path in enumerate(run.received.values(), 1)
    )


def read_groups(order: Order, sample: str) -> list[dict[str, str]]:
    """The read groups of a sample as the sheet has them, one a run, as SAM fields."""
    groups = []
    for run in order.runs[sample]:
        unit = ".".join(filter(None, [run.flowcell, run.lane]))
        unit = run.run if not unit or "," in unit else unit
        group = {"ID": run.run, "SM": sample, "LB": library_of(run), "PU": unit}
        # A platform that nobody stated is not invented.
        groups.append(group | ({"PL": run.platform.upper()} if run.platform else {}) | {"CN": order.facility_id})
    return groups
