"""What jobs made: the SHA-256 of every output, recorded beside it as its job ends, and held against it by who reads it.

A record is `.made/{name}.json` in the folder of the file, with `sha256`, `size` and `made` (when, in ns since 1970).
Every job goes through scripts/lib/vouching.py, whether it is a script or a shell command. So a file that was cut,
altered or exchanged since, with its time kept, as after a power cut or a half restored copy, goes into nothing else.

A job compares the size of all that it reads, and the digest of what is small; who lists, describes or publishes a
package compares all digests (scripts/delivery/manifest.py). Where no record is, because a version of Filiera that kept
none made the file, there is nothing to compare.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scripts.lib.checksums import sha256
from scripts.lib.files import read_json, write_json
from scripts.lib.job import RUN
from scripts.lib.refusal import Refusal

FOLDER = ".made"
SMALL = 16 << 20  # bytes up to which whoever reads a file compares its digest too
LATE = 5.0  # seconds that a file may take to appear, as it does on network disks; who waits longer makes it again
MOST = 10  # files that a message names for the shell
DIFFERING = "differing"  # in the folder of a run: lists of the files that are not what their jobs made


def _beside(path: Path) -> Path:
    return path.parent / FOLDER / f"{path.name}.json"


def record(paths: Iterable[str | Path]) -> None:
    """Record what was made just now, once it is on the disk. Links lead to what was received, which intake read."""
    last = time.monotonic() + LATE
    for path in map(Path, paths):
        while not path.exists() and time.monotonic() < last:
            time.sleep(0.1)
        if path.is_file() and not path.is_symlink():
            with open(path, "rb") as handle:
                os.fsync(handle.fileno())
            about = {"sha256": sha256(path), "size": path.stat().st_size, "made": time.time_ns()}
            write_json(_beside(path), about)
            if not path.stat().st_mode & 0o004:
                # The folder may be of before anybody said that the order is human.
                folder = _beside(path).parent
                folder.chmod(folder.stat().st_mode & 0o770)


def recorded(path: str | Path) -> dict | None:
    """The record of a file; None where there is none, or not a whole one."""
    try:
        found = read_json(_beside(Path(path)))
        return found if found.keys() == {"sha256", "size", "made"} else None
    except (OSError, ValueError, AttributeError):
        return None


@dataclass(frozen=True)
class Difference:
    """A file that is not what its job made."""

    path: Path
    found: str
    expected: str


def difference(path: str | Path, digest: str = "") -> Difference | None:
    """Where a file is not what its job made; None where it is, or where nothing is known of it.

    digest  its SHA-256, where somebody read all of it anyhow
    """
    path, known = Path(path), recorded(path)
    if known is None:
        return None
    expected = f"{known['size']:,} bytes with SHA-256 {known['sha256']}, as the job that made it recorded"
    if not path.is_file():
        return Difference(path, "no file", expected)
    if (size := path.stat().st_size) != known["size"]:
        return Difference(path, f"{size:,} bytes", expected)
    digest = digest or (sha256(path) if size <= SMALL else known["sha256"])
    return None if digest == known["sha256"] else Difference(path, f"SHA-256 {digest}", expected)


def check(paths: Iterable[str | Path]) -> None:
    """Raises Refusal where any of these files is not what its job made."""
    refuse(found for path in paths if (found := difference(path)))


def refuse(differences: Iterable[Difference]) -> None:
    """Raises Refusal for files that are not what their jobs made; in a run, the launcher finds them listed."""
    found = list(differences)
    if not found:
        return
    if folder := os.environ.get(RUN):
        paths = sorted(str(each.path) for each in found)
        write_json(Path(folder, DIFFERING, hashlib.sha256("\n".join(paths).encode()).hexdigest()[:16]), paths)
    more = f" (and {len(found) - 1} more files)" if found[1:] else ""
    cure = f"it was cut, altered or exchanged since: rm {shlex.join(str(each.path) for each in found[:MOST])}, and run"
    raise Refusal(str(found[0].path), found[0].found + more, found[0].expected, f"{cure} again, which makes it anew")


def differing(folder: Path) -> set[Path]:
    """What the jobs of a run (its folder) found not to be what was made. It is told once."""
    found: set[Path] = set()
    for path in (folder / DIFFERING).glob("*"):
        found |= set(map(Path, read_json(path)))
        path.unlink()
    return found
