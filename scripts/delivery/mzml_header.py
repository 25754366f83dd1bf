"""The header of a received mzML, by an allow-list of the elements of mzML 1.1 (Martens et al. 2011, Mol Cell Proteomics
10:R110.000133)."""

from __future__ import annotations

import re

from lxml import etree

from scripts.delivery.indexed_xml import Form

NAMESPACE = "{http://psi.hupo.org/ms/mzml}"
#: Where names and free words stand: left out with all they hold.
FREE = {"userParam", "contact", "sampleList"}


def clean(root: etree._Element, name: str, tag: dict[str, str]) -> etree._Element:
    """Take out free words; call run, sample and source file by their names in the package; write the tag."""
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
    content = next(root.iter(f"{NAMESPACE}mzML"))
    content.attrib.pop("accession", None)
    content.set("id", name)
    # The schema wants the list of samples before that of software.
    listed = etree.Element(f"{NAMESPACE}sampleList", count="1")
    etree.SubElement(listed, f"{NAMESPACE}sample", id="sample", name=tag["sample"])
    next(root.iter(f"{NAMESPACE}softwareList")).addprevious(listed)
    run = next(root.iter(f"{NAMESPACE}run"))
    run.attrib.update({"id": name, "sampleRef": "sample"})
    for field, value in tag.items():
        etree.SubElement(run, f"{NAMESPACE}userParam", name=f"filiera_{field}", value=value, type="xsd:string")
    return run


FORM = Form(
    body=re.compile(rb"<(spectrumList|chromatogramList)[\s>]"),
    index=b"indexListOffset",
    checksum=b"fileChecksum",
    elements=(b"indexedmzML", b"mzML", b"run"),
    clean=clean,
    forbidden=b"sourceFileRef=",
)
