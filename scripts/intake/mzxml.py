"""mzXML, also gzipped: well-formed and complete, own SHA-1 and index verified, every array whole."""

from __future__ import annotations

import re

import numpy as np

from scripts.intake import instrument
from scripts.intake.peaks import CENTROID, PROFILE, Spectrum
from scripts.intake.source import Source
from scripts.intake.spectra import CHANGED, CONVERT_AGAIN, Damaged, Parser, decoded
from scripts.intake.verdict import Expected, Verdict

# xs:duration, as far as a run may last: PT1H2M3.4S, or with P0Y0M0D in front
DURATION = re.compile(r"P(?:0+[YMD])*T(?:([0-9.]+)H)?(?:([0-9.]+)M)?(?:([0-9.eE+-]+)S)?")
NUMBER_TYPES = {"32": ">f4", "64": ">f8"}


class MzXML(Parser):
    what = "mzXML"
    checksum_tag = b"<sha1>"

    def __init__(self, source: Source, expected: Expected):
        super().__init__(source, expected)
        self.runs = 0
        self.found: dict[str, int] = {}  # {scan number: byte offset}
        self.stated: int | None = None
        self.index: list[tuple[str, str]] = []
        self.index_at = -1
        self.index_stated = ""
        self._open: list[tuple[dict[str, str], list[tuple[dict[str, str], str]]]] = []  # scans may be nested
        self._peaks: dict[str, str] = {}
        self._offset_of = ""
        self._scan_index = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "scan":
            self._start_scan(attributes)
        elif name == "peaks":
            if not self._open:
                raise self.source.refusal(self.place(), "peaks outside a scan", "peaks in scans", CONVERT_AGAIN)
            self._peaks = attributes
            self.listen()
        elif name == "msIonisation":
            self.run.ionisations |= instrument.of_mzxml(attributes.get("value", ""))
        elif name == "msRun":
            self.runs += 1
            if "scanCount" in attributes:
                count = self.integer(attributes["scanCount"], "scanCount", "msRun")
                self.stated = (self.stated or 0) + count
        elif name == "index":
            self.index_at, self._scan_index = self.parser.CurrentByteIndex, attributes.get("name", "scan") == "scan"
        elif name in ("offset", "indexOffset", "sha1"):
            self._offset_of = attributes.get("id", "")
            self.listen()

    def _start_scan(self, attributes: dict[str, str]) -> None:
        number = attributes.get("num", "")
        if not number:
            raise self.source.refusal(self.place(), "a scan without a number", "num in every scan", CONVERT_AGAIN)
        if number in self.found:
            found = "a number that an earlier scan has already"
            raise self.source.refusal(f"scan {number}", found, "a unique number for every scan", CONVERT_AGAIN)
        self.found[number] = self.parser.CurrentByteIndex
        self._open.append((attributes, []))

    def end(self, name: str) -> None:
        if name == "scan":
            self._end_scan(*self._open.pop())
        elif name == "peaks":
            self._open[-1][1].append((self._peaks, self.heard()))
        elif name == "offset":
            text = self.heard().strip()
            if self._scan_index:
                self.index.append((self._offset_of, text))
        elif name == "indexOffset":
            self.index_stated = self.heard().strip()
        elif name == "sha1":
            self.signed = self.heard()

    def _end_scan(self, scan: dict[str, str], peaks: list[tuple[dict[str, str], str]]) -> None:
        where = f"scan {scan['num']}"
        level = self.integer(scan.get("msLevel", ""), "msLevel", where)
        if not level:
            raise self.source.refusal(where, "msLevel 0", "an ms level of 1, 2, ...", CONVERT_AGAIN)
        polarity = {"+": "positive", "-": "negative"}.get(scan.get("polarity", ""), "")
        label = {"1": CENTROID, "0": PROFILE}.get(scan.get("centroided", ""), "")
        pairs = [self._pairs(where, attributes, text) for attributes, text in peaks]
        values = np.concatenate(pairs) if pairs else np.empty(0, ">f4")
        stated = self.integer(scan.get("peaksCount", ""), "peaksCount", where)
        # Writers put one pair of zeros into empty scans.
        if not stated and len(values) == 2 and not values.any():
            values = values[:0]
        if len(values) != 2 * stated:
            expected = f"{stated} as the file itself says (peaksCount)"
            raise self.source.refusal(where, f"{len(values) / 2:g} peaks", expected)
        values = values.astype(values.dtype.newbyteorder("<"))
        mz, intensity = values[0::2].copy(), values[1::2].copy()
        base_peak = self.number(scan.get("basePeakMz", ""), "basePeakMz", where)
        self.run.add(Spectrum(where, level, polarity, label, self._time(where, scan), mz, intensity, base_peak))

    def _time(self, where: str, scan: dict[str, str]) -> float | None:
        text = scan.get("retentionTime", "")
        if not text:
            return None
        match = DURATION.fullmatch(text)
        try:
            hours, minutes, seconds = (float(part or 0) for part in match.groups())
        except (AttributeError, ValueError):
            found = f"retentionTime '{text}'"
            raise self.source.refusal(where, found, "a duration such as PT12.3S", CONVERT_AGAIN) from None
        return 3600 * hours + 60 * minutes + seconds

    def _pairs(self, where: str, attributes: dict[str, str], text: str) -> np.ndarray:
        precision, compression = attributes.get("precision", "32"), attributes.get("compressionType", "none")
        content = attributes.get("contentType", attributes.get("pairOrder", "m/z-int"))
        order = attributes.get("byteOrder", "network")
        known = precision in NUMBER_TYPES and compression in ("none", "zlib")
        if not known or content != "m/z-int" or order != "network":
            found = f"peaks encoded as {precision} bits, {compression}, {content}, {order}"
            expected = "32 or 64 bits, none or zlib, m/z-int pairs in network order"
            raise self.source.refusal(where, found, expected, CONVERT_AGAIN)
        try:
            return decoded(text.encode("ascii", "replace"), NUMBER_TYPES[precision], compression)
        except Damaged as error:
            raise self.source.refusal(where, str(error), "undamaged peaks") from None

    def check_index(self) -> None:
        true = [(number, str(offset)) for number, offset in self.found.items()]
        if self.index and self.index != true:
            differ = (pair for pair, right in zip(self.index, true, strict=False) if pair != right)
            number, offset = next(differ, (f"(of {len(self.index)})", "any"))
            expected = f"all {len(true)} scans, each at the byte where it starts"
            raise self.source.refusal("its index", f"scan {number} at byte {offset}", expected, CHANGED)
        if self.index_stated and self.index_at >= 0 and self.index_stated != str(self.index_at):
            expected = f"{self.index_at}, where the index starts"
            raise self.source.refusal("its index", f"indexOffset {self.index_stated}", expected, CHANGED)


def check_mzxml(source: Source, expected: Expected) -> Verdict:
    """Check one mzXML file; see docs/intake.md for the rules and the facts."""
    file = MzXML(source, expected)
    file.parse()
    if not file.runs:
        raise source.refusal("", "no msRun element", "an mzXML file", CONVERT_AGAIN)
    file.check_count("scans", file.stated, len(file.found))
    facts = file.run.finish()
    file.check_index()
    file.check_sha1()
    facts |= {"indexed": bool(file.index), "compression": "gzip" if source.packed else "none"}
    return Verdict("file", "mzxml", source.size, "", "", file.run.content(), facts, file.run.notes, file.run.values())
