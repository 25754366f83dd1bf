"""mzTab-M 2.0: what its files have in common (parts), and the check that every one passes (rules)."""

from scripts.lib.mztab.rules import check, problems

__all__ = ["check", "problems"]
