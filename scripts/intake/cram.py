"""CRAM: the checksum of every block, then htslib decodes it from a pipe, so that the file is read and hashed once.

htslib sees only blocks whose checksum is right: it trusts the sizes inside, and damaged ones cost gigabytes.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator

import numpy as np
from isal import isal_zlib

from scripts.intake import header as headers
from scripts.intake.alignment import Tally
from scripts.intake.source import BLOCK, Source
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.refusal import Refusal

# CRAM specification 3.1, sections 6 to 9: https://samtools.github.io/hts-specs/CRAMv3.pdf
DEFINITION_SIZE = 26
EOF_CONTAINER = bytes.fromhex("0f000000ffffffff0fe0454f4600000000010005bdd94f0001000606010001000100ee63014b")
LARGEST_CONTAINER = 1 << 30


def check_cram(source: Source, expected: Expected) -> Verdict:
    """Check one CRAM file; see docs/intake.md for the rules and the facts."""
    return Tally(source, expected).verdict("cram", read_cram)


# ---- containers ----
class Bytes:
    """Takes bytes from a file and remembers those of the part that is being read."""

    def __init__(self, source: Source):
        self.source = source
        self._file = io.BufferedReader(source, BLOCK)
        self.part = bytearray()
        self.at = 0

    def detach(self) -> None:
        """Leave the source open for the one who opened it."""
        self._file.detach()

    def take(self, count: int, end_is_fine: bool = False) -> bytes:
        data = self._file.read(count)
        if len(data) < count and not (end_is_fine and not data):
            raise self.refusal(f"the end of the file {count - len(data)} bytes early", "a whole file (truncated)")
        self.part += data
        self.at += len(data)
        return data

    def number(self, longest: int = 5) -> int:
        """An ITF8 (5 bytes at most) or LTF8 (9) number: the first byte's leading ones count the bytes that follow."""
        first = self.take(1)[0]
        more = min(8 - (first ^ 0xFF).bit_length(), longest - 1)
        value = first & (0xFF >> min(more + 1, 8))
        for byte in self.take(more):
            value = value << 8 | byte
        return value

    def checked(self, start: int, words: str) -> None:
        """Compare the CRC-32 of the part from `start` on with the four bytes that follow."""
        measured = isal_zlib.crc32(memoryview(self.part)[start:])
        if int.from_bytes(self.take(4), "little") != measured:
            raise self.refusal(f"{words} whose CRC is wrong", "undamaged data")

    def refusal(self, found: str, expected: str) -> Refusal:
        return self.source.refusal(f"byte {self.at}", found, expected)


def containers(source: Source) -> Iterator[bytes]:
    """The file in containers, each with all its checksums verified. Raises Refusal."""
    file = Bytes(source)
    try:
        yield from _containers(file)
    finally:
        file.detach()


def _containers(file: Bytes) -> Iterator[bytes]:
    source = file.source
    major = file.take(DEFINITION_SIZE)[4]
    if major != 3:
        raise source.refusal("", f"CRAM version {major}", "CRAM 3", "write it again (samtools view -C)")
    yield bytes(file.part)
    last = b""
    while True:
        file.part = bytearray()
        size = file.take(4, end_is_fine=True)
        if not size:
            break
        size = int.from_bytes(size, "little")
        for longest in (5, 5, 5, 5, 9, 9):  # reference, start, span, records, record counter, bases
            file.number(longest)
        blocks = file.number()
        for _ in range(min(file.number(), LARGEST_CONTAINER)):
            file.number()
        file.checked(0, "a container header")
        if size > LARGEST_CONTAINER:
            raise file.refusal(f"a container of {size} bytes", f"at most {LARGEST_CONTAINER}")
        head = len(file.part)
        for _ in range(blocks):
            start = len(file.part)
            file.take(2)
            file.number()
            packed, _ = file.number(), file.number()
            if packed > size:
                raise file.refusal("a block larger than its container", "sound containers")
            file.take(packed)
            file.checked(start, "a block")
        if len(file.part) - head < size:  # room that writers leave behind the header
            file.take(size - (len(file.part) - head))
        last = bytes(file.part)
        yield last
        if last == EOF_CONTAINER:
            if file.take(1, end_is_fine=True):
                raise file.refusal("bytes behind the container that ends every CRAM file", "the end of the file")
            return
    raise source.refusal("", "no end-of-file marker", "the container that ends every CRAM file (truncated)")


# ---- records ----
def read_cram(tally: Tally) -> None:
    import pysam

    source, expected = tally.source, tally.expected
    failed: list[Exception] = []
    reader, writer = os.pipe()

    def feed() -> None:
        try:
            with os.fdopen(writer, "wb", buffering=0) as out:
                for container in containers(source):
                    view = memoryview(container)
                    while view:
                        view = view[out.write(view) :]
        except BrokenPipeError:
            pass  # htslib stopped reading; it says why
        except Refusal as refusal:
            failed.append(refusal)

    thread = threading.Thread(target=feed, daemon=True)
    verbosity = pysam.set_verbosity(0)
    # htslib would otherwise ask a public server for missing references.
    saved = {key: os.environ.get(key) for key in ("REF_PATH", "REF_CACHE")}
    os.environ["REF_PATH"] = saved["REF_PATH"] or "/nonexistent/%s"
    options = {"reference_filename": expected.fasta} if expected.fasta else {}
    thread.start()
    try:
        with (
            os.fdopen(reader, "rb", buffering=0) as pipe,
            pysam.AlignmentFile(pipe, "rc", check_sq=False, **options) as file,
        ):
            tally.header = headers.parse(str(file.header), source)
            for read in file.fetch(until_eof=True):  # plain iteration gives up where there is no @SQ
                _cram_record(read, tally)
    except (OSError, ValueError) as error:
        failed.append(_cram_trouble(tally, error))
    finally:
        thread.join()
        pysam.set_verbosity(verbosity)
        for key, value in saved.items():
            os.environ.pop(key, None) if value is None else os.environ.update({key: value})
    # What is wrong with the bytes explains why htslib gave up, whichever was noticed first.
    failed.sort(key=lambda refusal: "decoded" in str(refusal))
    if failed:
        raise failed[0]


def _cram_trouble(tally: Tally, error: Exception) -> Refusal:
    if not tally.expected.fasta:
        return tally.refusal(
            "CRAM data that cannot be decoded: its reference is not at hand",
            "a CRAM whose reference the order names",
            "name the reference it was written with in the site's config, or deliver BAM",
            tally.records,
        )
    return tally.refusal(
        # The containers' checksums are verified apart, so that this is about the reference.
        "CRAM data that cannot be decoded with the order's reference",
        "a CRAM written with the order's reference",
        "name the reference it was written with, or deliver BAM",
        tally.records,
    )


def _cram_record(read, tally: Tally) -> None:
    flag, record = read.flag, tally.records
    group = read.get_tag("RG") if read.has_tag("RG") else None
    if group is None:
        tally.untagged += 1
    elif tally.header.groups and group not in tally.header.groups:
        raise tally.refusal(f"the read group {group!r}", "a read group of the header", headers.REHEAD, record)
    size, qualities = read.query_length, read.query_qualities
    high = None if qualities is None else int(np.count_nonzero(np.frombuffer(qualities, np.uint8) >= 30))
    tally.add(read.query_name, flag, read.reference_name or "", read.reference_start, size, high)
    key = ((read.reference_id & 0xFFFFFFFF) << 32) | (read.reference_start + 1)
    tally.sorted &= key >= tally.last_key
    tally.last_key = key
    if tally.wants_sample(flag):
        tally.take(read.reference_name, read.reference_start, read.cigartuples or (), read.query_sequence or "")
    if tally.expected.private:
        said = [read.query_name, *(value for _, value in read.get_tags() if isinstance(value, str))]
        tally.says("\t".join(said).encode("utf-8", "replace"))
    tally.records += 1
