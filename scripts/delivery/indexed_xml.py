"""The head of an indexed XML file of spectra (mzML, mzXML) replaced: the body is copied byte for byte, the index moved
by what the head grew, the checksum (SHA-1 up to and with the checksum's opening tag) made anew."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from scripts.lib.refusal import Refusal

HEAD = 64 << 20  # bytes within which the header must end
BLOCK = 1 << 20
END = 1024  # bytes at the end within which the offset of the index stands
OFFSET = re.compile(rb"(<offset[^>]*>)\s*(\d+)\s*(</offset>)")


@dataclass(frozen=True)
class Form:
    """What tells one format from the other.

    body       where the spectra begin
    index      element with the offset of the index
    checksum   element with the checksum
    elements   those that are open there, outermost first
    clean      puts the parsed header right, given the name of the run and the tag; returns the element that is open
    forbidden  attribute that no spectrum may have; '' for none
    """

    body: re.Pattern[bytes]
    index: bytes
    checksum: bytes
    elements: tuple[bytes, ...]
    clean: Callable[[etree._Element, str, dict[str, str]], etree._Element]
    forbidden: bytes = b""


def header(form: Form, head: bytes, name: str, tag: dict[str, str]) -> bytes:
    """All that stands before the body, made anew."""
    opened = [element for element in form.elements if b"<" + element in head]
    closing = b"".join(b"</" + element + b">" for element in reversed(opened))
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(head + closing, parser)
    except etree.XMLSyntaxError as error:
        found = f"a header that is no XML ({error.msg})"
        raise Refusal(name, found, "that of its format", "convert it again") from None
    form.clean(root, name, tag).append(etree.Comment("body"))
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    return etree.tostring(root, xml_declaration=True, encoding=encoding).partition(b"<!--body-->")[0]


def tail(form: Form, text: bytes, shift: int) -> bytes:
    """Index and what follows it, for a file that grew by `shift` bytes before its first spectrum."""

    def moved(match: re.Match) -> bytes:
        return b"%s%d%s" % (match[1], int(match[2]) + shift, match[3])

    return _place(form).sub(moved, OFFSET.sub(moved, text))


def _place(form: Form) -> re.Pattern[bytes]:
    return re.compile(rb"(<%s>)\s*(\d+)\s*(</%s>)" % (form.index, form.index))


def rehead(form: Form, source: BinaryIO, size: int, target: BinaryIO, name: str, tag: dict[str, str]) -> None:
    """Write `source`, of `size` bytes, to `target` under a new header.

    name  what the run is called, and the file that it came from
    tag   facility, proposal, service, sample: written into the header
    """
    head = source.read(min(size, HEAD))
    begin = form.body.search(head)
    if not begin:
        raise Refusal(name, "no spectra within 64 MB", "a file whose header ends there", "convert it again")
    new = header(form, head[: begin.start()], name, tag)
    source.seek(max(0, size - END))
    indexed = _place(form).search(source.read())
    end = int(indexed[2]) if indexed else size
    digest = hashlib.sha1(usedforsecurity=False)

    def put(block: bytes) -> None:
        digest.update(block)
        target.write(block)

    put(new)
    source.seek(begin.start())
    left, previous = end - begin.start(), b""
    while left:
        block = source.read(min(BLOCK, left))
        if form.forbidden and form.forbidden in previous[-len(form.forbidden) :] + block:
            found = "spectra that each name a file they come from"
            raise Refusal(name, found, "one source file", "convert every acquisition into a file of its own")
        put(block)
        previous, left = block, left - len(block)
    if indexed:
        text, opening, rest = tail(form, source.read(), len(new) - begin.start()).partition(b"<%s>" % form.checksum)
        put(text + opening)
        target.write(digest.hexdigest().encode() + rest[rest.index(b"<") :] if opening else b"")
