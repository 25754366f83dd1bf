"""Whether a site's disk takes what is written to it, asked before anything is done."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from scripts.lib.refusal import Refusal

#: Below a site, everything that a run or a purge writes to; what is not there yet is made in the site itself.
PLACES = ("", ".filiera", ".snakemake", "results", "logs", "benchmarks", "deliveries", "ledger")


def check(site: Path) -> None:
    """Raises Refusal for the first place that takes no file: read-only, full, or no folder at all."""
    for place in PLACES:
        folder = site / place
        if os.path.lexists(folder):
            try:
                with tempfile.TemporaryFile(dir=folder) as probe:
                    probe.write(b"?" * 4096)
            except OSError as error:
                cure = "put that right (space, permissions, mount), the same command goes on where it stopped"
                raise Refusal(str(folder), error.strerror.lower(), "a folder that can be written", cure) from error
