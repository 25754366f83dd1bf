"""`./filiera unlock`: free a site whose run died where it cannot be looked at from here, on a person's word."""

from __future__ import annotations

from argparse import ArgumentParser

from scripts.cli import console, lock
from scripts.lib.registry.site import demand


def arguments(parser: ArgumentParser) -> None:
    console.site_argument(parser)


def main(arguments) -> int:
    demand(arguments.directory)
    with lock.alone(arguments.directory, "unlock", overrule=True) as dead:
        console.tell(f"Freed of a {dead}." if dead else "Nobody holds it.")
    return 0
