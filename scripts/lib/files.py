"""Writing so that a killed job never leaves half a file under its final name."""

from __future__ import annotations

import csv
import errno
import fcntl
import json
import os
import re
import shutil
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from scripts.lib.refusal import Refusal


@contextmanager
def aside(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a neighbouring path to write to; rename it to `path` when the block ends well, remove it when not.

    The neighbour keeps the file's suffixes, because many writers choose the format by them.
    """
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    part = final.with_name(f".part-{os.getpid()}-{final.name}")
    try:
        yield part
        os.replace(part, final)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def xml_aside(path: str | os.PathLike) -> Iterator[Path]:
    """Like `aside`, for libraries that write XML and say nothing when the disk is full: raises OSError where the
    document does not end as it begins."""
    with aside(path) as part:
        yield part
        check_xml_ends(part)


def check_xml_ends(path: Path) -> None:
    """Raise OSError if a document that was just written does not end as it begins."""
    with open(path, "rb") as handle:
        root = re.search(rb"<([A-Za-z][\w:.-]*)", handle.read(1 << 12))
        handle.seek(max(0, path.stat().st_size - 100))
        end = handle.read().rstrip()
    if not root or not end.endswith(b"</" + root[1] + b">"):
        raise OSError(errno.EIO, "it ends too early: the disk is full, or was", str(path))


@contextmanager
def written(path: str | os.PathLike, mode: str = "w") -> Iterator[IO]:
    """Like `aside`, but yields the open file; text is UTF-8 with Unix line ends."""
    text: dict[str, Any] = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
    with aside(path) as part, open(part, mode, **text) as handle:
        yield handle


def regular(path: str | os.PathLike) -> IO[bytes]:
    """Open a file of which nobody knows who made it: links are not followed, and what is no regular file, and could be
    without an end or make whoever reads it wait for ever, raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file", os.fspath(path))
    return open(descriptor, "rb")


def remove_tree(folder: str | os.PathLike) -> None:
    """Delete a folder and all in it, read-only folders (a published package's) too; one that is not there is well. Of a
    link nothing but itself goes."""
    if os.path.islink(folder):
        os.unlink(folder)
    for current, _, _ in os.walk(os.fspath(folder)):
        os.chmod(current, 0o700)
    if os.path.isdir(folder):
        shutil.rmtree(folder)


def sync(path: str | os.PathLike) -> None:
    """What was written to a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def held(folder: str | os.PathLike, patience: float = 120) -> Iterator[None]:
    """Wait for, then hold a folder, so that two desks do not write the same sheet at once. Raises Refusal when another
    has held it for so many seconds, or nobody can."""
    descriptor, end = os.open(folder, os.O_RDONLY), time.monotonic() + patience
    try:
        while not _taken(descriptor, folder):
            if time.monotonic() > end:
                raise Refusal(str(folder), "another desk that is still writing there", "none", "wait for its end")
            time.sleep(0.1)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int, folder: str | os.PathLike) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        cure = "put the site on one, or mount it so (Lustre: -o flock)"
        raise Refusal(str(folder), f"no lock to be had ({error.strerror})", "a file system with locks", cure) from error
    return True


def mode(path: str | os.PathLike) -> int:
    """Who may read, write and enter it."""
    return stat.S_IMODE(os.stat(path).st_mode)


@contextmanager
def kept_from_others(mask: int) -> Iterator[None]:
    """What is made meanwhile is open to fewer people: the bits of `mask` are taken away, whatever the umask leaves."""
    before = os.umask(0o077)
    os.umask(before | mask)
    try:
        yield
    finally:
        os.umask(before)


#: What reading JSON of which nobody knows who made it, and taking a value from it, may raise.
SPOILT = (AttributeError, KeyError, OSError, OverflowError, RecursionError, TypeError, ValueError)


def read_json(path: str | os.PathLike) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_json(path: str | os.PathLike, value: Any, sort: bool = True) -> None:
    """Sorted keys, unless their order says something, and a final newline: the same value is always the same bytes.
    NaN is refused (not JSON)."""
    with written(path) as handle:
        handle.write(json.dumps(value, indent=2, sort_keys=sort, ensure_ascii=False, allow_nan=False) + "\n")


def read_tsv(path: str | os.PathLike) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def write_tsv(path: str | os.PathLike, columns: list[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write one header line and one line a row; None becomes an empty cell, floats keep every digit."""
    with written(path) as handle:
        writer = csv.DictWriter(handle, columns, delimiter="\t", lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def states(paths: Iterable[str | os.PathLike]) -> list[list[int]]:
    """Size and time of files: who has them has seen these bytes."""
    return [[each.st_size, each.st_mtime_ns] for each in map(os.stat, paths)]
