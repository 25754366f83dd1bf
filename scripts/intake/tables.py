"""Text side files that operators give: target regions (BED), variants (VCF), libraries (TSV)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from scripts.intake.source import GZIP_ERRORS, UNFINISHED, Source, TooLong, lines_of
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.bed import is_region
from scripts.lib.vcf import Checker, Site

LONGEST_LINE = 1 << 26
NAME, NUMBER = re.compile(r"\S+"), re.compile(r"[0-9]{1,10}")
EDIT = "correct the file and its checksum in the sheet"


class Lines:
    """Numbered UTF-8 lines of a source, hashed as content; Windows line ends are refused unless allowed.

    crlf: such a line was seen; ended: the last line had a line end.
    """

    def __init__(self, source: Source, windows: bool = False):
        self.source, self.windows, self.crlf, self.ended = source, windows, False, True
        self.digest = hashlib.sha256()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        number = 0
        try:
            for number, line in enumerate(lines_of(self.source.payload(), LONGEST_LINE), 1):
                self.ended = line.endswith(b"\n")
                yield number, self._text(number, line.removesuffix(b"\n"))
        except GZIP_ERRORS as error:
            raise self.source.told(error, f"after line {number}") from None
        except TooLong:
            found = f"a line of more than {LONGEST_LINE} bytes"
            raise self.source.refusal(f"line {number + 1}", found, "a text file") from None

    def _text(self, number: int, line: bytes) -> str:
        where = f"line {number}"
        if line.endswith(b"\r"):
            if not self.windows:
                raise self.source.refusal(
                    where, "Windows line ends (CRLF)", "Unix line ends", "convert the file (dos2unix)"
                )
            self.crlf, line = True, line[:-1]
        if number == 1 and line.startswith(b"\xef\xbb\xbf"):
            raise self.source.refusal(
                where, "a byte order mark", "UTF-8 text without one", "save the file as plain UTF-8"
            )
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            raise self.source.refusal(where, "text that is not UTF-8", "UTF-8 text", "save the file as UTF-8") from None
        if odd := re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
            raise self.source.refusal(where, f"the control character 0x{ord(odd[0]):02X}", "printable text", EDIT)
        self.digest.update(text.encode() + b"\n")
        return text


def _verdict(source: Source, format_: str, lines: Lines, facts: dict, notes: list[str]) -> Verdict:
    if lines.crlf:
        notes.append("The lines end the Windows way (CRLF).")
    if source.unfinished():
        notes.append(UNFINISHED)
    facts["compression"] = "bgzip" if source.bgzf else "gzip" if source.packed else "none"
    return Verdict("file", format_, source.size, "", "", lines.digest.hexdigest(), facts, notes)


def check_bed(source: Source, expected: Expected) -> Verdict:
    """BED: tab-separated, 3 to 12 columns throughout, 0 <= start < end, on the order's reference where it is known."""
    lines, columns, regions, bases, notes = Lines(source), 0, 0, 0, []
    own_columns = False
    last, finished, in_order, overlaps = ("", 0, 0), set(), True, 0
    for number, text in lines:
        where = f"line {number}"
        if not is_region(text):
            continue
        cells = text.split("\t")
        if len(cells) < 3:
            found = "blanks between the columns" if len(text.split()) >= 3 else f"{len(cells)} columns"
            raise source.refusal(where, found, "at least 3 columns separated by tabs", EDIT)
        if columns and len(cells) != columns:
            raise source.refusal(where, f"{len(cells)} columns", f"{columns} as in the lines before", EDIT)
        columns = len(cells)
        name, start, end = cells[:3]
        if not NAME.fullmatch(name):
            raise source.refusal(where, f"the sequence name '{name}'", "a name without blanks", EDIT)
        if not NUMBER.fullmatch(start) or not NUMBER.fullmatch(end):
            raise source.refusal(
                where, f"the region '{name} {start} {end}'", "a name and two whole numbers of 0 or more", EDIT
            )
        if int(start) >= int(end):
            raise source.refusal(
                where, f"start {start} and end {end}", "a start below the end (BED counts from 0)", EDIT
            )
        if len(cells) > 5 and cells[5] not in ("+", "-", "."):
            own_columns = True
        if expected.contigs:
            known = expected.contigs.get(name)
            if known is None:
                raise source.refusal(
                    where,
                    f"the sequence {name}",
                    "a sequence of the order's reference",
                    "use the regions of this reference",
                )
            if int(end) > known:
                raise source.refusal(
                    where, f"end {end}", f"at most {known}, the length of {name}", "use the regions of this reference"
                )
        regions, bases = regions + 1, bases + int(end) - int(start)
        if name != last[0]:
            in_order &= name not in finished
            finished.add(last[0])
        else:
            in_order &= int(start) >= last[1]
            overlaps += int(start) < last[2]
        last = (name, int(start), max(int(end), last[2] if name == last[0] else 0))
    if not regions:
        raise source.refusal("", "no region", "at least one region", EDIT)
    if own_columns:
        notes.append("Column 6 is not a strand: only the first three columns are taken as BED's.")
    if not in_order:
        notes.append("The regions are not sorted.")
    if overlaps:
        notes.append(f"{overlaps} regions overlap the one before.")
    facts = {"regions": regions, "bases": bases, "columns": columns, "sorted": in_order}
    return _verdict(source, "bed", lines, facts, notes)


def check_tsv(source: Source, expected: Expected) -> Verdict:
    """A table: one header line with unique names, then rows with as many columns; `#` starts a comment."""
    lines, header, rows, notes = Lines(source, windows=True), [], 0, []
    for number, text in lines:
        where = f"line {number}"
        if not text.strip() or text.startswith("#"):
            continue
        cells = text.split("\t")
        if not header:
            if len(cells) == 1 and (sep := next((mark for mark in (";", ",") if mark in text), "")):
                raise source.refusal(
                    where, f"columns separated by '{sep}'", "columns separated by tabs", "export it as TSV"
                )
            names = [cell.strip() for cell in cells]
            if "" in names:
                raise source.refusal(
                    where, f"no name for column {names.index('') + 1}", "a name for every column", EDIT
                )
            if twice := [name for name in names if names.count(name) > 1]:
                raise source.refusal(where, f"the column {twice[0]} twice", "every column once", EDIT)
            header = names
            continue
        if len(cells) != len(header):
            raise source.refusal(where, f"{len(cells)} columns", f"{len(header)} as in the header", EDIT)
        rows += 1
    if not rows:
        raise source.refusal("", "no row" if header else "no header", "a header and at least one row", EDIT)
    return _verdict(source, "tsv", lines, {"columns": header, "rows": rows}, notes)


def check_vcf(source: Source, expected: Expected) -> Verdict:
    """VCF 4.1, 4.2 and 4.3 by the specification (scripts/lib/vcf), on the order's reference where it is known."""
    lines, checker = Lines(source, windows=True), Checker(source.name, EDIT, received=True)
    for number, text in lines:
        checker.line(number, text)
        strict = checker.header.spec.strict
        if lines.crlf and not strict:
            raise source.refusal(
                f"line {number}",
                "Windows line ends (CRLF)",
                "Unix line ends before VCF 4.3",
                "convert the file (dos2unix)",
            )
        if checker.site and expected.contigs:
            _on_reference(checker.site, f"line {number}", source, expected)
    checker.end()
    if checker.header.spec.strict and checker.records and not lines.ended:
        raise source.refusal("the last line", "no line end", "a line end (VCF 4.3)", EDIT)
    header = checker.header
    facts = {"records": checker.records, "samples": len(header.samples), "version": header.spec.version}
    notes = [f"Against the specification: {found}." for found in checker.loose.values()]
    return _verdict(source, "vcf", lines, facts, notes)


def _on_reference(site: Site, where: str, source: Source, expected: Expected) -> None:
    known = expected.contigs.get(site.contig)
    if known is None:
        found, wanted = f"the contig {site.contig}", "a sequence of the order's reference"
    elif site.position > known + 1:
        found, wanted = f"POS {site.position}", f"at most {known + 1}, one after the end of {site.contig}"
    else:
        return
    raise source.refusal(where, found, wanted, "use the variants of this reference")
