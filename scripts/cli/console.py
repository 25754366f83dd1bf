"""How the launcher speaks: results on stdout, everything else on stderr."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.lib import dates

if TYPE_CHECKING:
    from scripts.lib.registry.sheets import Read

NARROWEST = 8  # characters of a column, however narrow the terminal


def site_argument(parser: ArgumentParser) -> None:
    """`--directory SITE`, as every command that works on a site takes it."""
    parser.add_argument("--directory", type=Path, default=Path(), metavar="SITE", help="the site (default: here)")


def now_argument(parser: ArgumentParser, more: str = "") -> None:
    """`--now`; `more` is said of the default."""
    told = "the time to go by, as 2027-03-01T00:00 in the facility's time zone (default: the machine's clock"
    parser.add_argument("--now", type=dates.moment, metavar="TIME", help=f"{told}{more})")


def time_arguments(parser: ArgumentParser) -> None:
    """`--now` and `--by`: what is entered in the ledger beside what was done."""
    now_argument(parser, "; what is entered takes no other but in a rehearsal")
    parser.add_argument("--by", default="", metavar="NAME", help="who does it (default: the login)")


def order_arguments(parser: ArgumentParser, one: bool = True) -> None:
    """ORDER and what goes with it, as every command about orders takes them; `one` must be named, or is all meant."""
    meaning = "proposal/facility/service, as ./filiera status names it" + ("" if one else " (default: all)")
    parser.add_argument("order", metavar="ORDER", nargs=None if one else "?", help=meaning)
    site_argument(parser)
    time_arguments(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def as_json(value: Any) -> str:
    """A result for machines; bytes of file names that are no UTF-8 are escaped."""
    return json.dumps(value, indent=2, ensure_ascii=False).encode(errors="backslashreplace").decode()


def parsed(command, *arguments: str) -> Namespace:
    """The arguments of a command's module, for a command that calls another."""
    parser = ArgumentParser()
    command.arguments(parser)
    return parser.parse_args(arguments)


def tell(text: str = "") -> None:
    """A result."""
    print(text, flush=True)


def say(text: str) -> None:
    """Progress, or what is wrong. Work that nobody watches any more goes on."""
    with suppress(BrokenPipeError):
        print(text, file=sys.stderr, flush=True)


def sheets(told: Iterable[Read]) -> None:
    """How much of each sheet was read."""
    for one in told:
        tell(str(one))


def shown(path: str | os.PathLike) -> str:
    """A path as short as it can be typed from here."""
    absolute = Path(path).resolve()
    relative = os.path.relpath(absolute)
    return relative if len(relative) < len(str(absolute)) else str(absolute)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], indent: str = "") -> str:
    """Columns padded to their widest cell. On a terminal that is narrower, the widest are, and their cells go on in the
    next line."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    if sys.stdout.isatty():
        room = shutil.get_terminal_size().columns - len(indent) - 2 * (len(widths) - 1)
        while sum(widths) > room and max(widths) > NARROWEST:
            widths[widths.index(max(widths))] -= 1
    lines = [line for row in (header, ["-" * width for width in widths], *rows) for line in _wrapped(row, widths)]
    return "\n".join(
        indent + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    """A row as lines, of which no cell is wider than its column."""
    cells = [
        [cell[start : start + width] for start in range(0, max(len(cell), 1), max(width, 1))]
        for cell, width in zip(row, widths, strict=True)
    ]
    return [list(line) for line in itertools.zip_longest(*cells, fillvalue="")]


def local(moment: str) -> str:
    """A moment of a journal on the clock of who looks, with its zone."""
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M:%S %Z}"
