"""The FORMAT column and the sample columns."""

from __future__ import annotations

import re

from scripts.lib.vcf.fault import Fault, Loose, quoted
from scripts.lib.vcf.header import Header
from scripts.lib.vcf.specification import VERSIONS
from scripts.lib.vcf.values import Definition, check_encoding

GENOTYPE = re.compile(r"(?:[0-9]{1,9}|\.)(?:[/|](?:[0-9]{1,9}|\.))*")
BLANK = re.compile(r"\s")
REMEMBERED = 100_000


class Genotypes:
    """Checks FORMAT and the samples. Cells found sound are remembered: cohorts repeat them.

    loose: {FORMAT key: what was found} to fill where a Loose fault is let pass; None where none is.
    """

    def __init__(self, header: Header, loose: dict[str, str] | None):
        self.header, self.spec, self.loose = header, header.spec, loose
        self._formats: dict[str, list[Definition | None]] = {}
        self._calls: dict[str, tuple[int | None, int]] = {}
        self._sound: dict[tuple[str, int], set[str]] = {}
        self._remembered = 0

    def check(self, cells: list[str], alts: int) -> None:
        """`cells` start with FORMAT; `alts` is the number of ALT alleles."""
        format_ = cells[0]
        definitions = self._formats.get(format_)
        if definitions is None:
            definitions = self._formats[format_] = self._keys(format_)
        sound = self._sound.setdefault((format_, alts), set())
        for place in range(1, len(cells)):
            cell = cells[place]
            if cell not in sound:
                self._sample(self.header.samples[place - 1], cell, format_, definitions, alts)
                sound.add(cell)
                self._remembered += 1
        if self._remembered > REMEMBERED:
            self._sound.clear()
            self._remembered = 0

    def _keys(self, format_: str) -> list[Definition | None]:
        if format_ == ".":
            return []
        keys = format_.split(":")
        for key in keys:
            try:
                self._key(key, format_)
            except Loose as fault:
                if self.loose is None:
                    raise
                self.loose.setdefault(key, f"the FORMAT key {key}, expected {fault.expected}")
        if len(set(keys)) < len(keys):
            raise Fault(f"FORMAT {quoted(format_)}", "every key once")
        if "GT" in keys[1:]:
            raise Fault(f"FORMAT {quoted(format_)}", "GT as the first key")
        return [self.header.formats.get(key) for key in keys]

    def _key(self, key: str, format_: str) -> None:
        if self.spec.format_key.fullmatch(key):
            return
        alphabet = "letters, digits, '_' and '.', no digit first" if self.spec.strict else "letters and digits only"
        loose = key in self.header.formats and VERSIONS["VCFv4.3"].format_key.fullmatch(key)
        raise (Loose if loose else Fault)(
            f"FORMAT {quoted(format_)}", f"keys of {alphabet}, separated by single colons ({self.spec.version})"
        )

    def _sample(self, name: str, cell: str, format_: str, definitions: list[Definition | None], alts: int) -> None:
        try:
            self._values(cell, format_, definitions, alts)
        except Fault as fault:
            raise Fault(f"in sample {name} {fault.found}", fault.expected) from None

    def _values(self, cell: str, format_: str, definitions: list[Definition | None], alts: int) -> None:
        values = cell.split(":")
        if len(values) > max(len(definitions), 1):
            raise Fault(quoted(cell), f"at most the values that FORMAT names ({format_})")
        if BLANK.search(cell) and not self.spec.strict:
            raise Fault(quoted(cell), "no blanks")
        if not definitions:
            if cell != ".":
                raise Fault(quoted(cell), "'.', because FORMAT is '.'")
            return
        ploidy: int | None = 2
        for place, value in enumerate(values):
            definition = definitions[place]
            if place == 0 and definition and definition.key == "GT":
                ploidy = self._genotype(value, alts)
            elif not value:
                raise Fault(f"{quoted(cell)} with an empty value", "a value, or '.' where it is missing")
            elif definition:
                definition.check(value, alts, ploidy)
            elif "" in value.split(","):
                raise Fault(quoted(value), "values separated by single commas")
        check_encoding(cell, self.spec)

    def _genotype(self, call: str, alts: int) -> int | None:
        """The ploidy of a call; None for '.', which files write for a missing call of any ploidy."""
        known = self._calls.get(call)
        if known is None:
            if not GENOTYPE.fullmatch(call):
                raise Fault(f"GT {quoted(call)}", "allele numbers or '.' separated by '/' or '|'")
            alleles = re.split("[/|]", call)
            highest = max((int(allele) for allele in alleles if allele != "."), default=0)
            known = self._calls[call] = (None if call == "." else len(alleles), highest)
        ploidy, highest = known
        # ALT '.' may stand for an allele that is not known.
        if highest > max(alts, 1):
            raise Fault(f"GT {quoted(call)}", f"alleles from 0 to {max(alts, 1)}, as REF and ALT have them")
        return ploidy
