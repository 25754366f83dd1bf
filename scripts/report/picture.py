"""A picture as it may be handed out: what it shows, and not who drew it, where, with what and when."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from lxml import etree

#: Parts of a PNG (PNG, 11.2 and 11.3) and of a JPEG that say how it is shown.
CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs", b"bKGD"}
JFIF, ADOBE, FIRST_OF_APPLICATIONS, LAST, COMMENT, SCAN = 0xE0, 0xEE, 0xE0, 0xEF, 0xFE, 0xDA
SVG = "{http://www.w3.org/2000/svg}"
WORDS = {f"{SVG}{name}" for name in ("metadata", "title", "desc")}
KNOWN = ("http://www.w3.org/1999/xlink", "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/svg")


def plain(data: bytes) -> bytes:
    """PNG, JPEG or SVG without what it says beside what it shows; anything else as it is."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data[:8] + b"".join(chunk for kind, chunk in _chunks(data) if kind in CHUNKS)
    if data.startswith(b"\xff\xd8"):
        return data[:2] + b"".join(_segments(data))
    return _svg(data) if b"<svg" in data[: 1 << 16] else data


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], data[at : at + 12 + size]
        at += 12 + size


def _segments(data: bytes) -> Iterator[bytes]:
    """The segments that are needed, and from the first scan on everything."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != SCAN:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        kind = data[at + 1]
        application = FIRST_OF_APPLICATIONS <= kind <= LAST and kind not in (JFIF, ADOBE)
        if not application and kind != COMMENT:
            yield data[at:end]
        at = end
    yield data[at:]


def _svg(data: bytes) -> bytes:
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True)
    root = etree.fromstring(data, parser)
    for element in list(root.iter()):
        space = etree.QName(element).namespace
        if (element.tag in WORDS or space not in (None, *KNOWN)) and element.getparent() is not None:
            element.getparent().remove(element)
            continue
        for name in list(element.attrib):
            # What editors note in vocabularies of their own: file names, layers' names.
            if etree.QName(name).namespace not in (None, *KNOWN):
                del element.attrib[name]
    etree.cleanup_namespaces(root)
    return etree.tostring(root)
