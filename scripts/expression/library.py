"""What the counts of a sample say of its library: strands, genomic DNA, saturation, duplicates, sex."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import gammaln

Told = dict[str, float | int]


def percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 3) if whole else 0.0


def parts(counts: Mapping[str, int], nowhere: int) -> Told:
    """Shares of the fragments of one place that lie in exons, in introns, and outside of genes."""
    exonic, intronic = counts.get("exonic", 0), counts.get("intronic", 0)
    total = exonic + intronic + nowhere
    if not total:
        return {}
    return {
        "pct_exonic": percent(exonic, total),
        "pct_intronic": percent(intronic, total),
        "pct_intergenic": percent(nowhere, total),
    }


def genomic_dna(counts: Mapping[str, int], nowhere: int, bases: Mapping[str, int]) -> float | None:
    """Share of the fragments that would be of genomic DNA, if all that lie outside of genes were: DNA lies everywhere
    alike. An upper bound, for genes that nobody annotated are read too. None where genes leave too little room.

    bases  of the genome: `exonic`, `intronic`, and `intergenic` outside of genes
    """
    outside, genome = bases["intergenic"], sum(bases.values())
    total = nowhere + counts.get("exonic", 0) + counts.get("intronic", 0)
    if not total or outside < genome / 20:
        return None
    return min(100.0, percent(nowhere / outside * genome, total))


def wrong_strand(forward: int, reverse: int, counted_as: str) -> float | None:
    """Share of the fragments of genes on the strand that the library should not have; None of an unstranded one."""
    if counted_as == "unstranded" or not forward + reverse:
        return None
    return percent(reverse if counted_as == "forward" else forward, forward + reverse)


def why_wrong(told: Mapping[str, str | int], wrong: float | None, dna: float | None, exonic: float) -> str:
    """What strands say, in a sentence: a swapped protocol, genomic DNA, a mixture, or nothing out of the way.

    Genomic DNA puts as many fragments of exons on one strand as on the other, so that it explains a share of the wrong
    one that is up to half its own there.
    """
    declared, measured = told["declared"], told["measured"]
    if measured == "unknown":
        return "too few fragments of genes to tell the strand"
    if declared == "unknown":
        return f"nothing was declared; measured {measured}"
    if measured == declared:
        return f"{measured}, as declared"
    if {declared, measured} == {"forward", "reverse"}:
        return f"the protocol is swapped: declared {declared}, measured {measured}"
    if declared == "unstranded":
        return f"declared unstranded, measured {measured}: counts by strand would tell more"
    if measured == "unstranded" and (dna or 0) < 25:
        return f"declared {declared}, measured unstranded, with few fragments outside of genes: another protocol"
    if wrong is not None and dna is not None and exonic and wrong <= 0.75 * dna:
        return f"declared {declared}; {wrong:.0f} % on the wrong strand, as genomic DNA puts there ({dna:.0f} % of all)"
    return f"declared {declared}; {wrong:.0f} % on the wrong strand, a mixture of protocols or samples" if wrong else ""


def expected_genes(counts: np.ndarray, share: float) -> float:
    """Genes that would be seen in a random share of the fragments (Hurlbert 1971, doi:10.2307/1934145)."""
    counts = counts[counts > 0].astype(float)
    total = counts.sum()
    kept = round(total * share)
    if not kept:
        return 0.0
    rest = total - counts
    possible = rest >= kept
    logs = gammaln(rest[possible] + 1) - gammaln(rest[possible] - kept + 1)
    logs -= gammaln(total + 1) - gammaln(total - kept + 1)
    return float(len(counts) - np.exp(logs).sum())


def saturation(counts: Sequence[int]) -> float:
    """Share of the genes seen that half of the fragments would have shown."""
    values = np.array(counts)
    seen = int((values > 0).sum())
    return percent(expected_genes(values, 0.5), seen)


def copies(counts: Sequence[int], without: Sequence[int], lengths: Sequence[int], most: float) -> float | None:
    """Share of duplicates among the fragments of genes of few reads, where chance makes hardly any (after dupRadar,
    Sayols et al. 2016, doi:10.1186/s12859-016-1276-2)."""
    rows = [
        (count, left)
        for count, left, length in zip(counts, without, lengths, strict=True)
        if count and 1000 * count / length <= most
    ]
    total = sum(count for count, _ in rows)
    return percent(total - sum(left for _, left in rows), total) if total else None


def sex_of(tpm: Mapping[str, float], female: Sequence[str], male: Sequence[str], least: float) -> str:
    """`female`, `male`, or `unknown`: by genes that one sex alone expresses; '' where the annotation has none of them.

    tpm  gene name -> TPM
    """
    if not any(name in tpm for name in female) or not any(name in tpm for name in male):
        return ""
    of_female = sum(tpm.get(name, 0.0) for name in female) >= least
    of_male = sum(tpm.get(name, 0.0) for name in male) >= least
    return {(True, False): "female", (False, True): "male"}.get((of_female, of_male), "unknown")
