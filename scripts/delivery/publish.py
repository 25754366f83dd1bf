"""Publishing: a staged package becomes version n below deliveries/, once, and is never touched again.

This is the launcher's act and no rule's: Snakemake must not be able to overwrite what a scientist was given.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from scripts.lib.files import read_tsv
from scripts.lib.refusal import Refusal

BLOCK = 1 << 20


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
    manifest = version / "manifest.tsv"
    return manifest.is_file() and manifest.read_bytes() == (staged / "manifest.tsv").read_bytes()


def publish(staged: Path, folder: Path) -> Published | None:
    """Copy what the staged manifest lists to `folder`/v{n+1}, unless the newest version already is just that.

    None when the manifest lists nothing, because nothing was accepted; earlier versions stay what they are.

    Every file is read while it is copied, and held against the manifest: a staged file that changed after it was
    listed raises Refusal, and nothing is published.
    """
    earlier = versions(folder)
    if earlier and is_version_of(earlier[-1], staged):
        return Published(earlier[-1], new=False)
    rows = read_tsv(staged / "manifest.tsv")
    if not rows:
        return None
    number = int(earlier[-1].name[1:]) + 1 if earlier else 1
    part = folder / f".part-v{number}"
    shutil.rmtree(part, ignore_errors=True)  # left by a publication that was killed
    for row in rows:
        _copy(staged / row["path"], part / row["path"], row["sha256"])
    shutil.copyfile(staged / "manifest.tsv", part / "manifest.tsv")
    for path in part.rglob("*"):
        if path.is_file():
            path.chmod(0o444)
    final = folder / f"v{number}"
    os.rename(part, final)
    return Published(final, new=True)


def _copy(source: Path, target: Path, expected: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with open(source, "rb") as read, open(target, "wb") as write:
        while block := read.read(BLOCK):
            digest.update(block)
            write.write(block)
        write.flush()
        os.fsync(write.fileno())
    if digest.hexdigest() != expected:
        raise Refusal(
            str(source),
            f"SHA-256 {digest.hexdigest()}",
            f"{expected}, as its manifest says",
            "it changed after it was listed: delete it and run again",
        )
