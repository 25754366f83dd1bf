"""Clear copies of human data: they are staged to be encrypted, and are gone as soon as that is done.

A run asks of a human order for its staged manifest alone. While that is up to date nothing is staged again, although
the payload beside it is gone; when something changes, Snakemake makes the payload anew on the way to a new manifest.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scripts.delivery import publish
from scripts.lib.files import read_tsv, remove_tree


def clear(staged: Path) -> None:
    """Delete the staged payload; README and manifest, which say what it was, stay."""
    remove_tree(staged / "data")


def settle(staged: Path, folder: Path, recipients: Sequence[str]) -> None:
    """Put right, before a run, what one that was killed left of a human order's staging.

    staged  the staged package, `folder` where its versions are published

    A payload that was published is deleted. A manifest whose payload is gone although it was never published is
    deleted, so that the run stages it again. A payload younger than its manifest is being staged anew: it stays.
    """
    listing = staged / publish.LISTING
    if not listing.is_file():
        return
    earlier = publish.versions(folder)
    if earlier and publish.is_version_of(earlier[-1], staged, recipients):
        written = listing.stat().st_mtime_ns
        if all(path.lstat().st_mtime_ns <= written for path in (staged / "data").rglob("*") if not path.is_dir()):
            clear(staged)
    elif any(not (staged / row["path"]).exists() for row in read_tsv(listing)):
        listing.unlink()
        # What was listed of the payload is read when the package is described: it has to be made again too.
        (staged.parent / "inventory.tsv").unlink(missing_ok=True)
