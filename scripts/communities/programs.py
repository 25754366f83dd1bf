"""Calling the field's programs: what one says when it fails ends in the log of the job."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


def call(*words: object, output: Path | None = None) -> None:
    """Run a program to its end; its standard output goes into a file, if one is named. Raises CalledProcessError."""
    said = [str(word) for word in words]
    print("+", *(Path(word).name for word in said), file=sys.stderr)
    if output is None:
        subprocess.run(said, check=True, stdin=subprocess.DEVNULL, stdout=2)  # the log, where it also speaks
        return
    with open(output, "wb") as handle:
        subprocess.run(said, check=True, stdin=subprocess.DEVNULL, stdout=handle)


def fasta(path: str | Path) -> Iterator[tuple[str, str]]:
    """Name (without `>`) and sequence of each record of a FASTA that one of them wrote."""
    name, parts = "", list[str]()
    with open(path, encoding="ascii") as handle:
        for line in handle:
            if line.startswith(">"):
                if name:
                    yield name, "".join(parts)
                name, parts = line[1:].rstrip("\n"), []
            else:
                parts.append(line.rstrip("\n"))
    if name:
        yield name, "".join(parts)
