"""Named filters: every record is kept, and FILTER says what speaks against it.

Near an indel, reads that end shortly behind it are laid against the reference without a gap, and their last bases look
like substitutions. Two filters see this from two sides: the bases lie at the ends of their reads (IndelEnd), or in what
the sample has lost on every copy (InDeletion).
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pysam

from scripts.lib import files


def reasons(recipe: Mapping[str, Any]) -> dict[str, str]:
    """FILTER id -> why it is set, with its threshold."""
    return {
        "LowQual": f"QUAL below {recipe['min_variant_quality']:g}",
        "StrandBias": f"FORMAT/SP above {recipe['max_strand_bias']:g} in every sample with the variant",
        "IndelEnd": f"Bases at the ends of reads: within {recipe['indel_distance']} bases of an indel, share "
        f"of reads below {recipe['max_end_share']:g}, size of INFO/RPBZ above {recipe['max_position_bias']:g}",
        "InDeletion": "Inside a deletion on every copy, in every sample with the variant",
    }


def copies(record: pysam.VariantRecord) -> list[tuple[int, int]]:
    """Of each sample, how many copies have the alternative allele, and how many there are."""
    genotypes = [sample["GT"] for sample in record.samples.values()]
    return [(sum(bool(allele) for allele in genotype), len(genotype)) for genotype in genotypes]


def value(fields, key: str) -> Any:
    """A field of INFO or of a sample, None where a caller does not write it (pysam's own `get` raises then)."""
    return fields[key] if key in fields else None  # noqa: SIM401


def share(sample: pysam.VariantRecordSample) -> float:
    """Share of a sample's reads with the alternative allele."""
    depths = value(sample, "AD") or (None,)
    return depths[1] / max(sum(depths), 1) if len(depths) == 2 and None not in depths else 0.0


def is_indel(record: pysam.VariantRecord) -> bool:
    return bool(record.alts) and len(record.ref) != len(record.alts[0])


def own_filters(record: pysam.VariantRecord, recipe: Mapping[str, Any]) -> list[str]:
    """Filters that a record earns by itself."""
    names = []
    if record.qual is None or record.qual < recipe["min_variant_quality"]:
        names.append("LowQual")
    carriers = [sample for sample in record.samples.values() if any(sample["GT"])]
    bias = [found for sample in carriers if (found := value(sample, "SP")) is not None]
    if bias and len(bias) == len(carriers) and min(bias) > recipe["max_strand_bias"]:
        names.append("StrandBias")
    return names


def among_indels(record: pysam.VariantRecord, indels: Iterable, recipe: Mapping[str, Any]) -> list[str]:
    """Filters that a substitution earns by the indels around it: (first base, last base, copies) each, 0-based."""
    found = []
    reach, start = recipe["indel_distance"], record.start
    near = [indel for indel in indels if indel[0] - reach <= start <= indel[1] + reach]
    bias = value(record.info, "RPBZ") or 0.0
    few = max(map(share, record.samples.values())) < recipe["max_end_share"]
    if near and few and abs(bias) > recipe["max_position_bias"]:
        found.append("IndelEnd")
    lost = [each for first, last, each in near if first < start <= last]
    carried = [number for number, (alternative, _) in enumerate(copies(record)) if alternative]
    if carried and all(any(each[number][0] == each[number][1] > 0 for each in lost) for number in carried):
        found.append("InDeletion")
    return found


def judged(records: Iterable[pysam.VariantRecord], recipe: Mapping[str, Any]) -> Iterator[pysam.VariantRecord]:
    """The records of a sorted, normalised file with FILTER set; gVCF blocks pass as they are."""
    waiting: deque[pysam.VariantRecord] = deque()
    indels: deque[tuple[int, int, list]] = deque()
    reach = recipe["indel_distance"]

    def finish(record: pysam.VariantRecord) -> pysam.VariantRecord:
        if record.alts:
            extra = [] if is_indel(record) else among_indels(record, indels, recipe)
            for name in own_filters(record, recipe) + extra or ["PASS"]:
                record.filter.add(name)
        return record

    contig = None
    for record in records:
        while waiting and (record.chrom != contig or waiting[0].start + reach < record.start):
            done = waiting.popleft()
            while indels and indels[0][1] + reach < done.start:
                indels.popleft()
            yield finish(done)
        if record.chrom != contig:
            contig = record.chrom
            indels.clear()
        if is_indel(record) and not own_filters(record, recipe):
            indels.append((record.start, record.start + len(record.ref) - 1, copies(record)))
        waiting.append(record)
    yield from map(finish, waiting)


def main(paths, values) -> None:
    """Write the records of `paths.normalised` with their filters to `paths.bcf`, by the recipe `values.recipe`."""
    with pysam.VariantFile(paths.normalised) as source, files.aside(paths.bcf) as part:
        for name, reason in reasons(values.recipe).items():
            source.header.add_line(f'##FILTER=<ID={name},Description="{reason}">')
        with pysam.VariantFile(str(part), "wb", header=source.header) as target:
            for record in judged(source, values.recipe):
                target.write(record)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
