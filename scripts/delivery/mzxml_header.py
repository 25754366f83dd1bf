"""The header of a received mzXML, by an allow-list of the elements of mzXML 3.2 (Pedrioli et al. 2004, Nat Biotechnol
22:1459)."""

from __future__ import annotations

import re

from lxml import etree

from scripts.delivery.indexed_xml import Form

#: What tells of instrument and software. Left out: operators, comments, free names and values, plates, separation.
KEPT = {"mzXML", "msRun", "parentFile", "msInstrument", "dataProcessing", "software", "processingOperation"}
KEPT |= {"msManufacturer", "msModel", "msIonisation", "msMassAnalyzer", "msDetector", "msResolution"}


def clean(root: etree._Element, name: str, tag: dict[str, str]) -> etree._Element:
    """Take out what is not known to be harmless; call the parent file by its name in the package; write the tag."""
    for element in [one for one in root.iter() if etree.QName(one).localname not in KEPT]:
        if element.getparent() is not None:
            element.getparent().remove(element)
    (run,) = [one for one in root.iter() if etree.QName(one).localname == "msRun"]
    space = run.tag.removesuffix("msRun")
    for parent in run.iter(f"{space}parentFile"):
        parent.set("fileName", name)
    processing = next(run.iter(f"{space}dataProcessing"), None)
    for field, value in tag.items() if processing is not None else ():
        etree.SubElement(processing, f"{space}nameValue", name=f"filiera_{field}", value=value)
    return run


FORM = Form(
    body=re.compile(rb"<scan[\s>]"),
    index=b"indexOffset",
    checksum=b"sha1",
    elements=(b"mzXML", b"msRun"),
    clean=clean,
)
