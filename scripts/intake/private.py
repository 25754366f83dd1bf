"""Names of the table of original names in what is delivered as it came: reads, looked at in the one pass of intake."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scripts.intake.source import Source
from scripts.lib.names import Names, Spelled, hidden

WANTED = "nothing that tells whose sample it is"
CURE = "take it out, and enter the new checksum"
READS = "rename the reads, and enter the new checksum"


def refuse_in_reads(names: Names | None, lines: bytes, records: Callable[[], Iterable[bytes]], refusal) -> None:
    """Refuse the first of some records that holds an original name.

    lines    names, comments and text tags of all of them, `records` the same one by one
    refusal  takes the record's place, and what was found, expected and to do
    """
    if not names or not names.in_reads(lines):
        return
    for place, record in enumerate(records()):
        if found := names.in_reads(record):
            raise refusal(place, f"{hidden(found[0])} in its name or comments", WANTED, READS)


def refuse_in_gzip(names: Names | None, source: Source) -> None:
    """Refuse a file in whose gzip headers an original name stands: they are delivered as they came."""
    if names and (found := names.find(Spelled("\n".join(sorted(source.notes))))):
        cure = "pack it again (gzip -n leaves names out), and enter the new checksum"
        raise source.refusal("gzip header", hidden(found[0]), WANTED, cure)
