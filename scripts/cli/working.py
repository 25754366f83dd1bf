"""Clear copies of human data that an order's work leaves in results/: where they are, and when they go.

The staged payload goes as soon as its encrypted version stands (scripts/delivery/staging.py). What it was made of stays
until the order is released, because most changes before that start from it: another lane, a threshold, a sample that
comes later. Afterwards a change is rare, and starts from what was received. Counts for the federation stay: they are
asked for after the release.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from scripts.cli import lock, outcome
from scripts.lib.plan.paths import ORDER, RUN, fields_of
from scripts.lib.registry import Order, Site

#: Reads, genotypes and spectra of one person, by the ends of their names: what goes with the release, and what stays.
GOING = (".bam", ".bai", ".csi", ".cram", ".crai", ".bcf", ".vcf.gz", ".tbi", ".fastq.gz")
STAYING = (".parquet", ".mzML", ".featureXML")


def copies(site: Path, order: Order) -> list[Path]:
    """The clear copies of an order's human data, relative to the site."""
    if not order.human:
        return []
    place = fields_of(order)
    folders = [ORDER.format(**place), *(RUN.format(**place, run=run.key) for _, run in order.all_runs())]
    found = {path for folder in folders for path in (site / folder).rglob("*") if path.name.endswith(GOING + STAYING)}
    found |= {path for path in (site / folders[0] / "package" / "data").rglob("*") if not path.is_dir()}
    return sorted(path.relative_to(site) for path in found)


def taken_away(site: Path, order: Order) -> Callable[[str], bool]:
    """Whether a file that is not there was there, and went because it held human data in the clear."""
    staged = outcome.staged_folder(Path(), order)
    cleared = order.human and (site / staged / "manifest.tsv").is_file() and not (site / staged / "data").exists()
    return lambda path: cleared and (path.startswith(f"{staged}/data/") or path.endswith(GOING))


def forget(site: Site, order: Order) -> int:
    """Delete what goes with an order's release, unless it is being worked on or a version is still to be published;
    returns how many files that were."""
    staged = outcome.staged_folder(site.directory, order)
    if not order.human or (staged / "data").exists() or lock.living(site.directory):
        return 0
    going = [site.directory / path for path in copies(site.directory, order) if path.name.endswith(GOING)]
    for path in going:
        path.unlink()
    return len(going)


def sentence(site: Path, order: Order) -> str:
    """Where an order's clear copies are; '' where none are."""
    paths = copies(site, order)
    if not paths:
        return ""
    size = sum((site / path).lstat().st_size for path in paths)
    folders = dict.fromkeys("/".join(path.parts[:5] if path.parts[2] == "runs" else path.parts[:4]) for path in paths)
    shown = ", ".join([*folders][:3]) + (f" and {len(folders) - 3} more folders" if len(folders) > 3 else "")
    files = f"{len(paths)} file{'s' * (len(paths) > 1)}, {size / 1e6:.1f} MB"
    until = ", some of them until its release" if any(path.name.endswith(GOING) for path in paths) else ""
    return f"{order.id}: human data in the clear, {files}{until}: {shown}"
