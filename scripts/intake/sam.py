"""SAM: checked line by line against the specification (SAM 1.6, sections 1.4 and 1.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from scripts.intake import header as headers
from scripts.intake.alignment import UNMAPPED, Tally
from scripts.intake.source import GZIP_ERRORS, Source, TooLong, lines_of
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.refusal import Refusal

LINE = re.compile(
    rb"([!-?A-~]{1,254})\t([0-9]{1,5})\t(\*|[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*)\t([0-9]{1,10})"
    rb"\t([0-9]{1,3})"
    rb"\t(\*|(?=[0-9])(?:[0-9]{1,9}H)?(?:[0-9]{1,9}S)?(?:[0-9]{1,9}[MIDNPX=])*(?:[0-9]{1,9}S)?(?:[0-9]{1,9}H)?)"
    rb"\t(\*|=|[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*)\t([0-9]{1,10})\t(-?[0-9]{1,10})\t(\*|[A-Za-z=.]+)\t([!-~]+)((?:\t[^\t\n]+)*)"
)
TAGS = re.compile(
    rb"(?:\t[A-Za-z][A-Za-z0-9]:(?:A:[!-~]|i:[-+]?[0-9]+|f:[-+]?(?:[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?|nan|inf)"
    rb"|Z:[ -~]*|H:(?:[0-9A-F][0-9A-F])*|B:f(?:,[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)*"
    rb"|B:[cCsSiI](?:,[-+]?[0-9]+)*))*"
)
INTEGERS = re.compile(rb"\t..:(?:i:|B:([cCsSiI]),)([-+0-9,]+)")
RANGES = {
    b"": (-(1 << 31), (1 << 32) - 1),  # a single number, of whichever type below holds it
    b"c": (-(1 << 7), (1 << 7) - 1), b"s": (-(1 << 15), (1 << 15) - 1), b"i": (-(1 << 31), (1 << 31) - 1),
    b"C": (0, (1 << 8) - 1), b"S": (0, (1 << 16) - 1), b"I": (0, (1 << 32) - 1),
}  # fmt: skip
LONGEST_LINE = 1 << 26  # as for BAM: reads of millions of bases with their tags
COLUMNS = (
    "read name",
    "flag",
    "reference name",
    "position",
    "mapping quality",
    "CIGAR",
    "mate's reference name",
    "mate's position",
    "template length",
    "sequence",
    "quality",
)
OPS = re.compile(rb"([0-9]+)([MIDNSHPX=])")


def check_sam(source: Source, expected: Expected) -> Verdict:
    """Check one SAM file, line by line."""
    return Tally(source, expected).verdict("sam", read_sam)


def read_sam(tally: Tally) -> None:
    source, head, number, started = tally.source, [], 0, False
    for line in _text_lines(source):
        number += 1
        if not started and line.startswith(b"@"):
            head.append(line.decode("utf-8", "replace"))
            continue
        if not started:
            tally.header = headers.parse("\n".join(head), source)
            tally.numbers = {name: number for number, name in enumerate(tally.header.lengths)}
            started = True
        _sam_record(line, number, tally)
    if not started:
        tally.header = headers.parse("\n".join(head), source)


def _text_lines(source: Source) -> Iterator[bytes]:
    try:
        for line in lines_of(source.payload(), LONGEST_LINE):
            yield line.removesuffix(b"\n")
    except GZIP_ERRORS as error:
        raise source.told(error, "") from None
    except TooLong:
        raise source.refusal("", f"a line longer than {LONGEST_LINE} bytes", "lines of one read each") from None


def _sam_record(line: bytes, number: int, tally: Tally) -> None:
    source, where = tally.source, f"line {number}"

    def refuse(found: str, expected: str) -> Refusal:
        return source.refusal(where, found, expected)

    match = LINE.fullmatch(line)
    if not match:
        if line.endswith(b"\r"):
            raise refuse("Windows line ends (CRLF)", "Unix line ends")
        raise refuse(*_sam_column(line))
    name, flag, reference, position, mapq, cigar, other, other_position, _, sequence, quality, tags = match.groups()
    flag, position = int(flag), int(position)
    if not TAGS.fullmatch(tags):
        raise refuse("an optional field that does not follow TAG:TYPE:VALUE", "optional fields such as RG:Z:group")
    if not all(_fits(value, kind) for kind, values in INTEGERS.findall(tags) for value in values.split(b",")):
        raise refuse("an optional field with a number beyond its type's range", "numbers that BAM can hold")
    keys = [part[:2] for part in tags.split(b"\t")[1:]]
    if len(keys) != len(set(keys)):
        raise refuse("an optional tag twice", "each tag once")
    lengths = tally.header.lengths
    for words, value, place in (("reference", reference, position), ("mate's reference", other, int(other_position))):
        text = value.decode()
        if text not in ("*", "=") and text not in lengths:
            raise refuse(f"the {words} {text}", "a sequence of the header's @SQ lines")
        known = lengths.get(reference.decode() if text == "=" else text)
        if known is not None and place > known:
            raise refuse(f"position {place} on the {words} of {known} bases", "a position on it")
    if flag > 65535 or int(mapq) > 255:
        raise refuse(f"flag {flag}, mapping quality {int(mapq)}", "a flag up to 65535 and a quality up to 255")
    if not flag & UNMAPPED and (reference == b"*" or not position):
        raise refuse("a mapped read without a position", "a reference and a position")
    size = 0 if sequence == b"*" else len(sequence)
    if quality != b"*" and len(quality) != size and size + len(quality) > 1:
        raise refuse(f"{len(quality)} quality characters for {size} bases", "as many quality characters as bases")
    if cigar != b"*" and size:
        query = sum(int(length) for length, op in OPS.findall(cigar) if op in b"MIS=X")
        if query != size:
            raise refuse(f"a CIGAR of {query} bases for {size} bases", "a CIGAR that fits the sequence")
    found = re.search(rb"\tRG:Z:([^\t]*)", tags)
    if not found:
        tally.untagged += 1
    elif tally.header.groups and found[1].decode("utf-8", "replace") not in tally.header.groups:
        raise refuse(f"the read group {found[1].decode('utf-8', 'replace')}", "a read group of the header")
    high = None if quality == b"*" else int(np.count_nonzero(np.frombuffer(quality, np.uint8) >= 63))
    tally.add(name.decode(), flag, reference.decode(), position - 1, size, high)
    key = (tally.numbers.get(reference.decode(), 0xFFFFFFFF) << 32) | position
    tally.sorted &= key >= tally.last_key
    tally.last_key = key
    if tally.wants_sample(flag):
        codes = [(b"MIDNSHP=X".index(op), int(length)) for length, op in OPS.findall(cigar)]
        tally.take(reference.decode(), position - 1, codes, sequence.decode().upper())
    tally.says(b"\t".join([name, tags]))
    tally.records += 1


def _fits(value: bytes, kind: bytes) -> bool:
    low, high = RANGES[kind]
    return len(value) <= 11 and low <= int(value) <= high


def _sam_column(line: bytes) -> tuple[str, str]:
    """Which of the 11 columns is wrong."""
    cells = line.split(b"\t")
    if len(cells) < 11:
        return f"{len(cells)} columns", "at least 11 tab-separated columns"
    patterns = LINE.pattern.split(rb"\t")
    for words, cell, pattern in zip(COLUMNS, cells, patterns, strict=False):
        if not re.fullmatch(pattern.split(rb"((?:")[0], cell):
            shown = cell[:30].decode("ascii", "replace")
            return f"the {words} {shown!r}", f"a {words} as the SAM specification has it"
    return "characters that SAM does not allow", "a SAM record"
