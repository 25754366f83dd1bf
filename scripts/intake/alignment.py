"""BAM, uBAM, CRAM and SAM: the container whole and undamaged, every record sound, the header fit for the order.

BAM is read as BGZF blocks and its records are checked in bulk with numpy; CRAM is decoded by htslib from a pipe, so
that its bytes are read and hashed once; SAM is checked line by line.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from isal import isal_zlib

from scripts.intake import header as headers
from scripts.intake.header import Header
from scripts.intake.names import Duplicates, hashes, rows
from scripts.intake.source import BLOCK, GZIP_ERRORS, SEND_AGAIN, Source
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.refusal import Refusal

READ = 1 << 19
BLOCKS_AT_ONCE = 16  # of at most 64 KiB each
BGZF, BGZF_EXTRA = b"\x1f\x8b\x08\x04", b"BC\x02\x00"
EOF_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
CRAM_EOF = {
    2: bytes.fromhex("0b000000ffffffff0fe0454f46000000000100000606010001000100"),
    3: bytes.fromhex("0f000000ffffffff0fe0454f4600000000010005bdd94f0001000606010001000100ee63014b"),
}
FIXED = np.dtype(
    [
        ("size", "<i4"),
        ("ref", "<i4"),
        ("pos", "<i4"),
        ("name", "u1"),
        ("mapq", "u1"),
        ("bin", "<u2"),
        ("cigar", "<u2"),
        ("flag", "<u2"),
        ("seq", "<i4"),
        ("next_ref", "<i4"),
        ("next_pos", "<i4"),
        ("tlen", "<i4"),
    ]
)
PAIRED, UNMAPPED, REVERSE, FIRST, SECOND, SECONDARY, DUPLICATE, SUPPLEMENTARY = 1, 4, 16, 64, 128, 256, 1024, 2048
LARGEST_RECORD = 1 << 28
QUERY_OPS = np.zeros(16, np.int64)
QUERY_OPS[[0, 1, 4, 7, 8]] = 1  # M I S = X
SLACK = 1 << 12
# Reads laid on the wrong sequence agree with it in about a quarter of their bases, the poorest real reads in 85 %.
LEAST_IDENTITY, FEWEST_BASES, SAMPLE = 0.7, 1000, 2000


@dataclass
class Tally:
    """Counts over the records of one file, whatever its format."""

    source: Source
    expected: Expected
    header: Header = field(default_factory=Header)
    records: int = 0
    primary: int = 0
    bases: int = 0
    q30: int = 0
    mapped: int = 0
    paired: int = 0
    first: int = 0
    second: int = 0
    duplicates: int = 0
    untagged: int = 0
    longest: int = 0
    shortest: int = 1 << 31
    used: set[str] = field(default_factory=set)
    sorted: bool = True
    no_quality: int = 0
    last_key: int = -1
    numbers: dict[str, int] = field(default_factory=dict)
    names: Duplicates = field(default_factory=Duplicates)
    sample: list[tuple[str, int, list[tuple[int, int, int]], str]] = field(default_factory=list)
    watched: int | None = None
    seen: list[tuple[int, str]] = field(default_factory=list)
    _hashes: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    digest: object = field(default_factory=hashlib.sha256)

    def refusal(self, found: str, expected: str, cure: str = SEND_AGAIN, record: int | None = None) -> Refusal:
        where = f"record {record + 1}" if record is not None else ""
        return self.source.refusal(where, found, expected, cure)

    def add(self, name: str, flag: int, reference: str, size: int, qualities: bytes | None, offset: int) -> None:
        """Count one record that was read by itself (CRAM, SAM); qualities start at `offset` (0 or 33)."""
        if flag & (SECONDARY | SUPPLEMENTARY):
            return
        self.primary += 1
        self.bases += size
        self.longest, self.shortest = max(self.longest, size), min(self.shortest, size)
        self.paired += bool(flag & PAIRED)
        self.first += bool(flag & FIRST)
        self.second += bool(flag & SECOND)
        self.duplicates += bool(flag & DUPLICATE)
        if not flag & UNMAPPED:
            self.mapped += 1
            self.used.add(reference)
        if size and qualities is None:
            self.no_quality += 1
        elif size:
            self.q30 += int(np.count_nonzero(np.frombuffer(qualities, np.uint8) >= offset + 30))
        text = f"{name} {flag >> 6 & 3}".encode("utf-8", "replace")
        value = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")
        if value == self.watched:
            self.seen.append((self.records + 1, name))
        self._hashes.append(value)
        if len(self._hashes) > 1 << 16:
            self.flush()

    def flush(self) -> None:
        self.names.add(np.array(self._hashes, np.uint64))
        self._hashes = []

    def wants_sample(self, flag: int) -> bool:
        if not self.expected.fasta or self.expected.realign or len(self.sample) >= SAMPLE:
            return False
        return not flag & (UNMAPPED | SECONDARY | SUPPLEMENTARY) and self.records % 10 == 0

    def take(self, reference: str, position: int, cigar: Iterable[tuple[int, int]], sequence: str) -> None:
        """Keep one aligned read for the comparison with the reference; cigar as (operation, length)."""
        blocks, on_reference, on_read = [], 0, 0
        for op, length in cigar:
            if op in (0, 7, 8):
                blocks.append((on_reference, on_read, length))
            on_reference += length if op in (0, 2, 3, 7, 8) else 0
            on_read += length if op in (0, 1, 4, 7, 8) else 0
        self.sample.append((reference, position, blocks, sequence))

    def verdict(self, format_: str) -> Verdict:
        """Judge the file as a whole, after its last record."""
        source, expected, header = self.source, self.expected, self.header
        self.flush()
        if not self.records:
            raise self.refusal("a header but no reads", "reads", "export the file again")
        headers.judge_groups(header, source, expected)
        if self.untagged and (len(header.groups) > 1 or self.untagged < self.records):
            raise self.refusal(
                f"{self.untagged} reads without a read group",
                "a read group (RG) for every read",
                "set it (samtools addreplacerg), or export the file again",
            )
        if self.untagged:
            self.notes.append("No read carries its read group; the header's only one is taken for all.")
        if (value := self.names.found()) is not None:
            raise self.twice(int(value))
        if header.order == "coordinate" and not self.sorted:
            raise self.refusal(
                "records out of order", "coordinate order as the header says (SO:coordinate)", "sort it (samtools sort)"
            )
        if self.paired and not self.mapped and self.first != self.second:
            raise self.refusal(
                f"{self.first} first and {self.second} second mates",
                "equal numbers of both mates",
                "export the file again",
            )
        mean = self.bases / max(self.primary, 1)
        if (
            expected.read_length_min
            and mean < expected.read_length_min
            or (expected.read_length_max and mean > expected.read_length_max)
        ):
            raise self.refusal(
                f"reads of {mean:.0f} bases on average",
                f"{expected.read_length_min:g} to {expected.read_length_max or float('inf'):g} for this service",
                "check that the right run was named in the sheet",
            )
        if not expected.realign:
            self.judge_alignment()
        if self.no_quality:
            self.notes.append(f"{self.no_quality} reads have no base qualities.")
        groups = header.groups.values()
        facts = {
            "records": self.records,
            "primary": self.primary,
            "bases": self.bases,
            "read_length_min": self.shortest if self.primary else 0,
            "read_length_mean": round(mean, 3),
            "read_length_max": self.longest,
            "q30_bases": self.q30,
            "mapped": self.mapped,
            "paired": self.paired,
            "marked_duplicates": self.duplicates,
            "sort_order": header.order,
            "coordinate_sorted": self.sorted and bool(self.mapped),
            "aligned": bool(self.mapped),
            "action": "align" if expected.realign or not self.mapped else "use",
            "samples": header.samples(),
            "read_groups": [
                {key: group[key] for key in ("ID", "LB", "PL", "PU", "SM") if key in group} for group in groups
            ],
            "platform": ",".join(sorted({group["PL"].upper() for group in groups if group.get("PL")})),
            "reference_names": [name for name in header.lengths if name in self.used],
            "duplicate_names_searched": self.names.searched(),
        }
        format_ = "ubam" if format_ == "bam" and not self.mapped else format_
        return Verdict("file", format_, source.size, "", "", self.digest.hexdigest(), facts, self.notes)

    def twice(self, value: int) -> Refusal:
        """Only now, on the way out, are the two records looked up."""
        with Source(self.source.path) as source:
            again = Tally(source, Expected(), watched=value)
            READERS[source.kind](again)
        (one, name), (two, _) = again.seen[:2]
        return self.source.refusal(
            f"records {one} and {two}",
            f"the read {name} twice (same name, same mate)",
            "every read once",
            "export the file again; part of it was probably written twice",
        )

    def judge_alignment(self) -> None:
        expected = self.expected
        if not self.mapped:
            if expected.in_site:
                raise self.refusal(
                    "unmapped reads",
                    "reads aligned to the order's reference, because the recipe does not align again",
                    "choose a recipe that aligns (realign), or deliver the aligned file",
                )
            self.notes.append("No read is aligned (uBAM).")
            return
        if expected.contigs:
            headers.judge_reference(self.header, self.used, self.source, expected)
        elif expected.in_site:
            self.notes.append("The order names no reference to compare with.")
        if expected.fasta:
            self.judge_bases()

    def judge_bases(self) -> None:
        """The trap of a header that calls chr20 'chr19': names and lengths agree, only the bases do not."""
        import pysam

        same = compared = 0
        with pysam.FastaFile(self.expected.fasta) as fasta:
            for name, start, blocks, sequence in self.sample:
                if name not in fasta.references:
                    continue
                for on_reference, on_read, length in blocks:
                    first = start + on_reference
                    ours = np.frombuffer(sequence[on_read : on_read + length].encode(), np.uint8)
                    theirs = np.frombuffer(fasta.fetch(name, first, first + length).upper().encode(), np.uint8)
                    ours, theirs = ours[: len(theirs)], theirs[: len(ours)]
                    known = (ours != ord("N")) & (theirs != ord("N"))
                    compared += int(np.count_nonzero(known))
                    same += int(np.count_nonzero(known & (ours == theirs)))
        if compared < FEWEST_BASES:
            self.notes.append(f"Only {compared} aligned bases could be compared with the reference.")
        elif same < LEAST_IDENTITY * compared:
            raise self.refusal(
                f"aligned reads that agree with the reference in {100 * same / compared:.0f} % of {compared} bases",
                "reads aligned to the order's reference (the header names other sequences)",
                "align the reads again (order a recipe that does), or name the reference they were aligned to",
            )


# ---- BAM ----
def inflated_blocks(source: Source) -> Iterator[bytes]:
    """The decompressed content, about a megabyte at a time; every BGZF block's CRC is verified."""
    if not source.bgzf:
        raise source.refusal("", "BAM in plain gzip", "BAM in blocked gzip (BGZF)", "write it again (samtools view -b)")
    rest, offset, last = b"", 0, b""
    while True:
        block = source.read(READ)
        data = rest + block if rest else block
        position, parts, end = 0, [], len(data)
        while end - position >= 18:
            if data[position : position + 4] != BGZF or data[position + 12 : position + 16] != BGZF_EXTRA:
                raise source.refusal(f"byte {offset + position}", "no BGZF block", "a BGZF block (damaged file)")
            size = int.from_bytes(data[position + 16 : position + 18], "little") + 1
            if position + size > end:
                break
            last = data[position : position + size]
            try:
                parts.append(isal_zlib.decompress(last, wbits=31))
            except GZIP_ERRORS as error:
                raise source.refusal(
                    f"BGZF block at byte {offset + position}", f"damaged data ({error})", "undamaged data"
                ) from None
            position += size
            if len(parts) == BLOCKS_AT_ONCE:
                yield b"".join(parts)
                parts = []
        if parts:
            yield b"".join(parts)
        rest, offset = data[position:], offset + position
        if not block:
            break
    if rest:
        raise source.refusal(f"byte {offset}", f"{len(rest)} bytes of a cut BGZF block", "a whole file (truncated)")
    if last != EOF_BLOCK:
        raise source.refusal("", "no end-of-file marker", "the empty BGZF block that ends every BAM file (truncated)")


def check_bam(source: Source, expected: Expected) -> Verdict:
    """Check one BAM file; see docs/intake.md for the rules and the facts."""
    tally = Tally(source, expected)
    read_bam(tally)
    return tally.verdict("bam")


def read_bam(tally: Tally) -> None:
    stream = inflated_blocks(tally.source)
    rest, lengths = _bam_header(stream, tally)
    size = struct.Struct("<i").unpack_from
    for block in stream:
        rest = _bam_records(rest + block, tally, lengths, size)
    rest = _bam_records(rest, tally, lengths, size)
    if rest:
        raise tally.refusal(f"{len(rest)} bytes of a cut record", "a whole record (truncated)", record=tally.records)


def _bam_header(stream: Iterator[bytes], tally: Tally) -> tuple[bytes, np.ndarray]:
    source, data = tally.source, b""

    def need(count: int) -> None:
        nonlocal data
        while len(data) < count:
            more = next(stream, None)
            if more is None:
                raise source.refusal("header", "the end of the file inside the header", "a whole file (truncated)")
            data += more

    need(8)
    if data[:4] != b"BAM\x01":
        raise source.refusal("header", "no BAM magic", "a BAM file")
    text_size = int.from_bytes(data[4:8], "little", signed=True)
    if text_size < 0 or text_size > LARGEST_RECORD:
        raise source.refusal("header", f"a header of {text_size} bytes", "a header (damaged file)")
    need(12 + text_size)
    text = data[8 : 8 + text_size].decode("utf-8", "replace")
    tally.header = headers.parse(text, source)
    position = 8 + text_size
    count = int.from_bytes(data[position : position + 4], "little", signed=True)
    position += 4
    binary: dict[str, int] = {}
    for _ in range(count):
        need(position + 4)
        size = int.from_bytes(data[position : position + 4], "little", signed=True)
        if not 1 < size < 1 << 16:
            raise source.refusal("header", f"a reference name of {size} bytes", "a name (damaged file)")
        need(position + 8 + size)
        name = data[position + 4 : position + 3 + size].decode("ascii", "replace")
        binary[name] = int.from_bytes(data[position + 4 + size : position + 8 + size], "little", signed=True)
        position += 8 + size
    if tally.header.lengths and list(binary.items()) != list(tally.header.lengths.items()):
        wrong = next(
            (name for name in {**binary, **tally.header.lengths} if binary.get(name) != tally.header.lengths.get(name)),
            "",
        )
        raise source.refusal(
            "header",
            f"two lists of reference sequences that differ ({wrong or 'in their order'})",
            "the same sequences in the @SQ lines and in BAM's own list",
            headers.REHEAD,
        )
    tally.header.lengths = binary
    return data[position:], np.array([*binary.values(), 0], np.int64)


def _bam_records(data: bytes, tally: Tally, lengths: np.ndarray, size_at) -> bytes:
    """Check the whole records in data; returns the bytes of the cut one at its end."""
    places, position, last = [], 0, len(data) - 4
    while position <= last:
        size = size_at(data, position)[0]
        if not 32 <= size < LARGEST_RECORD:
            raise tally.refusal(
                f"a record of {size} bytes", "a sound record (damaged file)", record=tally.records + len(places)
            )
        if position + size > last:
            break
        places.append(position)
        position += size + 4
    if places:
        buffer = bytearray(data)
        buffer.extend(bytes(SLACK))
        _bam_bulk(buffer, np.array(places), position, tally, lengths)
    return data[position:]


def _bam_bulk(buffer: bytearray, at: np.ndarray, end: int, tally: Tally, lengths: np.ndarray) -> None:
    fixed = rows(buffer, at, 36).view(FIXED).ravel()
    flag, count = fixed["flag"], len(at)
    references = len(lengths) - 1
    name_size, cigars, bases = (fixed[key].astype(np.int64) for key in ("name", "cigar", "seq"))
    sequence_at = at + 36 + name_size + 4 * cigars
    quality_at = sequence_at + (bases + 1) // 2
    tags_at, next_at = quality_at + bases, at + 4 + fixed["size"]
    _bam_sound(buffer, fixed, at, tags_at, next_at, lengths, references, tally)

    primary = (flag & (SECONDARY | SUPPLEMENTARY)) == 0
    mapped = primary & ((flag & UNMAPPED) == 0)
    tally.primary += int(np.count_nonzero(primary))
    tally.mapped += int(np.count_nonzero(mapped))
    tally.paired += int(np.count_nonzero(primary & ((flag & PAIRED) != 0)))
    tally.first += int(np.count_nonzero(primary & ((flag & FIRST) != 0)))
    tally.second += int(np.count_nonzero(primary & ((flag & SECOND) != 0)))
    tally.duplicates += int(np.count_nonzero(primary & ((flag & DUPLICATE) != 0)))
    own = bases[primary]
    tally.bases += int(own.sum())
    tally.longest = max(tally.longest, int(own.max(initial=0)))
    tally.shortest = min(tally.shortest, int(own.min(initial=1 << 31)))
    _bam_qualities(buffer, quality_at[primary & (bases > 0)], bases[primary & (bases > 0)], tally)
    names = list(tally.header.lengths)
    tally.used |= {names[number] for number in np.unique(fixed["ref"][mapped]) if number >= 0}

    key = (fixed["ref"].astype(np.uint32).astype(np.int64) << 32) | (fixed["pos"].astype(np.int64) + 1)
    tally.sorted &= bool(key[0] >= tally.last_key and (np.diff(key) >= 0).all())
    tally.last_key = int(key[-1])
    _bam_names(buffer, at, name_size, flag, primary, tally)
    _bam_groups(buffer, tags_at, next_at, end, tally)
    if tally.expected.fasta and not tally.expected.realign and len(tally.sample) < SAMPLE:
        for number in np.flatnonzero(mapped & (fixed["mapq"] >= 20) & (bases > 0))[:: max(1, count // 50)][:50]:
            _take_sample(buffer, fixed[number], int(at[number]), names, tally)
    tally.digest.update(fixed[["flag", "ref", "pos", "seq"]].tobytes())
    tally.records += count


def _bam_sound(buffer, fixed, at, tags_at, next_at, lengths, references, tally: Tally) -> None:
    ref, pos, other, other_pos = fixed["ref"], fixed["pos"], fixed["next_ref"], fixed["next_pos"]
    bases, name_size = fixed["seq"], fixed["name"].astype(np.int64)
    data = np.frombuffer(buffer, np.uint8)
    checks = [
        ((ref < -1) | (ref >= references) | (other < -1) | (other >= references), "a reference number out of range"),
        ((bases < 0) | (name_size < 2) | (tags_at > next_at), "parts that are longer than the record"),
    ]
    for bad, words in checks:
        if bad.any():
            raise tally.refusal(words, "a sound record (damaged file)", record=tally.records + int(bad.argmax()))
    checks = [
        (data[at + 35 + name_size] != 0, "a read name without its end"),
        ((pos < -1) | (pos >= np.where(ref >= 0, lengths[ref], 1)), "a position outside its reference sequence"),
        (
            (other_pos < -1) | (other_pos >= np.where(other >= 0, lengths[other], 1)),
            "a mate's position outside its sequence",
        ),
        (((fixed["flag"] & UNMAPPED) == 0) & ((ref < 0) | (pos < 0)), "a mapped read without a position"),
    ]
    cigars = fixed["cigar"].astype(np.int64)
    total = int(cigars.sum())
    if total:
        owner = np.repeat(np.arange(len(at)), cigars)
        within = np.arange(total) - np.repeat(np.cumsum(cigars) - cigars, cigars)
        words_ = rows(buffer, (at + 36 + name_size)[owner] + 4 * within, 4).view("<u4").ravel()
        query = np.bincount(owner, QUERY_OPS[words_ & 15] * (words_ >> 4), len(at)).astype(np.int64)
        checks.append(((cigars > 0) & (bases > 0) & (query != bases), "a CIGAR that does not fit the sequence"))
        checks.append((np.bincount(owner, (words_ & 15) > 8, len(at)) > 0, "an unknown CIGAR operation"))
    for bad, words in checks:
        if bad.any():
            raise tally.refusal(words, "a sound record (damaged file)", record=tally.records + int(bad.argmax()))


def _bam_qualities(buffer: bytearray, starts: np.ndarray, sizes: np.ndarray, tally: Tally) -> None:
    if not len(starts):
        return
    data = np.frombuffer(buffer, np.uint8)
    absent = data[starts] == 255
    tally.no_quality += int(np.count_nonzero(absent))
    starts, sizes = starts[~absent], sizes[~absent]
    for width in _widths(sizes):
        tally.q30 += int(np.count_nonzero(rows(buffer, starts[sizes == width], width) >= 30))
    if len(sizes) and not _widths(sizes):
        steps = np.zeros(len(data) + 1, np.int8)
        steps[starts] = 1
        np.add.at(steps, starts + sizes, -1)
        tally.q30 += int(np.count_nonzero(data[np.cumsum(steps[:-1], dtype=np.int8).view(bool)] >= 30))


def _widths(sizes: np.ndarray) -> list[int]:
    """The distinct read lengths when they are few (then reads are copied length by length), else none."""
    if not len(sizes) or (sizes == sizes[0]).all():
        return [int(sizes[0])] if len(sizes) else []
    distinct = np.unique(sizes)
    return distinct.tolist() if len(distinct) <= 8 else []


def _bam_names(buffer, at, name_size, flag, primary, tally: Tally) -> None:
    width = (int(name_size.max()) + 7) // 8 * 8
    text = rows(buffer, at + 36, width)
    mates = ((flag & (FIRST | SECOND)) >> 6).astype(np.uint64)
    values = hashes(text, name_size - 1) + mates * np.uint64(0x9E3779B97F4A7C15)
    tally.names.add(values[primary])
    if tally.watched is not None:
        for row in np.flatnonzero(primary & (values == np.uint64(tally.watched))):
            name = text[row, : name_size[row] - 1].tobytes().decode("ascii", "replace")
            tally.seen.append((tally.records + int(row) + 1, name))


def _bam_groups(buffer: bytearray, tags_at: np.ndarray, next_at: np.ndarray, end: int, tally: Tally) -> None:
    """Every read's RG tag names a group of the header."""
    data = np.frombuffer(buffer, np.uint8, end)
    hits = np.flatnonzero((data[:-2] == ord("R")) & (data[1:-1] == ord("G")) & (data[2:] == ord("Z")))
    owner = np.searchsorted(next_at, hits, side="right")
    keep = (owner < len(tags_at)) & (hits >= tags_at[np.minimum(owner, len(tags_at) - 1)])
    hits, owner = hits[keep], owner[keep]
    known = np.zeros(len(tags_at), bool)
    for name in tally.header.groups:
        value = np.frombuffer(name.encode() + b"\x00", np.uint8)
        if len(hits) and len(value) < SLACK:
            known[owner[(rows(buffer, hits + 3, len(value)) == value).all(axis=1)]] = True
    for record in np.flatnonzero(~known) if tally.header.groups else ():
        # The quick look may be fooled by text inside another tag, so the doubtful ones are read tag by tag.
        group = _tag(bytes(buffer[tags_at[record] : next_at[record]]), b"RG")
        if group is None:
            tally.untagged += 1
        elif group not in tally.header.groups:
            raise tally.refusal(
                f"the read group {group!r}", "a read group of the header", headers.REHEAD, tally.records + int(record)
            )


SIZES = {b"A": 1, b"c": 1, b"C": 1, b"s": 2, b"S": 2, b"i": 4, b"I": 4, b"f": 4}


def _tag(tags: bytes, wanted: bytes) -> str | None:
    position = 0
    while position + 3 <= len(tags):
        name, kind = tags[position : position + 2], tags[position + 2 : position + 3]
        position += 3
        if kind in (b"Z", b"H"):
            end = tags.find(b"\x00", position)
            end = len(tags) if end < 0 else end
            if name == wanted:
                return tags[position:end].decode("ascii", "replace")
            position = end + 1
        elif kind == b"B":
            width = SIZES.get(tags[position : position + 1], 1)
            position += 5 + width * int.from_bytes(tags[position + 1 : position + 5], "little")
        elif kind in SIZES:
            position += SIZES[kind]
        else:
            return None
    return None


def _take_sample(buffer: bytearray, fixed, at: int, names: list[str], tally: Tally) -> None:
    cigar_at = at + 36 + int(fixed["name"])
    words = np.frombuffer(buffer, "<u4", int(fixed["cigar"]), cigar_at) if fixed["cigar"] else ()
    packed = np.frombuffer(buffer, np.uint8, (int(fixed["seq"]) + 1) // 2, cigar_at + 4 * int(fixed["cigar"]))
    codes = np.empty(2 * len(packed), np.uint8)
    codes[0::2], codes[1::2] = packed >> 4, packed & 15
    sequence = np.frombuffer(b"=ACMGRSVTWYHKDBN", np.uint8)[codes[: int(fixed["seq"])]].tobytes().decode()
    cigar = [(int(word) & 15, int(word) >> 4) for word in words]
    tally.take(names[int(fixed["ref"])], int(fixed["pos"]), cigar, sequence)


# ---- CRAM ----
def check_cram(source: Source, expected: Expected) -> Verdict:
    """Check one CRAM file: htslib decodes it from a pipe while its bytes are hashed on their way."""
    tally = Tally(source, expected)
    read_cram(tally)
    return tally.verdict("cram")


def read_cram(tally: Tally) -> None:
    import pysam

    source, expected = tally.source, tally.expected
    version, tail, trouble = source.head[4], bytearray(), []
    reader, writer = os.pipe()

    def feed() -> None:
        nonlocal tail
        try:
            with os.fdopen(writer, "wb", buffering=0) as out:
                while block := source.read(BLOCK):
                    tail = (tail + block)[-64:]
                    view = memoryview(block)
                    while view:
                        view = view[out.write(view) :]
        except BrokenPipeError:
            pass  # htslib stopped reading; it says why
        except Refusal as refusal:
            trouble.append(refusal)

    thread = threading.Thread(target=feed, daemon=True)
    verbosity = pysam.set_verbosity(0)
    # htslib would otherwise ask a public server for missing references.
    saved = {key: os.environ.get(key) for key in ("REF_PATH", "REF_CACHE")}
    os.environ["REF_PATH"] = saved["REF_PATH"] or "/nonexistent/%s"
    thread.start()
    try:
        options = {"reference_filename": expected.fasta} if expected.fasta else {}
        with (
            os.fdopen(reader, "rb", buffering=0) as pipe,
            pysam.AlignmentFile(pipe, "rc", check_sq=False, **options) as file,
        ):
            tally.header = headers.parse(str(file.header), source)
            for read in file:
                _cram_record(read, tally)
    except (OSError, ValueError) as error:
        while source.read(BLOCK):
            pass
        raise _cram_trouble(tally, error) from None
    finally:
        thread.join()
        pysam.set_verbosity(verbosity)
        for key, value in saved.items():
            os.environ.pop(key, None) if value is None else os.environ.update({key: value})
    if trouble:
        raise trouble[0]
    marker = CRAM_EOF.get(version, b"")
    if not bytes(tail).endswith(marker):
        raise source.refusal("", "no end-of-file marker", "the container that ends every CRAM file (truncated)")


def _cram_trouble(tally: Tally, error: Exception) -> Refusal:
    if not tally.expected.fasta:
        return tally.refusal(
            "CRAM data that cannot be decoded: damaged, or its reference is not at hand",
            "a CRAM whose reference the order names",
            "name the reference it was written with in the site's config, or deliver BAM",
            tally.records,
        )
    return tally.refusal(
        f"CRAM data that cannot be decoded ({str(error).splitlines()[0] if str(error) else 'error'})",
        "an undamaged CRAM written with the order's reference",
        "copy the file again, or name the reference it was written with",
        tally.records,
    )


def _cram_record(read, tally: Tally) -> None:
    flag, record = read.flag, tally.records
    group = read.get_tag("RG") if read.has_tag("RG") else None
    if group is None:
        tally.untagged += 1
    elif tally.header.groups and group not in tally.header.groups:
        raise tally.refusal(f"the read group {group!r}", "a read group of the header", headers.REHEAD, record)
    size, qualities = read.query_length, read.query_qualities
    tally.add(
        read.query_name, flag, read.reference_name or "", size, None if qualities is None else qualities.tobytes(), 0
    )
    key = ((read.reference_id & 0xFFFFFFFF) << 32) | (read.reference_start + 1)
    tally.sorted &= key >= tally.last_key
    tally.last_key = key
    if tally.wants_sample(flag):
        tally.take(read.reference_name, read.reference_start, read.cigartuples or (), read.query_sequence or "")
    tally.digest.update(f"{flag},{read.reference_id},{read.reference_start},{size};".encode())
    tally.records += 1


# ---- SAM ----
LINE = re.compile(
    rb"([!-?A-~]{1,254})\t([0-9]{1,5})\t(\*|[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*)\t([0-9]{1,10})"
    rb"\t([0-9]{1,3})\t(\*|(?:[0-9]+[MIDNSHPX=])+)\t(\*|=|[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*)"
    rb"\t([0-9]{1,10})\t(-?[0-9]{1,10})\t(\*|[A-Za-z=.]+)\t([!-~]+)((?:\t[^\t\n]+)*)"
)
TAGS = re.compile(
    rb"(?:\t[A-Za-z][A-Za-z0-9]:(?:A:[!-~]|i:[-+]?[0-9]+|f:[-+]?(?:[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?|nan|inf)"
    rb"|Z:[ -~]*|H:(?:[0-9A-F][0-9A-F])*|B:[cCsSiIf](?:,[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)*))*"
)
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
    tally = Tally(source, expected)
    read_sam(tally)
    return tally.verdict("sam")


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
    payload, rest = source.payload(), b""
    while True:
        try:
            block = payload.read(BLOCK)
        except GZIP_ERRORS as error:
            raise source.told(error, "") from None
        if not block:
            break
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    if rest:
        yield rest


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
    tally.add(name.decode(), flag, reference.decode(), size, None if quality == b"*" else quality, 33)
    key = (tally.numbers.get(reference.decode(), 0xFFFFFFFF) << 32) | position
    tally.sorted &= key >= tally.last_key
    tally.last_key = key
    if tally.wants_sample(flag):
        codes = [(b"MIDNSHP=X".index(op), int(length)) for length, op in OPS.findall(cigar)]
        tally.take(reference.decode(), position - 1, codes, sequence.decode().upper())
    tally.digest.update(f"{flag},{reference!r},{position},{size};".encode())
    tally.records += 1


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


READERS = {"bam": read_bam, "cram": read_cram, "sam": read_sam}
