"""Where a name could hide in a file: its header, or all of its text, piece by piece and each with its place."""

from __future__ import annotations

import base64
import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pysam

WHOLE = 64 << 20  # bytes up to which a text is read whole; of a longer one the beginning is
HEAD = 16 << 20  # bytes within which a header must end
NAMES = 8  # reads whose names are looked at: they carry instrument and flow cell, alike in a whole file
BODIES = (b"<spectrumList", b"<scan ", b"<featureList")  # where peaks begin, in mzML, mzXML, featureXML

GZIP_NAME = "gzip header, file name"
Piece = tuple[str, str]  # place in the file, text


def pieces(path: Path) -> Iterator[Piece]:
    """(place, text) of everything in a file that could name somebody or something; peaks, bases and calls cannot."""
    name = path.name.lower()
    if name.endswith((".cram", ".bam")):
        with pysam.AlignmentFile(str(path), check_sq=False, require_index=False) as alignment:
            yield from _lines(str(alignment.header), "header line")
    elif name.endswith((".crai", ".bai", ".tbi", ".csi")):
        return  # offsets, and names of sequences
    elif name.endswith((".cdf", ".nc")):
        yield from _netcdf(path)
    elif name.endswith(".xlsx"):
        yield from _zipped(path)
    else:
        with open(path, "rb") as handle:
            compressed = handle.read(2) == b"\x1f\x8b"
            handle.seek(0)
            if compressed:
                yield from _gzip_header(handle.read(4096))
                handle.seek(0)
            with gzip.open(handle) if compressed else handle as content:
                yield from _content(content, name.removesuffix(".gz"))


def _content(content: BinaryIO, name: str) -> Iterator[Piece]:
    if name.endswith((".fastq", ".fq", ".bgz")):
        for number in range(NAMES):
            record = [content.readline(HEAD) for _ in range(4)]
            yield f"read {number + 1}", record[0].decode("utf-8", "replace")
    elif name.endswith(".vcf"):
        for number, line in enumerate(content, 1):
            if not line.startswith(b"#"):
                return
            yield f"header line {number}", line.decode("utf-8", "replace")
    elif name.endswith((".mzml", ".mzxml", ".featurexml")):
        yield from _lines(_before_peaks(content).decode("utf-8", "replace"), "line")
    else:
        text = content.read(WHOLE).decode("utf-8", "replace")
        yield from _lines(text, "line")
        yield from _embedded(text)


def _lines(text: str, place: str) -> Iterator[Piece]:
    for number, line in enumerate(text.split("\n"), 1):
        yield f"{place} {number}", line


def _before_peaks(content: BinaryIO) -> bytes:
    """The text up to the first spectrum, scan or feature."""
    head = b""
    while len(head) < HEAD and (block := content.read(1 << 16)):
        head += block
        ends = [place for body in BODIES if (place := head.find(body)) >= 0]
        if ends:
            return head[: head.index(b">", min(ends)) + 1] if b">" in head[min(ends) :] else head
    return head


def _gzip_header(head: bytes) -> Iterator[Piece]:
    """File name and comment in a gzip header (RFC 1952, 2.3.1)."""
    flags, rest = head[3], head[10:]
    if flags & 4:
        rest = rest[2 + int.from_bytes(rest[:2], "little") :]
    for bit, field in ((8, GZIP_NAME), (16, "gzip header, comment")):
        if flags & bit:
            text, _, rest = rest.partition(b"\0")
            yield field, text.decode("latin-1")


def _netcdf(path: Path) -> Iterator[Piece]:
    from scipy.io import netcdf_file  # slow to import, and seldom needed

    with netcdf_file(str(path), "r", mmap=False) as content:
        for name, value in content._attributes.items():
            yield f"attribute {name}", value.decode("latin-1") if isinstance(value, bytes) else str(value)
        for name, variable in content.variables.items():
            if variable.data.dtype.char == "S":
                yield f"variable {name}", variable.data.tobytes().decode("latin-1")


def _zipped(path: Path) -> Iterator[Piece]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            yield f"{member}", archive.read(member).decode("utf-8", "replace")


def _embedded(text: str) -> Iterator[Piece]:
    """What a report carries packed in itself: MultiQC's plots are gzip in base64."""
    for number, match in enumerate(re.finditer(r"H4sI[A-Za-z0-9+/]{60,}={0,2}", text), 1):
        try:
            data = zlib.decompress(base64.b64decode(match[0] + "=" * (-len(match[0]) % 4)), wbits=31)
        except (ValueError, zlib.error):
            continue
        yield f"packed data {number}", data.decode("utf-8", "replace")
