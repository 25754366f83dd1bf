"""What is asked of the sheets of transcriptomes: a reference with genes, and libraries that can be counted together."""

from __future__ import annotations

from collections import defaultdict

from scripts.lib.registry import examined
from scripts.lib.registry.models import Reference, Sample
from scripts.lib.registry.reading import Reading


def check(reading: Reading) -> None:
    orders: dict[str, list[Sample]] = defaultdict(list)
    for line, sample in reading.samples:
        if sample.order_id in reading.site.closed:
            continue
        orders[sample.order_id].append(sample)
        reading.needs_reference(line, sample, "transcriptomics")
        reference = reading.site.config.references.get(sample.reference)
        if reference and len(orders[sample.order_id]) == 1:
            _check_annotation(reading, line, sample, reference)
        if reference and not reference.gtf:
            expected = f"a gtf in config.yaml, references.{sample.reference}, by whose genes reads are counted"
            reading.of_sample(line, sample, "reference", f"{sample.reference!r}, of which no genes are known", expected)
        for run in reading.site.runs.get(sample.sample, ()):
            if run.layout:
                found = f"{sample.sample!r}, whose run {run.run} has both mates in one file ({run.layout})"
                reading.of_sample(line, sample, "sample", found, "read1 and read2 apart, as RNA is read here")
        if len(_mates(reading, sample)) > 1:
            found = f"{sample.sample!r}, of whose runs some are single reads and some pairs"
            reading.of_sample(line, sample, "sample", found, "runs of one kind, or a sample for each kind")
        if sample.role != "sample":
            reading.of_sample(line, sample, "role", repr(sample.role), "sample: RNA has neither pools nor calibrators")
        if (first := orders[sample.order_id][0]).reference != sample.reference:
            found = f"{sample.reference!r}, where {first.sample} of the same order has {first.reference!r}"
            reading.of_sample(line, sample, "reference", found, "one reference for an order, whose genes are compared")
    for order, samples in orders.items():
        _remark(reading, order, samples)


def _check_annotation(reading: Reading, line: int, sample: Sample, reference: Reference) -> None:
    """Tell of an annotation that is missing or was found wrong: who needs no genes is not stopped by it."""
    directory = reading.site.directory
    for key in ("gtf", "transcripts", "rrna"):
        path = getattr(reference, key)
        if path and not (directory / path).is_file():
            found = f"{sample.reference!r}, whose {key} {path!r} is no file"
            reading.of_sample(
                line, sample, "reference", found, f"a file as config.yaml's references.{sample.reference}"
            )
    kept = examined.kept(directory)
    entry = examined.known(kept, directory, reference.fasta, *reference.annotation) if reference.gtf else None
    if fault := (entry or {}).get("fault"):
        reading.of_sample(line, sample, "reference", f"{sample.reference!r}, of whose annotation {fault[0]}", fault[1])


def _mates(reading: Reading, sample: Sample) -> set[int]:
    """How many reads a fragment has, in the sample's runs."""
    return {len(run.received) for run in reading.site.runs.get(sample.sample, ())}


def _remark(reading: Reading, order: str, samples: list[Sample]) -> None:
    """Libraries of different kinds are counted each in its own way, and are no fair comparison."""
    stranded = sorted({sample.strandedness for sample in samples} - {"unknown"})
    if len(stranded) > 1:
        reading.remark(
            f"{order}: libraries are {' and '.join(stranded)}; what differs between them may be the protocol."
        )
    if len(set().union(*(_mates(reading, sample) for sample in samples))) > 1:
        reading.remark(f"{order}: some samples are of single reads and some of pairs; what differs may be just that.")
