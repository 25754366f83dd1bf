"""What an import found: rows for the sheets, and what a demultiplexer said of the lanes."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from scripts.lib.refusal import Refusal
from scripts.lib.sequencing import Sequenced


@dataclass
class Found:
    """Rows by column; every run names its sample, and a sample may have no row.

    remarks    what was left out and why, a sentence each
    sequenced  statistics of the lanes, where there are any
    """

    samples: list[dict[str, str]] = field(default_factory=list)
    runs: list[dict[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    sequenced: Sequenced | None = None


def inside(site: Path, path: Path) -> str:
    """A file's path as the sheets name it. Raises Refusal for one outside of the site."""
    relative = os.path.relpath(os.path.abspath(path), os.path.abspath(site))
    if relative.split(os.sep)[0] == os.pardir:
        cure = "move or link the folder there, as to incoming/"
        raise Refusal(str(path), "a file outside of the site", f"one below {site}", cure)
    return relative
