"""FASTQ, single or paired: every record checked in bulk, in one pass over the decompressed bytes.

A block of about a megabyte is cut into lines with numpy and all rules are checked on whole blocks; only when a rule
fails is the first offending record looked at by itself, to say what is wrong with it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scripts.intake import private
from scripts.intake.names import Duplicates
from scripts.intake.source import BLOCK, GZIP_ERRORS, SEND_AGAIN, UNFINISHED, Source
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.bam import WIDTH, hashes, rows
from scripts.lib.names import Names
from scripts.lib.refusal import Refusal

SLACK = 1 << 16
READ = 1 << 17
LONGEST_RECORD = 1 << 25  # 32 MiB: the longest nanopore reads are about 4 Mb, sequence and quality
Q30 = 33 + 30
BASES, SOFT_MASKED = b"ACGTN", b"acgtn"
PLATFORMS = [
    ("ONT", re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")),
    ("PACBIO", re.compile(r"m\w+_\d+_\d+(?:_\w+)?/\d+(/|$)")),
    ("DNBSEQ", re.compile(r"\w+L\dC\d{3}R\d{3}_?\d+")),
    ("ILLUMINA", re.compile(r"[\w-]+:\d+:[\w-]+:\d+:\d+:\d+:\d+")),
    ("ILLUMINA", re.compile(r"[\w-]+:\d+:\d+:-?\d+:-?\d+(#\w+)?$")),
]
LANE = re.compile(rb"@[\w.-]+:\d+:([\w-]+):(\d+):\d+:\d+:\d+")
LONG_READ_PLATFORMS = {"ONT", "PACBIO"}
# Other makers' instruments that write names the way Illumina's do.
NAMED_LIKE = {"ILLUMINA": {"ILLUMINA", "ELEMENT", "SINGULAR", "ULTIMA", "DNBSEQ"}}
MANY_LANES = 64
#: Pairs whose names tell that the mates of a file are interleaved, where the names differ.
PAIRS_TO_TELL = 100


@dataclass
class Block:
    """Consecutive records: hashes of names, stated mates (0 none, 1, 2), the text itself, numbers of bases."""

    first: int
    hashes: np.ndarray
    mates: np.ndarray
    text: np.ndarray
    lengths: np.ndarray
    bases: np.ndarray

    def rows(self, which: slice) -> Block:
        """Some of the records, from one on."""
        columns = (self.hashes, self.mates, self.text, self.lengths, self.bases)
        return Block(self.first + (which.start or 0), *(column[which] for column in columns))

    def name(self, row: int) -> str:
        return self.text[row, 1 : self.lengths[row]].tobytes().decode("ascii", "replace")


@dataclass
class Scan:
    """One FASTQ file on its way through the checks; iterate `blocks`, then ask for `verdict`."""

    source: Source
    records: int = 0
    bases: int = 0
    shortest: int = 0
    longest: int = 0
    empty: int = 0
    q30: int = 0
    q_lowest: int = 255
    q_highest: int = 0
    unknown_bases: int = 0
    soft_masked: int = 0
    blank_lines: int = 0
    no_last_newline: bool = False
    first_name: str = ""
    name_search: str = ""
    first_sequences: list[bytes] = field(default_factory=list)
    lanes: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    private: Names | None = None
    _sequences: Any = field(default_factory=hashlib.sha256)
    _lengths: Any = field(default_factory=hashlib.sha256)

    # ---- reading ----
    def blocks(self) -> Iterator[Block]:
        """Check the file block by block; raises Refusal at the first fault."""
        payload = self.source.payload()
        capacity, filled, ended = BLOCK, 0, False
        buffer = bytearray(capacity + SLACK)
        while not ended:
            filled, ended = self._fill(payload, buffer, filled, capacity)
            if ended and filled and buffer[filled - 1] != 10:
                buffer[filled] = 10
                filled += 1
                self.no_last_newline = True
            data = np.frombuffer(buffer, np.uint8, filled)
            newlines = np.flatnonzero(data == 10)
            if ended and (blank := _blank_end(data, len(newlines))):
                self.blank_lines = blank
                filled -= blank
                data, newlines = data[:-blank], newlines[:-blank]
            if not ended and buffer[filled - 2 : filled] == b"\n\n":  # blank lines, which may go on to the end
                closing = filled - len(bytes(buffer[:filled]).rstrip(b"\n"))
                newlines = newlines[: len(newlines) + 1 - closing]
            count = len(newlines) // 4
            if not count and not ended:
                if capacity > LONGEST_RECORD:
                    if not len(newlines) and b"\r" in buffer:
                        raise self._refusal(self.records, *_line_ends(old=True))
                    raise self._refusal(self.records, f"a record longer than {LONGEST_RECORD} bytes", "FASTQ records")
                capacity *= 2
                larger = bytearray(capacity + SLACK)
                larger[:filled] = buffer[:filled]
                buffer = larger
                continue
            if count:
                yield self._check(buffer, data, newlines, count)
                done = int(newlines[4 * count - 1]) + 1
            else:
                done = 0
            rest = bytes(data[done:])
            buffer[: len(rest)] = rest
            filled = len(rest)
        if filled:
            self._tail(bytes(buffer[:filled]))
        if not self.records:
            raise self.source.refusal("", "no record at all (nothing inside the gzip)", "FASTQ records")

    def _fill(self, payload, buffer: bytearray, filled: int, capacity: int) -> tuple[int, bool]:
        with memoryview(buffer) as view:
            while filled < capacity:
                try:
                    count = payload.readinto(view[filled : min(capacity, filled + READ)])
                except GZIP_ERRORS as error:
                    lines = np.count_nonzero(np.frombuffer(buffer, np.uint8, filled) == 10)
                    raise self.source.told(error, f"after record {self.records + lines // 4}") from None
                if not count:
                    return filled, True
                filled += count
        return filled, False

    def _tail(self, rest: bytes) -> None:
        text = rest[: len(rest) - self.no_last_newline]
        lines = text.rstrip(b"\r\n").split(b"\n")
        if lines[0].endswith(b"\r") or text.endswith((b"\r", b"\r\n")):
            raise self._refusal(self.records, *_line_ends(old=b"\n" not in text))
        raise self._refusal(
            self.records, f"{len(lines)} of 4 lines at the end of the file (cut record)", "a whole record of 4 lines"
        )

    # ---- checking ----
    def _check(self, buffer: bytearray, data: np.ndarray, newlines: np.ndarray, count: int) -> Block:
        ends = newlines[: 4 * count].reshape(count, 4)
        starts = np.empty_like(ends)
        starts[0, 0] = 0
        starts[1:, 0] = ends[:-1, 3] + 1
        starts[:, 1:] = ends[:, :3] + 1
        sizes = ends - starts
        used = data[: ends[-1, 3] + 1]

        suspects = [
            data[starts[:, 0]] != ord("@"),
            data[starts[:, 2]] != ord("+"),
            sizes[:, 1] != sizes[:, 3],
            sizes[:, 0] < 2,
        ]
        if np.count_nonzero(used < 32) != 4 * count or used.max() > 126:
            suspects.append(self._odd_bytes(used, ends))
        named = np.flatnonzero(sizes[:, 2] > 1)
        if len(named):
            suspects.append(_other_plus_name(buffer, starts, sizes, named))
        sequence = _lines(buffer, data, starts[:, 1], sizes[:, 1])
        quality = _lines(buffer, data, starts[:, 3], sizes[:, 3])
        left = sequence.translate(None, BASES)
        masked = len(left) - len(foreign := left.translate(None, SOFT_MASKED))
        if foreign:
            suspects.append(_with_foreign(sequence, sizes[:, 1]))
        scores = np.frombuffer(quality, np.uint8)
        lowest, highest = (int(scores.min()), int(scores.max())) if len(scores) else (255, 0)
        if len(scores) and lowest < 33:
            suspects.append(_owners(sizes[:, 3], np.flatnonzero(scores < 33)))
        block, nameless = self._names(buffer, starts[:, 0], sizes[:, 0], sizes[:, 1])
        suspects.append(nameless)
        bad = np.logical_or.reduce(suspects)
        if bad.any():
            first = int(bad.argmax())
            lines = bytes(data[starts[first, 0] :]).split(b"\n", 40)
            raise self._refusal(self.records + first, *_fault(lines))

        self._no_names(buffer, starts[:, 0], sizes[:, 0])
        self.soft_masked += masked
        self.records += count
        self.bases += len(sequence)
        shortest, longest = int(sizes[:, 1].min()), int(sizes[:, 1].max())
        self.shortest = min(self.shortest, shortest) if block.first else shortest
        self.longest = max(self.longest, longest)
        self.empty += int(np.count_nonzero(sizes[:, 1] == 0)) if not shortest else 0
        self.q30 += int(np.count_nonzero(scores >= Q30))
        self.q_lowest, self.q_highest = min(self.q_lowest, lowest), max(self.q_highest, highest)
        self.unknown_bases += sequence.count(b"N") + sequence.count(b"n")
        self._sequences.update(sequence.upper() if masked else sequence)
        self._lengths.update(sizes[:, 1].astype("<u4").tobytes())
        if not block.first:
            self.first_name = block.name(0)
            self.first_sequences = [bytes(data[starts[i, 1] : ends[i, 1]]) for i in range(min(100, count))]
        self._see_lanes(block)
        return block

    def _no_names(self, buffer: bytearray, starts: np.ndarray, sizes: np.ndarray) -> None:
        """No original name in the first lines of records; their third lines repeat them, or say nothing."""
        if not self.private:
            return
        spans = zip(starts.tolist(), (starts + sizes).tolist(), strict=True)
        lines = b"\n".join([buffer[start:end] for start, end in spans])

        def refusal(row: int, *words: str) -> Refusal:
            return self._refusal(self.records + row, *words)

        private.refuse_in_reads(self.private, lines, lambda: lines.split(b"\n"), refusal)

    def _odd_bytes(self, used: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Records with a control character or a byte outside ASCII; a tab is fine in a header's comment."""
        places = np.flatnonzero(((used < 32) & (used != 10)) | (used > 126))
        lines = np.searchsorted(ends.ravel(), places)
        wrong = (lines % 4 != 0) | (used[places] != 9)
        suspects = np.zeros(len(ends), bool)
        suspects[lines[wrong] // 4] = True
        return suspects

    def _names(
        self, buffer: bytearray, starts: np.ndarray, sizes: np.ndarray, bases: np.ndarray
    ) -> tuple[Block, np.ndarray]:
        width = min(WIDTH, (int(sizes.max()) + 9) // 8 * 8)
        text = rows(buffer, starts, width)
        lengths = (text <= 32).argmax(axis=1)  # the name ends at the first blank, tab or line end
        nameless = lengths < 2
        row = np.arange(len(text))
        last, before = text[row, lengths - 1], text[row, lengths - 2]
        slashed = (before == ord("/")) & ((last == ord("1")) | (last == ord("2")))
        after, colon = text[row, np.minimum(lengths + 1, width - 1)], text[row, np.minimum(lengths + 2, width - 1)]
        stated = (colon == ord(":")) & (lengths + 2 < sizes) & ((after == ord("1")) | (after == ord("2")))
        # The European Nucleotide Archive puts its own name in front of the maker's: @ERR1.1 A00123:45:...:1197/1
        view = np.frombuffer(buffer, np.uint8)
        tail, before = view[starts + sizes - 1], view[starts + sizes - 2]
        trailing = (before == ord("/")) & ((tail == ord("1")) | (tail == ord("2")))
        mates = np.zeros(len(text), np.uint8)
        for told, number in ((trailing, tail), (stated, after), (slashed, last)):
            mates[told] = number[told] - ord("0")
        lengths = lengths - 2 * slashed
        return Block(self.records, hashes(text, lengths), mates, text, lengths, bases), nameless

    def _see_lanes(self, block: Block) -> None:
        """Collect flow cells and lanes; few prefixes of names cover all records, so each is parsed once."""
        rest = block.text
        while len(rest) and len(self.lanes) < MANY_LANES:
            for prefix in self.lanes:
                if len(prefix) <= rest.shape[1]:
                    rest = rest[(rest[:, : len(prefix)] != np.frombuffer(prefix, np.uint8)).any(axis=1)]
                if not len(rest):
                    return
            found = LANE.match(rest[0].tobytes())
            if not found:
                return
            self.lanes[found[0][: found.end(2) + 1]] = (found[1].decode(), found[2].decode())

    # ---- saying ----
    def _refusal(self, record: int, found: str, expected: str, cure: str = SEND_AGAIN) -> Refusal:
        return self.source.refusal(f"record {record + 1} (line {4 * record + 1})", found, expected, cure)

    def platform(self) -> str:
        return next((name for name, pattern in PLATFORMS if pattern.match(self.first_name)), "")

    def verdict(self, role: str, sums: dict[str, str], expected: Expected) -> Verdict:
        """Judge the file as a whole, after its last block."""
        source, platform = self.source, self.platform()
        mates = 2 if expected.layout.startswith("joined") else 1
        mean = self.bases / self.records / mates
        limits = expected.read_limits
        # Long reads reach Q93 in Phred+33, so they are not judged this way.
        long_reads = mean >= limits.long_read_length or platform in LONG_READ_PLATFORMS
        lowest, highest = self.q_lowest - 33, self.q_highest - 33
        if not long_reads and lowest >= limits.phred64_min_quality and highest > limits.phred33_max_quality:
            raise source.refusal(
                "",
                f"quality characters from '{chr(self.q_lowest)}' to '{chr(self.q_highest)}', which is the old Phred+64",
                "Phred+33 qualities",
                "convert them (seqtk seq -Q64 -V) and correct the checksum in the sheet",
            )
        if not self.bases:
            raise source.refusal("", "records without a single base", "reads", "export the run again")
        _platform_agrees(source, platform, expected)
        if fault := expected.of_other_length(mean, self.longest / mates):
            raise source.refusal("", *fault)
        notes = self._lanes_agree(expected)
        if expected.layout:
            notes.append(f"The file holds both mates ({expected.layout}).")
        if self.soft_masked:
            notes.append(f"{self.soft_masked} bases are in lower case.")
        if self.empty:
            notes.append(f"{self.empty} reads have no bases.")
        if self.blank_lines:
            notes.append("Blank lines follow the last record.")
        if source.unfinished():
            notes.append(UNFINISHED)
        if self.no_last_newline:
            notes.append("The last line has no line end.")
        facts = {
            "records": self.records,
            "bases": self.bases,
            "read_length_min": self.shortest,
            "read_length_mean": round(self.bases / self.records, 3),
            "read_length_max": self.longest,
            "q30_bases": self.q30,
            "unknown_bases": self.unknown_bases,
            "quality_encoding": "phred33",
            "quality_min": self.q_lowest - 33,
            "quality_max": self.q_highest - 33,
            "duplicate_names_searched": self.name_search,
            "compression": "bgzip" if source.bgzf else "gzip" if source.packed else "none",
            "platform": platform,
            "flowcells": sorted({flowcell for flowcell, _ in self.lanes.values()}),
            "lanes": sorted({f"{flowcell}.{lane}" for flowcell, lane in self.lanes.values()}),
        }
        content = hashlib.sha256(self._sequences.digest() + self._lengths.digest()).hexdigest()
        return Verdict(role, "fastq", source.size, sums["sha256"], sums.get("md5", ""), content, facts, notes)

    def _lanes_agree(self, expected: Expected) -> list[str]:
        seen = {"flow cell": {f for f, _ in self.lanes.values()}, "lane": {lane for _, lane in self.lanes.values()}}
        notes = []
        for word, stated in (("flow cell", expected.flowcell), ("lane", expected.lane)):
            allowed = {part.strip() for part in stated.split(",") if part.strip()}
            found = seen[word]
            if allowed and found - allowed:
                raise self.source.refusal(
                    "",
                    f"reads of {word} {_listed(found)}",
                    f"{_listed(allowed)} only, as the sheet says for this run",
                    "enter one run per flow cell and lane, or correct the sheet",
                )
            if allowed and not found:
                notes.append(f"The read names do not tell the {word}, so the sheet's could not be checked.")
            elif not allowed and len(found) > 1:
                notes.append(f"Reads of {len(found)} {word}s are mixed: {_listed(found)}.")
        return notes


def _blank_end(data: np.ndarray, lines: int) -> int:
    """How many of the line ends at the end of the file are blank lines after the last record."""
    text = np.flatnonzero(data != 10)
    closing = len(data) - 1 - int(text[-1]) if len(text) else lines + 1
    extra = lines % 4 if lines % 4 < closing else 0
    return extra + (closing - 1 - extra) // 4 * 4


def _listed(values: set[str]) -> str:
    ordered = sorted(values)
    return ", ".join(ordered[:6]) + (f" and {len(ordered) - 6} more" if len(ordered) > 6 else "")


def _platform_agrees(source: Source, found: str, expected: Expected) -> None:
    stated = expected.platform.upper()
    aliases = {"BGI": "DNBSEQ", "MGI": "DNBSEQ", "NANOPORE": "ONT", "OXFORD_NANOPORE": "ONT"}
    stated = aliases.get(stated, stated)
    if stated and found and stated not in NAMED_LIKE.get(found, {found}):
        raise source.refusal(
            "", f"read names as {found} writes them", f"{stated} as the sheet says", "correct the file or the sheet"
        )
    platform = stated or found
    accepted = {aliases.get(name.upper(), name.upper()) for name in expected.platforms}
    if accepted and platform and platform not in accepted:
        raise source.refusal(
            "",
            f"reads of {platform}",
            f"{_listed(set(expected.platforms))}, which this service accepts",
            "order the service that fits the platform",
        )


def _lines(buffer: bytearray, data: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> bytes:
    """The given lines, without line ends, one after the other."""
    width = int(sizes[0])
    if width and (sizes == width).all():
        return rows(buffer, starts, width).tobytes()
    steps = np.zeros(len(data) + 1, np.int8)
    # Lines of length 0 start and end at one place: add, so that both count.
    np.add.at(steps, starts, 1)
    np.add.at(steps, starts + sizes, -1)
    return data[np.cumsum(steps[:-1], dtype=np.int8).view(bool)].tobytes()


def _owners(sizes: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Which records the places in their joined lines belong to, as a mask."""
    mask = np.zeros(len(sizes), bool)
    mask[np.searchsorted(np.cumsum(sizes), places, side="right")] = True
    return mask


def _with_foreign(sequence: bytes, sizes: np.ndarray) -> np.ndarray:
    table = np.ones(256, bool)
    table[list(BASES + SOFT_MASKED)] = False
    return _owners(sizes, np.flatnonzero(table[np.frombuffer(sequence, np.uint8)]))


def _other_plus_name(buffer: bytearray, starts: np.ndarray, sizes: np.ndarray, named: np.ndarray) -> np.ndarray:
    """Records whose third line repeats a name, but not the one of the first line."""
    suspects = np.zeros(len(starts), bool)
    suspects[named] = sizes[named, 0] != sizes[named, 2]
    same = named[~suspects[named]]
    width = min(int(sizes[same, 0].max(initial=1)), SLACK)
    inside = np.arange(1, width) < sizes[same, :1]
    heads, pluses = rows(buffer, starts[same, 0], width), rows(buffer, starts[same, 2], width)
    suspects[same] = ((heads[:, 1:] != pluses[:, 1:]) & inside).any(axis=1)
    return suspects


def _line_ends(old: bool = False) -> tuple[str, str, str]:
    return (
        "old Mac line ends (CR)" if old else "Windows line ends (CRLF)",
        "Unix line ends, because aligners take the carriage return for a base quality",
        f"convert the file ({'mac2unix' if old else 'dos2unix'}) and correct the checksum in the sheet",
    )


def _character(byte: int) -> str:
    names = {9: "a tab", 13: "a carriage return", 32: "a blank", 0: "a zero byte"}
    return names.get(byte) or (f"'{chr(byte)}'" if 32 < byte < 127 else f"the byte 0x{byte:02X}")


def _start(line: bytes) -> str:
    text = "".join(chr(byte) if 31 < byte < 127 else "?" for byte in line[:60])
    return f"'{text}{'...' if len(line) > 60 else ''}'"


def _fault(lines: list[bytes]) -> tuple[str, ...]:
    """What is wrong with the record that starts with these lines: found, expected and, if special, the cure."""
    head, sequence, plus, quality = lines[:4]
    if any(line.endswith(b"\r") for line in lines[:4]):
        return _line_ends()
    if not head.startswith(b"@"):
        if not head.strip():
            return ("an empty line", "a record that starts with '@'")
        if head.startswith(b"\xef\xbb\xbf@"):
            cure = "take it off (dos2unix does) and correct the checksum in the sheet"
            return ("a byte order mark, as text editors write it", "a record that starts with '@'", cure)
        return (f"a line that starts with {_start(head)}", "a record that starts with '@'")
    if len(head.split()) == 0 or head[1:2] in (b"", b" ", b"\t"):
        return ("a record without a name", "'@' and a name")
    name_length = len(head.split()[0]) - 1
    if name_length > WIDTH - 2:
        return (f"a read name of {name_length} characters", "at most 254, SAM's limit", "shorten the names")
    if odd := [byte for byte in head if (byte < 32 and byte != 9) or byte > 126]:
        return (f"{_character(odd[0])} in the read name", "printable ASCII")
    if not plus.startswith(b"+"):
        more = next((n for n, line in enumerate(lines[3:]) if line.startswith(b"+")), None)
        between = b"".join(lines[1 : 3 + (more or 0)])
        if plus and not between.translate(None, BASES + SOFT_MASKED):
            return (
                f"a sequence over {'several' if more is None else 2 + more} lines",
                "4 lines per record, because most tools of today read no other FASTQ",
                "put each record on 4 lines (seqtk seq -l 0) and correct the checksum in the sheet",
            )
    if odd := sequence.translate(None, BASES + SOFT_MASKED):
        if set(odd) <= set(b"Uu"):
            return ("the RNA letter U", "DNA letters A, C, G, T, N", "export the reads as DNA (U as T)")
        if odd.startswith(b"+") and sequence.startswith(b"+"):
            return ("a '+' line where the sequence should be", "a sequence line")
        words = ", an ambiguity code," if odd[:1] in b"RYSWKMBDHVryswkmbdhv" else ""
        return (f"{_character(odd[0])}{words} in the sequence", "only A, C, G, T, N")
    if not plus.startswith(b"+"):
        return (f"a third line that starts with {_start(plus)}", "a line that starts with '+'")
    if len(plus) > 1 and plus[1:] != head[1:]:
        return (f"the name {_start(plus[1:])} in the '+' line", f"{_start(head[1:])} as in the first line")
    if odd := [byte for byte in quality if not 33 <= byte <= 126]:
        return (f"{_character(odd[0])} in the quality line", "quality characters from '!' to '~'")
    return (
        f"{len(quality)} quality characters for {len(sequence)} bases",
        "as many quality characters as bases",
    )


# ---- whole files ----
def check_alone(source: Source, expected: Expected) -> Scan:
    """Check one file of unpaired reads, or of both mates where the sheet says so; the source is read to its end."""
    if expected.layout == "interleaved":
        return check_interleaved(source, expected)
    scan, duplicates = Scan(source, private=expected.private), Duplicates()
    for block in scan.blocks():
        if not block.first:
            _not_interleaved(scan, block)
        if expected.layout:
            _joined_there(scan, block, expected.layout)
        duplicates.add(block.hashes)
    _no_duplicates(scan, duplicates)
    return scan


def check_interleaved(source: Source, expected: Expected) -> Scan:
    """Check one file in which each read is followed by its mate, of the same name or of one that ends in .2, not .1."""
    scan, duplicates, alone = Scan(source, private=expected.private), Duplicates(), None
    for block in scan.blocks():
        if alone:
            block = _behind(alone, block)
        pairs = len(block.hashes) // 2
        alone = block.rows(slice(2 * pairs, None)) if len(block.hashes) % 2 else None
        one, two = block.rows(slice(0, 2 * pairs, 2)), block.rows(slice(1, 2 * pairs, 2))
        if (wrong := ~_mates_follow(one, two)).any():
            row = int(wrong.argmax())
            raise scan._refusal(
                block.first + 2 * row,
                f"{one.name(row)} followed by {two.name(row)}",
                "each read followed by its mate, because the sheet says interleaved",
                "correct the column layout of the sheet, or interleave the mates again",
            )
        if not block.first:
            equal = [a == b for a, b in zip(scan.first_sequences[::2], scan.first_sequences[1::2], strict=False)]
            if sum(equal) > 0.5 * len(equal):
                raise source.refusal("", "each read twice", "reads and their mates", "interleave the two mates again")
        duplicates.add(one.hashes)
    if alone:
        raise scan._refusal(alone.first, f"{alone.name(0)} without its mate", "an even number of records")
    _no_duplicates(scan, duplicates, every=2)
    return scan


def _behind(alone: Block, block: Block) -> Block:
    """A block with the last record of the one before in front."""
    width = max(alone.text.shape[1], block.text.shape[1])
    text = [np.pad(each.text, ((0, 0), (0, width - each.text.shape[1]))) for each in (alone, block)]
    columns = ((getattr(each, name) for each in (alone, block)) for name in ("hashes", "mates", "lengths", "bases"))
    names, mates, lengths, bases = (np.concatenate(list(column)) for column in columns)
    return Block(alone.first, names, mates, np.concatenate(text), lengths, bases)


def _mates_follow(one: Block, two: Block) -> np.ndarray:
    """Whether reads (in rows of `one`) and those behind them are mates."""
    in_turn = (one.mates != 2) & (two.mates != 1)
    row = np.arange(len(one.hashes))
    numbered = (one.lengths == two.lengths) & (one.lengths > 3)
    for block, number in ((one, b"1"), (two, b"2")):
        last = np.maximum(block.lengths, 2)
        numbered &= (block.text[row, last - 2] == ord(".")) & (block.text[row, last - 1] == ord(number))
    shorter = np.maximum(one.lengths - 2, 0)
    numbered &= hashes(one.text, shorter) == hashes(two.text, np.maximum(two.lengths - 2, 0))
    return in_turn & ((one.hashes == two.hashes) | numbered)


def _joined_there(scan: Scan, block: Block, layout: str) -> None:
    """Whether each read can hold two mates, and it is known where the second begins."""
    first = int(layout.partition(":")[2] or 0)
    wrong = (block.bases <= first) if first else (block.bases % 2 > 0) | (block.bases != scan.longest)
    if wrong.any():
        row = int(wrong.argmax())
        raise scan._refusal(
            block.first + row,
            f"a read of {block.bases[row]} bases",
            f"more than {first}, those of its first mate"
            if first
            else f"{scan.longest // 2 * 2}, two mates of one length",
            "say in the sheet how many bases first mates have (joined:101), or split the file into mates",
        )


def check_pair(first: Source, second: Source, expected: Expected) -> tuple[Scan, Scan]:
    """Check two mates side by side: same number of records, same names in the same order, different reads."""
    scans = (Scan(first, private=expected.private), Scan(second, private=expected.private))
    streams = tuple(scan.blocks() for scan in scans)
    duplicates = Duplicates()
    waiting: list[Block | None] = [None, None]
    while True:
        for side in (0, 1):
            if waiting[side] is None:
                waiting[side] = next(streams[side], None)
                if waiting[side] is not None:
                    _right_mate(scans[side], waiting[side], side + 1)
        if None in waiting:
            break
        if not waiting[0].first and not waiting[1].first:
            _different_reads(scans)
        count = min(len(block.hashes) for block in waiting)
        if (differ := waiting[0].hashes[:count] != waiting[1].hashes[:count]).any():
            raise _unpaired(scans, waiting, int(differ.argmax()))
        duplicates.add(waiting[0].hashes[:count])
        waiting = [_rest(block, count) for block in waiting]
    _equal_counts(scans, streams)
    _no_duplicates(scans[0], duplicates)
    return scans


def _rest(block: Block, done: int) -> Block | None:
    if done == len(block.hashes):
        return None
    return block.rows(slice(done, None))


def _equal_counts(scans: tuple[Scan, Scan], streams) -> None:
    for stream in streams:
        for _ in stream:
            pass
    counts = [scan.records for scan in scans]
    if counts[0] != counts[1]:
        raise Refusal(
            f"{scans[0].source.name} and {scans[1].source.name}",
            f"{counts[0]} and {counts[1]} records",
            "equal numbers of records in both mates",
            "export or copy both files again; one of them is incomplete",
        )


def _right_mate(scan: Scan, block: Block, mate: int) -> None:
    wrong = block.mates == 3 - mate
    if wrong.any():
        row = int(wrong.argmax())
        raise scan._refusal(
            block.first + row,
            f"a read marked as mate {3 - mate} ({block.name(row)})",
            f"mate {mate}, because the file is given as read {mate}",
            "swap the two files, or name the right one in the sheet",
        )


def _different_reads(scans: tuple[Scan, Scan]) -> None:
    one, two = scans[0].first_sequences, scans[1].first_sequences
    equal = sum(a == b for a, b in zip(one, two, strict=False))
    if equal > 0.5 * min(len(one), len(two)):
        raise Refusal(
            f"{scans[0].source.name} and {scans[1].source.name}",
            "the same reads in both files",
            "the two mates of each pair",
            "name the second mate's file; the first was given twice",
        )


def _unpaired(scans: tuple[Scan, Scan], blocks: list[Block], row: int) -> Refusal:
    one, two = blocks
    record = one.first + row + 1
    later = np.flatnonzero(two.hashes == one.hashes[row])
    earlier = np.flatnonzero(one.hashes == two.hashes[row])
    if len(later) or len(earlier):
        shift = int(later[0]) - row if len(later) else row - int(earlier[0])
        found = f"mates shifted by {abs(shift)} from here on ({one.name(row)} faces {two.name(row)})"
        cure = "export or copy both files again; one of them has lost or gained records"
    elif _numbered_mates(one.name(row), two.name(row)):
        found = f"the names {one.name(row)} and {two.name(row)}, which end in the mate's number"
        cure = "take the last .1 and .2 off the names, or fetch them again without --readids (-I) of fastq-dump"
    else:
        found = f"the names {one.name(row)} and {two.name(row)}"
        cure = "check that both files come from the same run and were not sorted or filtered one by one"
    return Refusal(
        f"{scans[0].source.name} and {scans[1].source.name}, record {record}",
        found,
        "the same read name in both mates",
        cure,
    )


def _numbered_mates(one: str, two: str) -> bool:
    """Whether names are those of mates as fastq-dump --readids writes them: SRR1.7.1 and SRR1.7.2."""
    return one[:-2] == two[:-2] and (one[-2:], two[-2:]) == (".1", ".2")


def _not_interleaved(scan: Scan, block: Block) -> None:
    pairs = len(block.hashes) // 2
    same = pairs and (block.hashes[: 2 * pairs : 2] == block.hashes[1 : 2 * pairs : 2]).all()
    some = range(0, 2 * min(pairs, PAIRS_TO_TELL), 2)
    # One pair alone may be called so by chance: reads 1 and 2 of a file without pairs.
    if same or len(some) > 1 and all(_numbered_mates(block.name(row), block.name(row + 1)) for row in some):
        raise scan.source.refusal(
            "",
            "both mates of each pair in one file (interleaved)",
            "one file per mate",
            "say interleaved in the column layout of runs.tsv, or split it (seqtk seq -1 and -2) and name both files",
        )


def _no_duplicates(scan: Scan, duplicates: Duplicates, every: int = 1) -> None:
    """every: 2 where a name stands for two records."""
    value = duplicates.found()
    if value is None:
        scan.name_search = duplicates.searched()
        return
    # Only now, on the way out, are the two records looked up.
    found: list[tuple[int, str]] = []
    with Source(scan.source.path) as again:
        for block in Scan(again).blocks():
            rows_ = np.flatnonzero(
                (block.hashes == value) & ((block.first + np.arange(len(block.hashes))) % every == 0)
            )
            found += [(block.first + int(row) + 1, block.name(row)) for row in rows_]
            if len(found) > 1:
                break
    raise scan.source.refusal(
        f"records {found[0][0]} and {found[1][0]}",
        f"the read name {found[0][1]} twice",
        "every read name once",
        "export the run again; part of it was probably written twice",
    )
