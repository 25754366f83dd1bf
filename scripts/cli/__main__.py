"""`./filiera COMMAND`: the command line, one module a command (each is imported only when it is asked for)."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from scripts.lib.refusal import Refusal

SUMMARY = """\
Filiera turns the samples a facility receives into the packages its catalogue promises.

first steps
  ./filiera demo                      a small site with planted truth: generate, run, compare
  ./filiera test                      the whole test suite

any received file
  ./filiera inspect FILE...           is it sound? one line a file: verdict and reason

your own site (a directory with config/; copy this checkout's config/ to begin, config/README.md explains it)
  ./filiera check --directory SITE    are sheets and configuration right? all errors at once
  ./filiera run --directory SITE -n   what would be done
  ./filiera run --directory SITE      do it; each order ends as a package below SITE/deliveries/
  ./filiera status --directory SITE   where each order stands, what failed and why
"""

EXITS = """\
exit codes: 0 all is well; 1 something was refused or failed (the last lines say what); 2 wrong usage; 130 interrupted
"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="filiera", description=SUMMARY, epilog=EXITS, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, help: str, **options) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=help, description=help, **options)

    def site(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--directory", type=Path, default=Path(), metavar="SITE", help="the site (default: here)")

    demo = command("demo", "Generate the demo site, run it, and compare the result with the planted truth.")
    demo.add_argument("--directory", type=Path, metavar="SITE", help="where to put it (default: demo/ in the checkout)")

    command("test", "Run the test suite. Arguments are pytest's.", add_help=False)

    command("inspect", "Check received files as intake does, without a site.", add_help=False)

    check = command("check", "Validate a site's sheets and configuration without running anything.")
    site(check)

    run = command("run", "Run a site's awarded orders and publish what is complete.")
    site(run)
    run.add_argument(
        "--profile", default="default", metavar="P", help="a profile of workflow/profiles/, or a directory"
    )
    run.add_argument("--proposal", default="", metavar="ID", help="this proposal alone")
    run.add_argument("-n", "--dry-run", action="store_true", help="only say what would be done")
    run.add_argument("snakemake", nargs="*", metavar="-- ARGUMENTS", help="arguments for Snakemake, after --")

    status = command("status", "Where each order stands: delivered, failed and why, and how to go on.")
    site(status)
    status.add_argument("--json", action="store_true", help="for machines")

    return top


def main(argv: list[str]) -> int:
    if argv[:1] in (["test"], ["inspect"]):  # what follows is for pytest or the intake room, dashes included
        arguments = argparse.Namespace(command=argv[0], rest=argv[1:])
    else:
        arguments = parser().parse_args(argv)
    module = importlib.import_module(f"scripts.cli.{arguments.command}")
    try:
        return module.main(arguments)
    except Refusal as refusal:
        print(f"filiera: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("filiera: interrupted; the same command goes on where it stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
