"""How the launcher speaks: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.lib import dates

if TYPE_CHECKING:
    from scripts.lib.registry.sheets import Read


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


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns padded to their widest cell."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
