"""A received mzML under a header of its own: converters write the vendor file's name and place, the sample's name and
people into it. Everything from the first spectrum on stays as it is, byte for byte; index and checksum are made anew.

The header is made by an allow-list of the mzML 1.1 elements (Martens et al. 2011, Mol Cell Proteomics 10:R110.000133).
"""

from __future__ import annotations

import hashlib
import re
from typing import BinaryIO

from lxml import etree

from scripts.lib.refusal import Refusal

HEAD = 64 << 20  # bytes within which the header must end
BLOCK = 1 << 20
NAMESPACE = "{http://psi.hupo.org/ms/mzml}"
BODY = re.compile(rb"<(spectrumList|chromatogramList)[\s>]")
TAIL = re.compile(rb"<indexListOffset>\s*(\d+)\s*</indexListOffset>")
OFFSET = re.compile(rb"(<offset[^>]*>)\s*(\d+)\s*(</offset>)")
#: Where names and free words stand: left out with all they hold.
FREE = {"userParam", "contact", "sampleList"}


def header(head: bytes, name: str, sample: str, tag: dict[str, str]) -> bytes:
    """The header (all before the first list of spectra or chromatograms) made anew.

    name    what the run is called, and the file that it came from
    sample  the sample's pseudonym
    tag     written as user params of the run
    """
    closing = b"</run></mzML>" + (b"</indexedmzML>" if b"<indexedmzML" in head else b"")
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(head + closing, parser)
    except etree.XMLSyntaxError as error:
        raise Refusal(name, f"a header that is no XML ({error.msg})", "that of an mzML", "convert it again") from None
    for element in [one for one in root.iter() if etree.QName(one).localname in FREE]:
        element.getparent().remove(element)
    renamed = {}
    for number, source in enumerate(root.iter(f"{NAMESPACE}sourceFile"), 1):
        renamed[source.get("id")] = f"SF{number}"
        source.attrib.update({"id": f"SF{number}", "name": name, "location": ""})
    for element in root.iter():
        for attribute in ("ref", "sourceFileRef", "defaultSourceFileRef"):
            if element.get(attribute) in renamed:
                element.set(attribute, renamed[element.get(attribute)])
    _name_sample(root, sample)
    content = next(root.iter(f"{NAMESPACE}mzML"))
    content.attrib.pop("accession", None)
    content.set("id", name)
    run = next(root.iter(f"{NAMESPACE}run"))
    run.attrib.update({"id": name, "sampleRef": "sample"})
    for field, value in tag.items():
        etree.SubElement(run, f"{NAMESPACE}userParam", name=f"filiera_{field}", value=value, type="xsd:string")
    run.append(etree.Comment("body"))
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    return etree.tostring(root, xml_declaration=True, encoding=encoding).partition(b"<!--body-->")[0]


def _name_sample(root: etree._Element, sample: str) -> None:
    """The schema wants the list of samples before that of software."""
    listed = etree.Element(f"{NAMESPACE}sampleList", count="1")
    etree.SubElement(listed, f"{NAMESPACE}sample", id="sample", name=sample)
    next(root.iter(f"{NAMESPACE}softwareList")).addprevious(listed)


def tail(text: bytes, shift: int) -> bytes:
    """Index and what follows it, for a file that grew by `shift` bytes before its first spectrum."""

    def moved(match: re.Match) -> bytes:
        return b"%s%d%s" % (match[1], int(match[2]) + shift, match[3])

    text = TAIL.sub(lambda match: b"<indexListOffset>%d</indexListOffset>" % (int(match[1]) + shift), text)
    return OFFSET.sub(moved, text)


def rehead(source: BinaryIO, size: int, target: BinaryIO, name: str, sample: str, tag: dict[str, str]) -> None:
    """Write the mzML `source` of `size` bytes to `target` under a new header."""
    head = source.read(min(size, HEAD))
    begin = BODY.search(head)
    if not begin:
        raise Refusal(name, "no spectra within 64 MB", "an mzML whose header ends there", "convert it again")
    new = header(head[: begin.start()], name, sample, tag)
    shift = len(new) - begin.start()
    source.seek(max(0, size - 1024))
    indexed = TAIL.search(source.read())
    end = int(indexed[1]) if indexed else size
    digest = hashlib.sha1(usedforsecurity=False)

    def put(block: bytes) -> None:
        digest.update(block)
        target.write(block)

    put(new)
    source.seek(begin.start())
    left = end - begin.start()
    previous = b""
    while left:
        block = source.read(min(BLOCK, left))
        if b"sourceFileRef=" in previous[-20:] + block:
            found = "spectra that each name a file they come from"
            raise Refusal(name, found, "one source file", "convert every acquisition into a file of its own")
        put(block)
        previous, left = block, left - len(block)
    if indexed:
        text, opening, rest = tail(source.read(), shift).partition(b"<fileChecksum>")
        put(text + opening)
        target.write(digest.hexdigest().encode() + rest[rest.index(b"<") :] if opening else b"")
