"""BGZF, the blocked gzip of BAM: its blocks with their CRCs, decompressed in pieces of a few megabytes."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from isal import isal_zlib

from scripts.intake.source import BGZF_END, GZIP_ERRORS, Source
from scripts.lib.refusal import Refusal

READ = 1 << 22
CAPACITY = 1 << 24  # bytes of a piece; larger ones cost page faults
HEADROOM = 1 << 16  # in front of a piece, for the record that the piece before has cut
AHEAD = 3  # pieces in memory: one is checked while two are decompressed
BGZF_HEAD = struct.Struct("<4s8x4sH")  # gzip magic with extra field, subfield BC of 2 bytes, block size - 1
LARGEST_BLOCK = 1 << 16
SLACK = 1 << 12

# (buffer, start of the content, its end); SLACK bytes follow the content
Piece = tuple[bytearray, int, int]


def pieces(source: Source) -> Iterator[Piece]:
    """The decompressed content in pieces, each good until the next is asked for.

    One thread reads and hashes, two decompress; what any of them refuses is raised where it stands in the file.
    """
    blocks, size = Blocks(source), HEADROOM + CAPACITY + SLACK
    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(2) as inflaters:

        def fill(buffer: bytearray | None) -> Future:
            span = reader.submit(blocks.following)
            return inflaters.submit(lambda: blocks.unpack(span.result(), buffer or bytearray(size)))

        filling = deque(fill(None) for _ in range(AHEAD))
        while piece := filling.popleft().result():
            if piece[1] < piece[2]:
                yield piece
            filling.append(fill(piece[0]))


class Span(NamedTuple):
    """Whole blocks as they stand in the file from `offset` on, and where they go in a piece."""

    packed: bytes
    offset: int
    ends: list[int]  # of the blocks, in `packed`
    end: int  # of the content, in the piece


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
        self._tail = b""

    def following(self) -> Span | None:
        """The next blocks, as many as a piece holds; None at the end of the file."""
        view = memoryview(self._raw)
        while True:
            more = self._source.readinto(view[self._filled :]) if self._filled < READ else -1
            self._filled += max(0, more)
            ends, end = self._whole_blocks()
            if ends:
                span = Span(bytes(view[: ends[-1]]), self._offset, ends, end)
                self._drop(ends[-1])
                return span
            if not more:
                self._see_end()
                return None

    def unpack(self, span: Span | None, buffer: bytearray) -> Piece | None:
        """Fill the buffer with a span's content."""
        if span:
            self._inflate(span, memoryview(buffer)[HEADROOM : span.end])
            return buffer, HEADROOM, span.end
        return None

    def _whole_blocks(self) -> tuple[list[int], int]:
        """(where blocks end in the file's bytes, the piece's end)."""
        raw, position, ends, end = self._raw, 0, [], HEADROOM
        while self._filled - position >= BGZF_HEAD.size and end <= HEADROOM + CAPACITY - LARGEST_BLOCK:
            magic, extra, size = BGZF_HEAD.unpack_from(raw, position)
            if magic != b"\x1f\x8b\x08\x04" or extra != b"BC\x02\x00":
                raise self._refusal(self._offset + position, "no BGZF block", "a BGZF block (damaged file)")
            if position + size + 1 > self._filled:
                break
            content = int.from_bytes(raw[position + size - 3 : position + size + 1], "little")
            if content > LARGEST_BLOCK:
                raise self._refusal(
                    self._offset + position, f"a BGZF block of {content} bytes", "at most 65536 (damaged file)"
                )
            position, end = position + size + 1, end + content
            ends.append(position)
        return ends, end

    def _inflate(self, span: Span, target: memoryview) -> None:
        # The library's public functions copy what they decompress once or twice more, a fifth of the time in all.
        reader, done = isal_zlib._GzipReader(span.packed), 0
        try:
            while done < len(target) and (count := reader.readinto(target[done:])):
                done += count
            sound = done == len(target) and not reader.read(1)  # the last block's CRC is looked at only here
        except GZIP_ERRORS:
            sound = False
        if not sound:
            raise self._damage(span)

    def _damage(self, span: Span) -> Refusal:
        """Which of the blocks is damaged."""
        for start, end in zip([0, *span.ends], span.ends, strict=False):
            block, place = span.packed[start:end], span.offset + start
            try:
                content = isal_zlib.decompress(block, 31, LARGEST_BLOCK)
            except GZIP_ERRORS as error:
                return self._refusal(place, f"damaged data ({error})", "undamaged data")
            if len(content) != int.from_bytes(block[-4:], "little"):
                return self._refusal(place, "damaged data (another length than it tells)", "undamaged data")
        return self._refusal(span.offset, "damaged data (bytes between the blocks)", "undamaged data")

    def _drop(self, count: int) -> None:
        self._tail = bytes(self._raw[max(0, count - len(BGZF_END)) : count])
        self._raw[: self._filled - count] = self._raw[count : self._filled]
        self._filled, self._offset = self._filled - count, self._offset + count

    def _see_end(self) -> None:
        if self._filled:
            raise self._refusal(self._offset, f"{self._filled} bytes of a cut BGZF block", "a whole file (truncated)")
        if self._tail != BGZF_END:
            expected = "the empty BGZF block that ends every BAM file (truncated)"
            raise self._source.refusal("", "no end-of-file marker", expected)

    def _refusal(self, position: int, found: str, expected: str) -> Refusal:
        return self._source.refusal(f"BGZF block at byte {position}", found, expected)
