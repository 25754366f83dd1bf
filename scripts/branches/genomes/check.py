"""What is asked of the sheets of genomes: a reference, and target regions where an order is judged by them."""

from __future__ import annotations

from scripts.branches.genomes.callers import CALLERS, OF_READS, named
from scripts.lib.registry.reading import Reading


def check(reading: Reading) -> None:
    for line, sample in reading.samples:
        if sample.order_id in reading.site.closed:
            continue
        reading.needs_reference(line, sample, "genomics")
        reference = reading.site.config.references.get(sample.reference)
        recipe = reading.services[sample.service].recipe
        caller = recipe.caller
        if reference and reference.ploidy > 2 and not CALLERS[caller].any_copies:
            found = f"a reference of ploidy {reference.ploidy}, and a service whose caller is {caller}"
            expected = f"at most 2 copies, or caller: {named('any_copies')} in its recipe"
            reading.of_sample(line, sample, "reference", found, expected)
        unused = [key for key in OF_READS if key in recipe.model_fields_set] if CALLERS[caller].own_reads else []
        if unused:
            found = f"{sample.service}, whose recipe sets {', '.join(unused)}"
            reading.of_sample(line, sample, "service", found, f"none of them: {caller} judges reads by itself")
        acceptance = reading.services[sample.service].acceptance
        if not sample.targets and any("targets" in metric for metric in acceptance):
            expected = f"a BED of target regions, by which {sample.service} is judged"
            reading.of_sample(line, sample, "targets", "nothing", expected)
