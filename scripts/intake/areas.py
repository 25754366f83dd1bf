"""A table of peak areas that were integrated elsewhere. It holds many runs; the verdict is on one of them."""

from __future__ import annotations

import hashlib

from scripts.intake.source import GZIP_ERRORS, Source
from scripts.intake.verdict import Expected, Verdict
from scripts.lib import areas

#: Areas of a run below which another may have the same ones by chance: small areas are often whole numbers.
TELLING = 3


def check_areas(source: Source, expected: Expected) -> Verdict:
    """The whole table is read; where the run is known, it must be there, and `content` is of its rows alone."""
    try:
        raw = source.payload().read()
    except GZIP_ERRORS as error:
        raise source.told(error, "in the table") from None
    program, rows = areas.parsed(source.name, raw)
    notes, content = [], ""
    if run := "".join(expected.names):
        mine = [(row.compound, row.ion, row.area, row.rt_s) for row in areas.named(source.name, rows, run)]
        measured = sum(bool(row[2]) for row in mine)
        if measured >= TELLING:
            content = hashlib.sha256(repr(sorted(mine, key=str)).encode()).hexdigest()
        elif not measured:
            notes.append("No compound has an area in this run.")
    facts = {
        "program": program,
        "runs": len({row.run for row in rows}),
        "compounds": sorted({row.compound for row in rows}),
    }
    return Verdict("file", "areas", source.size, "", content=content, facts=facts, notes=notes)
