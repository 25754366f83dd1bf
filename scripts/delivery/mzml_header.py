"""A received mzML written anew, by an allow-list of the elements and attributes of mzML 1.1 (Martens et al. 2011, Mol
Cell Proteomics 10:R110.000133) and of the terms of PSI-MS: arrays and numbers stay, free words do not."""

from __future__ import annotations

import re
from functools import partial

from scripts.delivery import terms
from scripts.delivery.allowed import COUNT, TIME, VERSION, Check, all_of, declared, kept
from scripts.delivery.indexed_xml import Element, Form

ONTOLOGIES = "MS|UO|BTO|GO|PATO|NCIT|IMS|PEFF|UNIMOD|MOD"
NAMES_OF_ONTOLOGIES = "Proteomics Standards Initiative Mass Spectrometry Ontolog(?:y|ies)|PSI-MS|Unit Ontology"
FILE = declared(r"http://psi\.hupo\.org/ms/mzml", r"mzML[\d._]+(?:_idx)?")
#: Elements with the attributes they may have, and what these may be. An attribute with None names an element of the
#: header, or a spectrum: these get names of their own.
ELEMENTS: dict[str, dict[str, Check | None]] = {
    "indexedmzML": FILE,
    "mzML": FILE | {"version": VERSION, "id": None},
    "cvList": {"count": COUNT},
    "cv": {
        "id": all_of(ONTOLOGIES),
        "fullName": all_of(NAMES_OF_ONTOLOGIES),
        "version": all_of(r"[\d.:]+|unknown"),
        "URI": all_of(r"https?://[\w.*/-]+\.(?:obo|owl)"),
    },
    "fileDescription": {},
    "fileContent": {},
    "sourceFileList": {"count": COUNT},
    "sourceFile": {"id": None, "name": None, "location": None},
    "referenceableParamGroupList": {"count": COUNT},
    "referenceableParamGroup": {"id": None},
    "referenceableParamGroupRef": {"ref": None},
    "cvParam": {},
    "userParam": {},
    "softwareList": {"count": COUNT},
    "software": {"id": None, "version": VERSION},
    "scanSettingsList": {"count": COUNT},
    "scanSettings": {"id": None},
    "sourceFileRefList": {"count": COUNT},
    "sourceFileRef": {"ref": None},
    "targetList": {"count": COUNT},
    "target": {},
    "instrumentConfigurationList": {"count": COUNT},
    "instrumentConfiguration": {"id": None, "scanSettingsRef": None},
    "componentList": {"count": COUNT},
    "source": {"order": COUNT},
    "analyzer": {"order": COUNT},
    "detector": {"order": COUNT},
    "softwareRef": {"ref": None},
    "dataProcessingList": {"count": COUNT},
    "dataProcessing": {"id": None},
    "processingMethod": {"order": COUNT, "softwareRef": None},
    "run": {
        "id": None,
        "defaultInstrumentConfigurationRef": None,
        "defaultSourceFileRef": None,
        "startTimeStamp": TIME,
    },
    "spectrumList": {"count": COUNT, "defaultDataProcessingRef": None},
    "spectrum": {"index": COUNT, "id": None, "defaultArrayLength": COUNT, "dataProcessingRef": None},
    "scanList": {"count": COUNT},
    "scan": {"instrumentConfigurationRef": None, "spectrumRef": None},
    "scanWindowList": {"count": COUNT},
    "scanWindow": {},
    "precursorList": {"count": COUNT},
    "precursor": {"spectrumRef": None},
    "isolationWindow": {},
    "selectedIonList": {"count": COUNT},
    "selectedIon": {},
    "activation": {},
    "productList": {"count": COUNT},
    "product": {},
    "binaryDataArrayList": {"count": COUNT},
    "binaryDataArray": {"encodedLength": COUNT, "arrayLength": COUNT, "dataProcessingRef": None},
    "binary": {},
    "chromatogramList": {"count": COUNT, "defaultDataProcessingRef": None},
    "chromatogram": {"index": COUNT, "id": None, "defaultArrayLength": COUNT, "dataProcessingRef": None},
    "indexList": {"count": COUNT},
    "index": {"name": all_of("spectrum|chromatogram")},
    "offset": {"idRef": None},
    "indexListOffset": {},
    "fileChecksum": {},
}
#: Elements of the header that others refer to, with what they are called here.
CALLED = {
    "sourceFile": "SF",
    "referenceableParamGroup": "PG",
    "software": "SW",
    "scanSettings": "SS",
    "instrumentConfiguration": "IC",
    "dataProcessing": "DP",
}
REFERENCES = {"ref", "softwareRef", "scanSettingsRef", "instrumentConfigurationRef", "dataProcessingRef"}
REFERENCES |= {"defaultInstrumentConfigurationRef", "defaultSourceFileRef", "defaultDataProcessingRef"}
SPECTRA = {("spectrum", "id"), ("chromatogram", "id"), ("offset", "idRef"), ("scan", "spectrumRef")}
SPECTRA |= {("precursor", "spectrumRef")}
#: Words of the ids of spectra and chromatograms: what acquisition counts, and masses.
COUNTED = "scan|spectrum|index|controllerType|controllerNumber|function|process|sample|period|cycle|experiment|frame"
COUNTED += "|scanStart|scanEnd|scanId|merged|startScan|endScan|file|transition|declustering|segment|event|channel|Q1|Q3"
COUNTED += "|start|end|ce|fv|mz|precursor|product"
WORD = rf"(?:(?:{COUNTED})=-?\d+(?:\.\d+)?|(?:BasePeak|TIC|BPC|BPI|BIC|XIC|SIC|EIC|SRM|MRM|SIM|UV)(?:_\d+)?|[-+])"
ID = re.compile(f"{WORD}(?: {WORD})*")
REQUIRED = {("sourceFile", "location"), ("software", "version"), ("cv", "fullName"), ("cv", "URI")}
#: What instruments say beyond the vocabulary and readers ask for: numbers alone.
USER = {"[Thermo Trailer Extra]Monoisotopic M/Z:"}


class Cleaner:
    """Decides of each element of one file what of it stays.

    name  what the file is called in the package, tag  whose it is
    """

    def __init__(self, name: str, tag: dict[str, str]):
        self._name, self._tag = name, tag
        self._named: dict[str, str] = {}
        self._spectra: dict[str, str] = {}
        self._count: dict[str, int] = {}
        self._tagged = False

    def attributes(self, element: str, given: dict[str, str]) -> dict[str, str] | None:
        """What stays of an element's attributes; None where the element goes with all it holds."""
        if element not in ELEMENTS:
            return None
        if element == "cvParam":
            return self._term(given)
        if element == "userParam":
            return given if _harmless(given) else None
        if element == "cv" and not re.fullmatch(ONTOLOGIES, given.get("id", "")):
            return None
        stays = kept(element, given, ELEMENTS[element], REQUIRED, partial(self._called, element))
        return stays | ({"sampleRef": "sample"} if element == "run" else {})

    def _term(self, given: dict[str, str]) -> dict[str, str] | None:
        accession, unit = given.get("accession", ""), given.get("unitAccession", "")
        if not re.fullmatch(r"(?:MS|UO):\d{7}", accession):
            return None
        value = terms.value(accession, given.get("value", ""))
        if value is None:
            return None
        said = {"cvRef": accession[:2], "accession": accession, "name": terms.name(accession), "value": value}
        if re.fullmatch(r"(?:MS|UO):\d{7}", unit):
            said |= {"unitCvRef": unit[:2], "unitAccession": unit, "unitName": terms.name(unit)}
        # In the order in which they came, so that a clean one stays what it was.
        return {key: said[key] for key in given if key in said}

    def _called(self, element: str, attribute: str, text: str) -> str:
        if (element, attribute) in SPECTRA:
            return self._spectra.setdefault(text, text if ID.fullmatch(text) else f"id={len(self._spectra)}")
        if attribute in REFERENCES:
            return self._named.get(text, "")
        if attribute == "id" and element in CALLED:
            self._count[element] = self._count.get(element, 0) + 1
            return self._named.setdefault(text, f"{CALLED[element]}{self._count[element]}")
        return "" if attribute == "location" else self._name

    def before(self, element: str) -> list[Element]:
        """What is added in front of an element: the sample by its pseudonym, where the schema wants it, and the tag."""
        if element == "softwareList":
            return [("sampleList", {"count": "1"}, [("sample", {"id": "sample", "name": self._tag["sample"]}, [])])]
        if element in ("spectrumList", "chromatogramList") and not self._tagged:
            self._tagged = True
            said = [(f"filiera_{field}", value) for field, value in self._tag.items()]
            return [("userParam", {"name": key, "value": value, "type": "xsd:string"}, []) for key, value in said]
        return []

    def at_end(self, element: str) -> list[Element]:
        """Nothing."""
        return []


def _harmless(given: dict[str, str]) -> bool:
    """Whether what is said without a term is a number that readers ask for, or what a term says as well."""
    name, value = given.get("name", ""), given.get("value", "")
    plain = given.keys() <= {"name", "value", "type"} and re.fullmatch("xsd:[a-zA-Z]+", given.get("type", "xsd:float"))
    if not plain or not value:
        return False
    if name in USER:
        return terms.NUMBER.fullmatch(value) is not None
    accession = terms.accession(name)
    return accession != "" and terms.value(accession, value) == value


FORM = Form(
    root={"indexedmzML", "mzML"},
    cleaner=Cleaner,
    arrays={"binary"},
    places={"offset", "indexListOffset"},
    checksum="fileChecksum",
    forbidden=("spectrum", "sourceFileRef"),
)
