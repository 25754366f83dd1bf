"""BagIt 1.0 (RFC 8493): the tag files beside `data/` by which anybody proves a package whole, even with sha256sum."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from scripts.lib.checksums import sha256
from scripts.lib.files import regular, written
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Order

DECLARATION, INFO = "bagit.txt", "bag-info.txt"
DATA = "data/"  # all that is delivered; what stands beside it is about it
PAYLOAD, TAGS = "manifest-sha256.txt", "tagmanifest-sha256.txt"


def write_digests(path: Path, digests: Mapping[str, str]) -> None:
    """`{sha256}  {path}` a line, sorted by path, as sha256sum reads it."""
    _write(path, "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)))


def read_digests(path: Path) -> dict[str, str]:
    """Path -> SHA-256 of a manifest. Raises Refusal on a line that is none, that names a file a second time, or that
    leads out of the package; OSError when it is no regular file."""
    with regular(path) as handle:
        *lines, end = handle.read().decode("utf-8", "replace").split("\n")
    digests: dict[str, str] = {}
    for number, line in enumerate([*lines, *filter(None, [end])], 1):
        parts = re.fullmatch(r"([0-9a-fA-F]{64})[ \t]+\*?([^\x00-\x20][^\x00-\x1f]*)", line)
        name = parts[2] if parts else ""
        if not parts or name in digests or name.startswith(("/", "~")) or ".." in name.split("/"):
            found = f"{line[:80]!r}{', a second time' if name in digests else ''}"
            expected = "a SHA-256 and the path of a file in the package, each file once"
            cure = "it was altered: ask for the package again"
            raise Refusal(f"{path.name}, line {number}", found, expected, cure)
        digests[name] = parts[1].lower()
    return digests


def seal(folder: Path, digests: Mapping[str, str], about: Mapping[str, str]) -> None:
    """Make a bag of `folder`, whose other files all stand there already.

    digests  path -> SHA-256 of the whole payload; every path begins with `data/`
    about    what bag-info.txt says besides; no date, so that the same package is always the same bag
    """
    _write(folder / DECLARATION, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    size = sum((folder / path).stat().st_size for path in digests)
    info = {**about, "Payload-Oxum": f"{size}.{len(digests)}"}
    _write(folder / INFO, "".join(f"{key}: {' '.join(value.split())}\n" for key, value in info.items()))
    write_digests(folder / PAYLOAD, digests)
    tags = {path.name: sha256(path) for path in folder.iterdir() if path.is_file() and path.name != TAGS}
    write_digests(folder / TAGS, tags)


def about(order: Order) -> dict[str, str]:
    """Whose package it is, in bag-info.txt's words."""
    return {
        "Source-Organization": order.facility.name,
        "Contact-Email": order.facility.contact,
        "Bag-Group-Identifier": order.id,
        "External-Description": order.service.title,
    }


def fingerprint(package: Path) -> str:
    """One SHA-256 that stands for the whole package: its last manifest's, through which every byte is vouched for."""
    return sha256(package / TAGS)


def _write(path: Path, text: str) -> None:
    with written(path) as handle:
        handle.write(text)
