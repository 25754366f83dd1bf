"""What the rules of identity ask: which samples are compared, at which sites, and what is declared of them."""

from __future__ import annotations

from scripts.lib.plan.genomics import GenomicsPlan
from scripts.lib.plan.paths import ORDER, PACKAGE, REFERENCE, order_fields
from scripts.lib.registry.models import Sample


class IdentityPlan(GenomicsPlan):
    """Sex, donors, parents and contamination. Genotypes are compared within a reference, and in diploids alone."""

    def panel(self, wildcards) -> list[str]:
        """The reference's panel of allele frequencies, if it names one."""
        return list(filter(None, [self.site.config.references[self.reference(wildcards)].allele_frequencies]))

    def received_panel(self, wildcards) -> str:
        """The same, for the rule that checks it."""
        return self.site.config.references[wildcards.reference].allele_frequencies

    def panel_verdict(self, wildcards) -> list[str]:
        """What intake says of the panel, which the choice of sites waits for."""
        path = f"{REFERENCE}/{{reference}}.panel.json".format(reference=self.reference(wildcards))
        return [path] if self.panel(wildcards) else []

    def _on(self, wildcards, reference: str) -> list[Sample]:
        return [sample for sample in self.order(wildcards).samples if sample.reference == reference]

    def identity_references(self, wildcards) -> list[str]:
        """The references at whose sites the order's samples are looked at: those with a panel, or with two samples."""
        found = []
        for name in dict.fromkeys(sample.reference for sample in self.order(wildcards).samples):
            reference = self.site.config.references[name]
            if reference.ploidy == 2 and (reference.allele_frequencies or len(self._on(wildcards, name)) > 1):
                found.append(name)
        return found

    def _file(self, wildcards, pattern: str, **fields: str) -> str:
        return pattern.format(**order_fields(wildcards), **fields)

    def identity_sites(self, wildcards) -> list[str]:
        return [
            self._file(wildcards, f"{ORDER}/identity/{{reference}}.sites.tsv", reference=name)
            for name in self.identity_references(wildcards)
        ]

    def sites_of_sample(self, suffix: str):
        """An input function: the sites of the sample's reference."""
        pattern = f"{ORDER}/identity/{{reference}}.sites{suffix}"
        return lambda wildcards: self._file(wildcards, pattern, reference=self.reference(wildcards))

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
        return self.site.samples[wildcards.sample].population

    def counted(self, wildcards) -> list[str]:
        """The samples whose alleles are counted."""
        references = self.identity_references(wildcards)
        return [sample.sample for sample in self.order(wildcards).samples if sample.reference in references]

    def allele_counts(self, wildcards) -> list[str]:
        pattern = f"{ORDER}/identity/{{sample}}.alleles.npz"
        return [self._file(wildcards, pattern, sample=sample) for sample in self.counted(wildcards)]

    def panelled(self, wildcards) -> list[str]:
        """The references of `identity_references` that name a panel."""
        references = self.site.config.references
        return [name for name in self.identity_references(wildcards) if references[name].allele_frequencies]

    def contamination(self, wildcards) -> list[str]:
        """The contamination of each of the order's samples (or of the wildcards' one) that has a panel."""
        pattern, panelled = f"{ORDER}/metrics/{{sample}}.contamination.json", self.panelled(wildcards)
        return [
            self._file(wildcards, pattern, sample=sample.sample)
            for sample in self.order(wildcards).samples
            if sample.reference in panelled and getattr(wildcards, "sample", sample.sample) == sample.sample
        ]

    def identity_samples(self, wildcards) -> list[dict[str, str]]:
        """What the sheets declare of the order's samples."""
        fields = {"sample", "donor", "sex", "reference"}
        return [sample.model_dump(include=fields) for sample in self.order(wildcards).samples]

    def pedigree(self, wildcards) -> dict[str, dict[str, str]]:
        """Donor -> its declared parents, for the donors of the order."""
        donors = {sample.donor for sample in self.order(wildcards).samples}
        return {name: parents.known for name, parents in self.site.pedigree.items() if name in donors}

    def identity_settings(self, wildcards) -> dict:
        return self.recipe(wildcards)["identity"]
