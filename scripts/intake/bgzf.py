"""BGZF, the blocked gzip of BAM: its blocks with their CRCs, decompressed in pieces of a few megabytes."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from isal import isal_zlib

from scripts.intake.source import BGZF_END, GZIP_ERRORS, Source
from scripts.lib.refusal import Refusal

READ = 1 << 22
CAPACITY = 1 << 24  # bytes of a piece: blocks walked side by side; larger ones cost page faults
HEADROOM = 1 << 16  # in front of a piece, for the record that the piece before has cut
AHEAD = 2  # pieces in memory: one is checked while the other is decompressed
BGZF_HEAD = struct.Struct("<4s8x4sH")  # gzip magic with extra field, subfield BC of 2 bytes, block size - 1
LARGEST_BLOCK = 1 << 16
SLACK = 1 << 12

# (buffer, start of the content, its end, where blocks start in it); SLACK bytes follow the content
Piece = tuple[bytearray, int, int, list[int]]


def pieces(source: Source) -> Iterator[Piece]:
    """The decompressed content in pieces, each good until the next is asked for; a second thread works ahead."""
    blocks, size = Blocks(source), HEADROOM + CAPACITY + SLACK
    with ThreadPoolExecutor(1) as thread:
        filling = deque(thread.submit(lambda: blocks.unpack(bytearray(size))) for _ in range(AHEAD))
        while (piece := filling.popleft().result())[3]:
            yield piece
            filling.append(thread.submit(blocks.unpack, piece[0]))


class Blocks:
    """The BGZF blocks of a file, decompressed many at once, each with its CRC and length verified.

    Many at once, because the thread that checks goes on only while the decompressor is left alone: at each block, the
    two would wait for Python's lock.
    """

    def __init__(self, source: Source):
        if not source.packed:
            raise source.refusal(
                "", "BAM that is not compressed", "BAM in blocked gzip (BGZF)", "samtools view -b writes it"
            )
        if not source.bgzf:
            cure = "write it again (samtools view -b)"
            raise source.refusal("", "BAM in plain gzip", "BAM in blocked gzip (BGZF)", cure)
        self._source, self._raw = source, bytearray(READ)
        self._filled = self._offset = 0  # bytes in the buffer, and where in the file they start
        self._tail, self._ended = b"", False

    def unpack(self, buffer: bytearray) -> Piece:
        """Fill the buffer with the next blocks; a piece without blocks is the end of the file."""
        view = memoryview(self._raw)
        while True:
            if self._filled < len(self._raw):
                more = self._source.readinto(view[self._filled :])
                self._filled, self._ended = self._filled + more, not more
            ends, starts, end = self._whole_blocks()
            if ends:
                self._inflate(view[: ends[-1]], ends, memoryview(buffer)[HEADROOM:end])
                self._drop(ends[-1])
            if starts:
                return buffer, HEADROOM, end, starts
            if self._ended and not ends:
                self._see_end()
                return buffer, HEADROOM, HEADROOM, []

    def _whole_blocks(self) -> tuple[list[int], list[int], int]:
        """(where blocks end in the file's bytes, where those with content start in the piece, the piece's end)."""
        raw, position, ends, starts, end = self._raw, 0, [], [], HEADROOM
        while self._filled - position >= BGZF_HEAD.size and end <= HEADROOM + CAPACITY - LARGEST_BLOCK:
            magic, extra, size = BGZF_HEAD.unpack_from(raw, position)
            if magic != b"\x1f\x8b\x08\x04" or extra != b"BC\x02\x00":
                raise self._refusal(position, "no BGZF block", "a BGZF block (damaged file)")
            if position + size + 1 > self._filled:
                break
            content = int.from_bytes(raw[position + size - 3 : position + size + 1], "little")
            if content > LARGEST_BLOCK:
                raise self._refusal(position, f"a BGZF block of {content} bytes", "at most 65536 (damaged file)")
            if content:
                starts.append(end)
            position, end = position + size + 1, end + content
            ends.append(position)
        return ends, starts, end

    def _inflate(self, packed: memoryview, ends: list[int], target: memoryview) -> None:
        # The library's public functions copy what they decompress once or twice more, a fifth of the time in all.
        reader, done = isal_zlib._GzipReader(packed), 0
        try:
            while done < len(target) and (count := reader.readinto(target[done:])):
                done += count
            sound = done == len(target) and not reader.read(1)  # the last block's CRC is looked at only here
        except GZIP_ERRORS:
            sound = False
        if not sound:
            raise self._damage(packed, ends)

    def _damage(self, packed: memoryview, ends: list[int]) -> Refusal:
        """Which of the blocks is damaged."""
        for start, end in zip([0, *ends], ends, strict=False):
            try:
                content = isal_zlib.decompress(packed[start:end], 31, LARGEST_BLOCK)
            except GZIP_ERRORS as error:
                return self._refusal(start, f"damaged data ({error})", "undamaged data")
            if len(content) != int.from_bytes(packed[end - 4 : end], "little"):
                return self._refusal(start, "damaged data (another length than it tells)", "undamaged data")
        return self._refusal(0, "damaged data (bytes between the blocks)", "undamaged data")

    def _drop(self, count: int) -> None:
        self._tail = bytes(self._raw[max(0, count - len(BGZF_END)) : count])
        self._raw[: self._filled - count] = self._raw[count : self._filled]
        self._filled, self._offset = self._filled - count, self._offset + count

    def _see_end(self) -> None:
        if self._filled:
            raise self._refusal(0, f"{self._filled} bytes of a cut BGZF block", "a whole file (truncated)")
        if self._tail != BGZF_END:
            expected = "the empty BGZF block that ends every BAM file (truncated)"
            raise self._source.refusal("", "no end-of-file marker", expected)

    def _refusal(self, position: int, found: str, expected: str) -> Refusal:
        return self._source.refusal(f"BGZF block at byte {self._offset + position}", found, expected)
