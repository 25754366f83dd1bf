"""BAM and uBAM: BGZF blocks with their CRCs, then all records of a few megabytes at once with numpy.

Records are a chain, walked one by one: each tells where the next one starts, and writers cut them anywhere in blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from struct import Struct

import numpy as np

from scripts.intake import bgzf
from scripts.intake import header as headers
from scripts.intake.alignment import (
    DUPLICATE,
    FIRST,
    NAMES_IN_A_ROW,
    PAIRED,
    SECOND,
    SECONDARY,
    SUPPLEMENTARY,
    UNMAPPED,
    Tally,
    looked_at,
    name_hashes,
)
from scripts.intake.source import Source
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.bam import FIXED, WIDTH, hashes, rows

MAGIC = b"BAM\x01"
AT_ONCE = 1 << 13  # records checked at once: what fits the processor's cache is several times faster
LARGEST_RECORD = 1 << 28
SIZE = Struct("<i")
READ_OPS = np.array([1, 1, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0], np.int64)  # M I D N S H P = X use up the read
SOFT_CLIP, HARD_CLIP = 4, 5
HIGHEST_QUALITY = 93  # '~' in SAM and FASTQ
TAG_SIZES = {b"A": 1, b"c": 1, b"C": 1, b"s": 2, b"S": 2, b"i": 4, b"I": 4, b"f": 4}
MOST_SPOTS = 16
Spans = tuple[np.ndarray, np.ndarray]  # where parts of records start and end
DAMAGED = "a sound record (damaged file)"


def check_bam(source: Source, expected: Expected) -> Verdict:
    """Check one BAM file; see docs/intake.md for the rules and the facts."""
    return Tally(source, expected).verdict("bam", read_bam)


def read_bam(tally: Tally) -> None:
    with closing(bgzf.pieces(tally.source)) as pieces:
        first = _read_header(pieces, tally)
        records = Records(tally)
        for piece in chain([first], pieces):
            records.add(*piece)
    if records.rest[:4] == MAGIC:
        cure = "name each of them as a run of its own, or merge them (samtools merge)"
        raise tally.refusal("a second BAM behind the first", "one BAM file", cure, record=tally.records)
    if records.rest:
        found = f"{len(records.rest)} bytes of a cut record"
        raise tally.refusal(found, "a whole record (truncated)", record=tally.records)


def _read_header(pieces: Iterator[bgzf.Piece], tally: Tally) -> bgzf.Piece:
    """Parse the header; returns what follows it in the pieces that were read."""
    source = tally.source
    data, position, end = next(pieces, (bytearray(), 0, 0))

    def take(count: int) -> bytes:
        nonlocal data, position, end
        while end < position + count:
            before = data[:end]  # its buffer is filled again when the next piece is asked for
            more, first, last = next(pieces, (b"", 0, 0))
            if first == last:
                raise source.refusal("header", "the end of the file inside the header", "a whole file (truncated)")
            data = before + more[first:last] + bytes(bgzf.SLACK)
            end += last - first
        position += count
        return bytes(data[position - count : position])

    def number(least: int, most: int) -> int:
        value = int.from_bytes(take(4), "little", signed=True)
        if not least <= value <= most:
            raise source.refusal("header", f"a length of {value}", f"{least} to {most} (damaged file)")
        return value

    if take(4) != MAGIC:
        raise source.refusal("header", "no BAM magic", "a BAM file")
    tally.header = headers.parse(take(number(0, LARGEST_RECORD)).decode("utf-8", "replace"), source)
    told, binary = tally.header.lengths, {}
    for _ in range(number(0, 1 << 24)):
        name = take(number(2, 1 << 16))[:-1].decode("ascii", "replace")
        binary[name] = number(0, (1 << 31) - 1)
    if told and list(binary.items()) != list(told.items()):
        wrong = next((name for name in {**binary, **told} if binary.get(name) != told.get(name)), "in their order")
        raise source.refusal(
            "header",
            f"two lists of reference sequences that differ ({wrong})",
            "the same sequences in the @SQ lines and in BAM's own list",
            headers.REHEAD,
        )
    tally.header.lengths = binary
    return data, position, end


# ---- records ----
class Records:
    """Checks the records of piece after piece; `rest` is the record that the last one has cut."""

    def __init__(self, tally: Tally):
        self.tally = tally
        self.rest = b""
        self._names = list(tally.header.lengths)
        self._lengths = np.array([*tally.header.lengths.values(), 1], np.int64)
        encoded = [b"RGZ" + name.encode() + b"\x00" for name in tally.header.groups] or [b"RGZ"]
        self._group_width = (max(map(len, encoded)) + 7) // 8 * 8
        text = np.array(encoded, f"S{self._group_width}").view(np.uint8).reshape(-1, self._group_width)
        self._told_at_a_glance = self._group_width <= WIDTH
        self._groups = hashes(text[:, :WIDTH], np.array([len(name) - 1 for name in encoded]))
        self._group_words = text[0].view(np.uint64)
        self._group_mask = (255 * (np.arange(self._group_width) < len(encoded[0]))).astype(np.uint8).view(np.uint64)
        self._spots: list[tuple[bool, int]] = []  # where RG tags were found: (from the record's end, distance)

    def add(self, data: bytearray, start: int, end: int) -> None:
        """Check the whole records in a piece; what follows them goes in front of the next."""
        if len(self.rest) > start:  # longer than the headroom
            data = self.rest + data[start:]
            start, end = 0, end - start + len(self.rest)
        else:
            start -= len(self.rest)
            data[start : start + len(self.rest)] = self.rest
        starts, cut = self._starts(data, start, end)
        for first in range(0, len(starts), AT_ONCE):
            self._check(data, starts[first : first + AT_ONCE])
        self.rest = data[cut:end]

    def _starts(self, data: bytearray, start: int, end: int) -> tuple[np.ndarray, int]:
        """(places of all whole records, where the cut one starts)."""
        places, position = [], start
        while position <= end - 4:
            (size,) = SIZE.unpack_from(data, position)
            if not 32 <= size < LARGEST_RECORD:
                record = self.tally.records + len(places)
                raise self.tally.refusal(f"a record of {size} bytes", DAMAGED, record=record)
            if position + 4 + size > end:
                break
            places.append(position)
            position += size + 4
        return np.array(places, np.int64), position

    def _check(self, data: bytearray, at: np.ndarray) -> None:
        tally = self.tally
        fixed = rows(data, at, 36).view(FIXED).ravel()
        flag, ref, pos, bases = (np.ascontiguousarray(fixed[key]) for key in ("flag", "ref", "pos", "seq"))
        name_size, cigars = fixed["name"].astype(np.int64), fixed["cigar"].astype(np.int64)
        cigar_at = at + 36 + name_size
        quality_at = cigar_at + 4 * cigars + (bases.astype(np.int64) + 1) // 2
        tags_at, next_at = quality_at + bases, at + 4 + fixed["size"]
        self._sound(data, fixed, (flag, ref, pos, bases, cigars), cigar_at, tags_at, next_at)

        primary = flag & (SECONDARY | SUPPLEMENTARY) == 0
        all_primary = bool(primary.all())
        own = slice(None) if all_primary else primary
        kinds = np.bincount(flag[own], minlength=1)
        present = np.flatnonzero(kinds)
        for name, bit in (("paired", PAIRED), ("first", FIRST), ("second", SECOND), ("duplicates", DUPLICATE)):
            setattr(tally, name, getattr(tally, name) + int(kinds[present[present & bit != 0]].sum()))
        tally.primary += int(kinds.sum())
        tally.mapped += int(kinds[present[present & UNMAPPED == 0]].sum())
        sizes = bases[own]
        if len(sizes):
            tally.bases += int(sizes.sum(dtype=np.int64))
            tally.longest = max(tally.longest, int(sizes.max()))
            tally.shortest = min(tally.shortest, int(sizes.min()))
        if (odd := self._qualities(data, quality_at[own], sizes)) is not None:
            self._refuse(quality_at == odd, f"a base quality above {HIGHEST_QUALITY}")
        mapped = flag & (UNMAPPED | SECONDARY | SUPPLEMENTARY) == 0
        tally.used |= {self._names[number] for number in np.flatnonzero(np.bincount(ref[mapped]))}
        self._order(ref, pos)
        if tally.header.order == "queryname":
            for start, size in zip(at[:NAMES_IN_A_ROW].tolist(), name_size[:NAMES_IN_A_ROW].tolist(), strict=True):
                tally.by_name.add(data[start + 36 : start + 35 + size].decode("ascii", "replace"))
        self._count_names(data, at, name_size, flag, primary & looked_at(pos))
        self._neighbours(data, at, name_size, (flag, ref, pos), primary & (pos >= 0))
        self._read_groups(data, tags_at, next_at)
        if tally.expected.private:
            self._no_names(data, (at + 36, cigar_at - 1), (tags_at, next_at))
        most = tally.expected.read_limits.reference_reads
        if tally.expected.fasta and not tally.expected.realign and len(tally.sample) < most:
            usable = np.flatnonzero(mapped & (fixed["mapq"] >= 20) & (bases > 0))
            for number in usable[:: max(1, len(usable) // 50)][:50]:
                self._sample(data, fixed[number], int(cigar_at[number]))
        tally.records += len(at)

    def _refuse(self, bad: np.ndarray, found: str) -> None:
        if bad.any():
            raise self.tally.refusal(found, DAMAGED, record=self.tally.records + int(bad.argmax()))

    def _sound(self, data: bytearray, fixed, columns, cigar_at, tags_at, next_at) -> None:
        flag, ref, pos, bases, cigars = columns
        other, other_pos = np.ascontiguousarray(fixed["next_ref"]), np.ascontiguousarray(fixed["next_pos"])
        last = len(self._names) - 1
        if ref.min() < -1 or ref.max() > last or other.min() < -1 or other.max() > last:
            self._refuse((ref < -1) | (ref > last) | (other < -1) | (other > last), "a reference number out of range")
        self._refuse(
            (bases < 0) | (fixed["name"] < 2) | (tags_at > next_at), "parts that are longer than the record itself"
        )
        view = np.frombuffer(data, np.uint8)
        self._refuse(view[cigar_at - 1] != 0, "a read name without its end")
        limit = self._lengths  # its last entry, for reads without a reference, is 1: they have position -1 or 0
        self._refuse((pos < -1) | (pos >= limit[ref]), "a position outside its reference sequence")
        self._refuse((other_pos < -1) | (other_pos >= limit[other]), "a mate's position outside its reference sequence")
        self._refuse((flag & UNMAPPED == 0) & ((ref < 0) | (pos < 0)), "a mapped read without a position")

        single = cigars == 1
        words = rows(data, cigar_at[single], 4).view("<u4").ravel()
        used = np.zeros(len(cigars), np.int64)
        used[single] = READ_OPS[words & 15] * (words >> 4)
        unknown, misplaced = np.zeros(len(cigars), bool), np.zeros(len(cigars), bool)
        unknown[single] = words & 15 > 8
        several = np.flatnonzero(cigars > 1)
        if len(several):
            counts = cigars[several]
            owner = np.repeat(np.arange(len(several)), counts)
            within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
            words = rows(data, cigar_at[several][owner] + 4 * within, 4).view("<u4").ravel()
            ops = words & 15
            used[several] = np.bincount(owner, READ_OPS[ops] * (words >> 4))
            unknown[several] = np.bincount(owner, ops > 8) > 0
            clipped = (ops == SOFT_CLIP) | (ops == HARD_CLIP)
            if clipped.any():
                misplaced[several] = np.bincount(owner, clipped & _inner(ops, within, counts[owner])) > 0
        self._refuse(unknown, "an unknown CIGAR operation")
        self._refuse(misplaced, "a CIGAR that clips bases inside the read")
        self._refuse((used != bases) & (cigars > 0) & (bases > 0), "a CIGAR that does not fit the sequence")

    def _qualities(self, data: bytearray, starts: np.ndarray, sizes: np.ndarray) -> int | None:
        """Count bases of Q30 and more; returns where qualities start that no instrument gives, if there are any."""
        view, tally = np.frombuffer(data, np.uint8), self.tally
        present = (sizes > 0) & (view[starts] != 255)
        if not present.all():
            tally.no_quality += int(np.count_nonzero((sizes > 0) & ~present))
            starts, sizes = starts[present], sizes[present]
        if not len(sizes):
            return None
        highest = 0
        distinct = sizes[:1] if (sizes == sizes[0]).all() else np.unique(sizes)
        if len(distinct) <= 8:
            for width in distinct.tolist():
                scores = rows(data, starts[sizes == width], width)
                tally.q30 += int(np.count_nonzero(scores >= 30))
                highest = max(highest, int(scores.max()))
        else:
            first, spans = int(starts[0]) - 1, np.column_stack([starts, starts + sizes])
            high = np.cumsum(view[first : spans[-1, 1]] >= 30, dtype=np.int32)
            tally.q30 += int((high[spans[:, 1] - 1 - first] - high[starts - 1 - first]).sum(dtype=np.int64))
            highest = int(np.maximum.reduceat(view, spans.ravel())[::2].max())
        if highest <= HIGHEST_QUALITY:
            return None
        return next(s for s, n in zip(starts.tolist(), sizes.tolist(), strict=True) if view[s : s + n].max() == highest)

    def _no_names(self, data: bytearray, names: Spans, tags: Spans) -> None:
        """No original name in read names and tags (numbers among them are no text, and do no harm)."""
        spans = zip(*(part.tolist() for part in (*names, *tags)), strict=True)
        records = [data[a:b] + b"\t" + data[c:d] for a, b, c, d in spans]
        self.tally.no_names(b"\n".join(records), lambda: map(bytes, records), self.tally.records)

    def _order(self, ref: np.ndarray, pos: np.ndarray) -> None:
        key = ((ref.astype(np.int64) & 0x7FFFFFFF) << 32) + pos  # reads without a reference (-1) come last
        self.tally.sorted &= bool(key[0] >= self.tally.last_key) and bool((key[1:] >= key[:-1]).all())
        self.tally.last_key = int(key[-1])

    def _count_names(self, data: bytearray, at: np.ndarray, name_size: np.ndarray, flag: np.ndarray, own) -> None:
        tally = self.tally
        own = np.flatnonzero(own)
        if not len(own):
            return
        lengths = name_size[own] - 1
        text = rows(data, at[own] + 36, (int(lengths.max()) + 8) // 8 * 8)
        odd = ((text <= 32) | (text > 126) | (text == ord("@"))) & (np.arange(text.shape[1]) < lengths[:, None])
        if odd.any():
            found, record = "a read name with characters that SAM does not allow", int(own[odd.any(axis=1).argmax()])
            raise tally.refusal(found, DAMAGED, record=tally.records + record)
        values = name_hashes(text, lengths, flag[own])
        tally.count_names(values)
        if tally.watched is not None:
            for row in np.flatnonzero(values == np.uint64(tally.watched)):
                name = text[row].tobytes().split(b"\x00")[0].decode("ascii", "replace")
                tally.seen.append((tally.records + int(own[row]) + 1, name))

    def _neighbours(self, data: bytearray, at: np.ndarray, name_size: np.ndarray, columns, own: np.ndarray) -> None:
        """No record is followed by itself: the names of aligned reads are searched in a sample only."""
        alike = own[1:].copy()
        for column in (*columns, name_size):
            alike &= column[1:] == column[:-1]
        first = np.flatnonzero(alike)
        if not len(first):
            return
        sizes = name_size[first]
        width = int(sizes.max())
        one, two = rows(data, at[first] + 36, width), rows(data, at[first + 1] + 36, width)
        same = ((one == two) | (np.arange(width) >= sizes[:, None])).all(axis=1)
        if same.any():
            row = int(same.argmax())
            name = one[row, : sizes[row] - 1].tobytes().decode("ascii", "replace")
            record = self.tally.records + int(first[row]) + 1
            raise self.tally.written_twice(record, record + 1, name)

    # ---- read groups ----
    def _read_groups(self, data: bytearray, tags_at: np.ndarray, next_at: np.ndarray) -> None:
        """Every read's RG tag names a group of the header."""
        if not self.tally.header.groups:
            return
        quick = self._told_at_a_glance
        for record in self._doubtful(data, tags_at, next_at) if quick else range(len(tags_at)):
            tags = bytes(data[tags_at[record] : next_at[record]])
            place = _tag_place(tags, b"RG")
            if place < 0:
                self.tally.untagged += 1
                continue
            group = tags[place:].split(b"\x00")[0].decode("ascii", "replace")
            if group not in self.tally.header.groups:
                found, record = f"the read group '{group}'", self.tally.records + int(record)
                raise self.tally.refusal(found, "a read group of the header", headers.REHEAD, record)

    def _doubtful(self, data: bytearray, tags_at: np.ndarray, next_at: np.ndarray) -> np.ndarray:
        """Records where no RG tag with a known group is seen at once. Writers put it in few places."""
        todo = np.arange(len(tags_at))
        for learnt in (False, True):
            for from_end, distance in self._spots:
                at = next_at[todo] - distance if from_end else tags_at[todo] + distance
                hit = (at >= tags_at[todo]) & (at < next_at[todo])
                hit[hit] = self._is_group(data, at[hit])
                todo = todo[~hit]
                if not len(todo):
                    return todo
            if learnt or not self._learn(data, tags_at, next_at, todo):
                break
        view = np.frombuffer(data, np.uint8, int(next_at[-1]) - int(tags_at[0]), int(tags_at[0]))
        hits = np.flatnonzero((view[:-2] == ord("R")) & (view[1:-1] == ord("G")) & (view[2:] == ord("Z"))) + tags_at[0]
        owner = np.searchsorted(next_at, hits, side="right")
        inside = hits >= tags_at[owner]
        hits, owner = hits[inside], owner[inside]
        seen = np.zeros(len(tags_at), bool)
        seen[owner[self._is_group(data, hits)]] = True
        return todo[~seen[todo]]

    def _is_group(self, data: bytearray, at: np.ndarray) -> np.ndarray:
        text = rows(data, at, self._group_width)
        if len(self._groups) == 1:
            return (text.view(np.uint64) & self._group_mask == self._group_words).all(axis=1)
        ends = (text == 0).argmax(axis=1)
        return np.isin(hashes(text, ends), self._groups) & (ends > 0)

    def _learn(self, data: bytearray, tags_at: np.ndarray, next_at: np.ndarray, todo: np.ndarray) -> bool:
        """Note where RG tags stand in some of the records left: counted from either end, whichever varies less."""
        starts, ends = set(), set()
        for record in todo[:32].tolist():
            place = _tag_place(bytes(data[tags_at[record] : next_at[record]]), b"RG") - 3
            if place >= 0:
                starts.add((False, place))
                ends.add((True, int(next_at[record] - tags_at[record]) - place))
        known = len(self._spots)
        for spot in sorted(min(starts, ends, key=len)):
            if spot not in self._spots and len(self._spots) < MOST_SPOTS:
                self._spots.append(spot)
        return len(self._spots) > known

    def _sample(self, data: bytearray, fixed, cigar_at: int) -> None:
        words = np.frombuffer(data, "<u4", int(fixed["cigar"]), cigar_at) if fixed["cigar"] else ()
        packed = np.frombuffer(data, np.uint8, (int(fixed["seq"]) + 1) // 2, cigar_at + 4 * int(fixed["cigar"]))
        codes = np.empty(2 * len(packed), np.uint8)
        codes[0::2], codes[1::2] = packed >> 4, packed & 15
        sequence = np.frombuffer(b"=ACMGRSVTWYHKDBN", np.uint8)[codes[: int(fixed["seq"])]].tobytes().decode()
        cigar = [(int(word) & 15, int(word) >> 4) for word in words]
        self.tally.take(self._names[int(fixed["ref"])], int(fixed["pos"]), cigar, sequence)


def _inner(ops: np.ndarray, within: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Which CIGAR operations have others than hard clips on both sides (`within`: place of `counts`)."""
    before, after = np.roll(ops, 1), np.roll(ops, -1)
    first = (within == 0) | ((within == 1) & (before == HARD_CLIP) & (ops == SOFT_CLIP))
    last = (within == counts - 1) | ((within == counts - 2) & (after == HARD_CLIP) & (ops == SOFT_CLIP))
    return ~(first | last)


def _tag_place(tags: bytes, wanted: bytes) -> int:
    """Where the value of a text tag starts within a record's tags, or -1."""
    position = 0
    while position + 3 <= len(tags):
        name, kind = tags[position : position + 2], tags[position + 2 : position + 3]
        position += 3
        if kind in (b"Z", b"H"):
            if name == wanted:
                return position
            end = tags.find(b"\x00", position)
            position = len(tags) if end < 0 else end + 1
        elif kind == b"B":
            width = TAG_SIZES.get(tags[position : position + 1], 1)
            position += 5 + width * int.from_bytes(tags[position + 1 : position + 5], "little")
        elif kind in TAG_SIZES:
            position += TAG_SIZES[kind]
        else:
            break
    return -1
