"""The published versions of an order."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.lib.files import read_tsv

LISTING = "manifest.tsv"  # of a version: its files as they are in the clear


def versions(folder: Path) -> list[Path]:
    """The published versions of an order, oldest first."""
    found = [path for path in folder.glob("v*") if re.fullmatch(r"v[1-9]\d*", path.name)]
    return sorted(found, key=lambda path: int(path.name[1:]))


def listed(version: Path) -> list[dict[str, str]] | None:
    """The rows of a version's listing; None where somebody took it away (`./filiera ledger --check` tells that)."""
    listing = version / LISTING
    return read_tsv(listing) if listing.is_file() else None
