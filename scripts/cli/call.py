"""`./filiera call`: rank the applications of a call, award in rank order, write letters, enter what was accepted."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from pathlib import Path

from scripts.call import outcome
from scripts.cli import console
from scripts.lib import files, registry
from scripts.lib.registry import calls, entry


def arguments(parser: ArgumentParser) -> None:
    console.site_argument(parser)
    parser.add_argument("call", type=Path, help="folder with call.yaml, applications and scores (docs/call.md)")
    parser.add_argument("--enter", action="store_true", help="enter the accepted proposals into the site's sheets")


def main(arguments) -> int:
    with entry.alone(arguments.directory) as site:
        return _decide(site, arguments.call, arguments.enter)


def _decide(site: registry.Site, call: Path, enter: bool) -> int:
    found = calls.load_call(call, site)
    console.sheets(found.told)
    for problem in found.problems:
        console.say(str(problem))
    if found.problems:
        console.say("Nothing was decided: put these right first.")
        return 1
    decisions = outcome.decide(found)
    folder = _written(call / "outcome", found.terms, decisions)
    rows = [
        [str(each.ranked.rank) if each.ranked else "-", each.applied.id, each.status, each.reason] for each in decisions
    ]
    console.tell(console.table(["rank", "proposal", "status", "reason"], rows))
    console.tell(f"\nRanking, reasons and letters: {console.shown(folder)}")
    if enter:
        new = entry.enter_awards(site, found.terms.call, *outcome.entries(found.terms, decisions))
        console.tell(f"Entered: {', '.join(new)}." if new else "Entered before: nothing is new.")
    return 0


def _written(folder: Path, terms, decisions) -> Path:
    """The outcome, whole or not at all: no letter of an earlier ranking stays behind."""
    part = folder.with_name(f".part-{folder.name}")
    shutil.rmtree(part, ignore_errors=True)
    with files.kept_from_others(~files.mode(folder.parent) & 0o777):  # letters name applicants
        outcome.write(part, terms, decisions)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    return folder
