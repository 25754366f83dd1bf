"""What rules of sequenced reads ask of a run: its files as arguments, its read group as SAM has it."""

from __future__ import annotations

import shlex

from scripts.lib.registry import Order
from scripts.lib.registry.models import Run

FASTP_READS = (".gz", ".fastq", ".fq")


def fastp_reads(run: Run) -> str:
    """fastp's input arguments for a run's FASTQ files, quoted."""
    # fastp tells by the ending whether a file is compressed, and reads nothing from one that ends otherwise.
    return " ".join(
        f"--in{mate} {shlex.quote(path) if path.endswith(FASTP_READS) else f'<(gzip -cdf {shlex.quote(path)})'}"
        for mate, path in enumerate(run.received.values(), 1)
    )


def read_groups(order: Order, sample: str) -> list[dict[str, str]]:
    """What the sheet states of the read groups of a sample, one a run, as SAM fields."""
    groups = []
    for run in order.runs[sample]:
        unit = ".".join(filter(None, [run.flowcell, run.lane]))
        stated = {"LB": run.library, "PU": "" if "," in unit else unit, "PL": run.platform.upper()}
        group = {"ID": run.run, "SM": sample, "CN": order.facility_id}
        groups.append(group | {key: value for key, value in stated.items() if value})
    return groups
