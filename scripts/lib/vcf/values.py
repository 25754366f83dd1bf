"""Values of INFO and FORMAT against the Number and Type of their key."""

from __future__ import annotations

import re
from functools import lru_cache
from math import comb

from scripts.lib.vcf.fault import Fault, Loose, quoted
from scripts.lib.vcf.specification import COUNTED_OTHERWISE, NOT_NEGATIVE, Specification

# Possessive, so that no number, however long, makes the match slow. 4.3 wants a digit behind the point.
EXPONENT = r"(?:[eE][-+]?[0-9]++)?|(?i:INF|INFINITY|NAN)"
FLOAT = rf"(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++){EXPONENT}"
FLOAT_43 = rf"(?:[0-9]++(?:\.[0-9]++)?|\.[0-9]++){EXPONENT}"
ENCODED = re.compile(r"%(?![0-9A-F]{2})")
QUOTED = re.compile(r'"[^"]*"')
CIGAR = re.compile(r"(?:[0-9]+[MIDNSHPX=])+")
# The lowest eight 32-bit integers mean "missing" and the like in BCF.
LOWEST, HIGHEST = -(2**31) + 8, 2**31 - 1
KINDS = {"Integer": "a whole number", "Float": "a number", "Character": "a single character", "String": "a text"}


class Definition:
    """What a key of INFO or FORMAT may hold.

    column: INFO or FORMAT; number: digits, A, R, G or '.'; type: the specification's word; reserved: the specification
    says what the key means.
    """

    def __init__(self, column: str, key: str, number: str, type_: str, spec: Specification):
        self.column, self.key, self.number, self.type = column, key, number, type_
        self.reserved = key in spec.reserved[column]
        self.own = column == "INFO" and not self.reserved
        self.positive = key in NOT_NEGATIVE[column]
        self.probability = column == "FORMAT" and key in ("GP", "CNP") and spec.strict
        self.ranged = self.probability or (column == "INFO" and key in ("AF", "CIGAR"))
        sign = r"\+?" if self.positive else r"[-+]?"
        # Atomic, so that no value, however odd, makes the match slow.
        one = {
            "Integer": rf"\.|{sign}[0-9]{{1,18}}",
            "Float": rf"\.|{sign}(?:{FLOAT_43 if spec.strict else FLOAT})",
            "Character": r"(?>%[0-9A-F]{2}|[^,])" if spec.strict else r"[^,]",
        }.get(type_, r"[^\s,;]+(?:;[^\s,;]+)*" if column == "FORMAT" and key == "FT" else r'(?>"[^"]*"(?=,|\Z)|[^,]+)')
        self._list = re.compile(rf"(?:{one})(?:,(?:{one}))*")
        # SVLEN has a value for every ALT allele whatever its Number says (section 3).
        counted = "A" if key == "SVLEN" and column == "INFO" and number == "." else number
        self._fixed = int(counted) if counted.isdigit() else None
        # No ploidy is known in INFO, so that genotypes cannot be counted there.
        uncounted = counted == "." or (counted == "G" and column == "INFO")
        self._counted = "" if key in COUNTED_OTHERWISE or uncounted else counted

    def check(self, value: str, alts: int, ploidy: int | None) -> None:
        """`alts`: number of ALT alleles, 0 where ALT is '.'; `ploidy`: of this sample's GT, None where unknown."""
        if value == ".":
            return
        if not self._list.fullmatch(value):
            kind = KINDS[self.type] + (" of 0 or more" if self.positive else "")
            loose = self.own and self.number == "." and "" not in value.split(",")
            raise (Loose if loose else Fault)(self._told(value), f"{kind} ({self.type}), several separated by commas")
        if self._counted:
            self._check_count(value, alts, ploidy)
        if self.type == "Integer" and len(value) > 9:
            self._check_size(value)
        if self.ranged:
            self._check_range(value)

    def _check_count(self, value: str, alts: int, ploidy: int | None) -> None:
        # A text in double quotes is one value, commas and all.
        count = (QUOTED.sub("", value) if '"' in value else value).count(",") + 1
        if self._fixed is not None:
            if count != self._fixed:
                loose = self.own and self.type == "String" and self._fixed == 1
                wanted = f"{self._fixed} value{'s' * (self._fixed != 1)} (Number={self.number})"
                raise (Loose if loose else Fault)(self._told(value), wanted)
            return
        # Where ALT is '.', files count the unknown allele or leave it out; the specification does not say which.
        for alleles in (alts,) if alts else (1, 0):
            if count in self.allowed(alleles, ploidy):
                return
        counts = sorted(self.allowed(max(alts, 1), ploidy))
        wanted = " or ".join(map(str, counts)) if counts[-1] < 10**9 else "more than a billion"
        of = {"A": "ALT allele", "R": "allele, REF included", "G": "genotype"}[self._counted]
        raise Fault(self._told(value), f"{wanted} values, one for each {of} (Number={self.number})")

    def allowed(self, alts: int, ploidy: int | None) -> set[int]:
        if self._counted == "A":
            return {alts}
        if self._counted == "R":
            return {alts + 1}
        return {genotypes(alts + 1, of) for of in ((ploidy,) if ploidy else (1, 2))}

    def _check_size(self, value: str) -> None:
        for part in value.split(","):
            if part != "." and not LOWEST <= int(part) <= HIGHEST:
                raise Fault(self._told(value), f"whole numbers from {LOWEST} to {HIGHEST} (32 bits)")

    def _check_range(self, value: str) -> None:
        for part in value.split(","):
            if part == ".":
                continue
            if self.key == "CIGAR":
                if not CIGAR.fullmatch(part):
                    raise Fault(self._told(value), "CIGAR operations, as 3M1D2M")
            elif float(part) > 1:
                raise Fault(self._told(value), "a value from 0 to 1")

    def _told(self, value: str) -> str:
        return f"{self.column} {self.key} with the value {quoted(value)}"


@lru_cache(maxsize=4096)
def genotypes(alleles: int, ploidy: int) -> int:
    """How many unordered genotypes there are: combinations with repetition."""
    return comb(alleles + ploidy - 1, ploidy)


def check_encoding(text: str, spec: Specification) -> None:
    """4.3, section 1.2: a percent sign in a value starts an encoded character, in capitals."""
    if spec.strict and "%" in text and ENCODED.search(text):
        raise Fault(quoted(text), "% written as %25, and encoded characters in capitals (%3A, %3B, %3D, %2C)")
