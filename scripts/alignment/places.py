"""The place of doubtful pairs, chosen by the alleles that the sample shows there.

    python -m scripts.alignment.places --doubtful PAIRS.bam --alignments RUN.bam ... --fasta REF.fa ... > PLACED.bam

Where a sample's copy of a repeat differs from the reference, its reads may lie better on another copy, and an aligner,
which sees one pair at a time, puts them there. All pairs together know better: those that reach into unique sequence
show the copy's alleles, by which their neighbours are known, and so on into the repeat. This is an expectation
maximisation over the share of each base at each site, given where the pairs lie, and the probability of each place of a
pair, given these shares and the quality of its bases (after Ji et al. 2011, Biometrics 67:1215, who place single
reads). What a pair shows itself never speaks for it. Pairs keep their place where the aligner offers no other.
"""

import argparse
import itertools
import math
import statistics

import numpy as np
import pysam

from scripts.alignment.evidence import Collected, Evidence, counted
from scripts.alignment.pairs import CODES, by_pair, laid, places

REFERENCE, ALLELE = 1.0, 0.002  # how often the reference's base, and each other, counts as seen before any read is
ROUNDS, SETTLED = 30, 1.0  # rounds at most; change of all probabilities together at which it ends
SURE = 40  # mapping quality at most: the model knows the places that the aligner offers, not all
PAIRS, DEVIATIONS = 100_000, 5


def probabilities(scores: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Of each place within its pair, from log likelihoods."""
    sizes = np.diff(np.append(first, len(scores)))
    weight = np.exp(scores - np.repeat(np.maximum.reduceat(scores, first), sizes))
    return weight / np.repeat(np.add.reduceat(weight, first), sizes)


def likelihoods(evidence: Evidence, weight: np.ndarray) -> np.ndarray:
    """Log likelihood of each place, given how probable each is now."""
    sizes = np.diff(np.append(evidence.start, len(evidence.key)))
    own = np.repeat(weight, sizes)
    seen = evidence.certain + np.bincount(evidence.key, own, len(evidence.certain))
    depth = seen.reshape(-1, 4).sum(axis=1)
    prior = np.where(evidence.reference, REFERENCE, ALLELE)
    share = np.maximum(seen[evidence.key] - own, 0) + prior[evidence.key]
    share /= np.maximum(depth[evidence.key >> 2] - own, 0) + REFERENCE + 3 * ALLELE
    single = np.log((1 - evidence.error) * share + evidence.error / 3 * (1 - share))
    # reduceat gives a place without bases the next one's first
    return evidence.fixed + np.add.reduceat(np.append(single, 0.0), evidence.start) * (sizes > 0)


def settle(evidence: Evidence) -> np.ndarray:
    """Probability of each place when all pairs have been heard; the first guess knows the reference alone."""
    blind = evidence._replace(certain=np.zeros(len(evidence.certain)))
    weight = probabilities(likelihoods(blind, np.zeros(len(evidence.fixed))), evidence.first)
    for _ in range(ROUNDS):
        before, weight = weight, probabilities(likelihoods(evidence, weight), evidence.first)
        if np.abs(weight - before).sum() < SETTLED:
            break
    return weight


def mapping_quality(probability: float) -> int:
    """Phred-scaled probability that a place is wrong."""
    return min(SURE, int(-10 * math.log10(max(1 - probability, 1e-9))))


def insert_size(alignments: pysam.AlignmentFile) -> tuple[float, float]:
    """Median of the first pairs' outer distances, and their deviation from it as a normal distribution has it."""
    spans = (
        read.template_length
        for read in alignments
        if read.is_proper_pair and read.template_length > 0 and not read.flag & 0xF00 and read.mapping_quality >= SURE
    )
    found = list(itertools.islice(spans, PAIRS))
    if not found:
        return 0.0, 1.0
    median = statistics.median(found)
    return median, max(1.0, 1.4826 * statistics.median(abs(span - median) for span in found))


def reference_codes(fasta: pysam.FastaFile, offsets: dict[str, int], sites: np.ndarray) -> np.ndarray:
    """The reference's base codes at sites; offsets: where each sequence starts when all are laid in a row."""
    found = np.empty(len(sites), np.int8)
    borders = np.searchsorted(sites, [*offsets.values(), np.iinfo(np.int64).max])
    for (name, offset), low, high in zip(offsets.items(), borders, borders[1:], strict=False):
        if low < high:
            sequence = np.frombuffer(fasta.fetch(name).upper().encode(), np.uint8)
            found[low:high] = CODES[sequence[sites[low:high] - offset]]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--doubtful", required=True, help="all alignments of doubtful pairs, by name")
    parser.add_argument("--alignments", nargs="+", required=True, help="what they were taken from, sorted and indexed")
    parser.add_argument("--fasta", required=True)
    parser.add_argument("--reach", type=int, required=True, help="most misfits above a pair's fewest")
    given = parser.parse_args()
    files = [pysam.AlignmentFile(path) for path in given.alignments]
    header = files[0].header
    offsets = [0, *itertools.accumulate(header.lengths)][:-1]
    insert = insert_size(files[0])
    longest = insert[0] + DEVIATIONS * insert[1]
    collected, names = Collected(offsets, insert), set()
    with pysam.AlignmentFile(given.doubtful) as doubtful:
        for sides in by_pair(doubtful):
            names.add((sides[0] or sides[1])[0].query_name)
            if len(found := places(sides, longest, given.reach)) > 1:
                collected.add(sides, found)
    chosen = iter(())
    if collected.first:
        with pysam.FastaFile(given.fasta) as fasta:
            evidence = collected.evidence(
                lambda sites: counted(sites, offsets, files, names),
                lambda sites: reference_codes(fasta, dict(zip(header.references, offsets, strict=True)), sites),
            )
        chosen = iter(np.split(settle(evidence), evidence.first[1:]))
    with pysam.AlignmentFile(given.doubtful) as again, pysam.AlignmentFile("-", "wb0", header=again.header) as target:
        for sides in by_pair(again):
            found = places(sides, longest, given.reach)
            kept = [read for side in sides for read in side if not read.is_secondary]
            if len(found) > 1:
                weight = next(chosen)
                best = int(weight.argmax())
                quality = mapping_quality(float(weight[best]))
                kept = [laid(read, *found[best], quality) for read in kept]
            for read in kept:
                target.write(read)


if __name__ == "__main__":
    main()
