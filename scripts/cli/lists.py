"""Which lists of packages a command asks for beside those of all, a line each: `debian` or `python`, branch, file.

The launcher reads them before it starts the command, which says itself what is wrong with its words.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from scripts.lib import branches, registry
from scripts.lib.branch import Branch
from scripts.lib.refusal import Refusal
from scripts.lib.registry.problems import nearest, one_of


def named(command: str, names: Iterable[str]) -> list[Branch]:
    """The branches of these names. Raises Refusal for one that there is not."""
    known = branches.known()
    for name in names:
        if name not in known:
            raise Refusal(command, repr(name), f"{one_of(known)}{nearest(name, known)}", "choose one of these")
    return [known[name] for name in names]


def asked(argv: list[str]) -> Iterable[Branch]:
    """The branches that a command is about."""
    command, words, known = argv[0], set(argv[1:]), branches.known()
    if command == "run":
        parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
        parser.add_argument("--directory", type=Path, default=Path())
        options, _ = parser.parse_known_args(argv[1:])
        orders = registry.load(options.directory).orders.values()
        return {order.branch.name: order.branch for order in orders}.values()
    if command == "demo" and "--all" not in words and not words & known.keys():
        return [branch for branch in known.values() if branch.demo is None]
    return [branch for name, branch in known.items() if command == "test" or "--all" in words or name in words]


def main(argv: list[str]) -> None:
    for branch in asked(argv):
        for kind, path in (("debian", branch.debian), ("python", branch.python)):
            if path:
                print(kind, branch.name, path)


if __name__ == "__main__":
    main(sys.argv[1:])
