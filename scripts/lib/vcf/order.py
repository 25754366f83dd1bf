"""Order of the data lines, and the same variant twice."""

from __future__ import annotations

from scripts.lib.vcf.fault import Fault
from scripts.lib.vcf.record import BASES, Site


class Order:
    """Positions ascend within a contig, a contig is one block, and no variant of bases stands twice.

    A variant is the same when it is so after its alleles lost the bases they share (Tan, Abecasis and Kang,
    Bioinformatics 2015, 31:2202, without shifting). Symbolic alleles may repeat: one name, different events.
    """

    def __init__(self):
        self._contig, self._position = "", -1
        self._finished: set[str] = set()
        self._variants: dict[tuple[int, str, str], int] = {}

    def check(self, site: Site, line: int) -> None:
        if site.contig != self._contig:
            if site.contig in self._finished:
                raise Fault(f"{site.contig} again after {self._contig}", "all lines of a CHROM in one block")
            self._finished.add(self._contig)
            self._contig, self._variants = site.contig, {}
        elif site.position < self._position:
            raise Fault(
                f"POS {site.position} after {self._position}", f"positions in ascending order within {site.contig}"
            )
        if site.position != self._position:
            self._position = site.position
            if self._variants:
                self._variants = {key: seen for key, seen in self._variants.items() if key[0] >= site.position}
        for allele in site.alts:
            if BASES.fullmatch(allele):
                self._once(reduced(site.position, site.ref.upper(), allele.upper()), line)

    def _once(self, variant: tuple[int, str, str], line: int) -> None:
        if variant in self._variants:
            position, ref, alt = variant
            told = f"{ref or '-'} to {alt or '-'} at {position}"
            raise Fault(f"the variant {told}, which line {self._variants[variant]} holds", "every variant once")
        self._variants[variant] = line


def reduced(position: int, ref: str, alt: str) -> tuple[int, str, str]:
    """A variant without the bases that both alleles share, at the end first; either allele may become ''."""
    end = 0
    shortest = min(len(ref), len(alt))
    while end < shortest and ref[-1 - end] == alt[-1 - end]:
        end += 1
    ref, alt = ref[: len(ref) - end], alt[: len(alt) - end]
    start = 0
    shortest -= end
    while start < shortest and ref[start] == alt[start]:
        start += 1
    return position + start, ref[start:], alt[start:]
