"""Primers in IUPAC codes, and what they enclose of a sequence."""

from __future__ import annotations

import re

CODES = {
    "A": "A", "C": "C", "G": "G", "T": "T", "U": "T", "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT", "I": "ACGT",
}  # fmt: skip
#: A code that a sequence may show, at a place where a primer has another, when they share a base.
COMPLEMENT = str.maketrans("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN")


def plain(primer: str) -> str:
    """As tools read it: capitals, T for U, N for inosine."""
    return primer.upper().replace("U", "T").replace("I", "N")


def reverse_complement(sequence: str) -> str:
    return sequence.translate(COMPLEMENT)[::-1]


def pattern(primer: str) -> str:
    """A regular expression that fits what the primer binds to without a mismatch."""
    return "".join(f"[{CODES[base]}N]" for base in plain(primer))


def inner(sequence: str, forward: str, reverse: str) -> str | None:
    """What lies between the primers on either strand; None where they are not both there."""
    whole = f"{pattern(forward)}(.+?){pattern(reverse_complement(plain(reverse)))}"
    for strand in (sequence, reverse_complement(sequence)):
        if match := re.search(whole, strand):
            return match[1]
    return None
