"""The eight fixed columns of a data line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scripts.lib.vcf.fault import Fault, Loose, quoted
from scripts.lib.vcf.header import Header, check_symbolic
from scripts.lib.vcf.specification import COLUMNS, SYMBOLIC_NAMES, Specification
from scripts.lib.vcf.values import FLOAT, FLOAT_43, QUOTED, check_encoding

BASES = re.compile(r"[ACGTNacgtn]+")
BREAKEND = re.compile(
    r"(?P<before>[ACGTNacgtn]*|\.)(?P<open>[\[\]])(?P<contig>[^\[\]\s]+):[0-9]+(?P<close>[\[\]])(?P<after>[ACGTNacgtn]*|\.)"
)
SINGLE_BREAKEND = re.compile(r"\.[ACGTNacgtn]+|[ACGTNacgtn]+\.")
INSERTED_CONTIG = re.compile(r"[ACGTNacgtn]+<[^\s,<>]+>")  # section 5.4.2: C<ctg1>
QUALITY = {strict: re.compile(rf"[-+]?(?:{FLOAT_43 if strict else FLOAT})") for strict in (False, True)}
WHOLE = re.compile("[0-9]{1,10}")
BLANK = re.compile(r"\s")
FLAG_VALUES = ("0", "1")  # `H2=0` is mentioned as needless, not as wrong, in 4.1 and 4.2
REMEMBERED = 100_000


@dataclass
class Site:
    """What the other checks need of a line; `alts` is [] where ALT is '.'."""

    contig: str
    position: int
    ref: str
    alts: list[str]


class Fixed:
    """Checks CHROM to INFO. What was found sound is remembered, because most lines repeat it.

    loose: {INFO key: what was found} to fill where a Loose fault is let pass; None where none is.
    """

    def __init__(self, header: Header, loose: dict[str, str] | None):
        self.header, self.spec, self.loose = header, header.spec, loose
        self._filters: set[str] = set()
        self._values: set[tuple[str, int]] = set()

    def check(self, cells: list[str]) -> Site:
        name, position, ids, ref, alt, quality, filters, info = cells[:8]
        contig = self._contig(name)
        site = Site(contig, self._position(contig, position), ref, [] if alt == "." else alt.split(","))
        self._ids(ids)
        if not BASES.fullmatch(ref):
            raise Fault(f"REF {quoted(ref)}", "bases A, C, G, T or N")
        self._alts(site)
        if quality != "." and (not QUALITY[self.spec.strict].fullmatch(quality) or below_zero(quality)):
            raise Fault(f"QUAL {quoted(quality)}", "a number of 0 or more, or '.'")
        if filters not in self._filters:
            check_filters(filters)
            self._filters.add(filters)
        if info != ".":
            self._info(info, site)
        return site

    def _contig(self, name: str) -> str:
        plain = name[1:-1] if name.startswith("<") and name.endswith(">") else name
        if not self.spec.contig.fullmatch(plain) or name == ".":
            told = "no blank, comma or bracket" if self.spec.strict else "no blank, colon, comma or bracket"
            raise Fault(f"CHROM {quoted(name)}", f"a sequence name with {told} in it")
        if self.spec.strict and plain in SYMBOLIC_NAMES:
            raise Fault(f"CHROM {quoted(name)}", "a name that is not that of a symbolic allele")
        return plain

    def _position(self, contig: str, text: str) -> int:
        if not WHOLE.fullmatch(text):
            raise Fault(f"POS {quoted(text)}", "a whole number of 0 or more (32 bits)")
        position, length = int(text), self.header.contigs.get(contig, 0)
        if position > 2**31 - 1 or (length and position > length + 1):
            raise Fault(f"POS {text}", f"at most {length + 1 if length else 2**31 - 1}, one after the end of {contig}")
        return position

    def _ids(self, text: str) -> None:
        if text == ".":
            return
        ids = text.split(";")
        if "" in ids or BLANK.search(text):
            raise Fault(f"ID {quoted(text)}", "identifiers without blanks, separated by single semicolons, or '.'")
        if len(ids) > 1 and len(set(ids)) < len(ids):
            raise Fault(f"ID {quoted(text)}", "every identifier once")

    def _alts(self, site: Site) -> None:
        for allele in site.alts:
            if not BASES.fullmatch(allele):
                check_allele(allele, self.spec)
            elif allele.upper() == site.ref.upper():
                raise Fault(f"ALT {quoted(allele)}", "another allele than REF")

    def _info(self, info: str, site: Site) -> None:
        if not self.spec.strict and BLANK.search(info):
            raise Fault(f"INFO {quoted(info)}", "no blanks in INFO")
        keys, alts = set(), len(site.alts)
        for item in info.split(";"):
            key, equals, value = item.partition("=")
            if key in keys:
                raise Fault(f"INFO {key} twice", "every INFO key once")
            keys.add(key)
            if (item, alts) not in self._values:
                self._item(item, key, equals, value, alts)
                if len(self._values) > REMEMBERED:
                    self._values.clear()
                self._values.add((item, alts))
            if key == "END" and value.isdigit() and int(value) < site.position:
                raise Fault(f"INFO END={value} before POS {site.position}", "an END at or after POS")

    def _item(self, item: str, key: str, equals: str, value: str, alts: int) -> None:
        if not self.spec.info_key.fullmatch(key) or key == ".":
            raise Fault(f"INFO {quoted(item)}", "key or key=value, separated by single semicolons")
        if equals and not value:
            raise Fault(f"INFO {quoted(item)}", "a value after '='")
        if self.spec.strict and key != "CIGAR" and "=" in QUOTED.sub("", value):
            raise Fault(f"INFO {quoted(item)}", "'=' in a value written as %3D")
        definition = self.header.infos.get(key)
        if definition is None:
            if equals and "" in value.split(","):
                raise Fault(f"INFO {quoted(item)}", "values separated by single commas")
        elif definition.type == "Flag":
            if equals and not (definition.reserved and value in FLAG_VALUES):
                raise Fault(f"INFO {quoted(item)}", f"{key} without a value (Flag, Number=0)")
        elif not equals:
            raise Fault(f"INFO {key} without a value", f"{key}=... (Type={definition.type})")
        else:
            try:
                definition.check(value, alts, None)
            except Loose as fault:
                if self.loose is None:
                    raise
                self.loose.setdefault(key, f"{fault.found} (Number={definition.number}, Type={definition.type})")
        check_encoding(value, self.spec)


def below_zero(number: str) -> bool:
    """Whether a number that is well written is negative; -0 is not."""
    return number.startswith("-") and bool(number.strip("-0."))


def check_filters(text: str) -> None:
    codes = text.split(";")
    if "" in codes or "0" in codes or BLANK.search(text) or ("." in codes and text != "."):
        raise Fault(f"FILTER {quoted(text)}", "PASS, '.', or filters other than 0 separated by single semicolons")
    if len(set(codes)) < len(codes):
        raise Fault(f"FILTER {quoted(text)}", "every filter once")


def check_allele(allele: str, spec: Specification) -> None:
    """An ALT allele that is not just bases."""
    if allele == "*":
        if not spec.overlapping_deletion:
            raise Fault("ALT '*'", f"no '*' in {spec.version}: it came with VCF 4.2")
        return
    if allele.startswith("<") and allele.endswith(">"):
        return check_symbolic(allele[1:-1], spec)
    if SINGLE_BREAKEND.fullmatch(allele) or INSERTED_CONTIG.fullmatch(allele):
        return None
    match = BREAKEND.fullmatch(allele)
    # Bases stand on one side of the brackets: t[p[, t]p], ]p]t or [p[t.
    if not match or match["open"] != match["close"] or bool(match["before"]) == bool(match["after"]):
        raise Fault(f"ALT {quoted(allele)}", "bases, '*', <symbolic> or a breakend, separated by single commas, or '.'")
    return None


def check_cells(cells: list[str], columns: int) -> None:
    """Section 1: zero length fields are not allowed, and every line has as many as the header names."""
    if len(cells) != columns:
        raise Fault(f"{len(cells)} columns", f"{columns}, as in the line of column names")
    if "" in cells:
        place = cells.index("")
        name = COLUMNS[place].lstrip("#") if place < 8 else "FORMAT" if place == 8 else f"sample column {place - 8}"
        raise Fault(f"nothing in {name}", "a value, or '.' where it is missing")
