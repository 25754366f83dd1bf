"""Publishing: a staged package becomes version n below deliveries/, once, and is never touched again.

This is the launcher's act and no rule's: Snakemake must not be able to overwrite what a scientist was given.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.delivery import bag, changes
from scripts.lib.checksums import Hashed
from scripts.lib.files import read_tsv, remove_tree
from scripts.lib.refusal import Refusal

BLOCK = 1 << 20
LISTING = "manifest.tsv"


@dataclass(frozen=True)
class Published:
    """The newest version, and whether it was made just now."""

    version: Path
    new: bool


def versions(folder: Path) -> list[Path]:
    """The published versions of an order, oldest first."""
    found = [path for path in folder.glob("v*") if re.fullmatch(r"v[1-9]\d*", path.name)]
    return sorted(found, key=lambda path: int(path.name[1:]))


def is_version_of(version: Path, staged: Path) -> bool:
    """Whether a published version is what is staged now."""
    manifest = version / LISTING
    return manifest.is_file() and manifest.read_bytes() == (staged / LISTING).read_bytes()


def publish(staged: Path, folder: Path, about: Mapping[str, str] | None = None, reason: str = "") -> Published | None:
    """Make `folder`/v{n+1} of what the staged manifest lists, unless the newest version already is just that.

    about   fields of bag-info.txt: whose package it is
    reason  why there is another version, for its CHANGES.md

    None when the manifest lists nothing, because nothing was accepted; earlier versions stay what they are.

    Every file is read while it is copied, and held against the manifest: a staged file that changed after it was
    listed raises Refusal, and nothing is published. What tells one version from another of the same content (its
    number, what changed) lies beside the payload `data/`, never in it.
    """
    earlier = versions(folder)
    if earlier and is_version_of(earlier[-1], staged):
        return Published(earlier[-1], new=False)
    rows = read_tsv(staged / LISTING)
    if not rows:
        return None
    number = int(earlier[-1].name[1:]) + 1 if earlier else 1
    part, final = folder / f".part-v{number}", folder / f"v{number}"
    remove_tree(part)  # left by a publication that was killed
    digests = {row["path"]: _copy(staged / row["path"], part / row["path"], row["sha256"]) for row in rows}
    shutil.copyfile(staged / LISTING, part / LISTING)
    if earlier:
        changes.write(part, earlier[-1], reason)
    payload = {path: digest for path, digest in digests.items() if path.startswith("data/")}
    size = sum((part / path).stat().st_size for path in payload)
    about = dict(about or {})
    bag.seal(
        part, payload, size, about | {"External-Identifier": f"{about.get('Bag-Group-Identifier', '')}/{final.name}"}
    )
    _freeze(part)
    os.rename(part, final)
    _sync(folder)
    return Published(final, new=True)


def _copy(source: Path, target: Path, expected: str) -> str:
    """Copy a staged file that must have the digest expected; returns the digest of what was written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(source, "rb") as clear, open(target, "wb") as handle:
        read = Hashed(clear)
        while block := read.read(BLOCK):
            handle.write(block)
    if read.hexdigest() != expected:
        raise Refusal(
            str(source),
            f"SHA-256 {read.hexdigest()}",
            f"{expected}, as its manifest says",
            "it changed after it was listed: delete it and run again",
        )
    return expected


def _freeze(folder: Path) -> None:
    """Files and folders that nobody writes to by mistake (`files.remove_tree` deletes them all the same)."""
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o555 if path.is_dir() else 0o444)
        _sync(path)


def _sync(path: Path) -> None:
    """What was written, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
