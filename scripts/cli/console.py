"""How the launcher speaks: results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path


def site_argument(parser: ArgumentParser) -> None:
    """`--directory SITE`, as every command that works on a site takes it."""
    parser.add_argument("--directory", type=Path, default=Path(), metavar="SITE", help="the site (default: here)")


def tell(text: str = "") -> None:
    """A result."""
    print(text, flush=True)


def say(text: str) -> None:
    """Progress, or what is wrong."""
    print(text, file=sys.stderr, flush=True)


def shown(path: str | os.PathLike) -> str:
    """A path as short as it can be typed from here."""
    absolute = Path(path).resolve()
    relative = os.path.relpath(absolute)
    return relative if len(relative) < len(str(absolute)) else str(absolute)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns padded to their widest cell."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
