"""What breaks a rule of the specification; the checker adds file and line."""

from __future__ import annotations


class Fault(Exception):
    """found: what the line holds; expected: the rule, in the specification's terms."""

    def __init__(self, found: str, expected: str):
        self.found, self.expected = found, expected
        super().__init__(f"found {found}, expected {expected}")


class Loose(Fault):
    """An INFO key of the file's own that says less than it holds: text in a list of numbers of any length, or commas
    in a single text. Reference call sets have both (GIAB 3.3.2); received files may, delivered ones may not."""


def quoted(text: str, longest: int = 60) -> str:
    """Text of a broken file as it may stand in a sentence."""
    return f"'{text if len(text) <= longest else text[:longest] + '...'}'"
