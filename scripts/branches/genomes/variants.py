"""What the rules of variant calling ask: which samples are called together, and in how many jobs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from scripts.lib.plan.needs import needs
from scripts.lib.plan.orders import Orders
from scripts.lib.plan.paths import ORDER, PACKAGE, REFERENCE, order_fields
from scripts.lib.plan.references import References
from scripts.lib.registry import Order
from scripts.lib.registry.models import Parents, Sample

# How many bases a byte of gzip-compressed FASTA stands for, about.
BASES_A_BYTE = 4


def callsets(order: Order) -> dict[str, list[Sample]]:
    """Callset -> the samples of an order that are called together: each alone, for what it is given itself, so that
    nothing there tells of others; and where `joint` is delivered, groups of such as share reference and targets."""
    alone = {sample.sample: [sample] for sample in order.samples}
    together = order.service.recipe.joint
    if together == "none" or "joint" not in order.service.deliverables:
        return alone
    family = _families(order.pedigree)
    groups: dict[tuple[str, ...], list[Sample]] = {}
    for sample in order.samples:
        key = {
            "family": (family.get(sample.donor, sample.donor),) if sample.donor else ("", sample.sample),
            "proposal": (),
        }[together]
        groups.setdefault((sample.reference, sample.targets, *key), []).append(sample)
    # A dot keeps a group's name apart from those of single samples, which have none.
    return alone | {f"{members[0].sample}.joint": members for members in groups.values() if len(members) > 1}


def _families(pedigree: Mapping[str, Parents]) -> dict[str, str]:
    """Donor -> a name that all donors share whom parents and children connect."""
    family: dict[str, str] = {}
    for child, parents in pedigree.items():
        donors = [child, *parents.known.values()]
        names = {family.get(donor, donor) for donor in donors}
        merged = min(names)
        family |= dict.fromkeys(donors, merged)
        family |= {donor: merged for donor, name in family.items() if name in names}
    return family


class Calling:
    """Variant calling. Its wildcard `callset` names samples that are called together."""

    def __init__(self, orders: Orders, references: References):
        self._orders = orders
        self._references = references

    def callset_file(self, name: str):
        """An input function: a file of the callset that the wildcards' sample is alone."""
        return lambda wildcards: f"{ORDER}/variants/{{callset}}/{name}".format(
            callset=wildcards.sample, **order_fields(wildcards)
        )

    def _members(self, wildcards) -> list[Sample]:
        return callsets(self._orders.order(wildcards))[wildcards.callset]

    def callset_alignments(self, suffix: str):
        """An input function: the delivered alignment (or with another suffix its index) of each sample."""
        return lambda wildcards: [
            f"{PACKAGE}/data/{sample.sample}/{sample.sample}{suffix}".format(**order_fields(wildcards))
            for sample in self._members(wildcards)
        ]

    def callset_reference(self, suffix: str):
        """An input function: the reference of a callset's samples with this suffix."""
        return lambda wildcards: f"{REFERENCE}/{{reference}}{suffix}".format(
            reference=self.callset_reference_name(wildcards)
        )

    def callset_reference_name(self, wildcards) -> str:
        return self._members(wildcards)[0].reference

    def callset_samples(self, wildcards) -> list[str]:
        return [sample.sample for sample in self._members(wildcards)]

    def callset_copies(self, wildcards) -> dict:
        """What config.yaml says of ploidy and sex chromosomes of the callset's reference."""
        return self._references.copies_of(self._members(wildcards)[0].reference)

    def callset_sexes(self, wildcards) -> dict[str, str]:
        """Sample -> declared sex."""
        return {sample.sample: sample.sex for sample in self._members(wildcards)}

    def regions_to_call(self, wildcards) -> str:
        """Where variants are called: around the targets of an exome, else where the reference is known."""
        first = self._members(wildcards)[0]
        if not first.targets:
            return self.callset_reference(".callable.bed")(wildcards)
        return f"{ORDER}/alignment/{first.sample}/targets.bed".format(**order_fields(wildcards))

    def padding(self, wildcards) -> int:
        return self._orders.recipe(wildcards)["target_padding"] if self._members(wildcards)[0].targets else 0

    def interval_count(self, wildcards) -> int:
        """How many jobs share a callset's calling. An estimate from file sizes will do: results do not depend on it."""
        first = self._members(wildcards)[0]
        bases = self._target_bases(first.targets, self.padding(wildcards)) if first.targets else 0
        bases = bases or self._fasta_bases(self._references.configured(first.reference).fasta)
        return max(1, round(bases / self._orders.recipe(wildcards)["interval_bases"]))

    @cache  # noqa: B019 (one plan a process)
    def _fasta_bases(self, path: str) -> int:
        size = (self._orders.site.directory / path).stat().st_size
        return size if path.endswith((".fa", ".fasta", ".fna")) else size * BASES_A_BYTE

    @cache  # noqa: B019
    def _target_bases(self, path: str, padding: int) -> int:
        """Bases of the target regions; a line that is wrong counts nothing, for intake to refuse."""
        bases = 0
        with open(self._orders.site.directory / path, encoding="utf-8", errors="replace") as lines:
            for fields in map(str.split, lines):
                if len(fields) > 2 and fields[1].isdigit() and fields[2].isdigit():
                    bases += max(0, int(fields[2]) - int(fields[1])) + 2 * padding
        return bases

    def called_intervals(self, wildcards) -> list[str]:
        """What each calling job of a callset makes, in the order of the genome."""
        caller, count = self._orders.recipe(wildcards)["caller"], self.interval_count(wildcards)
        folder = f"{ORDER}/variants/{{callset}}".format(callset=wildcards.callset, **order_fields(wildcards))
        return [f"{folder}/{caller}.{number}.bcf" for number in range(1, count + 1)]

    def minutes(self, per_mb: float):
        """A resources function: run time of a calling job, its share of what its input asks for."""
        return lambda wildcards, input, attempt: needs(5, per_mb=per_mb / self.interval_count(wildcards))(
            wildcards, input, attempt
        )

    def model(self, wildcards) -> str:
        """What DeepVariant's makers trained for these reads."""
        return "WES" if self._members(wildcards)[0].targets else "WGS"

    def ploidy(self, wildcards) -> int:
        """Copies of each sequence of which nothing else is said."""
        return self.callset_copies(wildcards)["ploidy"]

    def gvcf(self, wildcards) -> str:
        """The option of mpileup and call for blocks of reference, or ''."""
        if "gvcf" not in self._orders.order(wildcards).service.deliverables or len(self._members(wildcards)) > 1:
            return ""
        bands = sorted({0, *self._orders.recipe(wildcards)["gvcf_bands"]})
        return "-g " + ",".join(map(str, bands))
