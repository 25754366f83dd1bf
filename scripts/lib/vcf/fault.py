"""What breaks a rule of the specification; the checker adds file and line."""

from __future__ import annotations


class Fault(Exception):
    """found: what the line holds; expected: the rule, in the specification's terms."""

    def __init__(self, found: str, expected: str):
        self.found, self.expected = found, expected
        super().__init__(f"found {found}, expected {expected}")


class Loose(Fault):
    """What received files may and delivered ones may not, because reference call sets and the usual callers do it.

    An INFO key of the file's own that says less than it holds: text in a list of numbers of any length, or commas in a
    single text (GIAB 3.3.2); before 4.3, a declared FORMAT key with '_' or '.' in it (MIN_DP of gVCF).
    """


def quoted(text: str, longest: int = 60) -> str:
    """Text of a broken file as it may stand in a sentence."""
    return f"'{text if len(text) <= longest else text[:longest] + '...'}'"
