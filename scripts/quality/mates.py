"""Overlapping mates in a sorted alignment, found by the hashes of their names."""

from typing import NamedTuple

import numpy as np

from scripts.quality.reads import PAIRED, SUPPLEMENTARY, Reads


class Mates(NamedTuple):
    """Per read: where its mate, if that comes before it and overlaps it, ends (else 0), and how that is mapped."""

    end: np.ndarray
    quality: np.ndarray


class Pairing:
    """Finds the mates of reads, batch by batch."""

    def __init__(self):
        self._name, self._longest = "", 0
        self._waiting = np.zeros((4, 0), np.int64)  # hash, mate's position, end, mapping quality

    def mates(self, reads: Reads) -> Mates:
        if reads.name != self._name:
            self._name, self._waiting = reads.name, self._waiting[:, :0]
        self._longest = max(self._longest, int((reads.end - reads.start).max()))
        key = reads.hash.view(np.int64)
        whole = (reads.flag & (PAIRED | SUPPLEMENTARY)) == PAIRED
        first = np.flatnonzero(whole & (reads.mate >= reads.start) & (reads.mate < reads.end))
        second = whole & (reads.mate >= 0) & (reads.mate <= reads.start)
        second = np.flatnonzero(second & (reads.start - reads.mate < self._longest))
        seen = self._waiting.shape[1]
        number = np.concatenate([np.full(seen, -1), first])
        own = np.stack([key[first], reads.mate[first], reads.end[first], reads.quality[first]])
        waiting = np.concatenate([self._waiting, own], axis=1)
        end, quality = np.zeros(len(key), np.int64), np.zeros(len(key), np.int64)
        if waiting.shape[1]:
            order = np.argsort(waiting[0], kind="stable")
            at = np.minimum(np.searchsorted(waiting[0], key[second], sorter=order), len(order) - 1)
            match = order[at]
            # Mates at one position wait for each other: the one that comes first is the first.
            met = (waiting[0][match] == key[second]) & (number[match] < second)
            second, match = second[met], match[met]
            end[second], quality[second] = waiting[2][match], waiting[3][match]
        self._waiting = waiting[:, waiting[1] >= reads.start[-1]]
        return Mates(end, quality)
