"""`./filiera install`: what branches need beside what everything needs, before anybody orders them.

The launcher has installed it before this is called (it reads scripts/cli/lists.py); here is told what there is.
"""

from __future__ import annotations

from argparse import ArgumentParser

from scripts.cli import console, lists
from scripts.lib import branches, tools


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("branch", nargs="*", metavar="BRANCH", help="a branch (default: say what there is)")
    parser.add_argument("--all", action="store_true", help="every branch")


def main(arguments) -> int:
    chosen = lists.named("install", arguments.branch)
    if arguments.all or not chosen:
        chosen = list(branches.known().values())
    rows = [[branch.name, branch.title, ", ".join(tools.lacking(branch)) or "-"] for branch in chosen]
    console.tell(console.table(["branch", "of what", "not on this machine"], rows))
    return 1 if arguments.branch and any(row[-1] != "-" for row in rows) else 0
