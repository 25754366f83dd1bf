"""The place of doubtful pairs, chosen by the alleles that the sample shows there.

    python -m scripts.alignment.places --doubtful PAIRS.bam --alignments RUN.bam ... --fasta REF.fa ... > PLACED.bam

Where a sample's copy of a repeat differs from the reference, its reads may lie better on another copy, and an aligner,
which sees one pair at a time, puts them there. All pairs together know better: those that reach into unique sequence
show the copy's alleles, by which their neighbours are known, and so on into the repeat. This is an expectation
maximisation over the share of each base at each site, given where the pairs lie, and the probability of each place of a
pair, given these shares and the quality of its bases (after Ji et al. 2011, Biometrics 67:1215, who place single
reads). What a pair shows itself never speaks for it. With --even, depth speaks as well (depth.py): of a whole genome,
not of what was captured. Pairs keep their place where the aligner offers no other.
"""

import argparse
import itertools
import math
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pysam

from scripts.alignment.depth import Depth, around, started
from scripts.alignment.evidence import Collected, Evidence, counted
from scripts.alignment.pairs import CODES, Place, Sides, by_pair, laid, places

REFERENCE, ALLELE = 1.0, 0.002  # how often the reference's base, and each other, counts as seen before any read is
ROUNDS, SETTLED = 30, 1.0  # rounds at most; change of all probabilities together at which it ends
SURE = 40  # mapping quality at most: the model knows the places that the aligner offers, not all
PAIRS, DEVIATIONS = 100_000, 5  # pairs from which their distance is learnt; how far a pair may be from it
BATCH = 150_000  # places that are told together, about: 2.5 GB of memory


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


def settle(evidence: Evidence, depth: Depth | None = None) -> np.ndarray:
    """Probability of each place when all pairs have been heard; the first guess knows the reference alone."""
    blind = evidence._replace(certain=np.zeros(len(evidence.certain)))
    weight = probabilities(likelihoods(blind, np.zeros(len(evidence.fixed))), evidence.first)
    for _ in range(ROUNDS):
        scores = likelihoods(evidence, weight) + (depth.log_odds(weight) if depth else 0)
        before, weight = weight, probabilities(scores, evidence.first)
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


def batches(lowest: np.ndarray, sizes: np.ndarray, most: int = BATCH) -> np.ndarray:
    """In which batches pairs are told: of about `most` places each, so that memory does not grow with the genome, and
    in the order of their lowest place, which rivals share. -1 where there is nothing to choose.

    lowest  start of each pair's first place in the genome
    sizes   how many places it has
    """
    number = np.full(len(sizes), -1)
    several = np.flatnonzero(sizes > 1)
    order = several[np.argsort(lowest[several], kind="stable")]
    number[order] = (np.cumsum(sizes[order]) - 1) // most
    return number


class Genome(NamedTuple):
    """What the doubtful pairs of a library are held against: its other pairs by run, the reference, the distance of
    mates; if depth is to speak, how many reads start in each window, doubtful ones where the aligner puts them."""

    runs: list[pysam.AlignmentFile]
    fasta: pysam.FastaFile
    offsets: dict[str, int]
    insert: tuple[float, float]
    reach: int
    starts: np.ndarray | None

    def places(self, sides: Sides) -> list[Place]:
        return places(sides, self.insert[0] + DEVIATIONS * self.insert[1], self.reach)

    def start(self, place: Place) -> int:
        return min(self.offsets[read.reference_name] + read.reference_start for read in place.mates)


def placed(path: Path, genome: Genome) -> Iterator[pysam.AlignedSegment]:
    """The reads of a file of pairs at their places."""
    offsets = list(genome.offsets.values())
    collected = Collected(offsets, genome.insert)
    with pysam.AlignmentFile(str(path)) as pairs:
        for sides in by_pair(pairs):
            collected.add(sides, genome.places(sides))
    depth = None
    if genome.starts is not None:
        with pysam.AlignmentFile(str(path)) as pairs:
            others = genome.starts - started(pairs, genome.offsets)
        depth = Depth(collected.windows(), others, around(genome.starts))
    evidence = collected.evidence(
        lambda sites: counted(sites, offsets, genome.runs),
        lambda sites: reference_codes(genome.fasta, genome.offsets, sites),
    )
    with pysam.AlignmentFile(str(path)) as pairs:
        for sides, weight in zip(by_pair(pairs), np.split(settle(evidence, depth), evidence.first[1:]), strict=True):
            best = int(weight.argmax())
            place, quality = genome.places(sides)[best], mapping_quality(float(weight[best]))
            yield from (laid(side[0], *place, quality) for side in sides)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--doubtful", required=True, help="all alignments of doubtful pairs, by name")
    parser.add_argument("--alignments", nargs="+", required=True, help="all other pairs, sorted and indexed")
    parser.add_argument("--fasta", required=True)
    parser.add_argument("--reach", type=int, required=True, help="most misfits above a pair's fewest")
    parser.add_argument(
        "--even", action="store_true", help="all of the genome was sequenced alike: depth speaks as well"
    )
    given = parser.parse_args()
    runs = [pysam.AlignmentFile(path) for path in given.alignments]
    header = runs[0].header
    offsets = dict(zip(header.references, [0, *itertools.accumulate(header.lengths)], strict=False))
    insert, starts = insert_size(runs[0]), None
    if given.even:
        with pysam.AlignmentFile(given.doubtful) as doubtful:
            starts = sum((started(reads, offsets) for reads in runs), started(doubtful, offsets))
    genome = Genome(runs, pysam.FastaFile(given.fasta), offsets, insert, given.reach, starts)
    lowest, sizes = [], []
    with pysam.AlignmentFile(given.doubtful) as doubtful:
        for sides in by_pair(doubtful):
            found = genome.places(sides)
            lowest.append(min(map(genome.start, found), default=0))
            sizes.append(len(found))
    numbers = batches(np.array(lowest), np.array(sizes))
    with ExitStack() as stack:
        doubtful = stack.enter_context(pysam.AlignmentFile(given.doubtful))
        target = stack.enter_context(pysam.AlignmentFile("-", "wb0", header=doubtful.header))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=Path(given.doubtful).parent)))
        paths = [folder / f"{number}.bam" for number in range(numbers.max(initial=-1) + 1)]
        with ExitStack() as open_batches:
            files = [
                open_batches.enter_context(pysam.AlignmentFile(str(path), "wb", header=doubtful.header))
                for path in paths
            ]
            for sides, number in zip(by_pair(doubtful), numbers, strict=True):
                for read in itertools.chain(*sides):
                    if number >= 0:
                        files[number].write(read)
                    elif not read.is_secondary:
                        target.write(read)
        for path in paths:
            for read in placed(path, genome):
                target.write(read)


if __name__ == "__main__":
    main()
