"""What the rules of quality ask, and those that depend on the target regions of exomes."""

from __future__ import annotations

from scripts.lib.plan.orders import Orders
from scripts.lib.plan.paths import ORDER, libraries, order_fields


class Quality:
    """Depths, of a whole genome or of an exome's targets."""

    def __init__(self, orders: Orders):
        self._orders = orders

    def has_targets(self, wildcards) -> bool:
        return bool(self._orders.site.samples[wildcards.sample].targets)

    def targets_file(self, wildcards) -> str:
        """The sample's target regions as the sheet names them."""
        return self._orders.site.samples[wildcards.sample].targets

    def targets_bed(self, wildcards) -> list[str]:
        """The sample's target regions, checked, if it has any."""
        if not self.has_targets(wildcards):
            return []
        return [f"{ORDER}/alignment/{wildcards.sample}/targets.bed".format(**order_fields(wildcards))]

    def depths(self, wildcards) -> str:
        """How many positions have which depth: of the targets of an exome, else of the chromosomes without gaps."""
        name = "target_depths.tsv" if self.has_targets(wildcards) else "genome_depths.tsv"
        return f"{ORDER}/quality/{wildcards.sample}/{name}".format(**order_fields(wildcards))

    def marked(self, wildcards) -> list[str]:
        """What marking duplicates counted, of each library."""
        folder = f"{ORDER}/alignment".format(**order_fields(wildcards))
        return [
            f"{folder}/{sample}/library.{library}.markdup.txt"
            for sample, library in libraries(self._orders.order(wildcards))
        ]

    def callable_bases(self, wildcards) -> dict[str, int]:
        """Which bases make a position deep enough for a genotype to be known: `depth` of least qualities."""
        recipe = self._orders.recipe(wildcards)
        return {
            "depth": recipe["min_callable_depth"],
            "mapping": recipe["min_callable_mapping_quality"],
            "base": recipe["min_callable_base_quality"],
        }

    def of_kind(self, name: str, exome: bool):
        """An input function: a file that only exomes, or only whole genomes, have."""
        folder = f"{ORDER}/quality/{{sample}}/{name}"
        return lambda wildcards: (
            [folder.format(sample=wildcards.sample, **order_fields(wildcards))]
            if self.has_targets(wildcards) == exome
            else []
        )
