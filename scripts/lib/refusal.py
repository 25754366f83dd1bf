"""The one exception for input that cannot be used, so that every message reads the same way."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with control characters escaped, as `\\n` for a line end."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


class Refusal(Exception):
    """Input that cannot be used, told in one sentence an operator can act on.

    where     the file, and inside it the record, line, spectrum or field
    found     what is there
    expected  what should be there
    cure      what to do now
    """

    def __init__(self, where: str, found: str, expected: str, cure: str):
        # What is quoted from a broken file may hold anything; the sentence stays one line.
        self.where, self.found, self.expected, self.cure = map(printable, (where, found, expected, cure))
        super().__init__(str(self))

    def __str__(self) -> str:
        return f"{self.where}: found {self.found}, expected {self.expected}; {self.cure}."

    def __reduce__(self):
        return (type(self), (self.where, self.found, self.expected, self.cure))
