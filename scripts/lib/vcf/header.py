"""The header: meta-information lines and the line of column names."""

from __future__ import annotations

import re

from scripts.lib.vcf.fault import Fault, quoted
from scripts.lib.vcf.specification import COLUMNS, SYMBOLIC_NAMES, TYPES, UNSPECIFIED, VERSIONS, Specification
from scripts.lib.vcf.values import Definition

PAIR = re.compile(
    r'(?P<key>[^=,<>"\s]+)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<list>\[[^\[\]]*\])|(?P<bare>[^",<>\[][^",<>]*))(?P<end>,|>$)'
)
# structured lines and the keys they start with, in this order
LEADING = {
    "INFO": ["ID", "Number", "Type", "Description"],
    "FORMAT": ["ID", "Number", "Type", "Description"],
    "FILTER": ["ID", "Description"],
    "ALT": ["ID", "Description"],
    "contig": ["ID"],
}
GENOME = re.compile(r"[0-9A-Za-z_.*+@#/|~-]+")
URL = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*)://(?:[^\s/@]+@)?(?P<host>[^\s/:@?#]*|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?(?:[/?#]\S*)?"
)
ADDRESS = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")


class Header:
    """Grows line by line; `columns` is 0 until the line of column names.

    infos, formats    {key: Definition}, those of the specification included
    contigs           {name: length, or 0 where the header does not state it}
    """

    spec: Specification  # that of the version, which the first line states

    def __init__(self):
        self._begun = False
        self.infos: dict[str, Definition] = {}
        self.formats: dict[str, Definition] = {}
        self.contigs: dict[str, int] = {}
        self.samples: list[str] = []
        self.columns = 0
        self._seen: dict[tuple[str, str], dict[str, str]] = {}

    def line(self, text: str) -> None:
        """Take the next line; Fault when it breaks a rule."""
        if not self._begun:
            self._version(text)
        elif text.startswith("##"):
            self._meta(text)
        elif text.startswith("#"):
            self._names(text)
        else:
            raise Fault(quoted(text), "a line that starts with ## or the column names, #CHROM to INFO")

    def _version(self, text: str) -> None:
        key, _, version = text.partition("=")
        if key != "##fileformat" or version not in VERSIONS:
            known = ", ".join(VERSIONS)
            raise Fault(quoted(text), f"##fileformat= with one of {known} as the first line")
        self.spec, self._begun = VERSIONS[version], True
        for column, table in (("INFO", self.infos), ("FORMAT", self.formats)):
            for name, (numbers, types) in self.spec.reserved[column].items():
                table[name] = Definition(column, name, numbers[0], types[0], self.spec)

    def _meta(self, text: str) -> None:
        key, equals, value = text[2:].partition("=")
        if not equals or not key or not value or re.search("[<>]", key):
            raise Fault(quoted(text), "a meta-information line ##key=value")
        if key == "fileformat":
            raise Fault("a second fileformat line", "a single one, first in the file")
        if key in ("assembly", "pedigreeDB"):
            return self._url(key, value)
        structured = key in LEADING or key in ("SAMPLE", "PEDIGREE", "META")
        if not structured and not value.startswith("<"):
            return None
        if not (value.startswith("<") and value.endswith(">")):
            raise Fault(f"{key} {quoted(value)}", f"##{key}=<...>, closed by '>'")
        if structured or self.spec.strict:
            self._structured(key, fields(key, value))
        return None

    def _structured(self, key: str, parts: dict[str, tuple[str, bool]]) -> None:
        for place, name in enumerate(LEADING.get(key, [])):
            if list(parts)[place : place + 1] != [name]:
                order = ", ".join(LEADING[key])
                raise Fault(f"{key} with the fields {quoted(', '.join(parts))}", f"{order} first, in this order")
        values = {name: value for name, (value, _) in parts.items()}
        if key in TYPES:
            self._definition(key, values)
        if "Description" in parts and key in LEADING and not parts["Description"][1]:
            raise Fault(f"{key} {values['ID']} with a Description without quotes", "the Description in double quotes")
        for name in ("Source", "Version") if self.spec.strict and key in TYPES else ():
            if name in parts and not parts[name][1]:
                raise Fault(f"{key} {values['ID']} with {name} without quotes", f"{name} in double quotes")
        if rules := self._rules().get(key):
            rules(values, parts)
        if self.spec.strict and "ID" not in values:
            raise Fault(f"{key} without ID", "an ID in every line with <...> (VCF 4.3)")
        if "ID" in values:
            self._once(key, values)

    def _rules(self) -> dict:
        return {
            "FILTER": self._filter,
            "ALT": self._alt,
            "contig": self._contig,
            "SAMPLE": self._sample,
            "PEDIGREE": self._pedigree,
            "META": self._vocabulary,
        }

    def _once(self, key: str, values: dict[str, str]) -> None:
        """4.3 wants every ID once per kind of line; before, two lines may agree but not contradict each other."""
        name = values["ID"]
        before = self._seen.setdefault((key, name), values)
        if before is values:
            return
        told = [name for name in ("Number", "Type", "length") if name in before and name in values]
        if self.spec.strict or (key in LEADING and any(before[name] != values[name] for name in told)):
            raise Fault(f"{key} {name} a second time", f"every {key} ID once")

    def _definition(self, column: str, values: dict[str, str]) -> None:
        key, number, type_ = values["ID"], values["Number"], values["Type"]
        spec, told = self.spec, f"{column} {values['ID']}"
        pattern = spec.info_key if column == "INFO" else spec.format_key
        # Before 4.3 the alphabet of a FORMAT key is a rule of the FORMAT column, not of the header.
        if not (pattern if spec.strict else spec.info_key).fullmatch(key):
            raise Fault(f"the {column} ID {quoted(key)}", "letters, digits, '_' and '.', no digit first")
        if type_ not in TYPES[column]:
            raise Fault(f"{told} with Type={type_}", f"Type={', '.join(TYPES[column])}")
        if not (re.fullmatch("[0-9]{1,9}", number) or number in spec.numbers):
            raise Fault(f"{told} with Number={number}", f"a whole number or {', '.join(spec.numbers)} ({spec.version})")
        numbers, types = spec.reserved[column].get(key, ((number,), (type_,)))
        if number not in numbers:
            raise Fault(f"{told} with Number={number}", f"Number={' or '.join(numbers)} for this reserved key")
        if type_ not in types:
            raise Fault(f"{told} with Type={type_}", f"Type={' or '.join(types)} for this reserved key")
        if type_ == "Flag" and number != "0" and spec.strict:
            raise Fault(f"{told} with Type=Flag and Number={number}", "Number=0 for a Flag")
        table = self.infos if column == "INFO" else self.formats
        table[key] = Definition(column, key, number, type_, spec)

    def _filter(self, values: dict[str, str], parts) -> None:
        if values["ID"] == "0" or re.search(r"[\s;]", values["ID"]):
            raise Fault(f"the FILTER ID {quoted(values['ID'])}", "an ID other than 0, without blanks and semicolons")

    def _alt(self, values: dict[str, str], parts) -> None:
        check_symbolic(values["ID"], self.spec)

    def _contig(self, values: dict[str, str], parts) -> None:
        name, length = values["ID"], values.get("length", "0")
        if self.spec.strict:
            if not self.spec.contig.fullmatch(name):
                raise Fault(f"the contig ID {quoted(name)}", "a name as in SAM: no brackets, quotes, commas or blanks")
            if name in SYMBOLIC_NAMES:
                raise Fault(f"the contig ID {quoted(name)}", "a name that is not that of a symbolic allele")
        elif re.search(r"\s", name):
            raise Fault(f"the contig ID {quoted(name)}", "an ID without blanks")
        if not re.fullmatch("[0-9]{1,18}", length):
            raise Fault(f"contig {name} with length={length}", "a length in bases")
        self.contigs[name] = int(length)

    def _sample(self, values: dict[str, str], parts) -> None:
        wanted = ["ID"] if self.spec.strict else ["ID", "Genomes", "Mixture", "Description"]
        for name in wanted:
            if name not in values:
                raise Fault(f"a SAMPLE line without {name}", f"the fields {', '.join(wanted)}")
            if not self.spec.strict and name != "Description" and (parts[name][1] or re.search(r"\s", values[name])):
                raise Fault(f"SAMPLE with {name} {quoted(values[name])}", "a plain list separated by semicolons")

    def _pedigree(self, values: dict[str, str], parts) -> None:
        for name, value in values.items():
            if self.spec.strict and name == "Description" and parts[name][1]:
                continue
            if not GENOME.fullmatch(value) or parts[name][1]:
                raise Fault(f"PEDIGREE with {name}={quoted(value)}", "the ID of a genome, without blanks or colons")

    def _vocabulary(self, values: dict[str, str], parts) -> None:
        for name in ("ID", "Type", "Number"):
            if name not in values:
                raise Fault(f"a META line without {name}", "the fields ID, Type, Number and Values")

    def _url(self, key: str, value: str) -> None:
        if key == "pedigreeDB" and not self.spec.strict and value.startswith("<") and value.endswith(">"):
            value = value[1:-1]
        match = URL.fullmatch(value)
        host = match["host"] if match else ""
        # A host of digits alone is neither a name nor an address (RFC 1123, section 2.1).
        sound = match and (host or value.lower().startswith("file:")) and (not host.isdigit())
        if not sound or (re.fullmatch(r"[0-9.]+", host) and not ADDRESS.fullmatch(host)):
            raise Fault(f"{key} {quoted(value)}", f"##{key}= with a URL")

    def _names(self, text: str) -> None:
        cells = text.split("\t")
        if cells[:8] != COLUMNS:
            raise Fault(quoted(text), f"the column names {' '.join(COLUMNS)}, separated by tabs")
        if len(cells) > 8 and (cells[8] != "FORMAT" or len(cells) == 9):
            found = f"the ninth column {quoted(cells[8])}" if cells[8] != "FORMAT" else "FORMAT without samples"
            raise Fault(found, "FORMAT and at least one sample after INFO, or nothing")
        self.samples, self.columns = cells[9:], len(cells)
        if "" in self.samples:
            raise Fault("a column without a name", "a name for every sample, no tab at the end")
        seen: set[str] = set()
        for name in self.samples:
            if name in seen:
                raise Fault(f"the sample {name} twice", "every sample name once")
            seen.add(name)


def fields(key: str, value: str) -> dict[str, tuple[str, bool]]:
    """{field: (value, in quotes)} of `<...>`, in the order of the line."""
    found: dict[str, tuple[str, bool]] = {}
    place = 1
    while True:
        match = PAIR.match(value, place)
        if not match:
            raise Fault(
                f"{key} with {quoted(value[place:])}",
                'fields name=value separated by commas, texts in double quotes with inner quotes escaped as \\"',
            )
        if match["key"] in found:
            raise Fault(f"{key} with {match['key']} twice", "every field once")
        in_quotes = match["quoted"] is not None
        found[match["key"]] = (match["quoted"] if in_quotes else match["list"] or match["bare"], in_quotes)
        place = match.end()
        if match["end"] == ">":
            return found


def check_symbolic(name: str, spec: Specification) -> None:
    """The ID of a symbolic allele: `<name>` in ALT, or ID of an ALT line."""
    first = name.split(":")[0]
    if re.search(r"[\s,<>]|::|:$", name) or (first not in spec.symbolic and name not in UNSPECIFIED):
        allowed = ", ".join(spec.symbolic[:6])
        raise Fault(f"the symbolic allele {quoted(name)}", f"one of {allowed}, or a subtype of it after a colon")
