"""Regions of a BED, joined where they touch."""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Mapping

Span = tuple[int, int]  # 0-based, half-open


class Regions:
    """Spans by sequence. A place without bases, between two, is that of an insertion."""

    def __init__(self, rows: Iterable[tuple[str, int, int]]):
        found: dict[str, list[Span]] = defaultdict(list)
        for name, start, end in rows:
            found[name].append((start, end))
        self.spans: Mapping[str, list[Span]] = {name: _joined(spans) for name, spans in found.items()}
        self._starts = {name: [start for start, _ in spans] for name, spans in self.spans.items()}

    @property
    def bases(self) -> int:
        return sum(end - start for spans in self.spans.values() for start, end in spans)

    def holds(self, name: str, start: int, end: int) -> bool:
        """Whether all of a place lies in one region: of an insertion, the bases on both sides."""
        if start == end:
            start, end = start - 1, end + 1
        span = self._at(name, start)
        return span is not None and span[0] <= start and end <= span[1]

    def touches(self, name: str, start: int, end: int) -> bool:
        """Whether a base of a place, or beside an insertion, lies in a region."""
        if start == end:
            start, end = start - 1, end + 1
        span = self._at(name, end - 1)
        return span is not None and span[1] > start

    def within(self, other: Regions) -> Regions:
        """What lies in both."""
        return Regions(
            (name, max(start, low), min(end, high))
            for name, spans in self.spans.items()
            for start, end in spans
            for low, high in other._between(name, start, end)
        )

    def _at(self, name: str, position: int) -> Span | None:
        """The last region that begins at a base or before it."""
        place = bisect.bisect_right(self._starts.get(name, []), position) - 1
        return self.spans[name][place] if place >= 0 else None

    def _between(self, name: str, start: int, end: int) -> list[Span]:
        spans = self.spans.get(name, [])
        first = max(0, bisect.bisect_right(self._starts.get(name, []), start) - 1)
        last = bisect.bisect_left(self._starts.get(name, []), end)
        return [(low, high) for low, high in spans[first:last] if high > start]


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
