"""Where a name could hide in a file: all of its text, piece by piece and each with its place.

Left out are arrays of numbers, sequences and their qualities, which hold words by chance. Reads are looked into when
they come (`scripts/intake/private.py`), for there are too many to read them twice.
"""

from __future__ import annotations

import base64
import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pysam

from scripts.lib import pictures
from scripts.lib.gzips import notes

BLOCK = 4 << 20  # bytes of text that are looked at in one go
LONGEST = 16 << 20  # bytes of one line
RECORDS = 1 << 14  # reads whose names are looked at again: those of a small file, and a look at a large one's

READS, SQUEEZED = (".fastq", ".fq"), re.compile(r"\.b?gz$")
PAGES = (".html", ".htm", ".svg", ".md")
TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"eXIf")  # chunks of a PNG (PNG, 11.3) that hold words
GZIP_NAME = "gzip header, file name"
#: Numbers and pictures in base64, which would be taken for words; what is packed text is looked at unpacked.
ARRAYS = [
    rb"(<binary[^>]*>)[^<]*",
    rb"(<peaks[^>]*>)[^<]*",
    rb"(;base64,)[A-Za-z0-9+/=]+",
    rb"(H4sI)[A-Za-z0-9+/]{60,}={0,2}",
]
#: Measured numbers, among which any other number is met by chance.
NUMBERS = {
    ".mzml": rb'(?<= value=")[-+]?[\d.]+(?:[eE][-+]?\d+)?(?=")',
    ".mzxml": rb'(?<==")[-+]?[\d.]+(?:[eE][-+]?\d+)?(?=")',
    "xml": rb'(?<=>)[-+]?[\d.]+(?:[eE][-+]?\d+)?(?=<)|(?<= value=")[-+]?[\d.]+(?:[eE][-+]?\d+)?(?=")',
    ".json": rb"(?<=[:,\[\s])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?=\s*[,\]}])",
}
PACKED = re.compile(rb"H4sI[A-Za-z0-9+/]{60,}={0,2}")
#: Elements that part no word: half of one may be bold.
INLINE = re.compile(rb"</?(?:b|i|u|s|em|strong|span|font|mark|small|big|sub|sup|a|wbr)(?:\s[^<>]*)?/?>", re.I)
PICTURE = re.compile(rb"data:image/[\w.+-]+;base64,([A-Za-z0-9+/=]+)")
#: Of a record of variants: its sequence's name, its id, its filters, what is said of it, and alternatives that are no
#: bases; the rest are sequences and numbers.
SAID = (0, 2, 6, 7)
ALT, NO_BASES = 4, re.compile(rb"[^ACGTNacgtn*.,]")
#: Numbers that were measured, and those of dbSNP: records that differ in them alone say the same.
COUNTED = re.compile(rb"(?<=[=,|])[-+]?\d[\d.]*(?:[eE][-+]?\d+)?(?=[,;|\s]|$)|\brs\d+\b")


@dataclass(frozen=True)
class Piece:
    """A text of a file.

    line  number of its first line, where it has lines
    """

    place: str
    text: str
    line: int = 0

    def lines(self) -> Iterator[tuple[int, str]]:
        """(number, text) of its lines, where it has lines."""
        return enumerate(self.text.split("\n"), self.line) if self.line else iter(())


def pieces(path: Path) -> Iterator[Piece]:
    """Everything in a file that could name somebody or something."""
    name = path.name.lower()
    if name.endswith((".cram", ".bam")):
        with pysam.AlignmentFile(str(path), check_sq=False, require_index=False) as alignment:
            yield Piece("header line", str(alignment.header), 1)
    elif name.endswith((".crai", ".bai", ".tbi", ".csi")):
        return  # offsets, and names of sequences
    elif name.endswith((".cdf", ".nc")):
        yield from _netcdf(path)
    elif zipfile.is_zipfile(path):
        yield from _zipped(path)
    else:
        with open(path, "rb") as handle:
            compressed = handle.read(2) == b"\x1f\x8b"
            handle.seek(0)
            if compressed:
                # Of large files of reads intake has seen all members.
                most = BLOCK if SQUEEZED.sub("", name).endswith(READS) else path.stat().st_size
                for field, text in notes(handle, most):
                    yield Piece(f"gzip header, {field}", text)
                handle.seek(0)
            with gzip.open(handle) if compressed else handle as content:
                yield from _content(content, SQUEEZED.sub("", name))


def _content(content: BinaryIO, name: str) -> Iterator[Piece]:
    if name.endswith(READS):
        yield from _reads(content)
    elif name.endswith(".vcf"):
        yield from _variants(content)
    elif name.endswith((".png", ".jpg", ".jpeg")):
        yield from _picture(content.read())
    else:
        numbers = next((pattern for ending, pattern in NUMBERS.items() if name.endswith(ending)), None)
        for number, block in _blocks(content):
            yield from _text(re.sub(numbers, b"", block) if numbers else block, number)
            if name.endswith(PAGES):
                # Of a name over two cells, or half of it bold: what is read, without what is between.
                plain = _without_arrays(block)
                for shown in (INLINE.sub(b"", plain), plain):
                    yield Piece("line", _decoded(re.sub(rb"<[^<>]*>", b" ", shown)), number)


def _blocks(content: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """(number of its first line, text), cut at line ends."""
    rest, number = b"", 1
    while block := content.read(BLOCK):
        rest += block
        if len(rest) < BLOCK:
            continue
        end = rest.rfind(b"\n") + 1
        if not end and len(rest) > LONGEST:
            end = rest.rfind(b"</")  # XML without lines
        if end > 0:
            yield number, rest[:end]
            number += rest.count(b"\n", 0, end)
            rest = rest[end:]
    if rest:
        yield number, rest


def _text(block: bytes, number: int) -> Iterator[Piece]:
    """A text, and what is packed in it."""
    yield Piece("line", _decoded(_without_arrays(block)), number)
    # MultiQC's plots are gzip in base64.
    for count, match in enumerate(PACKED.finditer(block), 1):
        try:
            data = zlib.decompress(base64.b64decode(match[0] + b"=" * (-len(match[0]) % 4)), wbits=31)
        except (ValueError, zlib.error):
            continue
        yield Piece(f"packed data {count}", _decoded(data))
    for match in PICTURE.finditer(block):
        try:
            yield from _picture(base64.b64decode(match[1]))
        except ValueError:
            continue


def _without_arrays(block: bytes) -> bytes:
    for array in ARRAYS:
        block = re.sub(array, rb"\1", block)
    return block


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _reads(content: BinaryIO) -> Iterator[Piece]:
    heads = []
    for _ in range(RECORDS):
        record = [content.readline(BLOCK) for _ in range(4)]
        if not record[0]:
            break
        heads += [record[0], record[2]]
    yield Piece("names of reads", b"".join(heads).decode("utf-8", "replace"))


def _variants(content: BinaryIO) -> Iterator[Piece]:
    """The header, and what records say; those that differ in what was counted alone say the same."""
    head, body, seen = [], [], set()
    for line in content:
        if line.startswith(b"#"):
            head.append(line)
            continue
        cells = line.split(b"\t", 8)
        said = b" ".join(cells[at] for at in SAID if at < len(cells))
        if len(cells) > ALT and NO_BASES.search(cells[ALT]):
            said += b" " + cells[ALT]
        if (alike := COUNTED.sub(b"", said)) in seen:
            continue
        seen.add(alike)
        body.append(said)
        if len(seen) == RECORDS:
            yield Piece("records", b"\n".join(body).decode("utf-8", "replace"))
            body, seen = [], set()
    yield Piece("header line", b"".join(head).decode("utf-8", "replace"), 1)
    yield Piece("records", b"\n".join(body).decode("utf-8", "replace"))


def _netcdf(path: Path) -> Iterator[Piece]:
    from scipy.io import netcdf_file  # slow to import, and seldom needed

    def text(value) -> str:
        return value.decode("latin-1") if isinstance(value, bytes) else str(value)

    with netcdf_file(str(path), "r", mmap=False) as content:
        yield Piece("names of dimensions and variables", "\n".join([*content.dimensions, *content.variables]))
        for name, value in content._attributes.items():
            yield Piece(f"attribute {name}", f"{name}: {text(value)}")
        for name, variable in content.variables.items():
            for key, value in variable._attributes.items():
                yield Piece(f"variable {name}, attribute {key}", f"{key}: {text(value)}")
            if variable.data.dtype.char in "Sc":
                yield Piece(f"variable {name}", variable.data.tobytes().decode("latin-1"))


def _zipped(path: Path) -> Iterator[Piece]:
    """Workbooks and the like: names, comments and texts of their members, and the texts within a cell as one."""
    with zipfile.ZipFile(path) as archive:
        yield Piece("its list of members", "\n".join([archive.comment.decode("latin-1"), *archive.namelist()]))
        for member in archive.namelist():
            text = _decoded(archive.read(member))
            yield Piece(member, text)
            if member.endswith((".xml", ".rels")):
                # A name of two fonts is two elements: <t>Ro</t></r><r><t>ssi</t>
                yield Piece(member, re.sub(r"</t>\s*</r>\s*<r>.*?<t[^>]*>", "", text, flags=re.S))


def _picture(data: bytes) -> Iterator[Piece]:
    """What a picture says beside its points: texts of a PNG (PNG, 11.3), segments of a JPEG, all of an SVG."""
    if data.startswith(b"\x89PNG"):
        parts = [(kind.decode(), body) for kind, body, _ in pictures.chunks(data) if kind in TEXTS]
    elif data.startswith(b"\xff\xd8"):
        parts = [(f"segment {marker:X}", each[4:]) for marker, each in pictures.segments(data) if marker >= 0xE0]
    else:
        parts = [("text", data)] if data.lstrip()[:1] == b"<" else []
    for kind, body in parts:
        text = body
        for start in re.finditer(b"\x78[\x01\x5e\x9c\xda]", body):
            try:
                text += b"\n" + zlib.decompressobj().decompress(body[start.start() :])
            except zlib.error:
                continue
        yield Piece(f"picture, {kind}", _decoded(text))
