"""A question about variants, checked: by sequence, by range or by bracket (Beacon v2, genomic variation queries)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.federation.beacon.request import Unanswerable
from scripts.federation.genotypes import chromosome

KNOWN = ("start", "end", "referenceName", "referenceBases", "alternateBases", "assemblyId", "variantType")
LEFT_OUT = ("geneId", "aminoacidChange", "genomicAlleleShortForm", "mateName", "variantMinLength", "variantMaxLength")
LEFT_OUT += ("geneid", "allele")  # as addresses have them
ASSEMBLIES = {"grch38": "GRCh38", "hg38": "GRCh38", "grch37": "GRCh37", "hg19": "GRCh37", "b37": "GRCh37"}
TYPES = ("SNP", "INDEL", "INS", "DEL")
LONGEST = 1_000_000  # bases: a range for looking around, not for carrying the table away
#: Versions of NC_000001 to NC_000024 in GRCh38; in GRCh37 each is one less.
VERSIONS = (11, 12, 12, 12, 10, 12, 14, 11, 12, 11, 10, 12, 11, 9, 10, 10, 10, 10, 10, 11, 9, 11, 11, 10)


@dataclass(frozen=True)
class Question:
    """0-based positions. kind: `sequence`, `range` or `bracket`; starts and ends are half-open bounds."""

    kind: str
    granularity: str
    assembly: str
    chrom: str
    starts: tuple[int, int]
    ends: tuple[int, int] | None
    ref: str
    alt: str
    type: str


def question(asked: Mapping[str, Any], granularity: str) -> Question:
    """The question that request parameters ask. Raises Unanswerable."""
    if unknown := sorted(set(asked) - {*KNOWN, *LEFT_OUT}):
        raise Unanswerable(f"{unknown[0]!r} is no parameter of genomic variations")
    if left_out := sorted(set(asked) & set(LEFT_OUT)):
        raise Unanswerable(f"{left_out[0]!r} is not supported here: ask by position")
    for name in ("assemblyId", "referenceName", "start"):
        if asked.get(name) in (None, "", []):
            raise Unanswerable(f"{name!r} is missing")
    start, end = _positions(asked, "start"), _positions(asked, "end")
    ref, alt = _bases(asked, "referenceBases"), _bases(asked, "alternateBases")
    kind = _text(asked, "variantType").upper()
    if kind and kind not in TYPES:
        raise Unanswerable(f"variantType is one of {', '.join(TYPES)}")
    assembly = _assembly(_text(asked, "assemblyId"))
    # What is told in detail would be a record, which this Beacon does not keep: it counts instead.
    common = {
        "granularity": "boolean" if granularity == "boolean" else "count",
        "assembly": assembly,
        "ref": ref,
        "alt": alt,
        "type": kind,
    }
    common["chrom"] = _chromosome(_text(asked, "referenceName"), assembly)
    if len(start) == 2 and len(end) == 2:
        if start[0] >= start[1] or end[0] >= end[1] or max(start[1] - start[0], end[1] - end[0]) > LONGEST:
            raise Unanswerable(f"the brackets of start and end rise, by no more than {LONGEST} bases")
        return Question("bracket", starts=(start[0], start[1]), ends=(end[0], end[1]), **common)
    if len(start) == 1 and len(end) == 1 and not (ref and alt):
        if not 0 < end[0] - start[0] <= LONGEST:
            raise Unanswerable(f"end is behind start, by no more than {LONGEST} bases")
        return Question("range", starts=(start[0], end[0]), ends=None, **common)
    if len(start) == 1 and ref and alt:
        return Question("sequence", starts=(start[0], start[0] + 1), ends=None, **common)
    raise Unanswerable("ask by start with referenceBases and alternateBases, by start and end, or by two of each")


def _positions(asked: Mapping[str, Any], name: str) -> list[int]:
    value = asked.get(name, [])
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    if len(parts) > 2 or not all(re.fullmatch("[0-9]{1,9}", str(part)) for part in parts):
        raise Unanswerable(f"{name!r} is one or two positions, counted from 0")
    return [int(part) for part in parts]


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name, "")
    if not isinstance(value, str):
        raise Unanswerable(f"{name!r} is a text")
    return value


def _bases(asked: Mapping[str, Any], name: str) -> str:
    bases = _text(asked, name)
    if name in asked and not re.fullmatch(r"[ACGTN]{1,1000}", bases):
        raise Unanswerable(f"{name!r} is bases A, C, G, T or N, as VCF writes alleles (not trimmed to nothing)")
    return bases


def _assembly(name: str) -> str:
    """The assembly that is meant, whichever of its patches; a misspelt one would have no variants at all."""
    told = re.fullmatch(r"(\w+)(?:\.p\d+)?", name)
    if told and (found := ASSEMBLIES.get(told[1].casefold())):
        return found
    raise Unanswerable("assemblyId is GRCh38 (hg38) or GRCh37 (hg19, b37), with or without its patch")


def _chromosome(name: str, assembly: str) -> str:
    """1 to 22, X, Y or M, from a name or a RefSeq accession of this very assembly."""
    if accession := re.fullmatch(r"NC_0000(\d\d)\.(\d+)", name):
        number, version = int(accession[1]), int(accession[2])
        wanted = VERSIONS[number - 1] - (assembly == "GRCh37") if 1 <= number <= len(VERSIONS) else 0
        if version != wanted:
            raise Unanswerable(f"{name} is no sequence of {assembly}")
        return {23: "X", 24: "Y"}.get(number, str(number))
    if name == "NC_012920.1":
        return "M"
    if found := chromosome(name):
        return found
    raise Unanswerable("referenceName is 1 to 22, X, Y, M, with or without chr, or its RefSeq accession")
