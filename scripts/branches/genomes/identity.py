"""What the rules of identity ask: which samples are compared, at which sites, and what is declared of them."""

from __future__ import annotations

from collections import Counter

from scripts.lib.plan.orders import Orders
from scripts.lib.plan.paths import ORDER, PACKAGE, REFERENCE, fields_of, order_fields
from scripts.lib.plan.references import References
from scripts.lib.registry import Order
from scripts.lib.registry.models import Sample


def compared(order: Order) -> list[str]:
    """The references at whose sites an order's samples are looked at: those with a panel, or with two samples."""
    samples = Counter(sample.reference for sample in order.samples)
    return [
        name
        for name, number in samples.items()
        if order.references[name].ploidy == 2 and (order.references[name].allele_frequencies or number > 1)
    ]


def panelled(order: Order) -> list[str]:
    """Those of them that name a panel."""
    return [name for name in compared(order) if order.references[name].allele_frequencies]


def contaminations(order: Order, sample: str = "") -> list[str]:
    """The contamination of each of an order's samples (or of one) that has a panel."""
    folder, known = f"{ORDER}/metrics".format(**fields_of(order)), panelled(order)
    return [
        f"{folder}/{one.sample}.contamination.json"
        for one in order.samples
        if one.reference in known and sample in ("", one.sample)
    ]


class Identity:
    """Sex, donors, parents and contamination. Genotypes are compared within a reference, and in diploids alone."""

    def __init__(self, orders: Orders, references: References):
        self._orders = orders
        self._references = references

    def panel(self, wildcards) -> list[str]:
        """The reference's panel of allele frequencies, if it names one."""
        return list(filter(None, [self._references.configured(self._references.name(wildcards)).allele_frequencies]))

    def received_panel(self, wildcards) -> str:
        """The same, for the rule that checks it."""
        return self._references.configured(wildcards.reference).allele_frequencies

    def panel_verdict(self, wildcards) -> list[str]:
        """What intake says of the panel, which the choice of sites waits for."""
        path = f"{REFERENCE}/{{reference}}.panel.json".format(reference=self._references.name(wildcards))
        return [path] if self.panel(wildcards) else []

    def _on(self, wildcards, reference: str) -> list[Sample]:
        return [sample for sample in self._orders.order(wildcards).samples if sample.reference == reference]

    def references(self, wildcards) -> list[str]:
        return compared(self._orders.order(wildcards))

    def _file(self, wildcards, pattern: str, **fields: str) -> str:
        return pattern.format(**order_fields(wildcards), **fields)

    def sites(self, wildcards) -> list[str]:
        return [
            self._file(wildcards, f"{ORDER}/identity/{{reference}}.sites.tsv", reference=name)
            for name in self.references(wildcards)
        ]

    def sites_of_sample(self, suffix: str):
        """An input function: the sites of the sample's reference."""
        pattern = f"{ORDER}/identity/{{reference}}.sites{suffix}"
        return lambda wildcards: self._file(wildcards, pattern, reference=self._references.name(wildcards))

    def called_variants(self, wildcards) -> list[str]:
        """The VCFs in which sites are looked for: those of the reference's samples, where it names no panel."""
        pattern = f"{PACKAGE}/data/{{sample}}/{{sample}}.vcf.gz"
        samples = [] if self.panel(wildcards) else self._on(wildcards, wildcards.reference)
        return [self._file(wildcards, pattern, sample=sample.sample) for sample in samples]

    def shared_targets(self, wildcards) -> list[str]:
        """The targets of the reference's samples, if they all are exomes: there are few reads elsewhere."""
        samples = self._on(wildcards, wildcards.reference)
        if not all(sample.targets for sample in samples):
            return []
        pattern = f"{ORDER}/alignment/{{sample}}/targets.bed"
        return [self._file(wildcards, pattern, sample=sample.sample) for sample in samples]

    def populations(self, wildcards) -> list[str]:
        """The populations whose own frequencies are asked for."""
        named = {sample.population for sample in self._on(wildcards, wildcards.reference)}
        return sorted(named - {""})

    def population(self, wildcards) -> str:
        return self._orders.site.samples[wildcards.sample].population

    def counted(self, wildcards) -> list[str]:
        """The samples whose alleles are counted."""
        references = self.references(wildcards)
        return [sample.sample for sample in self._orders.order(wildcards).samples if sample.reference in references]

    def allele_counts(self, wildcards) -> list[str]:
        pattern = f"{ORDER}/identity/{{sample}}.alleles.npz"
        return [self._file(wildcards, pattern, sample=sample) for sample in self.counted(wildcards)]

    def panelled(self, wildcards) -> list[str]:
        return panelled(self._orders.order(wildcards))

    def contamination(self, wildcards) -> list[str]:
        """The contamination of the order's samples, or of the wildcards' one, where there is a panel."""
        return contaminations(self._orders.order(wildcards), getattr(wildcards, "sample", ""))

    def samples(self, wildcards) -> list[dict[str, str]]:
        """What the sheets declare of the order's samples."""
        fields = {"sample", "donor", "sex", "reference"}
        return [sample.model_dump(include=fields) for sample in self._orders.order(wildcards).samples]

    def pedigree(self, wildcards) -> dict[str, dict[str, str]]:
        """Donor -> its declared parents, for the donors of the order."""
        donors = {sample.donor for sample in self._orders.order(wildcards).samples}
        return {name: parents.known for name, parents in self._orders.site.pedigree.items() if name in donors}

    def settings(self, wildcards) -> dict:
        return self._orders.recipe(wildcards)["identity"]
