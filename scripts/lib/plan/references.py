"""What rules ask of the references of config.yaml: that of a sample or run, its files, the copies of its sequences."""

from __future__ import annotations

from scripts.lib.plan.orders import Orders
from scripts.lib.plan.paths import REFERENCE
from scripts.lib.registry.models import Reference

#: Received files that say on which reference their reads lie.
ALIGNED = ("bam", "cram")


class References:
    """The references that a site's orders use."""

    def __init__(self, orders: Orders):
        self._orders = orders

    def name(self, wildcards) -> str:
        """The reference that wildcards name, or that of their run or sample."""
        if hasattr(wildcards, "reference"):
            return wildcards.reference
        if hasattr(wildcards, "run"):
            return self._orders.measured(wildcards)[1].reference
        return self._orders.site.samples[wildcards.sample].reference

    def configured(self, name: str) -> Reference:
        """What config.yaml says of a reference."""
        return self._orders.site.config.references[name]

    def fasta(self, wildcards) -> str:
        return self.configured(wildcards.reference).fasta

    def file(self, suffix: str):
        """An input function: the sample's or run's reference with this suffix, e.g. `.fa`."""
        return lambda wildcards: f"{REFERENCE}/{{reference}}{suffix}".format(reference=self.name(wildcards))

    def of_aligned(self, wildcards) -> list[str]:
        """The reference that a received alignment is held against."""
        if self._orders.measured(wildcards)[2].format in ALIGNED:
            return [self.file(".fa")(wildcards), self.file(".fa.fai")(wildcards)]
        return []

    def copies(self, wildcards) -> dict:
        """What config.yaml says of the reference's ploidy and sex chromosomes, for `karyotype.karyotype`."""
        return self.copies_of(self.name(wildcards))

    def copies_of(self, name: str) -> dict:
        return self.configured(name).copies
