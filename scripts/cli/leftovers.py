"""What the jobs of a dead run were writing: it lies beside the final names, and nobody will ever finish it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

#: As `files.aside` and the rules name what is not whole yet, and samtools what does not fit into memory.
UNFINISHED = re.compile(r"^\.part-|\.part(\.|$)|\.bam\.(sort|markdup)\.")


def clear(site: Path) -> None:
    """Delete it below results/, whoever wrote it: only who holds the site alone may call this."""
    for path in unfinished(site / "results"):
        path.unlink(missing_ok=True)


def unfinished(folder: Path) -> Iterator[Path]:
    """Every file below a folder that is being written, or was."""
    for where, _, names in os.walk(folder):
        yield from (Path(where, name) for name in names if UNFINISHED.search(name))
