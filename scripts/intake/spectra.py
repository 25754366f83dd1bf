"""mzML and mzXML (also gzipped): parsed once by expat, without building a tree, and checked spectrum by spectrum.

The rules for peaks are in `peaks`; here are those of the two XML formats: well-formed and complete, own SHA-1 and
index, counts, ids, known terms for arrays, encodings and compression, and undamaged arrays of the stated length.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import xml.parsers.expat as expat
from dataclasses import dataclass, field

import numpy as np
from isal import isal_zlib

from scripts.intake.peaks import CENTROID, PROFILE, Run, Spectrum
from scripts.intake.source import BLOCK, GZIP_ERRORS, Source
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.refusal import Refusal

CONVERT_AGAIN = "convert the vendor's file again"
# PSI-MS controlled vocabulary, https://github.com/HUPO-PSI/psi-ms-CV
MZ, INTENSITY, TIME, WAVELENGTH = "MS:1000514", "MS:1000515", "MS:1000595", "MS:1000617"
OTHER_ARRAYS = {
    "MS:1000516", "MS:1000517", "MS:1000786", "MS:1000820", "MS:1000821", "MS:1000822", "MS:1002477", "MS:1002478",
    "MS:1002529", "MS:1002530", "MS:1002742", "MS:1002743", "MS:1002744", "MS:1002745", "MS:1002816", "MS:1002893",
    "MS:1003006", "MS:1003007", "MS:1003008", "MS:1003143", "MS:1003153", "MS:1003154", "MS:1003155", "MS:1003156",
    "MS:1003157", "MS:1003158",
}  # fmt: skip
ARRAYS = {MZ, INTENSITY, TIME, WAVELENGTH} | OTHER_ARRAYS
TYPES = {"MS:1000519": "<i4", "MS:1000520": "<f2", "MS:1000521": "<f4", "MS:1000522": "<i8", "MS:1000523": "<f8"}
TEXT = "MS:1001479"
NO_COMPRESSION, ZLIB = "MS:1000576", "MS:1000574"
# MS-Numpress, doi:10.1074/mcp.O114.037879; the second three are packed with zlib as well.
NUMPRESS = {
    "MS:1002312": ("linear", False), "MS:1002313": ("pic", False), "MS:1002314": ("slof", False),
    "MS:1002746": ("linear", True), "MS:1002747": ("pic", True), "MS:1002748": ("slof", True),
}  # fmt: skip
COMPRESSIONS = {NO_COMPRESSION, ZLIB, *NUMPRESS}
# Elements whose cvParams say nothing about the spectrum itself, and those that change nothing.
INNER = {"precursorList", "productList", "scanWindowList", "precursor", "product"}
NEUTRAL = {
    "scanList", "scanWindow", "binaryDataArrayList", "isolationWindow", "selectedIonList", "selectedIon", "activation",
}  # fmt: skip
POSITIVE, NEGATIVE = "MS:1000130", "MS:1000129"
LEVEL, MS1, MSN = "MS:1000511", "MS:1000579", "MS:1000580"
CENTROID_TERM, PROFILE_TERM = "MS:1000127", "MS:1000128"
RADIATION = {"MS:1000804", "MS:1000805", "MS:1000806"}
START_TIME, BASE_PEAK_MZ = "MS:1000016", "MS:1000504"
NUMBERS = ("MS:1000504", "MS:1000505", "MS:1000285", "MS:1000527", "MS:1000528")
SECONDS = {"UO:0000010": 1.0, "MS:1000039": 1.0, "UO:0000031": 60.0, "MS:1000038": 60.0, "UO:0000028": 0.001}
SUMMARY_CHROMATOGRAMS = {"MS:1000235", "MS:1000628", "MS:1000627", "MS:1000810", "MS:1000811", "MS:1000812"}
UNSIGNED = re.compile(r"0+$|^$")


class Parser:
    """Feeds a source to expat; subclasses handle the elements. Turns every parser error into a Refusal."""

    what = ""

    def __init__(self, source: Source, expected: Expected):
        self.source = source
        self.run = Run(source, expected)
        self.text: list[str] | None = None
        self.sha1 = hashlib.sha1(usedforsecurity=False)
        self.signed = ""  # the SHA-1 the file carries
        self.measured = ""  # the SHA-1 that its bytes have
        self.root = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.buffer_size = 1 << 18
        self.parser.StartElementHandler = self.start
        self.parser.StartDoctypeDeclHandler = self._doctype

    checksum_tag = b""

    def parse(self) -> None:
        payload, tail = self.source.payload(), b""
        try:
            while block := payload.read(BLOCK):
                tail = self._sign(tail, block)
                self.feed(block)
            self.feed(b"")
            self.parser.Parse(b"", True)
        except GZIP_ERRORS as error:
            raise self.source.told(error, self.place()) from None
        except expat.ExpatError as error:
            raise self._malformed(error) from None
        except (LookupError, UnicodeError) as error:  # raised by expat for encodings that Python does not know
            raise self.source.refusal("", f"an unknown text encoding ({error})", "UTF-8 or ISO-8859-1") from None

    def feed(self, block: bytes) -> None:
        self.parser.Parse(block)

    def _sign(self, tail: bytes, block: bytes) -> bytes:
        """Hash up to and including the tag in front of the file's own checksum; returns what is held back."""
        if self.measured:
            return b""
        data = tail + block
        found = data.find(self.checksum_tag)
        if found >= 0:
            self.sha1.update(data[: found + len(self.checksum_tag)])
            self.measured = self.sha1.hexdigest()
            return b""
        keep = len(self.checksum_tag) - 1
        self.sha1.update(data[:-keep])
        return data[-keep:]

    def _doctype(self, *_) -> None:
        raise self.source.refusal("", "a document type declaration (DOCTYPE)", f"{self.what} without one")

    def _malformed(self, error: expat.ExpatError) -> Refusal:
        words = expat.ErrorString(error.code)
        early = error.code in (
            expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
            expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
            expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
            expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
        )
        place = f"line {error.lineno}, {self.place()}"
        if early:
            return self.source.refusal(
                place, f"the end of the file before the end of the {self.what} (truncated)", "a whole file"
            )
        return self.source.refusal(place, f"text that is not well-formed XML ({words})", f"well-formed {self.what}")

    def place(self) -> str:
        return f"after {self.run.spectra + len(self.run._batch)} spectra"

    def start(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def listen(self) -> None:
        self.text = []
        self.parser.CharacterDataHandler = self.text.append

    def heard(self) -> str:
        self.parser.CharacterDataHandler = None
        text, self.text = "".join(self.text or []), None
        return text

    def integer(self, attributes: dict[str, str], key: str, where: str) -> int:
        value = attributes.get(key, "")
        if not value.strip().isdecimal():
            raise self.source.refusal(where, f"{key}={value!r}", "a whole number of 0 or more", CONVERT_AGAIN)
        return int(value)

    def counted(self, what: str, stated: int | None, found: int) -> None:
        if stated is not None and stated != found:
            raise self.source.refusal(
                "",
                f"{found} {what}",
                f"{stated} as the file itself says",
                "convert the vendor's file again; some were lost",
            )

    def check_sha1(self) -> None:
        signed = self.signed.strip().lower()
        if not self.measured:
            self.run.notes.append("The file carries no checksum of its own.")
        elif signed in ("", "0"):  # OpenMS and others write 0 for "not computed"
            self.run.notes.append("The file's own checksum was left empty by the program that wrote it.")
        elif signed != self.measured:
            raise self.source.refusal(
                "its own checksum",
                f"SHA-1 {signed}",
                f"{self.measured}, which its bytes have",
                "the file was changed after it was written: convert the vendor's file again",
            )


def base64_bytes(text: bytes) -> bytes:
    """Strict base64; blanks and line ends inside are allowed, nothing else. Raises binascii.Error."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        return binascii.a2b_base64(b"".join(text.split()), strict_mode=True) if text.strip() else b""


def inflated(data: bytes) -> bytes:
    """zlib data, complete and nothing behind it. Raises isal_zlib.error or EOFError."""
    stream = isal_zlib.decompressobj()
    out = stream.decompress(data)
    if not stream.eof:
        raise EOFError("cut")
    if stream.unused_data:
        raise isal_zlib.error("data behind the end of the zlib stream")
    return out


def numpress(data: bytes, method: str) -> np.ndarray:
    """Decode MS-Numpress with pyOpenMS. Raises ValueError."""
    import pyopenms

    coder, config, out = pyopenms.MSNumpressCoder(), pyopenms.NumpressConfig(), []
    codes = {"linear": 1, "pic": 2, "slof": 3}
    config.np_compression = codes[method]
    try:
        result = coder.decodeNPRaw(data, out, config)
    except Exception as error:
        raise ValueError(str(error).split("\n")[0]) from None
    return np.array(out if out or result is None else result, "<f8")


# ---- mzML ----
@dataclass
class Array:
    """One binaryDataArray while it is read."""

    attributes: dict[str, str]
    params: dict[str, dict[str, str]] = field(default_factory=dict)
    text: bytes = b""


OPEN, CLOSE = b"<binary>", b"</binary>"


class MzML(Parser):
    """An mzML file on its way through the checks.

    The text of binary arrays goes around expat, which would copy it twice; `_removed` counts these bytes, so that
    offsets stay right. Elements are finished when the next one starts: most of the time of a parser with an end
    handler goes into calling it for every cvParam.
    """

    what = "mzML"
    checksum_tag = b"<fileChecksum>"

    def __init__(self, source: Source, expected: Expected):
        super().__init__(source, expected)
        self.groups: dict[str, dict] = {}
        self.sink: dict[str, dict[str, str]] = {}
        self.params: dict[str, dict[str, str]] = {}
        self.scan: dict[str, dict[str, str]] | None = None
        self.item: dict[str, str] | None = None
        self.kind = ""
        self.item_at = 0
        self.arrays: list[Array] = []
        self._held, self._inside, self._searched, self._removed = b"", False, 0, 0
        self.stated_counts: dict[str, int] = {}
        self.found: dict[str, dict[str, int]] = {"spectrum": {}, "chromatogram": {}}
        self.index: dict[str, list[tuple[str, str]]] = {}
        self.index_name = ""
        self.offset_of = ""
        self.index_list_at = -1
        self.index_list_stated = ""
        self.version = ""
        self.later: list[Refusal] = []

    def feed(self, block: bytes) -> None:
        data, position, parse = self._held + block, 0, self.parser.Parse
        while True:
            if self._inside:
                end = data.find(CLOSE, max(position, self._searched))
                if end < 0:
                    if not block:
                        return
                    self._held, self._searched = data[position:], max(0, len(data) - position - len(CLOSE))
                    return
                if self.arrays:
                    self.arrays[-1].text = data[position:end]
                self._removed += end - position
                position, self._inside, self._searched = end, False, 0
            begin = data.find(OPEN, position)
            if begin < 0:
                # A tag may be cut by the end of the block.
                keep = min(len(OPEN) - 1, len(data) - position) if block else 0
                parse(data[position : len(data) - keep])
                self._held = data[len(data) - keep :]
                return
            parse(data[position : begin + len(OPEN)])
            position, self._inside = begin + len(OPEN), True

    def offset(self) -> int:
        return self.parser.CurrentByteIndex + self._removed

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "cvParam":
            self.sink[attributes.get("accession", "")] = attributes
        elif name == "binary" or name == "userParam":
            return
        elif name == "binaryDataArray":
            array = Array(attributes)
            self.arrays.append(array)
            self.sink = array.params
        elif name == "spectrum" or name == "chromatogram":
            self.finish_item()
            self.item, self.kind, self.item_at = attributes, name, self.offset()
            self.params = self.sink = {}
            self.scan, self.arrays = None, []
        elif name == "scan":
            self.sink = {}
            if self.scan is None:
                self.scan = self.sink
        elif name == "referenceableParamGroupRef":
            ref = attributes.get("ref", "")
            if ref not in self.groups:
                raise self.source.refusal(
                    self.place(),
                    f"a reference to the parameter group '{ref}'",
                    "a group the file defines",
                    CONVERT_AGAIN,
                )
            self.sink.update(self.groups[ref])
        elif name in INNER:
            self.sink = {}
        elif name not in NEUTRAL:
            self.start_rare(name, attributes)

    def start_rare(self, name: str, attributes: dict[str, str]) -> None:
        if not self.root:
            self.root = name
        if name == "referenceableParamGroup":
            self.sink = self.groups[attributes.get("id", "")] = {}
        elif name == "mzML":
            self.version = attributes.get("version", "")
            if not self.version.startswith("1.1"):
                raise self.source.refusal(
                    "",
                    f"the obsolete mzML version '{self.version}'",
                    "mzML 1.1",
                    "convert the vendor's file again (msconvert)",
                )
        elif name in ("spectrumList", "chromatogramList"):
            self.finish_item()
            self.stated_counts[name.removesuffix("List")] = self.integer(attributes, "count", name)
        elif name == "indexList":
            self.finish_item()
            self.index_list_at = self.offset()
            self.parser.EndElementHandler = self.end_of_index
        elif name == "index":
            self.index_name = attributes.get("name", "")
            self.index.setdefault(self.index_name, [])
        elif name == "offset":
            self.offset_of = attributes.get("idRef", "")
            self.listen()
        elif name in ("indexListOffset", "fileChecksum"):
            self.listen()
            self.parser.EndElementHandler = self.end_of_index
        else:
            self.sink = {}

    def end_of_index(self, name: str) -> None:
        if name == "offset":
            self.index.setdefault(self.index_name, []).append((self.offset_of, self.heard().strip()))
        elif name == "indexListOffset":
            self.index_list_stated = self.heard().strip()
        elif name == "fileChecksum":
            self.signed = self.heard()

    def finish_item(self) -> None:
        """Check the spectrum or chromatogram that has just ended, if any."""
        if self.item is not None:
            if self.kind == "spectrum":
                self.end_spectrum()
            else:
                self.end_chromatogram()
            self.item = None

    # ---- spectra and chromatograms ----
    def where(self, kind: str) -> str:
        number = len(self.found[kind])
        return f"{kind} {number} (id {self.item.get('id', '')!r})".replace("'", "")

    def register(self, kind: str) -> str:
        """Ids are present and unique, and counted without gaps; returns words for messages."""
        where, name = self.where(kind), self.item.get("id", "")
        if not name:
            raise self.source.refusal(where, "no id", f"a unique id for every {kind}", CONVERT_AGAIN)
        if name in self.found[kind]:
            raise self.source.refusal(
                where, "an id that an earlier one has already", f"a unique id for every {kind}", CONVERT_AGAIN
            )
        if (index := self.item.get("index", "")) != str(len(self.found[kind])):
            raise self.source.refusal(
                where,
                f"index {index!r}".replace("'", ""),
                f"index {len(self.found[kind])}, in order and without gaps",
                "convert the vendor's file again; something was lost or written twice",
            )
        self.found[kind][name] = self.item_at
        return where

    def end_spectrum(self) -> None:
        where, params, scan = self.register("spectrum"), self.params, self.scan or {}
        arrays = self.decode(where)
        if MZ not in arrays and (not RADIATION.isdisjoint(params) or WAVELENGTH in arrays):
            self.run.other_spectra += 1
            return
        for term in NUMBERS:
            if term in params:
                self.number(params[term], where)
        level = self.level(where, params)
        length = self.stated_length(where, {})
        if not length and not arrays:
            arrays = {MZ: np.empty(0), INTENSITY: np.empty(0)}
        for term, words in ((MZ, "m/z"), (INTENSITY, "intensity")):
            if term not in arrays:
                raise self.source.refusal(where, f"no {words} array", "an m/z and an intensity array", CONVERT_AGAIN)
        polarity = {(True, False): "positive", (False, True): "negative", (True, True): "both"}.get(
            (POSITIVE in params or POSITIVE in scan, NEGATIVE in params or NEGATIVE in scan), ""
        )
        if polarity == "both":
            raise self.source.refusal(where, "two polarities", "positive or negative scan", CONVERT_AGAIN)
        label = CENTROID if CENTROID_TERM in params else PROFILE if PROFILE_TERM in params else ""
        base_peak = params.get(BASE_PEAK_MZ)
        self.run.add(
            Spectrum(
                where,
                level,
                polarity,
                label,
                self.time(where, scan),
                arrays[MZ],
                arrays[INTENSITY],
                self.number(base_peak, where) if base_peak else None,
            )
        )

    def end_chromatogram(self) -> None:
        where = self.register("chromatogram")
        self.run.chromatograms += 1
        try:
            self.chromatogram(where)
        except Refusal as refusal:  # told at the end: what is wrong with the spectra matters more
            self.later.append(refusal)

    def chromatogram(self, where: str) -> None:
        run, arrays = self.run, self.decode(where)
        if not arrays:
            return
        for term, words in ((TIME, "time"), (INTENSITY, "intensity")):
            if term not in arrays:
                raise self.source.refusal(where, f"no {words} array", "a time and an intensity array", CONVERT_AGAIN)
            if not np.isfinite(arrays[term]).all():
                raise self.source.refusal(
                    where, f"NaN or infinite values in the {words} array", "finite values", CONVERT_AGAIN
                )
        if not SUMMARY_CHROMATOGRAMS.isdisjoint(self.params):
            return
        if (np.diff(arrays[TIME]) < 0).any():
            raise self.source.refusal(where, "times that are not ascending", "ascending times")
        run.usable_srm += bool(len(arrays[TIME]))
        run.srm_polarities |= {
            word for term, word in ((POSITIVE, "positive"), (NEGATIVE, "negative")) if term in self.params
        }

    def number(self, param: dict[str, str], where: str) -> float | None:
        value = param.get("value", "")
        try:
            return float(value) if value else None
        except ValueError:
            raise self.source.refusal(where, f"{param.get('name', '')} '{value}'", "a number", CONVERT_AGAIN) from None

    def level(self, where: str, params: dict[str, dict[str, str]]) -> int:
        value = params.get(LEVEL, {}).get("value", "")
        if not value.isdecimal() or int(value) < 1:
            raise self.source.refusal(where, f"ms level {value!r}".replace("''", "missing"), "1, 2, ...", CONVERT_AGAIN)
        level = int(value)
        if (level > 1 and MS1 in params) or (level == 1 and MSN in params):
            kind = "MS1" if MS1 in params else "MSn"
            raise self.source.refusal(
                where, f"an {kind} spectrum with ms level {level}", "a kind that fits the ms level", CONVERT_AGAIN
            )
        return level

    def time(self, where: str, scan: dict[str, dict[str, str]]) -> float | None:
        param = scan.get(START_TIME)
        if param is None:
            return None
        unit = param.get("unitAccession", "")
        if unit not in SECONDS:
            raise self.source.refusal(
                where, f"a scan start time in the unit {unit or '(none)'}", "seconds or minutes", CONVERT_AGAIN
            )
        value = self.number(param, where)
        return None if value is None else value * SECONDS[unit]

    # ---- arrays ----
    def stated_length(self, where: str, attributes: dict[str, str]) -> int:
        if "arrayLength" in attributes:
            return self.integer(attributes, "arrayLength", where)
        return self.integer(self.item or {}, "defaultArrayLength", where) if self.item else 0

    def decode(self, where: str) -> dict[str, np.ndarray]:
        """{array term: values} of the current spectrum or chromatogram, each of its stated length."""
        arrays: dict[str, np.ndarray] = {}
        for number, array in enumerate(self.arrays):
            place = f"{where}, array {number}"
            terms = ARRAYS.intersection(array.params)
            if len(terms) != 1:
                listed = ", ".join(f"{key} '{param.get('name', '')}'" for key, param in array.params.items())
                raise self.source.refusal(
                    place,
                    f"no one known term for what the array holds ({listed or 'no term'})",
                    "m/z array (MS:1000514), intensity array (MS:1000515) or another known term",
                    CONVERT_AGAIN,
                )
            term = terms.pop()
            values = self.values(place, array)
            length = self.stated_length(place, array.attributes)
            if values is None:
                continue
            if len(values) != length:
                raise self.source.refusal(place, f"{len(values)} values", f"{length} as the file itself says")
            if term in arrays:
                raise self.source.refusal(place, f"a second array of the kind {term}", "each kind once", CONVERT_AGAIN)
            arrays[term] = values
        return arrays

    def values(self, place: str, array: Array) -> np.ndarray | None:
        params, text = array.params, array.text
        encoded = array.attributes.get("encodedLength")
        if encoded != str(len(text)) and encoded != str(len(b"".join(text.split()))):
            raise self.source.refusal(
                place, f"{len(text)} characters of binary data", f"{encoded} as the file itself says (encodedLength)"
            )
        kinds = [TYPES[term] for term in params if term in TYPES]
        compressions = [term for term in params if term in COMPRESSIONS]
        if (len(kinds) != 1 and TEXT not in params) or len(compressions) != 1:
            raise self.source.refusal(
                place,
                "no one known term for its number type and its compression",
                "32- or 64-bit numbers, and no, zlib or Numpress compression",
                CONVERT_AGAIN,
            )
        compression = compressions[0]
        try:
            data = base64_bytes(text)
            if compression == ZLIB or NUMPRESS.get(compression, ("", False))[1]:
                data = inflated(data) if data else data
            if TEXT in params:
                return None
            if compression in NUMPRESS:
                return numpress(data, NUMPRESS[compression][0]) if data else np.empty(0)
            return np.frombuffer(data, kinds[0])
        except binascii.Error as error:
            found = f"damaged base64 ({str(error).lower()})"
        except (isal_zlib.error, EOFError) as error:
            found = f"damaged zlib data ({error})"
        except ValueError as error:
            found = (
                f"{len(data)} bytes, which do not divide into its numbers"
                if compression not in NUMPRESS
                else (f"damaged Numpress data ({error})")
            )
        raise self.source.refusal(place, found, "an undamaged binary array")

    # ---- the whole file ----
    def check_index(self) -> None:
        if self.root != "indexedmzML":
            return
        for kind, found in self.found.items():
            listed = self.index.get(kind)
            if listed is None:
                if found and self.index:
                    raise self.source.refusal(
                        "its index", f"no index of {kind}s", f"{len(found)} entries", CONVERT_AGAIN
                    )
                continue
            if len(listed) != len(found):
                raise self.source.refusal(
                    "its index", f"{len(listed)} entries for {kind}s", f"{len(found)}, one for each", CONVERT_AGAIN
                )
            for (name, offset), (true_name, true_offset) in zip(listed, found.items(), strict=True):
                if name != true_name or offset != str(true_offset):
                    raise self.source.refusal(
                        f"its index, {kind} {true_name}",
                        f"'{name}' at byte {offset}",
                        f"'{true_name}' at byte {true_offset}",
                        "the file was changed after it was written: convert the vendor's file again",
                    )
        if self.index_list_stated and self.index_list_stated != str(self.index_list_at):
            raise self.source.refusal(
                "its index",
                f"indexListOffset {self.index_list_stated}",
                f"{self.index_list_at}, where the index starts",
                "the file was changed after it was written: convert the vendor's file again",
            )


def check_mzml(source: Source, expected: Expected) -> Verdict:
    """Check one mzML file; see docs/intake.md for the rules and the facts."""
    file = MzML(source, expected)
    file.parse()
    file.finish_item()
    run = file.run
    if not file.version:
        raise source.refusal("", "no mzML element", "an mzML file", CONVERT_AGAIN)
    for kind in ("spectrum", "chromatogram"):
        words = {"spectrum": "spectra", "chromatogram": "chromatograms"}[kind]
        file.counted(words, file.stated_counts.get(kind), len(file.found[kind]))
    facts = run.finish()
    if file.later:
        raise file.later[0]
    file.check_index()
    file.check_sha1()
    facts |= {"indexed": file.root == "indexedmzML", "compression": "gzip" if source.packed else "none"}
    return Verdict("file", "mzml", source.size, "", "", run.content(), facts, run.notes)


# ---- mzXML ----
DURATION = re.compile(r"P(?:T(?:(\d+(?:\.\d*)?)H)?(?:(\d+(?:\.\d*)?)M)?(?:(\d*(?:\.\d*)?(?:[eE][-+]?\d+)?)S)?)$")


class MzXML(Parser):
    what = "mzXML"
    checksum_tag = b"<sha1>"

    def __init__(self, source: Source, expected: Expected):
        super().__init__(source, expected)
        self.scans: list[tuple[dict[str, str], list]] = []
        self.found: dict[str, int] = {}
        self.stated: int | None = None
        self.index: list[tuple[str, str]] = []
        self.offset_of = ""
        self.index_at = -1
        self.index_stated = ""
        self.runs = 0
        self.in_index = False
        self.parser.EndElementHandler = self.end

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "scan":
            number = attributes.get("num", "")
            where = f"scan {number or '(no number)'}"
            if not number:
                raise self.source.refusal(
                    f"after {len(self.found)} scans", "a scan without a number", "num", CONVERT_AGAIN
                )
            if number in self.found:
                raise self.source.refusal(
                    where, "a number that an earlier scan has already", "unique numbers", CONVERT_AGAIN
                )
            self.found[number] = self.parser.CurrentByteIndex
            self.scans.append((attributes, []))
        elif name == "peaks":
            if not self.scans:
                raise self.source.refusal(self.place(), "peaks outside a scan", "peaks in scans", CONVERT_AGAIN)
            self.scans[-1][1].append(attributes)
            self.listen()
        elif name == "msRun":
            self.runs += 1
            if "scanCount" in attributes:
                self.stated = (self.stated or 0) + self.integer(attributes, "scanCount", "msRun")
        elif name == "index":
            self.index_at, self.in_index = self.parser.CurrentByteIndex, attributes.get("name", "scan") == "scan"
        elif name == "offset" and self.in_index:
            self.offset_of = attributes.get("id", "")
            self.listen()
        elif name in ("indexOffset", "sha1"):
            self.listen()

    def end(self, name: str) -> None:
        if name == "scan":
            attributes, peaks = self.scans.pop()
            # A nested scan ends before its parent: only what was not handed over yet is.
            if peaks is not None:
                self.hand_over(attributes, peaks)
        elif name == "peaks":
            attributes, peaks = self.scans[-1]
            peaks.append(self.heard())
        elif name == "offset" and self.in_index:
            self.index.append((self.offset_of, self.heard().strip()))
        elif name == "indexOffset":
            self.index_stated = self.heard().strip()
        elif name == "sha1":
            self.signed = self.heard()

    def hand_over(self, scan: dict[str, str], peaks: list) -> None:
        where = f"scan {scan['num']}"
        level = self.integer(scan, "msLevel", where)
        polarity = {"+": "positive", "-": "negative"}.get(scan.get("polarity", ""), "")
        label = {"1": CENTROID, "0": PROFILE}.get(scan.get("centroided", ""), "")
        pairs = [self.pairs(where, peaks[i], peaks[i + 1]) for i in range(0, len(peaks) - 1, 2)]
        values = np.concatenate(pairs) if pairs else np.empty(0, ">f4")
        stated = self.integer(scan, "peaksCount", where)
        if len(values) != 2 * stated:
            raise self.source.refusal(
                where, f"{len(values) / 2:g} peaks", f"{stated} as the file itself says (peaksCount)"
            )
        values = values.astype(values.dtype.newbyteorder("<"))
        base_peak = scan.get("basePeakMz", "")
        try:
            base = float(base_peak) if base_peak else None
        except ValueError:
            raise self.source.refusal(where, f"basePeakMz '{base_peak}'", "a number", CONVERT_AGAIN) from None
        self.run.add(
            Spectrum(
                where, level, polarity, label, self.time(where, scan), values[0::2].copy(), values[1::2].copy(), base
            )
        )

    def time(self, where: str, scan: dict[str, str]) -> float | None:
        text = scan.get("retentionTime", "")
        if not text:
            return None
        match = DURATION.match(text)
        try:
            hours, minutes, seconds = (float(part or 0) for part in match.groups())
        except (AttributeError, ValueError):
            raise self.source.refusal(
                where, f"retentionTime '{text}'", "a duration such as PT12.3S", CONVERT_AGAIN
            ) from None
        return 3600 * hours + 60 * minutes + seconds

    def pairs(self, where: str, attributes: dict[str, str], text: str) -> np.ndarray:
        kinds = {"32": ">f4", "64": ">f8", "": ">f4"}
        precision, compression = attributes.get("precision", ""), attributes.get("compressionType", "none")
        content = attributes.get("contentType", attributes.get("pairOrder", "m/z-int"))
        if (
            precision not in kinds
            or compression not in ("none", "zlib")
            or content != "m/z-int"
            or (attributes.get("byteOrder", "network") != "network")
        ):
            raise self.source.refusal(
                where,
                f"peaks encoded as {precision} bits, {compression}, {content}",
                "32 or 64 bits, none or zlib, m/z-int pairs in network order",
                CONVERT_AGAIN,
            )
        try:
            data = base64_bytes(text.encode("ascii", "replace"))
            if compression == "zlib" and data:
                data = inflated(data)
            values = np.frombuffer(data, kinds[precision])
        except binascii.Error as error:
            found = f"damaged base64 ({str(error).lower()})"
        except (isal_zlib.error, EOFError) as error:
            found = f"damaged zlib data ({error})"
        except ValueError:
            found = f"{len(data)} bytes, which do not divide into its numbers"
        else:
            # Writers put one pair of zeros into empty scans.
            return values[:0] if scan_is_empty(values) else values
        raise self.source.refusal(where, found, "undamaged peaks")

    def check_index(self) -> None:
        if self.index and self.index != [(name, str(offset)) for name, offset in self.found.items()]:
            wrong = next(
                (
                    pair
                    for pair, true in zip(self.index, self.found.items(), strict=False)
                    if pair != (true[0], str(true[1]))
                ),
                ("", f"{len(self.index)} entries"),
            )
            raise self.source.refusal(
                "its index",
                f"scan {wrong[0]} at byte {wrong[1]}",
                "the byte where the scan starts",
                "the file was changed after it was written: convert the vendor's file again",
            )
        if self.index_stated.isdecimal() and self.index_at >= 0 and int(self.index_stated) != self.index_at:
            raise self.source.refusal(
                "its index",
                f"indexOffset {self.index_stated}",
                f"{self.index_at}, where the index starts",
                "the file was changed after it was written: convert the vendor's file again",
            )


def scan_is_empty(values: np.ndarray) -> bool:
    return len(values) == 2 and not values.any()


def check_mzxml(source: Source, expected: Expected) -> Verdict:
    """Check one mzXML file; see docs/intake.md for the rules and the facts."""
    file = MzXML(source, expected)
    file.parse()
    if not file.runs:
        raise source.refusal("", "no msRun element", "an mzXML file", CONVERT_AGAIN)
    file.counted("scans", file.stated, len(file.found))
    facts = file.run.finish()
    file.check_index()
    file.check_sha1()
    facts |= {"indexed": bool(file.index), "compression": "gzip" if source.packed else "none"}
    return Verdict("file", "mzxml", source.size, "", "", file.run.content(), facts, file.run.notes)
