"""A received mzXML written anew, by an allow-list of the elements and attributes of mzXML 3.2 (Pedrioli et al. 2004,
Nat Biotechnol 22:1459). Left out: operators, comments, free names and values, plates, separation."""

from __future__ import annotations

from scripts.delivery import terms
from scripts.delivery.allowed import COUNT, NUMBER, TIME, VERSION, Check, all_of, declared, kept
from scripts.delivery.indexed_xml import Element, Form

NAMESPACE = r"http://sashimi\.sourceforge\.net/schema_revision/mzXML_[\d.]+"
SWITCH, DURATION, WORDS = all_of("[01]"), all_of(r"PT[\d.]+[SM](?:[\d.]+S)?"), terms.known
SHA1 = all_of("[0-9A-Fa-f]{40}")
TOOLS = {"pwiz", "msconvert", "readw", "masswolf", "mzwiff", "compassxport", "trapper", "xcalibur", "xcms", "mzmine"}
ABOUT = {"category": all_of("ms[A-Z][A-Za-z]+"), "value": WORDS}
ELEMENTS: dict[str, dict[str, Check | None]] = {
    "mzXML": declared(NAMESPACE, r"mzXML_idx_[\d.]+|mzXML_[\d.]+"),
    "msRun": {"scanCount": COUNT, "startTime": DURATION, "endTime": DURATION},
    "parentFile": {
        "fileName": None,
        "fileType": all_of("RAWData|processedData"),
        "fileSha1": SHA1,
    },
    "msInstrument": {"msInstrumentID": COUNT, "id": COUNT},
    **dict.fromkeys(
        ("msManufacturer", "msModel", "msIonisation", "msMassAnalyzer", "msDetector", "msResolution"),
        ABOUT,
    ),
    "dataProcessing": dict.fromkeys(("centroided", "deisotoped", "chargeDeconvoluted", "spotIntegration"), SWITCH)
    | {"intensityCutoff": NUMBER},
    "software": {
        "type": all_of("acquisition|conversion|processing"),
        "name": lambda text: text.casefold() in TOOLS or WORDS(text),
        "version": VERSION,
        "completionTime": TIME,
    },
    "processingOperation": {"name": WORDS, "value": NUMBER},
    "scan": dict.fromkeys(("num", "msLevel", "peaksCount", "msInstrumentID"), COUNT)
    | dict.fromkeys(("centroided", "deisotoped", "chargeDeconvoluted"), SWITCH)
    | dict.fromkeys(
        (
            *("ionisationEnergy", "collisionEnergy", "cidGasPressure", "compensationVoltage", "totIonCurrent"),
            *("startMz", "endMz", "lowMz", "highMz", "basePeakMz", "basePeakIntensity"),
        ),
        NUMBER,
    )
    | {
        "polarity": all_of("[-+]|any"),
        "scanType": all_of("[A-Za-z0-9]{1,5}|[Zz]oom|MultiResonance"),
        "filterLine": lambda text: all(map(terms.FILTER.fullmatch, text.split())),
        "retentionTime": DURATION,
    },
    "scanOrigin": {"parentFileID": SHA1, "num": COUNT},
    "precursorMz": {
        "precursorScanNum": COUNT,
        "precursorIntensity": NUMBER,
        "precursorCharge": COUNT,
        "possibleCharges": all_of(r"[\d,]{1,40}"),
        "windowWideness": NUMBER,
        "activationMethod": all_of(r"CID|HCD|ETD|ECD|PQD|EThcD|ETD\+SA|IRMPD|UVPD|SID|PSD"),
    },
    "peaks": {
        "precision": COUNT,
        "byteOrder": all_of("network"),
        "contentType": all_of("m/z-int|m/z|intensity|m/z ruler|TOF|S/N|charge"),
        "pairOrder": all_of("m/z-int"),
        "compressionType": all_of("none|zlib"),
        "compressedLen": COUNT,
    },
    "index": {"name": all_of("scan")},
    "offset": {"id": COUNT},
    "indexOffset": {},
    "sha1": {},
}
REQUIRED = {("software", "name"), ("software", "version"), ("parentFile", "fileSha1")}


class Cleaner:
    """Decides of each element of one file what of it stays."""

    def __init__(self, name: str, tag: dict[str, str]):
        self._name, self._tag = name, tag

    def attributes(self, element: str, given: dict[str, str]) -> dict[str, str] | None:
        """What stays of an element's attributes; None where the element goes with all it holds."""
        if element not in ELEMENTS:
            return None
        return kept(element, given, ELEMENTS[element], REQUIRED, lambda _attribute, _text: self._name)

    def before(self, element: str) -> list[Element]:
        """Nothing."""
        return []

    def at_end(self, element: str) -> list[Element]:
        """The tag, where the first of the programs that made the file is told."""
        if element != "dataProcessing":
            return []
        said, self._tag = self._tag, {}
        return [("nameValue", {"name": f"filiera_{field}", "value": value}, []) for field, value in said.items()]


FORM = Form(
    root={"mzXML"},
    cleaner=Cleaner,
    arrays={"peaks"},
    places={"offset", "indexOffset"},
    checksum="sha1",
    values=frozenset({"precursorMz"}),
)
