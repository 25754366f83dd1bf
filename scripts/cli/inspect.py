"""`./filiera inspect`: the intake room on loose files."""

from __future__ import annotations

from scripts.intake import inspect


def main(arguments) -> int:
    return inspect.main(arguments.rest)
