"""Where a reference is known: everything but N."""

import numpy as np


def without_gaps(sequence: str) -> list[tuple[int, int]]:
    """0-based, half-open intervals of a sequence that are not N."""
    known = np.frombuffer(sequence.encode(), dtype=np.uint8) & 0xDF != ord("N")
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False]))))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
