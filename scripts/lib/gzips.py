"""What headers of gzip members say (RFC 1952, 2.3.1): file name and comment, which `gzip` notes unless told not to.

Members are found by their first bytes, without unpacking what stands before: what compressed data hold by chance is no
text that anybody knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

#: The begin of a member that has a name or a comment: deflate, none of the reserved flags, one of these two.
MEMBER = re.compile(rb"\x1f\x8b\x08[\x08-\x1f]")
LONGEST = 1 << 12  # bytes of a header that are looked at
BLOCK = 1 << 20


class Members:
    """Takes a gzip file block by block, and gives (field, text) of every member that began so far."""

    def __init__(self):
        self._rest = b""

    def add(self, block: bytes | memoryview) -> Iterator[tuple[str, str]]:
        """What begins in the blocks before this one; the next call tells what begins in this."""
        data, self._rest = self._rest + bytes(block), b""
        for match in MEMBER.finditer(data):
            if block and match.start() + LONGEST > len(data):
                self._rest = data[match.start() :]
                return
            yield from _header(data[match.start() : match.start() + LONGEST])
        self._rest = data[-3:]


def notes(file: BinaryIO, most: int) -> Iterator[tuple[str, str]]:
    """(field, text) of every member that begins in the first bytes of a gzip file."""
    members = Members()
    while most > 0 and (block := file.read(min(BLOCK, most))):
        most -= len(block)
        yield from members.add(block)
    yield from members.add(b"")


def _header(head: bytes) -> Iterator[tuple[str, str]]:
    flags, rest = head[3], head[10:]
    if flags & 4:
        rest = rest[2 + int.from_bytes(rest[:2], "little") :]
    for bit, field in ((8, "file name"), (16, "comment")):
        if flags & bit:
            text, _, rest = rest.partition(b"\0")
            yield field, text.decode("latin-1")
