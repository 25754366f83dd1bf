"""Whether what is listed is what its jobs made, and, where no job made it anew, what the version before holds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from scripts.delivery.versions import LISTING, versions
from scripts.lib import made
from scripts.lib.files import read_tsv

AGAIN = "one that a job of this workflow made and recorded"
SKEW = 300 * 10**9  # ns by which clocks of one cluster may differ: beyond that Slurm's munge lets no job pass


def check(listed: Iterable[tuple[dict, Path]], deliveries: Path) -> None:
    """Raises Refusal, naming the first, where a file is not what it should be.

    listed      rows with `path` and `sha256`, and the files that were read for them
    deliveries  the folder of the order's published versions
    """
    before = Before(deliveries)
    differences = [found for row, file in listed if (found := _difference(row, file, before))]
    for each in differences:
        print(f"{each.path}: found {each.found}, expected {each.expected}")
    made.refuse(differences)


class Before:
    """The newest version that was published: path -> SHA-256 in the clear, and when (ns since 1970)."""

    def __init__(self, deliveries: Path):
        listing = next((version / LISTING for version in reversed(versions(deliveries))), None)
        there = listing is not None and listing.is_file()
        self.digests = {row["path"]: row["sha256"] for row in read_tsv(listing)} if there else {}
        self.published = listing.stat().st_mtime_ns if there else 0
        self.name = listing.parent.name if there else ""


def _difference(row: dict, file: Path, before: Before) -> made.Difference | None:
    if found := made.difference(file, row["sha256"]):
        return found
    record, old = made.recorded(file), before.digests.get(row["path"])
    if record and (record["made"] > before.published - SKEW or old is None):
        return None
    if old is None:
        return made.Difference(file, "a file of which no job left a record", AGAIN)
    if old != row["sha256"]:
        expected = f"{old}, as in {before.name}, since when no job made it anew"
        return made.Difference(file, f"SHA-256 {row['sha256']}", expected)
    return None
