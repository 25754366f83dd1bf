"""Checksums of files, read once in large blocks."""

from __future__ import annotations

import hashlib
import os
from typing import IO, Any


def sha256(path: str | os.PathLike) -> str:
    """SHA-256 of a file's bytes as 64 hexadecimal digits."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


class Hashed:
    """A binary file whose SHA-256 is taken of everything that is read from it or written to it on the way."""

    def __init__(self, handle: IO[bytes]):
        self._handle: Any = handle  # that IO lacks `readinto` is a gap in the types
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._handle.read(size)
        self._digest.update(block)
        return block

    def readinto(self, buffer: bytearray) -> int:
        count = self._handle.readinto(buffer)
        self._digest.update(memoryview(buffer)[:count])
        return count

    def write(self, block: bytes) -> int:
        self._digest.update(block)
        return self._handle.write(block)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()
