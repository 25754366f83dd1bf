"""What breaks a rule of the specification; the checker adds file and line."""

from __future__ import annotations


class Fault(Exception):
    """found: what the line holds; expected: the rule, in the specification's terms."""

    def __init__(self, found: str, expected: str):
        self.found, self.expected = found, expected
        super().__init__(f"found {found}, expected {expected}")


def quoted(text: str, longest: int = 60) -> str:
    """Text of a broken file as it may stand in a sentence."""
    return f"'{text if len(text) <= longest else text[:longest] + '...'}'"
