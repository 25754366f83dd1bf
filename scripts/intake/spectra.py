"""What mzML and mzXML have in common: one pass of expat, the file's own SHA-1, and encoded arrays.

Nothing here builds a tree, so memory does not grow with the file.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import xml.parsers.expat as expat
from abc import ABC, abstractmethod

import numpy as np
import pybase64
from isal import isal_zlib

from scripts.intake.peaks import Run
from scripts.intake.source import BLOCK, GZIP_ERRORS, Source
from scripts.intake.verdict import Expected
from scripts.lib.refusal import Refusal

CONVERT_AGAIN = "convert the vendor's file again"
CHANGED = "the file was changed after it was written: convert the vendor's file again"
# Kilobytes of gzip or zlib can unpack to more than any memory holds; the largest real spectra have some megabytes.
LONGEST_TEXT = 1 << 27
LONGEST_ARRAY = 1 << 28
# A tag, with its attributes, or a comment is read over and over until its end is there; real ones have some kilobytes.
LONGEST_TAG = 1 << 22
WHOLE = re.compile("[0-9]{1,18}")
CUT_SHORT = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}


class Parser(ABC):
    """Feeds a source to expat; subclasses handle the elements. Turns every parser error into a Refusal."""

    what = ""
    checksum_tag = b""

    def __init__(self, source: Source, expected: Expected):
        self.source = source
        self.run = Run(source, expected)
        self.signed = ""  # the SHA-1 the file carries
        self.measured = ""  # the SHA-1 that its bytes have
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._text: list[str] = []
        self._room = 0
        self._passed = 0  # bytes that went to expat
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.buffer_size = 1 << 18
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self._doctype

    @abstractmethod
    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    @abstractmethod
    def end(self, name: str) -> None:
        """An element ends."""

    def parse(self) -> None:
        payload, tail = self.source.payload(), b""
        try:
            while block := payload.read(BLOCK):
                tail = self._sign(tail, block)
                self._passed += len(block)
                self.parser.Parse(block)
                # What it cannot take yet is read again at each block.
                if self._passed - self.parser.CurrentByteIndex > LONGEST_TAG:
                    raise self.too_long("a tag or comment", LONGEST_TAG)
            self.parser.Parse(b"", True)
        except GZIP_ERRORS as error:
            raise self.source.told(error, self.place()) from None
        except expat.ExpatError as error:
            raise self._malformed(error) from None
        except (LookupError, ValueError) as error:  # raised by expat for encodings that it or Python does not know
            raise self.source.refusal("", f"an unknown text encoding ({error})", "UTF-8 or ISO-8859-1") from None

    def _sign(self, tail: bytes, block: bytes) -> bytes:
        """Hash up to and including the tag in front of the file's own checksum; returns what is held back."""
        if self.measured:
            return b""
        data = tail + block
        found = data.find(self.checksum_tag)
        if found >= 0:
            self._sha1.update(data[: found + len(self.checksum_tag)])
            self.measured = self._sha1.hexdigest()
            return b""
        keep = len(self.checksum_tag) - 1
        self._sha1.update(memoryview(data)[:-keep])
        return data[-keep:]

    def _doctype(self, *_) -> None:
        raise self.source.refusal("", "a document type declaration (DOCTYPE)", f"{self.what} without one")

    def _malformed(self, error: expat.ExpatError) -> Refusal:
        if error.code in CUT_SHORT:
            found = f"the end of the file before the end of the {self.what} (truncated)"
            return self.source.refusal(self.place(), found, "a whole file")
        found = f"text that is not well-formed XML ({expat.ErrorString(error.code)})"
        return self.source.refusal(self.place(), found, f"well-formed {self.what}")

    def place(self) -> str:
        return f"after {self.run.seen()} spectra"

    def listen(self) -> None:
        """Collect the text of the element that has just started, for `heard`."""
        self._text, self._room = [], LONGEST_TEXT
        self.parser.CharacterDataHandler = self._hear

    def _hear(self, text: str) -> None:
        self._text.append(text)
        self._room -= len(text)
        if self._room < 0:
            raise self.too_long("a text")

    def too_long(self, what: str, limit: int = LONGEST_TEXT) -> Refusal:
        found = f"{what} longer than {limit} bytes"
        return self.source.refusal(self.place(), found, "spectra that a computer can hold", CONVERT_AGAIN)

    def heard(self) -> str:
        self.parser.CharacterDataHandler = None
        return "".join(self._text)

    def integer(self, value: str, words: str, where: str) -> int:
        if not WHOLE.fullmatch(value.strip()):
            raise self.source.refusal(where, f"{words} '{value}'", "a whole number of 0 or more", CONVERT_AGAIN)
        return int(value)

    def number(self, value: str, words: str, where: str) -> float | None:
        try:
            if "_" in value:  # which Python would take
                raise ValueError
            return float(value) if value else None
        except ValueError:
            raise self.source.refusal(where, f"{words} '{value}'", "a number", CONVERT_AGAIN) from None

    def check_count(self, words: str, stated: int | None, found: int) -> None:
        if stated is not None and stated != found:
            cure = "convert the vendor's file again; some were lost"
            raise self.source.refusal("", f"{found} {words}", f"{stated} as the file itself says", cure)

    def check_sha1(self) -> None:
        signed = self.signed.strip().lower()
        if not self.measured:
            self.run.notes.append("The file carries no checksum of its own.")
        elif signed in ("", "0"):  # OpenMS and others write 0 for "not computed"
            self.run.notes.append("The file's own checksum was left empty by the program that wrote it.")
        elif signed != self.measured:
            expected = f"{self.measured}, which its bytes have"
            raise self.source.refusal("its own checksum", f"SHA-1 {signed}", expected, CHANGED)


# ---- encoded arrays ----
class Damaged(ValueError):
    """An array that cannot be decoded; the message says what was found."""


def decoded(text: bytes, number: str, compression: str) -> np.ndarray:
    """Values of a binary array: base64, then `compression`, then numbers of the numpy type `number`.

    compression: none, zlib, or numpress-linear, -pic, -slof with or without +zlib. Raises Damaged.
    """
    try:
        try:
            data = pybase64.b64decode(text, validate=True)
        except binascii.Error:  # blanks and line ends are allowed inside
            data = pybase64.b64decode(b"".join(text.split()), validate=True)
        if compression.endswith("zlib") and data:
            data = _inflated(data)
        if compression.startswith("numpress"):
            return _numpress(data, compression.removeprefix("numpress-").removesuffix("+zlib"))
        return np.frombuffer(data, number)
    except binascii.Error as error:
        raise Damaged(f"damaged base64 ({str(error).lower()})") from None
    except (isal_zlib.error, EOFError) as error:
        raise Damaged(f"damaged zlib data ({error})") from None
    except Damaged:
        raise
    except ValueError:
        raise Damaged(f"{len(data)} bytes, which do not divide into its numbers") from None


def _inflated(data: bytes) -> bytes:
    stream = isal_zlib.decompressobj()
    out = stream.decompress(data, LONGEST_ARRAY)
    if len(out) == LONGEST_ARRAY:
        raise isal_zlib.error(f"{LONGEST_ARRAY} bytes and more")
    if not stream.eof:
        raise EOFError("it ends too early")
    if stream.unused_data:
        raise isal_zlib.error("bytes behind its end")
    return out


def _numpress(data: bytes, method: str) -> np.ndarray:
    import pyopenms

    if not data:
        return np.empty(0)
    coder, config, values = pyopenms.MSNumpressCoder(), pyopenms.NumpressConfig(), []
    config.setCompression(method)
    try:
        coder.decodeNPRaw(data, values, config)
    except Exception as error:  # pyOpenMS raises RuntimeError for damaged data
        raise Damaged(f"damaged Numpress data ({str(error).splitlines()[0]})") from None
    return np.array(values, "<f8")
