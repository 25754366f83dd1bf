"""What BAM, uBAM, CRAM and SAM have in common: counts over the records, and the judgement of the whole file.

`bam`, `cram` and `sam` read the three containers and fill the Tally.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from scripts.intake import header as headers
from scripts.intake import private
from scripts.intake.header import Header
from scripts.intake.names import Duplicates
from scripts.intake.source import SEND_AGAIN, Source
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.bam import WIDTH, hashes
from scripts.lib.refusal import Refusal

DIGITS = re.compile(r"([0-9]+)")
PAIRED, UNMAPPED, FIRST, SECOND, SECONDARY, DUPLICATE, SUPPLEMENTARY = 1, 4, 64, 128, 256, 1024, 2048


# Names are looked at in rows of so many, one row in every so many records: reading all would take longer than the rest.
NAMES_IN_A_ROW, NAMES_EVERY = 128, 1 << 12


def name_hashes(text: np.ndarray, lengths: np.ndarray, flags: np.ndarray) -> np.ndarray:
    """uint64 per record, the same for the same name and mate; see names.hashes for the shapes."""
    return hashes(text, lengths) + ((flags & (FIRST | SECOND)) >> 6).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def looked_at(position):
    """Which reads are searched for duplicate names: all unaligned ones, and aligned ones by their position.

    Both copies of a record have the same position; `position` counts from 0, -1 without one.
    """
    return (position & 7 == 0) | (position < 0)


class NameOrder:
    """Whether names ascend: letter by letter (Picard), or with the numbers in them as numbers (samtools)."""

    def __init__(self):
        self._last, self._last_parts = "", [""]
        self._by_letter = self._by_number = True

    def add(self, name: str) -> None:
        parts = DIGITS.split(name)  # a number at every second place
        parts[1::2] = map(int, parts[1::2])
        self._by_letter &= name >= self._last
        self._by_number &= parts >= self._last_parts
        self._last, self._last_parts = name, parts

    def sound(self) -> bool:
        return self._by_letter or self._by_number


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
    by_name: NameOrder = field(default_factory=lambda: NameOrder())
    no_quality: int = 0
    last_key: int = -1
    numbers: dict[str, int] = field(default_factory=dict)
    names: Duplicates = field(default_factory=Duplicates)
    sample: list[tuple[str, int, list[tuple[int, int, int]], str]] = field(default_factory=list)
    watched: int | None = None
    seen: list[tuple[int, str]] = field(default_factory=list)
    name_sum: int = 0
    _names: list[tuple[int, str, int]] = field(default_factory=list)
    _said: list[bytes] = field(default_factory=list)
    _searched: int = 0
    _before: tuple[str, int, str, int] | None = None
    notes: list[str] = field(default_factory=list)

    def refusal(self, found: str, expected: str, cure: str = SEND_AGAIN, record: int | None = None) -> Refusal:
        where = f"record {record + 1}" if record is not None else ""
        return self.source.refusal(where, found, expected, cure)

    def add(self, name: str, flag: int, reference: str, position: int, size: int, high: int | None) -> None:
        """Count one record that was read by itself (CRAM, SAM).

        high: number of bases of Q30 and more, None when the record has no qualities
        """
        if self.header.order == "queryname" and self.records % NAMES_EVERY < NAMES_IN_A_ROW:
            self.by_name.add(name)
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
        if size and high is None:
            self.no_quality += 1
        self.q30 += high or 0
        if (name, flag, reference, position) == self._before and position >= 0:
            raise self.written_twice(self.records, self.records + 1, name)
        self._before = (name, flag, reference, position)
        if looked_at(position):
            self._names.append((self.records + 1, name, flag))
        if len(self._names) > 1 << 14:
            self.flush()

    def flush(self) -> None:
        """Hash the names that were collected one by one."""
        if not self._names:
            return
        encoded = [name.encode("utf-8", "replace")[:WIDTH] for _, name, _ in self._names]
        width = (max(map(len, encoded)) + 7) // 8 * 8
        text = np.array(encoded, f"S{width}").view(np.uint8).reshape(-1, width)
        flags = np.array([flag for _, _, flag in self._names], np.uint16)
        values = name_hashes(text, np.array([len(name) for name in encoded]), flags)
        self.count_names(values)
        for place in np.flatnonzero(values == np.uint64(self.watched)) if self.watched is not None else ():
            self.seen.append(self._names[place][:2])
        self._names = []

    def count_names(self, values: np.ndarray) -> None:
        self.names.add(values)
        self.name_sum += int(values.sum(dtype=np.uint64))

    def says(self, text: bytes) -> None:
        """Take the name and the text tags of one record that was read by itself; they are searched many at once."""
        if self.expected.private:
            self._said.append(text)
            if len(self._said) == NAMES_EVERY:
                self.search()

    def search(self) -> None:
        """Search what records said since the last time."""
        said, self._said = self._said, []
        self.no_names(b"\n".join(said), lambda: said, self._searched)
        self._searched += len(said)

    def no_names(self, lines: bytes, records: Callable[[], Iterable[bytes]], first: int) -> None:
        """No original name in the names and text tags of some records, of which `first` were before."""

        def refusal(row: int, *words: str) -> Refusal:
            return self.refusal(*words, record=first + row)

        private.refuse_in_reads(self.expected.private, lines, records, refusal)

    def content(self) -> str:
        """The same for the same reads, whatever their order, header and container."""
        told = f"{self.name_sum % (1 << 64)} {self.primary} {self.bases} {self.q30}"
        return hashlib.sha256(told.encode()).hexdigest()

    def wants_sample(self, flag: int) -> bool:
        if (
            not self.expected.fasta
            or self.expected.realign
            or len(self.sample) >= self.expected.read_limits.reference_reads
        ):
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

    def verdict(self, format_: str, read: Callable[[Tally], None]) -> Verdict:
        """Read the file with `read`, then judge it as a whole."""
        read(self)
        source, expected, header = self.source, self.expected, self.header
        self.flush()
        self.search()
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
            raise self.twice(int(value), read)
        if header.order == "coordinate" and not self.sorted:
            raise self.refusal(
                "records out of order", "coordinate order as the header says (SO:coordinate)", "sort it (samtools sort)"
            )
        if header.order == "queryname" and not self.by_name.sound():
            raise self.refusal(
                "records out of order", "order of names as the header says (SO:queryname)", "sort it (samtools sort -n)"
            )
        if self.paired and not self.mapped and self.first != self.second:
            raise self.refusal(
                f"{self.first} first and {self.second} second mates",
                "equal numbers of both mates",
                "export the file again",
            )
        mean = self.bases / max(self.primary, 1)
        if fault := expected.of_other_length(mean, self.longest):
            raise self.refusal(*fault)
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
            "read_groups": [{key: group[key] for key in ("ID", "LB", "PL", "PU") if key in group} for group in groups],
            "platform": ",".join(sorted({group["PL"].upper() for group in groups if group.get("PL")})),
            "reference_names": [name for name in header.lengths if name in self.used],
            "duplicate_names_searched": "neighbours, and a sample of the names, 1 position in 8"
            if self.mapped
            else self.names.searched(),
        }
        format_ = "ubam" if format_ == "bam" and not self.mapped else format_
        return Verdict("file", format_, source.size, "", "", self.content(), facts, self.notes)

    def twice(self, value: int, read: Callable[[Tally], None]) -> Refusal:
        """Only now, on the way out, are the two records looked up."""
        with Source(self.source.path) as source:
            again = Tally(source, Expected(), watched=value)
            read(again)
            again.flush()
        (one, name), (two, _) = again.seen[:2]
        return self.written_twice(one, two, name)

    def written_twice(self, one: int, two: int, name: str) -> Refusal:
        """Two records, counted from 1, are the same read."""
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

    def reference(self, pysam):
        try:
            return pysam.FastaFile(self.expected.fasta)
        except (OSError, ValueError):
            raise Refusal(
                "the order's reference",
                "a FASTA that cannot be opened",
                "a FASTA, plain or bgzip, with its index",
                "index it again (samtools faidx)",
            ) from None

    def judge_bases(self) -> None:
        """The trap of a header that calls chr20 'chr19': names and lengths agree, only the bases do not."""
        import pysam

        same = compared = 0
        with self.reference(pysam) as fasta:
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
        if compared < self.expected.read_limits.reference_min_bases:
            self.notes.append(f"Only {compared} aligned bases could be compared with the reference.")
        elif same < self.expected.read_limits.min_reference_identity * compared:
            raise self.refusal(
                f"aligned reads that agree with the reference in {100 * same / compared:.0f} % of {compared} bases",
                "reads aligned to the order's reference (the header names other sequences)",
                "align the reads again (order a recipe that does), or name the reference they were aligned to",
            )
