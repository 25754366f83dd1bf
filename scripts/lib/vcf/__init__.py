"""A checker of VCF 4.1, 4.2 and 4.3, strict on the specification: one line in, a Refusal where a rule is broken.

    checker = Checker("calls.vcf")
    for number, text in enumerate(lines, 1):
        checker.line(number, text)      # text without its line end
    checker.end()

or, for a file, plain or (b)gzip: `check_file(path)`. Streams: memory does not grow with the file.

specification   what the versions fix: reserved keys, names, where they differ
header          meta-information lines and column names
values          values of INFO and FORMAT against Number and Type
record          the eight fixed columns
genotypes       FORMAT and samples
order           sorting, contiguous contigs, variants given twice
"""

from __future__ import annotations

import gzip
import os
import zlib

from scripts.lib.refusal import Refusal
from scripts.lib.vcf.fault import Fault
from scripts.lib.vcf.genotypes import Genotypes
from scripts.lib.vcf.header import Header
from scripts.lib.vcf.order import Order
from scripts.lib.vcf.record import Fixed, Site, check_cells

CURE = "correct the line, or have the program that wrote it corrected"


class Checker:
    """Takes the lines of one file in order. `records` counts them, `site` is the last, `header` what came before.

    received: the file is not ours, so that Loose faults are kept in `loose` by key instead of refused.
    """

    # Of the data lines: made when the header is complete.
    _fixed: Fixed
    _genotypes: Genotypes

    def __init__(self, name: str, cure: str = CURE, received: bool = False):
        self.name, self.cure = name, cure
        self.loose: dict[str, str] | None = {} if received else None
        self.header, self.records = Header(), 0
        self.site: Site | None = None
        self._order = Order()

    def line(self, number: int, text: str) -> None:
        """Check the next line; Refusal when it breaks a rule of the file's version."""
        try:
            self._line(number, text)
        except Fault as fault:
            raise Refusal(f"{self.name}, line {number}", fault.found, fault.expected, self.cure) from None

    def _line(self, number: int, text: str) -> None:
        header = self.header
        if not header.columns:
            header.line(text)
            if header.columns:
                self._fixed, self._genotypes = Fixed(header, self.loose), Genotypes(header, self.loose)
            return
        if not text or text.startswith("#"):
            raise Fault("an empty line" if not text else "a header line among the data lines", "data lines only")
        cells = text.split("\t")
        check_cells(cells, header.columns)
        site = self._fixed.check(cells)
        if header.columns > 9:
            self._genotypes.check(cells[8:], len(site.alts))
        self._order.check(site, number)
        self.site, self.records = site, self.records + 1

    def end(self) -> None:
        """Refusal when the header was not complete."""
        if not self.header.columns:
            raise Refusal(self.name, "no line of column names", "a header that ends with #CHROM to INFO", self.cure)


def check_file(path: str | os.PathLike, name: str = "") -> Checker:
    """Check a file that is ours: plain, gzip or bgzip, UTF-8, Unix line ends. Received files go through intake."""
    checker = Checker(name or os.path.basename(os.fspath(path)))
    number = 0
    with open(path, "rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    try:
        with (gzip.open if packed else open)(path, "rt", encoding="utf-8", newline="\n") as lines:
            for number, text in enumerate(lines, 1):
                checker.line(number, text.removesuffix("\n"))
    except (EOFError, gzip.BadGzipFile, zlib.error, UnicodeDecodeError) as error:
        raise Refusal(f"{checker.name}, after line {number}", str(error), "a complete UTF-8 text", CURE) from None
    checker.end()
    return checker
