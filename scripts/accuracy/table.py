"""Counts by stratum, type and size, and what follows from them, in the GA4GH's terms.

What is true is counted in the truth's words, what was called in the calls' own: a variant that one writes as one record
and the other as two is one found and two right. P. Krusche et al., Best practices for benchmarking germline
small-variant calls in human genomes, Nat. Biotechnol. 37 (2019) 555.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from scripts.accuracy.compare import Verdict
from scripts.accuracy.units import SIZES, Unit

ALL, INDEL = "all", "indel"
KINDS = ("snp", INDEL, "insertion", "deletion", "complex")
COUNTS = ("found", "missed", "genotype", "right", "false")


@dataclass(frozen=True)
class Row:
    """A stratum, type and size.

    found, missed   variants of the truth: with their genotypes, and not
    genotype        of those missed, the ones of which an allele was called, with another genotype
    right, false    called variants
    """

    stratum: str
    kind: str
    size: str
    found: int = 0
    missed: int = 0
    genotype: int = 0
    right: int = 0
    false: int = 0

    @property
    def name(self) -> tuple[str, str, str]:
        return self.stratum, self.kind, self.size

    @property
    def recall(self) -> float | None:
        return _share(self.found, self.missed)

    @property
    def precision(self) -> float | None:
        return _share(self.right, self.false)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both; 0 where there was something, and nothing of it is right."""
        if not self.found and not self.right:
            return 0.0 if self.missed or self.false else None
        if self.recall is None or self.precision is None:
            return None
        return 2 * self.recall * self.precision / (self.recall + self.precision)

    @property
    def concordance(self) -> float | None:
        """Of the true variants of which an allele was called, the share with the right genotype."""
        return _share(self.found, self.genotype)

    def measured(self) -> dict[str, float | str | None]:
        """All of it as a row of the table: shares with their 95 % intervals, nothing where nothing was counted."""
        told: dict[str, float | str | None] = asdict(self)
        for name, hits, misses in (("recall", self.found, self.missed), ("precision", self.right, self.false)):
            told[name] = getattr(self, name)
            told[f"{name}_low"], told[f"{name}_high"] = interval(hits, misses)
        return told | {"f1": self.f1, "genotype_concordance": self.concordance}


def _share(hits: int, misses: int) -> float | None:
    return hits / (hits + misses) if hits + misses else None


def interval(hits: int, misses: int) -> tuple[float | None, float | None]:
    """Wilson's 95 % interval of a share."""
    if not hits + misses:
        return None, None
    from scipy.stats import binomtest  # type: ignore[import-untyped]  # takes a second to import

    found = binomtest(hits, hits + misses).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


class Counted:
    """Counts of verdicts, stratum by stratum."""

    def __init__(self, strata: Iterable[str]):
        self._strata = [ALL, *strata]
        self._counts: Counter[tuple[str, str, str, str]] = Counter()

    def add(self, side: str, verdict: Verdict, strata: Iterable[str]) -> None:
        """Count a variant of the `truth` or of the `calls` that lies in some strata."""
        names = ("found", "missed") if side == "truth" else ("right", "false")
        what = [names[not verdict.right]]
        if side == "truth" and verdict.carried and not verdict.right:
            what.append("genotype")
        for stratum in (ALL, *strata):
            for kind, size in _classes(verdict.unit):
                self._counts.update((stratum, kind, size, name) for name in what)

    def rows(self) -> list[Row]:
        """All strata and types; of sizes those that have something."""
        return list(self._rows())

    def _rows(self) -> Iterator[Row]:
        for stratum in self._strata:
            for kind in KINDS:
                for size in (ALL, *(name for name, _ in SIZES if kind != "snp")):
                    counts: Mapping[str, int] = {name: self._counts[stratum, kind, size, name] for name in COUNTS}
                    if size == ALL or any(counts.values()):
                        yield Row(stratum, kind, size, **counts)


def _classes(unit: Unit) -> Iterator[tuple[str, str]]:
    kinds = ("snp",) if unit.kind == "snp" else (INDEL, unit.kind)
    for kind in kinds:
        yield kind, ALL
        if kind != "snp":
            yield kind, unit.size
