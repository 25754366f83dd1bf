"""How many reads start where: two copies of a repeat are read as often as what lies around them.

Where a copy of this sample looks like another one, base by base, its reads may settle there, which leaves it half as
deep as it should be and the other too deep. Alleles do not tell; depth does.
"""

from itertools import islice
from typing import NamedTuple

import numpy as np
import pysam

WINDOW, AROUND = 200, 50  # bases; windows on either side, of which the mean is what is to be expected
DOUBT = 5.0  # reads that are added to both, so that few reads tell little
NOT_COUNTED = 0xF04  # unmapped, secondary, failed, duplicate, supplementary
AT_ONCE = 1 << 20  # reads


class Depth(NamedTuple):
    """What speaks for and against the places of some pairs by depth.

    window    places x 2: numbers of the windows in which the mates start
    seen      per window: starts of all other reads
    expected  per window: starts of all reads in a window of this neighbourhood
    """

    window: np.ndarray
    seen: np.ndarray
    expected: np.ndarray

    def log_odds(self, weight: np.ndarray) -> np.ndarray:
        """Per place: what both mates there add to the log likelihood of Poisson counts, by how probable places are."""
        starts = self.seen + np.bincount(self.window.ravel(), np.repeat(weight, 2), len(self.seen))
        return np.log((self.expected + DOUBT) / (starts + DOUBT))[self.window].sum(axis=1)


def started(reads: pysam.AlignmentFile, offsets: dict[str, int]) -> np.ndarray:
    """How many reads of a file start in each window. offsets: where each sequence starts when all are laid in a row."""
    reads.reset()
    at = list(offsets.values())
    counts = np.zeros((at[-1] + reads.lengths[-1]) // WINDOW + 1)
    places = (at[read.reference_id] + read.reference_start for read in reads if not read.flag & NOT_COUNTED)
    while len(some := np.fromiter(islice(places, AT_ONCE), np.int64)):
        low = int(some.min()) // WINDOW
        found = np.bincount(some // WINDOW - low)
        counts[low : low + len(found)] += found
    return counts


def around(counts: np.ndarray) -> np.ndarray:
    """The mean of each window and those around it."""
    total = np.concatenate([[0.0], np.cumsum(counts)])
    number = np.arange(len(counts))
    low, high = np.maximum(number - AROUND, 0), np.minimum(number + AROUND + 1, len(counts))
    return (total[high] - total[low]) / (high - low)
