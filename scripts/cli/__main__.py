"""`./filiera COMMAND`: the command line, one module a command (each is imported only when it is asked for)."""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import signal
import sys

from scripts.cli import own
from scripts.lib.refusal import Refusal

SUMMARY = """\
Filiera turns the samples a facility receives into the packages its catalogue promises.

first steps
  ./filiera demo                      a small site with planted truth: generate, run, compare (--all: every demo)
  ./filiera test                      the whole test suite
  ./filiera install BRANCH...         what a kind of service needs beside the rest (a run of its orders does it too)

any received file, any package
  ./filiera inspect FILE...           is it sound? one line a file: verdict and reason
  ./filiera verify PACKAGE            is it whole? every file that is missing, extra, altered or renamed

your own site (a directory with config/; copy this checkout's config/ to begin, config/README.md explains it)
  ./filiera check --directory SITE    are sheets and configuration right? all errors at once
  ./filiera run --directory SITE -n   what would be done
  ./filiera run --directory SITE      do it; each order ends as a package below SITE/deliveries/
  ./filiera status --directory SITE   where each order, sample and step stands, what failed and why; --watch
  ./filiera rerun --directory SITE    repair what failed, and only that
  ./filiera unlock --directory SITE   free it of a run that died on another machine (docs/operations.md)
  ./filiera facility --directory SITE a page for the browser: all orders, what waits for whom
  ./filiera import FOLDER             rows for the sheets from a run folder, names of files or a LIMS; --enter adds them
  ./filiera usage --directory SITE    what jobs asked for and used; `run -n` says what a run will take
  ./filiera benchmark ORDER           a sample with a known truth: what of it was found, what is false
  ./filiera due --directory SITE      what waits for whom, what is due; --tell: by e-mail and the like, from cron

before a run, and beside it (docs/call.md, docs/federation.md)
  ./filiera call FOLDER               rank a call's applications, award, write letters; --enter: into the sheets
  ./filiera reception SHEET           judge a parcel, give pseudonyms, print labels and receipt
  ./filiera federate STEP             aggregate, combine, release: allele frequencies for the federation
  ./filiera beacon RELEASE            answer Beacon v2 questions from them

an order's life after that (docs/lifecycle.md; ORDER is proposal/facility/service)
  ./filiera release ORDER             the scientist may have the newest package
  ./filiera terminate ORDER           the service agreement has ended: retention counts from then
  ./filiera retention                 what is kept how long, what is due; holds and extensions
  ./filiera purge                     what would be deleted; --confirm ORDER deletes it, with a signed certificate
  ./filiera ledger [ORDER]            states and history; --check: was anything changed by hand?
"""

EXITS = """\
exit codes: 0 all is well; 1 something was refused or failed (the last lines say what); 2 wrong usage; 130 interrupted;
141 nobody read on
"""


# Each is a module of this package with `arguments(parser)` and `main(arguments)`, imported only when it is asked for.
COMMANDS = {
    "demo": "Generate the demo site, run it, and compare the result with the planted truth.",
    "test": "Run the test suite. Arguments are pytest's.",
    "install": "Install what branches need beside the rest; without one, say which there are and what they lack.",
    "inspect": "Check received files as intake does, without a site.",
    "call": "Rank the applications of a call, award in rank order, write letters, enter what was accepted.",
    "verify": "Prove a package whole, offline, wherever it lies; names every file that is not as it was delivered.",
    "reception": "Judge a parcel's tubes, give pseudonyms, print labels, write the receipt.",
    "federate": "Add up allele counts of donors and of facilities; publish what is common enough.",
    "beacon": "Answer Beacon v2 questions from a published dataset of allele frequencies.",
    "check": "Validate a site's sheets and configuration without running anything.",
    "import": "Make rows of the sheets from a run folder, from names of files, or from a LIMS's table.",
    "run": "Run a site's awarded orders and publish what is complete.",
    "unlock": "Free a site whose run died on a machine that cannot be looked at from here.",
    "rerun": "Run again what failed, or one step of one sample, and what depends on it.",
    "release": "The scientist may have an order's newest package.",
    "terminate": "The service agreement has ended: no run touches the order any more, and retention counts from then.",
    "retention": "How long each order is kept, and what is due; holds and extensions.",
    "purge": "Delete what an order left, when its time is over; without --confirm only say what would be deleted.",
    "ledger": "States and history of orders; check that nothing was changed by hand.",
    "facility": "Write a page for each facility: all its orders, what waits for whom, what is kept how long.",
    "due": "What waits for whom and what is due, in lines; from cron it tells somebody.",
    "usage": "What jobs asked for and what they used, by rule: which ask too much or too little.",
    "benchmark": "Hold a delivered sample against a known truth: precision, recall, genotypes, earlier runs.",
    "status": "Where each order, sample and step stands: done, running, failed and why, waiting for what.",
}
#: What a disk, not the code, is the cause of.
OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE}
GOES_ON = "put that right, the same command goes on where it stopped"
PASSED_ON = {"test", "inspect"}  # what follows is for pytest or the intake room, dashes included


def parsed(argv: list[str]) -> argparse.Namespace:
    """The command line; argparse says what is wrong with it and exits with 2."""
    if argv and argv[0] in PASSED_ON:
        return argparse.Namespace(command=argv[0], rest=argv[1:])
    top = argparse.ArgumentParser(
        prog="filiera", description=SUMMARY, epilog=EXITS, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, what in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what)
        if argv[:1] == [name]:
            _module(name).arguments(command)
    return top.parse_args(argv)


def _module(name: str):
    # No module can be called like a word of the language.
    return importlib.import_module(f"scripts.cli.{'importing' if name == 'import' else name}")


def main(argv: list[str]) -> int:
    arguments = parsed(argv)
    module = _module(arguments.command)
    if site := getattr(arguments, "directory", None):
        own.leave_out(site)
    try:
        code = module.main(arguments)
        print(end="", flush=True)
        return code
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Refusal as refusal:
        print(f"filiera: {refusal}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in OF_THE_DISK:
            raise
        where = error.filename2 or error.filename or "the disk"
        found = Refusal(where, error.strerror.lower(), "a disk with room that can be read and written", GOES_ON)
        print(f"filiera: {found}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("filiera: interrupted; the same command goes on where it stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
