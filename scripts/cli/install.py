"""`./filiera install`: what branches need beside what everything needs, before anybody orders them.

The launcher has installed it before this is called (it reads scripts/cli/lists.py); here is told what there is.
"""

from __future__ import annotations

from argparse import ArgumentParser

from scripts.cli import console
from scripts.lib import branches, tools
from scripts.lib.refusal import Refusal
from scripts.lib.registry.problems import nearest, one_of


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("branch", nargs="*", metavar="BRANCH", help="a branch (default: say what there is)")
    parser.add_argument("--all", action="store_true", help="every branch")


def main(arguments) -> int:
    known = branches.known()
    for name in arguments.branch:
        if name not in known:
            raise Refusal("install", repr(name), f"{one_of(known)}{nearest(name, known)}", "choose one of these")
    chosen = list(known) if arguments.all or not arguments.branch else arguments.branch
    rows = []
    for name in chosen:
        lacking = tools.lacking(known[name])
        rows.append([name, known[name].title, ", ".join(lacking) or "-"])
    console.tell(console.table(["branch", "of what", "not on this machine"], rows))
    return 1 if arguments.branch and any(row[-1] != "-" for row in rows) else 0
