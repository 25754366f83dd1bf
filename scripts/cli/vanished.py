"""Received files that vanish while a run goes on: their orders stop, and the others are run to their end.

Snakemake gives up everything when an input is not there any more that was there when it planned.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from scripts.cli import console
from scripts.lib import registry
from scripts.lib.registry import Site


def since(site: Site, snapshot: Path, without: Collection[str]) -> Site | None:
    """The site as the run's own sheets and the disk now have it, if something of it is missing now; says what.

    snapshot  the folder with the run's sheets
    """
    now = registry.load(site.directory, snapshot.relative_to(site.directory), without)
    new = set(map(str, now.problems)) - set(map(str, site.problems))
    for problem in sorted(new):
        console.say(f"While it ran: {problem}")
    return now if new else None
