"""A reference's FASTA, read whole: what aligners, samtools and VCF take for granted, and say late or never."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scripts.intake.source import GZIP_ERRORS, Source, lines_of, shown
from scripts.lib.refusal import Refusal

# SAM specification 1.6, section 1.2.1
NAME = re.compile(r"[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*")
BASES = b"ACGTNRYSWKMBDHVacgtnryswkmbdhv"
UNSURE = "NRYSWKMBDHV"
CURE = "correct the file, or name another reference in config.yaml"


@dataclass
class _Record:
    """The sequence that is being read. width: bases of its lines; short: that a line with fewer was seen."""

    name: str
    line: int
    bases: int = 0
    width: int = 0
    short: bool = False


def lengths(path: str) -> dict[str, int]:
    """Sequence -> bases, in the order of the file. Raises Refusal with the first line that is wrong."""
    found: dict[str, int] = {}
    first: dict[str, int] = {}
    record: _Record | None = None
    sure = False
    with Source(path) as source:
        for number, line in _lines(source):
            if line.startswith(b">"):
                _end(record, found, source)
                record = _begun(number, line, first, source)
            elif record is None:
                raise _refusal(source, number, _begins(line), "'>' and a name, as FASTA begins")
            else:
                _add(record, number, line, source)
                sure = sure or bool(line.strip(b"Nn"))
        _end(record, found, source)
        source.finish()
    if not found:
        raise Refusal(shown(path), "no sequence", "a FASTA", CURE)
    if not sure:
        raise Refusal(shown(path), "nothing but N", "bases", CURE)
    return found


def bases(path: str, wanted: Mapping[str, Iterable[int]]) -> dict[tuple[str, int], str]:
    """The bases at places (counted from 1) of sequences, as capitals; there is none behind a sequence's end."""
    found: dict[tuple[str, int], str] = {}
    name, ahead, done = "", list[int](), 0
    with Source(path) as source:
        for _, line in _lines(source):
            if line.startswith(b">"):
                name, done = _name(line), 0
                ahead = sorted(set(wanted.get(name, ())), reverse=True)
                continue
            while ahead and ahead[-1] <= done + len(line):
                place = ahead.pop()
                found[name, place] = chr(line[place - done - 1]).upper()
            done += len(line)
    return found


def sequences(path: str, wanted: Iterable[str]) -> dict[str, str]:
    """The named sequences, as capitals."""
    parts: dict[str, list[bytes]] = {name: [] for name in wanted}
    mine: list[bytes] | None = None
    with Source(path) as source:
        for _, line in _lines(source):
            if line.startswith(b">"):
                mine = parts.get(_name(line))
            elif mine is not None:
                mine.append(line)
    return {name: b"".join(lines).decode("ascii").upper() for name, lines in parts.items()}


def _lines(source: Source) -> Iterator[tuple[int, bytes]]:
    """Numbered lines without their ends, Unix or Windows; a chromosome may stand in one."""
    number = 0
    try:
        for number, line in enumerate(lines_of(source.payload()), 1):
            yield number, line.removesuffix(b"\n").removesuffix(b"\r")
    except GZIP_ERRORS as error:
        raise source.told(error, f"after line {number}") from None


def _name(line: bytes) -> str:
    return (line[1:].split(maxsplit=1) or [b""])[0].decode("utf-8", "replace")


def _begun(number: int, line: bytes, first: dict[str, int], source: Source) -> _Record:
    name = _name(line)
    if line[1:2].isspace() or not NAME.fullmatch(name):
        found = f"the sequence name {name[:40]!r}"
        raise _refusal(source, number, found, "a name as SAM allows: no comma, bracket, quote or backslash")
    if name in first:
        found = f"the sequence name {name!r} again (first in line {first[name]})"
        raise _refusal(source, number, found, "each name once")
    first[name] = number
    return _Record(name, number)


def _add(record: _Record, number: int, line: bytes, source: Source) -> None:
    if odd := line.translate(None, BASES):
        raise _refusal(source, number, f"{chr(odd[0])!r} in {record.name}", "A, C, G, T, N and IUPAC codes; gaps are N")
    if record.short and line:
        found = f"another line of {record.name} behind one that is shorter than those before"
        raise _refusal(source, number, found, "lines of one length within a sequence, but for its last")
    record.width = record.width or len(line)
    if len(line) > record.width:
        found = f"{len(line)} bases in a line of {record.name}"
        raise _refusal(source, number, found, f"{record.width} as in its first line")
    record.short |= len(line) < record.width
    record.bases += len(line)


def _end(record: _Record | None, found: dict[str, int], source: Source) -> None:
    if record is None:
        return
    if not record.bases:
        raise _refusal(source, record.line, f"no base of {record.name}", "a sequence")
    found[record.name] = record.bases


def _begins(line: bytes) -> str:
    return f"a line that begins with {line[:10].decode('utf-8', 'replace')!r}" if line else "a blank line"


def _refusal(source: Source, number: int, found: str, expected: str) -> Refusal:
    return source.refusal(f"line {number}", found, expected, CURE)
