"""What is asked of the sheets of genomes: a reference, and target regions where an order is judged by them."""

from __future__ import annotations

from scripts.lib.registry.reading import Reading


def check(reading: Reading) -> None:
    for line, sample in reading.samples:
        if sample.order_id in reading.site.closed:
            continue
        reading.needs_reference(line, sample, "genomics")
        acceptance = reading.services[sample.service].acceptance
        if not sample.targets and any("targets" in metric for metric in acceptance):
            expected = f"a BED of target regions, by which {sample.service} is judged"
            reading.of_sample(line, sample, "targets", "nothing", expected)
