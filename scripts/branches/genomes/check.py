"""What is asked of the sheets of genomes: a reference, and target regions where an order is judged by them."""

from __future__ import annotations

from scripts.branches.genomes.recipe import DIPLOID
from scripts.lib.registry.reading import Reading


def check(reading: Reading) -> None:
    for line, sample in reading.samples:
        if sample.order_id in reading.site.closed:
            continue
        reading.needs_reference(line, sample, "genomics")
        reference = reading.site.config.references.get(sample.reference)
        caller = reading.services[sample.service].recipe.caller
        if reference and reference.ploidy > 2 and caller in DIPLOID:
            found = f"a reference of ploidy {reference.ploidy}, and a service whose caller is {caller}"
            expected = "at most 2 copies, or caller: freebayes in its recipe"
            reading.of_sample(line, sample, "reference", found, expected)
        acceptance = reading.services[sample.service].acceptance
        if not sample.targets and any("targets" in metric for metric in acceptance):
            expected = f"a BED of target regions, by which {sample.service} is judged"
            reading.of_sample(line, sample, "targets", "nothing", expected)
