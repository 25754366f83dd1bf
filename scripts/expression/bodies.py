"""Coverage along transcripts: whether reads lie at one end of them, as those of degraded RNA do.

By the definition of Picard's CollectRnaSeqMetrics: of the most covered transcripts of a least length, one a gene, the
mean coverage of the first and of the last 100 bases relative to that of all, and the median of these over transcripts.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

#: Bases at an end of a transcript whose coverage tells of it, and points of the curve, as Picard has them.
END, POINTS = 100, 101


class Transcript(NamedTuple):
    """Exons from 1, both ends inside, sorted."""

    gene: str
    contig: str
    strand: str
    exons: list[tuple[int, int]]

    @property
    def length(self) -> int:
        return sum(end - start + 1 for start, end in self.exons)


def longest(path: str, least: int) -> dict[str, list[Transcript]]:
    """Sequence -> the longest transcript of each gene, of at least so many bases, of a GTF of exons."""
    exons: dict[tuple[str, str, str, str], list[tuple[int, int]]] = defaultdict(list)
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            contig, _, _, start, end, _, strand, _, told = line.rstrip("\n").split("\t")
            _, gene, _, transcript, _ = told.split('"')
            exons[gene, transcript, contig, strand].append((int(start), int(end)))
    best: dict[str, Transcript] = {}
    for (gene, _, contig, strand), spans in exons.items():
        one = Transcript(gene, contig, strand, sorted(spans))
        if one.length >= least and (gene not in best or one.length > best[gene].length):
            best[gene] = one
    found: dict[str, list[Transcript]] = defaultdict(list)
    for one in best.values():
        found[one.contig].append(one)
    return found


def covered(path: str) -> Iterator[tuple[str, np.ndarray]]:
    """Sequence, and rows of start (from 0), end and depth, of a bedGraph that is sorted."""
    now, rows = "", []
    with gzip.open(path, "rt", encoding="ascii") as lines:
        for line in lines:
            contig, start, end, depth = line.split("\t")
            if contig != now and rows:
                yield now, np.array(rows, dtype=np.int64)
                rows = []
            now = contig
            rows.append((int(start), int(end), int(depth)))
    if rows:
        yield now, np.array(rows, dtype=np.int64)


def along(transcript: Transcript, rows: np.ndarray) -> np.ndarray:
    """The depth of each base of a transcript, from its 5' end."""
    parts = []
    for start, end in transcript.exons:
        depth = np.zeros(end - start + 1)
        first = int(np.searchsorted(rows[:, 1], start - 1, side="right"))
        last = int(np.searchsorted(rows[:, 0], end, side="left"))
        for begins, stops, value in rows[first:last].tolist():
            depth[max(begins - start + 1, 0) : stops - start + 1] = value
        parts.append(depth)
    whole = np.concatenate(parts)
    return whole if transcript.strand == "+" else whole[::-1]


def depths(exons: str, paths: Iterable[str], stranded: bool, least: int) -> list[np.ndarray]:
    """The depths of each transcript of a gene, by the strands' bedGraphs (plus, minus); of both where nobody tells them
    apart."""
    known = longest(exons, least)
    found: dict[tuple[str, str], np.ndarray] = {}
    for strand, path in zip("+-", paths, strict=True):
        for contig, rows in covered(path):
            for one in known.get(contig, ()):
                if not stranded or one.strand == strand:
                    own = along(one, rows)
                    found[one.gene, one.contig] = found.get((one.gene, one.contig), 0) + own
    return list(found.values())


def bias(found: list[np.ndarray], most: int) -> tuple[dict[str, float], list[float]]:
    """The biases, and the mean of the normalised coverage at each hundredth of the most covered transcripts; nothing
    where none is covered."""
    means = np.array([one.mean() for one in found])
    chosen = [found[at] for at in np.argsort(-means, kind="stable")[:most] if means[at] > 0]
    if not chosen:
        return {}, []
    five = np.array([one[:END].mean() / one.mean() for one in chosen])
    three = np.array([one[-END:].mean() / one.mean() for one in chosen])
    places = np.linspace(0, 1, POINTS)
    curves = [np.interp(places, np.linspace(0, 1, len(one)), one / one.mean()) for one in chosen]
    values = {"bias_5_prime": float(np.median(five)), "bias_3_prime": float(np.median(three))}
    if (some := three > 0).any():
        values["bias_5_to_3_prime"] = float(np.median(five[some] / three[some]))
    return {key: round(value, 4) for key, value in values.items()}, np.mean(curves, axis=0).round(4).tolist()
