"""Truth, calls and regions as they come: read, held against the reference, refused where they do not fit."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import pysam

from scripts.accuracy.regions import Regions
from scripts.accuracy.units import GONE, Unit, units
from scripts.lib.bed import is_region
from scripts.lib.refusal import Refusal

LETTERS = frozenset("ACGTNRYSWKMBDHV")
SURE = frozenset("ACGT")
ANOTHER = "name the file that was made for this reference"


def regions(path: Path, lengths: Mapping[str, int]) -> Regions:
    """The regions of a BED, plain or compressed, on a reference with sequences of these lengths."""
    rows = []
    with _opened(path) as lines:
        for number, line in enumerate(lines, 1):
            if is_region(line):
                rows.append(_row(f"{path.name}, line {number}", line, lengths))
    found = Regions(rows)
    if not found.bases:
        raise Refusal(path.name, "no region with a base", "a BED of regions", "name another file")
    return found


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[str]]:
    try:
        with open(path, "rb") as handle:
            packed = handle.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rt", encoding="utf-8") if packed else open(path, encoding="utf-8") as lines:
            yield lines
    except (EOFError, UnicodeDecodeError, gzip.BadGzipFile, OSError) as error:
        raise Refusal(path.name, f"what cannot be read ({error})", "a BED", "name another file") from error


def _row(where: str, line: str, lengths: Mapping[str, int]) -> tuple[str, int, int]:
    fields = line.split()
    if len(fields) < 3 or not (fields[1].isdecimal() and fields[2].isdecimal()):
        raise Refusal(where, repr(line.strip()[:60]), "a sequence's name, start and end", "correct the line")
    name, start, end = fields[0], int(fields[1]), int(fields[2])
    if name not in lengths:
        known = ", ".join([*lengths][:3])
        raise Refusal(where, f"sequence {name!r}", f"one of the reference ({known}...)", ANOTHER)
    if not start <= end <= lengths[name]:
        expected = f"a start and an end within the {lengths[name]:,} bases of {name}"
        raise Refusal(where, f"{start}-{end}", expected, ANOTHER)
    return name, start, end


@dataclass
class Variants:
    """The variants of a VCF's one sample near some regions.

    left_out  why -> how many records were left out
    """

    path: Path
    lengths: Mapping[str, int]
    sample: str = ""
    left_out: Counter[str] = field(default_factory=Counter)
    sequences: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self):
        with self._reading() as source:
            header = source.header
            self.sequences = tuple(header.contigs)
            self._look(header)
            lines = (record.value for record in header.records if record.key == "source")
            self.source = next(filter(None, lines), "")

    def _look(self, header: pysam.VariantHeader) -> None:
        samples = list(header.samples)
        if self.sample and self.sample not in samples or not self.sample and len(samples) != 1:
            found = f"samples {', '.join(samples)}" if samples else "no sample, and so no genotypes"
            raise Refusal(self.path.name, found, f"genotypes of {self.sample or 'one sample'}", "name another file")
        if "GT" not in header.formats or header.formats["GT"].type != "String":
            raise Refusal(self.path.name, "no genotypes (FORMAT GT)", "GT of every variant", "name another file")
        for name, contig in header.contigs.items():
            if contig.length and name in self.lengths and contig.length != self.lengths[name]:
                expected = f"the {self.lengths[name]:,} bases that the reference has"
                raise Refusal(self.path.name, f"{name} of {contig.length:,} bases", expected, ANOTHER)

    def by_sequence(self) -> Iterator[tuple[str, Iterator[tuple[int, pysam.VariantRecord]]]]:
        """The records of one sequence after another, as they stand in the file."""
        over: set[str] = set()
        with self._reading() as source:
            for name, records in groupby(self._numbered(source), key=lambda each: each[1].contig):
                if name in over:
                    found = f"{name} again after other sequences"
                    raise Refusal(self.path.name, found, "sorted records", "sort it: bcftools sort")
                over.add(name)
                yield name, records

    def of_sequence(self, name: str) -> Iterator[tuple[int, pysam.VariantRecord]]:
        """The records of one sequence, by the file's index."""
        with self._reading() as source:
            if name in source.header.contigs:
                yield from self._numbered(source.fetch(name))

    def _numbered(self, records: Iterable[pysam.VariantRecord]) -> Iterator[tuple[int, pysam.VariantRecord]]:
        """Told here, because what fails while a caller goes through the records fails outside of _reading."""
        try:
            yield from enumerate(records)
        except (OSError, ValueError) as error:
            raise self._unreadable() from error

    def _unreadable(self) -> Refusal:
        found, expected = "what cannot be read to its end as a VCF", "a whole VCF, plain or compressed"
        return Refusal(self.path.name, found, expected, "fetch or make it again")

    def units(
        self, records: Iterator[tuple[int, pysam.VariantRecord]], sequence: str, name: str, near: Regions
    ) -> list[Unit]:
        """What the sample's passing records change on a sequence, near the regions; the same said twice counts once."""
        found: dict[frozenset, Unit] = {}
        before = 0
        for number, record in records:
            if record.pos < before:
                where = f"{self.path.name}, {name}:{record.pos}"
                raise Refusal(where, f"a record behind one at {before}", "sorted records", "sort it: bcftools sort")
            before = record.pos
            if not near.touches(name, record.start, record.start + len(record.ref)):
                continue
            genotype = self._genotype(record)
            if genotype is None:
                continue
            self._hold(record, sequence)
            alleles = [allele.upper() for allele in record.alleles]
            for unit in units(record.start, alleles, genotype, number):
                if unit.key in found:
                    self.left_out["said twice"] += 1
                found.setdefault(unit.key, unit)
        return list(found.values())

    def _genotype(self, record: pysam.VariantRecord) -> tuple[int, int] | None:
        """The numbers of both alleles; None where there is nothing to compare, which is counted where it matters."""
        if set(record.filter) - {"PASS"}:
            self.left_out["not passed by their filters"] += 1
            return None
        found = record.samples[self.sample or 0].get("GT") or (None,)
        if len(found) > 2:
            where = f"{self.path.name}, {record.contig}:{record.pos}"
            raise Refusal(where, f"a genotype of {len(found)} copies", "one or two", "compare such samples elsewhere")
        if all(number is None for number in found):
            self.left_out["without a genotype"] += 1
            return None
        if None in found:
            self.left_out["with one allele unknown, which was taken for the reference"] += 1
        if not any(found):
            return None
        first, second = ((number or 0) for number in (found * 2)[:2])
        called = [record.alleles[number] for number in (first, second)]
        if any(allele != GONE and set(allele.upper()) - LETTERS for allele in (*called, record.ref)):
            self.left_out["whose alleles are not written as bases"] += 1
            return None
        return first, second

    def _hold(self, record: pysam.VariantRecord, sequence: str) -> None:
        ref, there = record.ref.upper(), sequence[record.start : record.start + len(record.ref)]
        if len(there) < len(ref) or any(a != b and {a, b} <= SURE for a, b in zip(ref, there, strict=True)):
            where = f"{self.path.name}, {record.contig}:{record.pos}"
            raise Refusal(where, f"REF {ref[:30]}", f"{there[:30] or 'nothing'}, as the reference has it", ANOTHER)

    @contextmanager
    def _reading(self) -> Iterator[pysam.VariantFile]:
        before = pysam.set_verbosity(0)  # no remarks of htslib on the terminal
        try:
            with pysam.VariantFile(str(self.path)) as source:
                yield source
        except NotImplementedError as error:  # pysam's word for it
            found, cure = "gzip that is no bgzip", "unpack it, or compress it again: bgzip"
            raise Refusal(self.path.name, found, "a VCF, plain or compressed by bgzip", cure) from error
        except (OSError, ValueError) as error:
            raise self._unreadable() from error
        finally:
            pysam.set_verbosity(before)
