"""One received file, read once: every byte goes through the checksums on its way to the checker.

Opening never hangs and never raises anything but a Refusal: not on a directory, a pipe, a broken link, an unreadable
or an empty file. A file that changes between the first and the last byte is refused too.
"""

from __future__ import annotations

import errno
import hashlib
import io
import math
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from isal import igzip, isal_zlib

from scripts.intake import sniff
from scripts.lib.gzips import Members
from scripts.lib.refusal import Refusal

BLOCK = 1 << 20
STEP = 1 << 8
RESERVED_FLAGS = 0xE0  # RFC 1952, section 2.3.1.2
MOST_NOTES = 1 << 16  # of members of gzip; nobody joins as many files
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
UNFINISHED = "The file ends without bgzip's last, empty block: it may have been cut."
SEND_AGAIN = "copy or export the file again and compare checksums"


def shown(path: str | os.PathLike) -> str:
    """A file's name as it may stand in a one-line message: no folder, no control characters."""
    name = os.path.basename(os.fsdecode(path)) or os.fsdecode(path)
    clean = "".join(char if char.isprintable() else char.encode("unicode_escape", "replace").decode() for char in name)
    return f"'{clean}'" if clean != name or " " in name or "'" in name or '"' in name else clean


class Source(io.RawIOBase):
    """A binary file whose bytes are hashed as they are read, in order, once.

    Attributes: name (for messages), size (bytes), head (first bytes as received), packed (gzip outside), bgzf
    (gzip in the blocked form of BAM and bgzip), kind (what is inside, see sniff), trouble (why the first bytes do not
    unpack, or None), notes (what the headers of gzip members say, as far as it was read).
    """

    def __init__(self, path: str | os.PathLike, want_md5: bool = False):
        super().__init__()
        self.path = Path(os.fsdecode(path))
        self.name = shown(path)
        self._handle, self._before = _opened(self.path, self.name)
        self.size = self._before.st_size
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False) if want_md5 else None
        self.read_bytes = 0
        try:
            self.head = os.pread(self._handle.fileno(), 1 << 16, 0)
        except OSError as error:
            self._handle.close()
            raise self._unreadable(error) from None
        self.packed = self.head.startswith(b"\x1f\x8b")
        self.bgzf = self.packed and self.head[3:4] == b"\x04" and self.head[12:16] == b"BC\x02\x00"
        inside, self.trouble = _inflated(self.head) if self.packed else (self.head, None)
        self.kind = sniff.found(inside)
        self._members = Members() if self.packed and not self.bgzf else None
        self.notes: set[str] = set()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        try:
            count = self._handle.readinto(buffer)
        except OSError as error:
            raise self._unreadable(error) from None
        if count:
            part = memoryview(buffer)[:count]
            self._sha256.update(part)
            if self._md5:
                self._md5.update(part)
            self.read_bytes += count
            self._note(part)
        return count

    def _note(self, block: memoryview | bytes) -> None:
        if self._members and len(self.notes) < MOST_NOTES:
            self.notes |= {text for _, text in self._members.add(block)}

    def _unreadable(self, error: OSError) -> Refusal:
        return Refusal(
            self.name,
            f"a read error after {self.read_bytes} bytes ({error.strerror})",
            "a readable file",
            "check the disk or the network share, then copy the file again",
        )

    def close(self) -> None:
        self._handle.close()
        super().close()

    def payload(self) -> io.RawIOBase | igzip.IGzipFile:
        """The content, decompressed where gzip is outside; errors of the stream are for `told` to explain."""
        return igzip.IGzipFile(fileobj=self, mode="rb") if self.packed else self

    def finish(self) -> dict[str, str]:
        """Read what is left, see that the file stood still, and return {sha256, md5 where wanted}."""
        scratch = bytearray(BLOCK)
        while self.readinto(scratch):
            pass
        self._note(b"")
        now = os.fstat(self._handle.fileno())
        try:
            there = os.stat(self.path)
        except OSError:
            there = None
        if (
            self.read_bytes != self.size
            or _state(now) != _state(self._before)
            or not there
            or (there.st_ino != now.st_ino)
        ):
            raise Refusal(
                self.name,
                "a file that changed while it was read",
                "a file that nobody writes to any more",
                "wait until the copy has finished, then start again",
            )
        sums = {"sha256": self._sha256.hexdigest()}
        return sums | {"md5": self._md5.hexdigest()} if self._md5 else sums

    def unfinished(self) -> bool:
        """bgzip without the empty block that its writers put last: whole, or cut between two blocks."""
        end = os.pread(self._handle.fileno(), len(BGZF_END), max(0, self.size - len(BGZF_END)))
        return self.bgzf and end != BGZF_END

    def refusal(self, where: str, found: str, expected: str, cure: str = SEND_AGAIN) -> Refusal:
        return Refusal(f"{self.name}{', ' + where if where else ''}", found, expected, cure)

    def told(self, error: Exception, where: str) -> Refusal:
        """An error of the decompressor, as a Refusal."""
        if isinstance(error, EOFError):
            found = "a gzip stream that ends too early (truncated)"
        elif "not a gzipped file" in str(error).lower():
            found = "bytes that are not gzip behind the end of the gzip data"
        elif "crc" in str(error).lower() or "length" in str(error).lower():
            found = f"damaged gzip data ({str(error).split(' 0x')[0].strip()})"
        else:
            found = f"damaged gzip data ({error})"
        return self.refusal(where, found, "a complete, undamaged gzip file")


GZIP_ERRORS = (EOFError, igzip.BadGzipFile, isal_zlib.error)


def _opened(path: Path, name: str):
    try:
        # Without O_NONBLOCK, opening a named pipe waits for a writer for ever.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise _cannot_open(path, name, error) from None
    state = os.fstat(number)
    if not stat.S_ISREG(state.st_mode):
        os.close(number)
        kind = "a directory" if stat.S_ISDIR(state.st_mode) else "a pipe, socket or device"
        raise Refusal(name, kind, "a file", "name the file itself")
    if not state.st_size:
        os.close(number)
        raise Refusal(name, WORD_EMPTY, "data", "export or copy the file again")
    return os.fdopen(number, "rb", buffering=0), state


WORD_EMPTY = sniff.WORDS["empty"]


def _cannot_open(path: Path, name: str, error: Exception) -> Refusal:
    code = getattr(error, "errno", None)
    if code == errno.ENOENT and path.is_symlink():
        return Refusal(name, "a symbolic link to a file that does not exist", "a file", "restore the file or the link")
    if code == errno.ELOOP:
        return Refusal(name, "a symbolic link that leads back to itself", "a file", "repair the link")
    if code in (errno.ENOENT, errno.ENOTDIR):
        return Refusal(name, "no such file", "a file", "check the name and the folder")
    if code in (errno.EACCES, errno.EPERM):
        return Refusal(name, "a file that may not be read", "a readable file", "give read permission (chmod +r)")
    if code == errno.ENXIO:
        return Refusal(name, "a pipe, socket or device", "a file", "name the file itself")
    reason = getattr(error, "strerror", None) or str(error)
    return Refusal(name, f"a file that cannot be opened ({reason})", "a readable file", "check the name and the disk")


def _state(state: os.stat_result) -> tuple[int, int]:
    return state.st_size, state.st_mtime_ns


def _inflated(head: bytes) -> tuple[bytes, Exception | None]:
    """The first bytes inside gzip, as many as the head allows, and what went wrong after them.

    Its first members may be empty: where the files of several lanes were joined, and one lane had no reads.
    """
    stream, inside, whole = isal_zlib.decompressobj(wbits=31), b"", False
    if len(head) > 3 and head[3] & RESERVED_FLAGS:  # other readers refuse them, ours passes over them
        return b"", isal_zlib.error("unknown flags in its header")
    try:
        # In small steps: what was unpacked before a damage tells what the file is.
        for start in range(0, len(head), STEP):
            part = head[start : start + STEP]
            while part:
                inside += stream.decompress(part, 1 << 16)
                part, whole = stream.unused_data, stream.eof
                if whole:
                    stream = isal_zlib.decompressobj(wbits=31)
            if len(inside) >= 1 << 14:
                return inside, None
    except isal_zlib.error as error:
        return inside, error
    return inside, None if inside or whole else EOFError()


def check_sums(source: Source, sums: dict[str, str], stated: dict[str, str]) -> None:
    """Compare with the sheet's checksums; letters may be of either case."""
    for name, value in sorted(stated.items()):
        if value and sums.get(name) != value.strip().lower():
            raise Refusal(
                source.name,
                f"{name} {sums.get(name)}",
                f"{value.strip().lower()} as the sheet says",
                "copy the file again, or correct the sheet if the file was replaced on purpose",
            )


class TooLong(ValueError):
    """A line that is longer than who reads it can take."""


def lines_of(payload: IO[bytes], longest: float = math.inf) -> Iterator[bytes]:
    """The lines of a stream with their ends; the last may have none. Long ones are joined once, whatever their length.

    Raises TooLong where a line goes on after so many bytes, and whatever reading the stream raises.
    """
    parts: list[bytes] = []
    size = 0
    while block := payload.read(BLOCK):
        *whole, rest = block.split(b"\n")
        for line in whole:
            yield b"".join([*parts, line, b"\n"])
            parts, size = [], 0
        parts.append(rest)
        size += len(rest)
        if size > longest:
            raise TooLong
    if last := b"".join(parts):
        yield last
