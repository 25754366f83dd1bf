"""The text header of SAM, BAM and CRAM: its own rules (SAM specification 1.6, section 1.3) and the site's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from scripts.intake.fasta import NAME
from scripts.intake.source import Source
from scripts.intake.verdict import Expected

REHEAD = "correct the header (samtools reheader) and the checksum in the sheet, or export the file again"
TAG = re.compile(r"[A-Za-z][A-Za-z0-9]:[^\x00-\x1f\x7f]+")
M5 = re.compile("[0-9a-f]{32}")
KINDS = ("HD", "SQ", "RG", "PG", "CO")
ORDERS = ("unknown", "unsorted", "queryname", "coordinate")
PLATFORMS = {
    "CAPILLARY", "DNBSEQ", "ELEMENT", "HELICOS", "ILLUMINA", "IONTORRENT", "LS454", "ONT", "PACBIO", "SINGULAR",
    "SOLID", "ULTIMA",
}  # fmt: skip


@dataclass
class Header:
    """Parsed header lines. lengths: {sequence name: bases} in order; groups: {read group id: its fields}."""

    lengths: dict[str, int] = field(default_factory=dict)
    md5: dict[str, str] = field(default_factory=dict)
    groups: dict[str, dict[str, str]] = field(default_factory=dict)
    order: str = "unknown"

    def samples(self) -> list[str]:
        return sorted({group["SM"] for group in self.groups.values() if group.get("SM")})


def parse(text: str, source: Source) -> Header:
    """Read and check header lines. Raises Refusal with the line's number."""
    header, programs = Header(), set()
    for number, line in enumerate(text.rstrip("\x00").split("\n"), 1):
        if not line:
            continue
        where = f"header line {number}"
        kind, *parts = line.split("\t")
        if not kind.startswith("@") or kind[1:] not in KINDS:
            if re.fullmatch(r"@[A-Za-z][A-Za-z]", kind):
                continue  # kinds that other programs add are allowed
            raise source.refusal(where, f"a line that starts with {kind[:20]!r}", "@HD, @SQ, @RG, @PG or @CO", REHEAD)
        if kind == "@CO":
            continue
        if line.endswith("\r"):
            raise source.refusal(where, "a Windows line end (CRLF)", "Unix line ends", REHEAD)
        fields = _fields(parts, where, source)
        if kind == "@HD":
            if number != 1:
                raise source.refusal(where, "@HD", "@HD on the first line only", REHEAD)
            if not re.fullmatch(r"[0-9]+\.[0-9]+", fields.get("VN", "")):
                raise source.refusal(where, f"VN:{fields.get('VN', '')}", "a version such as VN:1.6", REHEAD)
            header.order = fields.get("SO", "unknown")
            if header.order not in ORDERS:
                raise source.refusal(where, f"SO:{header.order}", " or ".join(ORDERS), REHEAD)
        elif kind == "@SQ":
            _sequence(fields, header, where, source)
        elif kind == "@RG":
            _group(fields, header, where, source)
        elif kind == "@PG":
            if not fields.get("ID") or fields["ID"] in programs:
                raise source.refusal(where, f"@PG ID:{fields.get('ID', '')}", "a unique ID in every @PG line", REHEAD)
            programs.add(fields["ID"])
    return header


def _fields(parts: list[str], where: str, source: Source) -> dict[str, str]:
    fields: dict[str, str] = {}
    for part in parts:
        if not TAG.fullmatch(part):
            raise source.refusal(where, f"the field {part[:30]!r}", "fields of the form TAG:value", REHEAD)
        key, value = part[:2], part[3:]
        if key in fields:
            raise source.refusal(where, f"the tag {key} twice", "each tag once per line", REHEAD)
        fields[key] = value
    return fields


def _sequence(fields: dict[str, str], header: Header, where: str, source: Source) -> None:
    name, length = fields.get("SN", ""), fields.get("LN", "")
    if not NAME.fullmatch(name):
        raise source.refusal(where, f"@SQ SN:{name}", "a reference sequence name", REHEAD)
    if name in header.lengths:
        raise source.refusal(where, f"the sequence {name} twice", "each reference sequence once", REHEAD)
    if not re.fullmatch(r"[0-9]{1,10}", length) or not 0 < int(length) < 1 << 31:
        raise source.refusal(where, f"@SQ SN:{name} LN:{length}", "a length from 1 to 2147483647", REHEAD)
    header.lengths[name] = int(length)
    if fields.get("M5"):
        header.md5[name] = fields["M5"].lower()
        if not M5.fullmatch(header.md5[name]):
            raise source.refusal(where, f"@SQ SN:{name} M5:{fields['M5']}", "an MD5 of 32 hex digits", REHEAD)


def _group(fields: dict[str, str], header: Header, where: str, source: Source) -> None:
    name = fields.get("ID", "")
    if not name or name in header.groups:
        raise source.refusal(where, f"@RG ID:{name}", "a unique ID in every @RG line", REHEAD)
    header.groups[name] = fields


# ---- against the sheet ----
def judge_groups(header: Header, source: Source, expected: Expected) -> None:
    """Read groups are there, belong to one sample, and that is the sheet's."""
    cure = "set it (samtools addreplacerg), or deliver the FASTQ files"
    if not header.groups:
        raise source.refusal("header", "no read group (@RG)", "at least one @RG line with ID and SM", cure)
    for name, group in header.groups.items():
        if not group.get("SM"):
            raise source.refusal("header", f"@RG ID:{name} without SM", "the sample's name in every @RG line", cure)
    samples = header.samples()
    if len(samples) > 1:
        raise source.refusal(
            "header",
            f"reads of {len(samples)} samples ({', '.join(samples[:5])})",
            "one sample per file",
            "split the file by read group (samtools split) and enter one run per sample",
        )
    if expected.names and samples[0] not in expected.names:
        raise source.refusal(
            "header",
            f"@RG SM:{samples[0]}",
            " or ".join(expected.names) + " as the sheet says",
            "name the right file, or map this name to the sample in the sheet",
        )
    stated = {group["PL"].upper() for group in header.groups.values() if group.get("PL")}
    wanted = {name.upper() for name in ([expected.platform] if expected.platform else expected.platforms)}
    if stated and wanted and not stated & wanted:
        raise source.refusal(
            "header",
            f"@RG PL:{', '.join(sorted(stated))}",
            " or ".join(sorted(wanted)),
            "correct the sheet or the header",
        )


def judge_reference(header: Header, used: set[str], source: Source, expected: Expected) -> None:
    """The reference the reads are aligned to is the order's: by name, length and, where present, MD5."""
    cure = "align the reads again (order a recipe that does), or name the reference they were aligned to"
    for name in header.lengths:
        length, known = header.lengths[name], expected.contigs.get(name)
        if known is None:
            if name not in used:
                continue
            twin = next((other for other in expected.contigs if _bare(other) == _bare(name)), "")
            hint = f" (it has {twin})" if twin else ""
            raise source.refusal(
                "header", f"reads aligned to {name}", f"a sequence of the order's reference{hint}", cure
            )
        if known != length:
            same = [other for other, bases in expected.contigs.items() if bases == length]
            hint = f", the length of {same[0]} in the order's reference" if same else ""
            raise source.refusal(
                "header", f"{name} of {length} bases{hint}", f"{known} bases as in the order's reference", cure
            )
        told, true = header.md5.get(name), expected.contig_md5.get(name, "").lower()
        if told and true and told != true:
            raise source.refusal("header", f"{name} with M5 {told}", f"{true} as in the order's reference", cure)


def _bare(name: str) -> str:
    return name.lower().removeprefix("chr").replace("mt", "m")
