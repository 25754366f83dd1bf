"""mzML, also gzipped: well-formed and complete, own SHA-1 and index verified, every array whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from scripts.intake import instrument
from scripts.intake.peaks import CENTROID, PROFILE, Spectrum
from scripts.intake.source import Source
from scripts.intake.spectra import CHANGED, CONVERT_AGAIN, WHOLE, Damaged, Parser, decoded
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.refusal import Refusal

# PSI-MS controlled vocabulary, https://github.com/HUPO-PSI/psi-ms-CV
MZ, INTENSITY, TIME, WAVELENGTH = "MS:1000514", "MS:1000515", "MS:1000595", "MS:1000617"
OTHER_ARRAYS = {
    "MS:1000516", "MS:1000517", "MS:1000786", "MS:1000820", "MS:1000821", "MS:1000822", "MS:1002477", "MS:1002478",
    "MS:1002529", "MS:1002530", "MS:1002742", "MS:1002743", "MS:1002744", "MS:1002745", "MS:1002816", "MS:1002893",
    "MS:1003006", "MS:1003007", "MS:1003008", "MS:1003143", "MS:1003153", "MS:1003154", "MS:1003155", "MS:1003156",
    "MS:1003157", "MS:1003158",
}  # fmt: skip
ARRAYS = {MZ, INTENSITY, TIME, WAVELENGTH} | OTHER_ARRAYS
NUMBER_TYPES = {
    "MS:1000519": "<i4", "MS:1000520": "<f2", "MS:1000521": "<f4", "MS:1000522": "<i8", "MS:1000523": "<f8",
    "MS:1001479": "",  # null-terminated text
}  # fmt: skip
# MS-Numpress: doi:10.1074/mcp.O114.037879
COMPRESSIONS = {
    "MS:1000576": "none", "MS:1000574": "zlib",
    "MS:1002312": "numpress-linear", "MS:1002313": "numpress-pic", "MS:1002314": "numpress-slof",
    "MS:1002746": "numpress-linear+zlib", "MS:1002747": "numpress-pic+zlib", "MS:1002748": "numpress-slof+zlib",
}  # fmt: skip
POSITIVE, NEGATIVE = "MS:1000130", "MS:1000129"
LEVEL, MS1, MSN = "MS:1000511", "MS:1000579", "MS:1000580"
CENTROID_TERM, PROFILE_TERM = "MS:1000127", "MS:1000128"
RADIATION = {"MS:1000804", "MS:1000805", "MS:1000806"}
START_TIME, BASE_PEAK_MZ = "MS:1000016", "MS:1000504"
# Terms whose value must be a number: base peak m/z and intensity, total ion current, lowest and highest m/z.
NUMBERS = ("MS:1000504", "MS:1000505", "MS:1000285", "MS:1000527", "MS:1000528")
SECONDS = {"UO:0000010": 1.0, "MS:1000039": 1.0, "UO:0000031": 60.0, "MS:1000038": 60.0, "UO:0000028": 0.001}
SRM_CHROMATOGRAM = "MS:1001473"
# What the instrument or a pump tells of the whole run: total ion current, base peak, absorption, pressure, ...
SUMMARY_CHROMATOGRAMS = {
    "MS:1000235", "MS:1000628", "MS:1000627", "MS:1000810", "MS:1000811", "MS:1000812",
    "MS:1002715", "MS:1003019", "MS:1003020",
}  # fmt: skip
FLOW_RATE, PRESSURE, TEMPERATURE = "MS:1000820", "MS:1000821", "MS:1000822"
SIGNALS = (INTENSITY, FLOW_RATE, PRESSURE, TEMPERATURE)  # what a chromatogram may show over time
NON_STANDARD = "MS:1000786"  # named by its value, so that a spectrum may have several
# Elements whose cvParams say nothing about the spectrum itself.
INNER = {"precursorList", "productList", "precursor", "product", "scanWindowList"}

# Attributes without which readers give up.
REQUIRED = {
    "cvParam": ("accession", "name"),
    "run": ("defaultInstrumentConfigurationRef",),
    "software": ("version",),
    "spectrumList": ("count", "defaultDataProcessingRef"),
    "chromatogramList": ("count", "defaultDataProcessingRef"),
    "binaryDataArrayList": ("count",),
    "spectrum": ("defaultArrayLength",),
    "chromatogram": ("defaultArrayLength",),
}

Params = dict[str, dict[str, str]]  # {accession: attributes of the cvParam}


@dataclass
class Array:
    """One binaryDataArray as it is read."""

    attributes: dict[str, str]
    params: Params = field(default_factory=dict)
    text: bytes = b""


@dataclass
class Item:
    """One spectrum or chromatogram as it is read."""

    kind: str
    attributes: dict[str, str]
    offset: int
    params: Params = field(default_factory=dict)
    scan: Params = field(default_factory=dict)
    scans: int = 0
    arrays: list[Array] = field(default_factory=list)


@dataclass(frozen=True)
class Kind:
    """What the terms of a spectrum say."""

    level: int
    polarity: str
    label: str
    to_seconds: float | None


@dataclass(frozen=True)
class Coding:
    """How one array is encoded: its term, numpy type ('' for text) and compression."""

    term: str
    number: str
    compression: str


class MzML(Parser):
    what = "mzML"
    checksum_tag = b"<fileChecksum>"

    def __init__(self, source: Source, expected: Expected):
        super().__init__(source, expected)
        self.root = ""
        self.version = ""
        self.groups: dict[str, Params] = {}
        self.ion_sources: list[Params] = []
        self.stated_counts: dict[str, int] = {}
        self.found: dict[str, dict[str, int]] = {"spectrum": {}, "chromatogram": {}}  # {id: byte offset}
        self.index: dict[str, list[tuple[str, str]]] = {}
        self.index_at = self.mzml_end = -1
        self.index_stated = ""
        self.later: list[Refusal] = []
        self.odd: list[Refusal] = []
        self._item: Item | None = None
        self._sink: Params = {}
        self._index_name = ""
        self._offset_of = ""

    # ---- elements ----
    def start(self, name: str, attributes: dict[str, str]) -> None:
        for required in REQUIRED.get(name, ()):
            if required not in attributes:
                found = f"the element {name} without {required}"
                raise self.source.refusal(self.place(), found, "what the mzML schema requires", CONVERT_AGAIN)
        if name == "cvParam":
            self._sink[attributes["accession"]] = attributes
        elif name in ("binary", "offset", "indexListOffset", "fileChecksum"):
            self._offset_of = attributes.get("idRef", "")
            self.listen()
        elif name == "binaryDataArray" and self._item:
            self._item.arrays.append(Array(attributes))
            self._sink = self._item.arrays[-1].params
        elif name in ("spectrum", "chromatogram"):
            self._item = Item(name, attributes, self.parser.CurrentByteIndex)
            self._sink = self._item.params
        elif name == "scan" and self._item:
            self._item.scans += 1
            self._sink = self._item.scan if self._item.scans == 1 else {}
        elif name in INNER:
            self._sink = {}
        elif name == "referenceableParamGroupRef":
            ref = attributes.get("ref", "")
            if ref not in self.groups:
                found = f"a reference to the parameter group '{ref}'"
                raise self.source.refusal(self.place(), found, "a group the file defines", CONVERT_AGAIN)
            self._sink.update(self.groups[ref])
        elif not self._item:
            self._start_frame(name, attributes)

    def _start_frame(self, name: str, attributes: dict[str, str]) -> None:
        """Elements around the spectra."""
        self.root = self.root or name
        self._sink = {}
        if name == "referenceableParamGroup":
            self._sink = self.groups[attributes.get("id", "")] = {}
        elif name == "source":
            self._sink = {}
            self.ion_sources.append(self._sink)
        elif name == "mzML":
            self.version = attributes.get("version", "")
            if not self.version.startswith("1.1"):
                found = f"the obsolete mzML version '{self.version}'"
                raise self.source.refusal("", found, "mzML 1.1", "convert the vendor's file again (msconvert)")
        elif name in ("spectrumList", "chromatogramList"):
            self.stated_counts[name.removesuffix("List")] = self.integer(attributes.get("count", ""), "count", name)
        elif name == "indexList":
            self.index_at = self.parser.CurrentByteIndex
        elif name == "index":
            self._index_name = attributes.get("name", "")
            self.index.setdefault(self._index_name, [])

    def end(self, name: str) -> None:
        if name in ("cvParam", "userParam"):
            return
        if name == "binary":
            text = self.heard()
            if self._item and self._item.arrays:
                self._item.arrays[-1].text = text.encode("ascii", "replace")
        elif name in ("binaryDataArray", "scan", "precursorList", "productList"):
            self._sink = self._item.params if self._item else {}
        elif name in ("spectrum", "chromatogram"):
            item, self._item = self._item, None
            if name == "spectrum":
                self._end_spectrum(item)
            else:
                self._end_chromatogram(item)
        elif name == "mzML":
            self.mzml_end = self.parser.CurrentByteIndex + len("</mzML>")
        elif name == "offset":
            self.index.setdefault(self._index_name, []).append((self._offset_of, self.heard().strip()))
        elif name == "indexListOffset":
            self.index_stated = self.heard().strip()
        elif name == "fileChecksum":
            self.signed = self.heard()

    # ---- spectra and chromatograms ----
    def _registered(self, item: Item) -> str:
        """Ids are present and unique, and counted without gaps; returns words for messages."""
        kind, found = item.kind, self.found[item.kind]
        name, index = item.attributes.get("id", ""), item.attributes.get("index", "")
        where = f"{kind} {len(found)} (id {name})"
        if not name:
            raise self.source.refusal(where, "no id", f"a unique id for every {kind}", CONVERT_AGAIN)
        if name in found:
            words = "an id that an earlier one has already"
            raise self.source.refusal(where, words, f"a unique id for every {kind}", CONVERT_AGAIN)
        if index != str(len(found)):
            raise self.source.refusal(
                where,
                f"index {index}",
                f"index {len(found)}, in order and without gaps",
                "convert the vendor's file again; something was lost or written twice",
            )
        found[name] = item.offset
        return where

    def _end_spectrum(self, item: Item) -> None:
        where, params = self._registered(item), item.params
        arrays = self._arrays(where, item)
        if MZ not in arrays and (not RADIATION.isdisjoint(params) or WAVELENGTH in arrays):
            self.run.other_spectra += 1
            return
        for term in NUMBERS:
            if term in params:
                self.number(params[term].get("value", ""), params[term].get("name", term), where)
        kind = self._kind(where, params, item.scan)
        rt = self.number(item.scan.get(START_TIME, {}).get("value", ""), "scan start time", where)
        stated = self.number(params.get(BASE_PEAK_MZ, {}).get("value", ""), "base peak m/z", where)
        empty = not self.integer(item.attributes.get("defaultArrayLength", ""), "defaultArrayLength", where)
        if not arrays and empty:
            arrays = {MZ: np.empty(0), INTENSITY: np.empty(0)}
        if MZ not in arrays or INTENSITY not in arrays:
            missing = "m/z" if MZ not in arrays else "intensity"
            expected = "an m/z and an intensity array"
            raise self.source.refusal(where, f"no {missing} array", expected, CONVERT_AGAIN)
        time = rt * kind.to_seconds if rt is not None and kind.to_seconds else None
        self.run.add(
            Spectrum(where, kind.level, kind.polarity, kind.label, time, arrays[MZ], arrays[INTENSITY], stated)
        )

    def _end_chromatogram(self, item: Item) -> None:
        where = self._registered(item)
        self.run.chromatograms += 1
        try:
            arrays = self._arrays(where, item)
        except Refusal as refusal:  # told at the end: what is wrong with the spectra matters more
            self.later.append(refusal)
            return
        try:
            self._chromatogram(where, item, arrays)
        except Refusal as refusal:
            # Undamaged, but no curve over time: which spectra have no use for.
            (self.later if self.run.expected.srm else self.odd).append(refusal)

    def _chromatogram(self, where: str, item: Item, arrays: dict[str, np.ndarray]) -> None:
        if not arrays:
            return
        signal = next((term for term in SIGNALS if term in arrays), INTENSITY)
        for term, words in ((TIME, "time"), (signal, "intensity")):
            if term not in arrays:
                expected = "a time and an intensity array"
                raise self.source.refusal(where, f"no {words} array", expected, CONVERT_AGAIN)
            if not np.isfinite(arrays[term]).all():
                found = f"NaN or infinite values in the {words} array"
                raise self.source.refusal(where, found, "finite values", CONVERT_AGAIN)
        if signal != INTENSITY or not SUMMARY_CHROMATOGRAMS.isdisjoint(item.params):
            return
        if SRM_CHROMATOGRAM in item.params and (arrays[INTENSITY] < 0).any():
            raise self.source.refusal(where, "negative intensities", "intensities of 0 or more", CONVERT_AGAIN)
        if (np.diff(arrays[TIME]) < 0).any():
            raise self.source.refusal(where, "times that are not ascending", "ascending times")
        self.run.usable_srm += bool(len(arrays[TIME]))
        if polarity := _polarity(item.params):
            self.run.srm_polarities.add(polarity)

    def _kind(self, where: str, params: Params, scan: Params) -> Kind:
        """What the terms of a spectrum say; raises Refusal where they contradict each other."""
        level = params.get(LEVEL, {}).get("value", "")
        if not WHOLE.fullmatch(level) or not int(level):
            found = f"ms level '{level}'" if level else "no ms level"
            raise self.source.refusal(where, found, "an ms level of 1, 2, ...", CONVERT_AGAIN)
        level = int(level)
        if (level > 1 and MS1 in params) or (level == 1 and MSN in params):
            found = f"an {'MS1' if MS1 in params else 'MSn'} spectrum with ms level {level}"
            raise self.source.refusal(where, found, "a kind that fits the ms level", CONVERT_AGAIN)
        polarity = _polarity({**params, **scan})
        if polarity == "both":
            raise self.source.refusal(where, "two polarities", "positive or negative scan", CONVERT_AGAIN)
        label = CENTROID if CENTROID_TERM in params else PROFILE if PROFILE_TERM in params else ""
        if CENTROID_TERM in params and PROFILE_TERM in params:
            remark = "Spectra are labelled centroid and profile at once: what their peaks are counts."
            self.run.tolerate(where, "a spectrum labelled centroid and profile", "one of the two", remark)
            label = ""
        to_seconds = None
        if START_TIME in scan:
            unit = scan[START_TIME].get("unitAccession", "")
            if unit not in SECONDS:
                found = f"a scan start time in the unit {unit or '(none)'}"
                raise self.source.refusal(where, found, "seconds or minutes", CONVERT_AGAIN)
            to_seconds = SECONDS[unit]
        return Kind(level, polarity, label, to_seconds)

    # ---- arrays ----
    def _arrays(self, where: str, item: Item) -> dict[str, np.ndarray]:
        """{array term: values} of a spectrum or chromatogram, each of its stated length."""
        arrays: dict[str, np.ndarray] = {}
        for number, array in enumerate(item.arrays):
            place, attributes = f"{where}, array {number}", array.attributes
            length = attributes.get("arrayLength", item.attributes.get("defaultArrayLength", ""))
            coding = self._coding(place, array.params)
            self._array(place, coding, attributes.get("encodedLength", ""), length, array.text, arrays)
        return arrays

    def _coding(self, place: str, params: Params) -> Coding:
        terms = ARRAYS.intersection(params)
        listed = ", ".join(f"{key} '{param.get('name', '')}'" for key, param in params.items()) or "no term"
        if len(terms) != 1:
            raise self.source.refusal(
                place,
                f"no one known term for what the array holds ({listed})",
                "m/z array (MS:1000514), intensity array (MS:1000515) or another known term",
                CONVERT_AGAIN,
            )
        numbers = [NUMBER_TYPES[term] for term in params if term in NUMBER_TYPES]
        compressions = [COMPRESSIONS[term] for term in params if term in COMPRESSIONS]
        if len(numpress := [name for name in compressions if name.startswith("numpress")]) == 1:
            # It has a number type of its own; msconvert states others beside it, and older ones have no term for
            # Numpress and zlib.
            stacked = "zlib" in compressions
            numbers, compressions = ["<f8"], [f"{numpress[0]}+zlib" if stacked else numpress[0]]
        if len(numbers) != 1 or len(compressions) != 1:
            raise self.source.refusal(
                place,
                f"no one known number type and compression ({listed})",
                "32- or 64-bit numbers, and no, zlib or Numpress compression",
                CONVERT_AGAIN,
            )
        return Coding(terms.pop(), numbers[0], compressions[0])

    def _array(
        self, place: str, coding: Coding, encoded: str, length: str, text: bytes, arrays: dict[str, np.ndarray]
    ) -> None:
        try:
            values = decoded(text, coding.number or "u1", coding.compression)
        except Damaged as error:
            raise self.source.refusal(place, str(error), "an undamaged binary array") from None
        if not coding.number:
            return
        if str(len(values)) != length and len(values) != self.integer(length, "array length", place):
            raise self.source.refusal(place, f"{len(values)} values", f"{length} as the file itself says")
        if encoded != str(len(text)) and encoded != str(len(b"".join(text.split()))):
            found, expected = f"{len(text)} characters of binary data", f"{encoded} as the file itself says"
            remark = "Arrays have not as many characters as the file says; they are whole, and hold as many values."
            self.run.tolerate(place, found, expected, remark)
        if coding.term in arrays and coding.term != NON_STANDARD:
            found = f"a second array of the kind {coding.term}"
            raise self.source.refusal(place, found, "each kind once", CONVERT_AGAIN)
        arrays[coding.term] = values

    # ---- the whole file ----
    def check_index(self) -> None:
        if self.root != "indexedmzML":
            return
        if not self.index and any(self.found.values()):
            raise self.source.refusal("", "indexedmzML without its index", "the index it announces", CONVERT_AGAIN)
        for kind, found in self.found.items():
            listed = self.index.get(kind)
            if listed is None:
                if found and self.index:
                    words = f"no index of {kind}s"
                    raise self.source.refusal("its index", words, f"{len(found)} entries", CONVERT_AGAIN)
                continue
            if len(listed) != len(found):
                words = f"{len(listed)} entries for {kind}s"
                raise self.source.refusal("its index", words, f"{len(found)}, one for each", CONVERT_AGAIN)
            for (name, offset), (true_name, true_offset) in zip(listed, found.items(), strict=True):
                if name != true_name or offset != str(true_offset):
                    raise self.source.refusal(
                        f"its index, {kind} {true_name}",
                        f"'{name}' at byte {offset}",
                        f"'{true_name}' at byte {true_offset}",
                        CHANGED,
                    )
        # OpenMS means the line end in front of the index.
        stated = self.index_stated
        if stated and not (WHOLE.fullmatch(stated) and self.mzml_end <= int(stated) <= self.index_at):
            expected = f"{self.index_at}, where the index starts"
            raise self.source.refusal("its index", f"indexListOffset {self.index_stated}", expected, CHANGED)


def _polarity(terms: Iterable[str]) -> str:
    found = [word for term, word in ((POSITIVE, "positive"), (NEGATIVE, "negative")) if term in terms]
    return "both" if len(found) > 1 else found[0] if found else ""


def check_mzml(source: Source, expected: Expected) -> Verdict:
    """Check one mzML file; see docs/intake.md for the rules and the facts."""
    file = MzML(source, expected)
    file.parse()
    run = file.run
    if not file.version:
        raise source.refusal("", "no mzML element", "an mzML file", CONVERT_AGAIN)
    for kind, words in (("spectrum", "spectra"), ("chromatogram", "chromatograms")):
        file.check_count(words, file.stated_counts.get(kind), len(file.found[kind]))
    run.ionisations |= instrument.of_terms(term for source in file.ion_sources for term in source)
    try:
        facts = run.finish()
    except Refusal:
        if (file.later or file.odd) and not run.seen():  # why there is nothing to use
            raise [*file.later, *file.odd][0] from None
        raise
    if file.later:
        raise file.later[0]
    for refusal in file.odd:
        remark = "Chromatograms are no sound curves over time; spectra are, and nothing else is used."
        run.forgive(refusal, remark)
    file.check_index()
    file.check_sha1()
    facts |= {"indexed": file.root == "indexedmzML", "compression": "gzip" if source.packed else "none"}
    return Verdict("file", "mzml", source.size, "", "", run.content(), facts, run.notes, run.values())
