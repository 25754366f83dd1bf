"""A picture as it may be handed out: what it shows, and not who drew it, where, with what and when."""

from __future__ import annotations

from lxml import etree

from scripts.lib import pictures

#: Parts of a PNG (PNG, 11.2 and 11.3) and of a JPEG that say how it is shown.
CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs", b"bKGD"}
#: What programs wrote of their own is in segments 0xE0 to 0xEF: of them JFIF and Adobe say how it is shown.
LEFT_OUT = {*range(0xE0, 0xF0), 0xFE} - {0xE0, 0xEE}
SVG = "{http://www.w3.org/2000/svg}"
WORDS = {f"{SVG}{name}" for name in ("metadata", "title", "desc")}
KNOWN = ("http://www.w3.org/1999/xlink", "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/svg")


def plain(data: bytes) -> bytes:
    """PNG, JPEG or SVG without what it says beside what it shows; anything else as it is."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        whole = (each for kind, _, each in pictures.chunks(data) if kind in CHUNKS and len(each) >= 12)
        return data[:8] + b"".join(whole)
    if data.startswith(b"\xff\xd8"):
        return data[:2] + b"".join(each for marker, each in pictures.segments(data) if marker not in LEFT_OUT)
    return _svg(data) if b"<svg" in data[: 1 << 16] else data


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
