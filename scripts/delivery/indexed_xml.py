"""An XML file of spectra (mzML, mzXML) written anew, element by element, as it is read.

What is not allowed is left out, arrays are copied byte for byte, the index is moved by what came and went before each
spectrum, and the checksum (SHA-1 up to and with its own opening tag) is made anew. Comments, processing instructions
and document types are left out.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol
from xml.sax.saxutils import quoteattr

from scripts.lib.refusal import Refusal

BLOCK = 1 << 20
LONGEST = 64 << 20  # bytes of one tag or comment
REMEMBERED = 1 << 15  # tags that are not judged twice
TOKEN = re.compile(
    rb"""<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>|<!(?:[^<>"'\[]|"[^"]*"|'[^']*'|\[.*?\])*>"""
    rb"""|<(?:[^<>"'!?]|"[^"]*"|'[^']*')(?:[^<>"']|"[^"]*"|'[^']*')*>|[^<]+""",
    re.S,
)
TAG = re.compile(rb"<([\w.:-]+)(.*?)(/?)>\Z", re.S)
ATTRIBUTE = re.compile(rb"""([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
DECLARATION = re.compile(
    rb"""<\?xml\s+version=["']1\.[01]["'](?:\s+encoding=["'][A-Za-z0-9._-]{1,20}["'])?(?:\s+standalone=["'](?:yes|no)["'])?\s*\?>"""
)
NUMBER = re.compile(rb"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*")
PLAIN = re.compile(rb"[A-Za-z0-9+/=\s]*")
#: An element to add: its name, its attributes, what it holds.
Element = tuple[str, dict[str, str], list]


class Cleaner(Protocol):
    """Decides of each element of one file what of it stays."""

    def __init__(self, name: str, tag: dict[str, str]): ...

    def attributes(self, element: str, given: dict[str, str]) -> dict[str, str] | None:
        """What stays of an element's attributes; None where the element goes with all it holds."""

    def before(self, element: str) -> list[Element]:
        """What is added in front of an element."""

    def at_end(self, element: str) -> list[Element]:
        """What is added behind all that an element holds."""


@dataclass(frozen=True)
class Form:
    """What tells one format from the other.

    root       elements that a file may begin with
    cleaner    decides what stays
    arrays     elements that hold numbers in base64
    places     elements that hold the place of another
    values     elements that hold a number
    checksum   element with the checksum
    forbidden  element and attribute that no file may have
    """

    root: set[str]
    cleaner: Callable[[str, dict[str, str]], Cleaner]
    arrays: set[str]
    places: set[str]
    checksum: str
    values: frozenset[str] = frozenset()
    forbidden: tuple[str, str] = ("", "")


@dataclass
class Shifts:
    """How far what stands at a place of the old file is moved in the new one."""

    places: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)

    def add(self, place: int, grown: int) -> None:
        """What stood at a place became longer (or shorter) by so many bytes; what comes behind is moved by them."""
        if grown:
            self.places.append(place)
            self.totals.append((self.totals[-1] if self.totals else 0) + grown)

    def moved(self, place: int) -> int:
        before = bisect_left(self.places, place)
        return place + (self.totals[before - 1] if before else 0)


def rehead(form: Form, source: BinaryIO, target: BinaryIO, name: str, tag: dict[str, str]) -> None:
    """Write `source` to `target` as far as it is allowed.

    name  what the run is called, and the file that it came from
    tag   facility, proposal, service, sample: written into it
    """
    writing, buffer, at, ended = _Writing(form, target, name, tag), b"", 0, False
    while True:
        token = TOKEN.match(buffer, at)
        # A text may go on in the next block: only arrays are copied in parts.
        if token and (ended or token.end() < len(buffer) or writing.copies(token[0])):
            writing.take(token[0])
            at = token.end()
            continue
        if ended or len(buffer) - at > LONGEST:
            break
        writing.flush()
        block = source.read(BLOCK)
        buffer, at, ended = buffer[at:] + block, 0, not block
    writing.flush()
    if at < len(buffer) or not writing.begun:
        found = "text that is no XML" if writing.begun else "a header that is no XML"
        raise Refusal(name, found, "that of its format", "convert it again")


class _Writing:
    def __init__(self, form: Form, target: BinaryIO, name: str, tag: dict[str, str]):
        self._form, self._target, self._name = form, target, name
        self._cleaner = form.cleaner(name, tag)
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._taken: list[bytes] = []
        self._shifts, self._read = Shifts(), 0
        self._dropped = 0  # elements that are open in what is left out
        self._open = ""  # the tag that came last, if it opened an element
        self._known: dict[bytes, tuple[bytes, str]] = {}
        self.begun = False

    def copies(self, token: bytes) -> bool:
        return self._open in self._form.arrays and token[:1] != b"<"

    def take(self, token: bytes) -> None:
        place, self._read = self._read, self._read + len(token)
        new = self._new(token)
        self._shifts.add(place, len(new) - len(token))
        self._taken.append(new)

    def flush(self) -> None:
        """Write what was taken."""
        text = b"".join(self._taken)
        self._digest.update(text)
        self._target.write(text)
        self._taken.clear()

    def _new(self, token: bytes) -> bytes:
        if token[:1] != b"<":
            return b"" if self._dropped else self._text(token)
        if token[:2] in (b"<!", b"<?"):
            return token if not self.begun and DECLARATION.fullmatch(token) else b""
        return self._tag(token)

    def _text(self, text: bytes) -> bytes:
        if not text.strip():
            return text
        if self._open in self._form.arrays:
            return text if PLAIN.fullmatch(text) else b""
        if self._open in self._form.places and text.strip().isdigit():
            return b"%d" % self._shifts.moved(int(text))
        return text if self._open in self._form.values and NUMBER.fullmatch(text) else b""

    def _tag(self, token: bytes) -> bytes:
        if token[:2] == b"</":
            return self._closing(token[2:-1].strip())
        empty = token[-2:] == b"/>"
        if self._dropped:
            self._dropped += not empty
            return b""
        if token not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[token] = self._judged(token)
        new, element = self._known[token]
        self._open = "" if empty else element
        if not new:
            self._dropped += not empty
            return b""
        if not self.begun and element not in self._form.root:
            raise Refusal(self._name, f"a file that begins with <{element}>", "its format", "convert it again")
        self.begun = True
        return b"".join(map(_written, self._cleaner.before(element))) + new

    def _closing(self, name: bytes) -> bytes:
        if self._dropped:
            self._dropped -= 1
            return b""
        element, tag = name.decode("latin-1"), b"</" + name + b">"
        if self._open == self._form.checksum == element:
            self.flush()
            tag = self._digest.hexdigest().encode() + tag
        self._open = ""
        return b"".join(map(_written, self._cleaner.at_end(element))) + tag

    def _judged(self, token: bytes) -> tuple[bytes, str]:
        """What is written for the tag that opens an element (nothing: it is left out), and the element's name."""
        match = TAG.match(token)
        if not match or ATTRIBUTE.sub(b"", match[2]).strip():
            raise Refusal(self._name, "a tag that is no XML", "that of its format", "convert it again")
        element = match[1].decode("latin-1")
        given = {
            key.decode("latin-1"): (double or single).decode("latin-1")
            for key, double, single in ATTRIBUTE.findall(match[2])
        }
        if self._form.forbidden == (element, *({self._form.forbidden[1]} & given.keys())):
            found = "spectra that each name a file they come from"
            raise Refusal(self._name, found, "one source file", "convert every acquisition into a file of its own")
        kept = self._cleaner.attributes(element, given)
        if kept is None:
            return b"", element
        return token if kept == given else _opening(element, kept, bool(match[3])), element


def _opening(element: str, attributes: dict[str, str], empty: bool) -> bytes:
    said = "".join(f' {key}="{value.replace(chr(34), "&quot;")}"' for key, value in attributes.items())
    return f"<{element}{said}{'/' * empty}>".encode("latin-1")


def _written(element: Element) -> bytes:
    name, attributes, held = element
    said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    inside = b"".join(map(_written, held))
    return f"<{name}{said}".encode() + (b">" + inside + f"</{name}>".encode() if held else b"/>")
