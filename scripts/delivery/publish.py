"""Publishing: a staged package becomes version n below deliveries/, once, and is never touched again.

This is the launcher's act and no rule's: Snakemake must not be able to overwrite what a scientist was given.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from scripts.delivery import bag, changes, crypt
from scripts.delivery.versions import LISTING, versions
from scripts.lib import made
from scripts.lib.checksums import Hashed
from scripts.lib.files import read_tsv, remove_tree
from scripts.lib.refusal import Refusal

BLOCK = 1 << 20
CLEAR = "decrypted-sha256.txt"  # digests of an encrypted payload's clear bytes, as sha256sum reads them


@dataclass(frozen=True)
class Published:
    """The newest version, and whether it was made just now."""

    version: Path
    new: bool


def is_version_of(version: Path, staged: Path, recipients: Sequence[str] = ()) -> bool:
    """Whether a published version is what is staged now, for these recipients."""
    manifest = version / LISTING
    same = manifest.is_file() and manifest.read_bytes() == (staged / LISTING).read_bytes()
    return same and crypt.read_recipients(version) == tuple(recipients)


def publish(
    staged: Path,
    folder: Path,
    about: Mapping[str, str] | None = None,
    recipients: Sequence[str] = (),
    reason: str = "",
    known: int = 0,
) -> Published | None:
    """Make `folder`/v{n+1} of what the staged manifest lists, unless the newest version already is just that.

    about       fields of bag-info.txt: whose package it is
    recipients  public keys, sorted, for which every payload file is encrypted; none: it is delivered in the clear
    reason      why there is another version, for its CHANGES.md
    known       the newest version that the ledger knows: its number is not used again, even if it is there no more

    None when the manifest lists nothing, because nothing was accepted; earlier versions stay what they are.

    Every file is read while it is copied, and held against the manifest: a staged file that changed after it was
    listed raises Refusal, and nothing is published. What tells one version from another of the same content (its
    number, what changed, for whom it is encrypted) lies beside the payload `data/`, never in it.
    """
    earlier = versions(folder)
    if earlier and is_version_of(earlier[-1], staged, recipients):
        return Published(earlier[-1], new=False)
    made.check([staged / LISTING])
    rows = read_tsv(staged / LISTING)
    if not rows:
        return None
    number = max([known, *(int(path.name[1:]) for path in earlier)]) + 1
    part, final = folder / f".part-v{number}", folder / f"v{number}"
    remove_tree(part)  # left by a publication that was killed
    payload, clear = {}, {}
    for row in rows:
        if not row["path"].startswith(bag.DATA):
            _copy(staged, part, row)
            continue
        clear[row["path"]] = row["sha256"]
        if recipients:
            payload[row["path"] + crypt.SUFFIX] = _encrypt(staged, part, row, recipients)
        else:
            payload[row["path"]] = _copy(staged, part, row)
    shutil.copyfile(staged / LISTING, part / LISTING)
    if recipients:
        crypt.write_recipients(part, recipients)
        bag.write_digests(part / CLEAR, clear)
    if earlier:
        changes.write(part, earlier[-1], final.name, reason)
    about = dict(about or {})
    about["External-Identifier"] = f"{about.get('Bag-Group-Identifier', '')}/{final.name}"
    bag.seal(part, payload, about)
    _freeze(part)
    os.rename(part, final)
    _sync(folder)
    return Published(final, new=True)


def _copy(staged: Path, part: Path, row: Mapping[str, str]) -> str:
    """Copy a staged file; returns its digest."""
    with open(staged / row["path"], "rb") as clear, _new(part / row["path"]) as handle:
        read = Hashed(clear)
        while block := read.read(BLOCK):
            handle.write(block)
    return _as_listed(read.hexdigest(), staged, row)


def _encrypt(staged: Path, part: Path, row: Mapping[str, str], recipients: Sequence[str]) -> str:
    """Encrypt a staged file, so that its clear bytes are nowhere but where they are staged; returns the new digest."""
    with open(staged / row["path"], "rb") as clear, _new(part / (row["path"] + crypt.SUFFIX)) as handle:
        read, written = Hashed(clear), Hashed(handle)
        crypt.encrypt(read, written, recipients)
    _as_listed(read.hexdigest(), staged, row)
    return written.hexdigest()


def _new(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return open(path, "xb")


def _as_listed(digest: str, staged: Path, row: Mapping[str, str]) -> str:
    if digest != row["sha256"]:
        raise Refusal(
            str(staged / row["path"]),
            f"SHA-256 {digest}",
            f"{row['sha256']}, as its manifest says",
            "it changed after it was listed: delete it and run again",
        )
    return digest


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
