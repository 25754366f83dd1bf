"""What VCF 4.1, 4.2 and 4.3 fix: reserved keys, names, and the points in which the three versions differ.

Source: The Variant Call Format Specification, versions 4.1, 4.2 and 4.3 (samtools/hts-specs). Section numbers in
docs/vcf.md, which also states the judgements where the letter leaves a choice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

COLUMNS = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
TYPES = {
    "INFO": ("Integer", "Float", "Flag", "Character", "String"),
    "FORMAT": ("Integer", "Float", "Character", "String"),
}
SYMBOLIC = ("DEL", "INS", "DUP", "INV", "CNV")
SYMBOLIC_NAMES = (*SYMBOLIC, "BND", "DUP:TANDEM", "DEL:ME", "INS:ME")  # reserved: no contig of 4.3 has such a name
UNSPECIFIED = ("*", "NON_REF")  # section 5.5: any allele not observed, in gVCF
IUPAC = tuple("RYSWKMBDHVN")

# key: Number, Type. Several are separated by '|'; '?' is what the version leaves open.
_INFO = {
    "AA": "1 String",
    "AC": "A Integer",
    "AF": "A Float",
    "AN": "1 Integer",
    "BQ": "1 Float",
    "CIGAR": "A String",
    "DB": "0 Flag",
    "DP": "1 Integer",
    "END": "1 Integer",
    "H2": "0 Flag",
    "H3": "0 Flag",
    "MQ": "1 Float|Integer",
    "MQ0": "1 Integer",
    "NS": "1 Integer",
    "SOMATIC": "0 Flag",
    "VALIDATED": "0 Flag",
    "1000G": "0 Flag",
    "IMPRECISE": "0 Flag",
    "NOVEL": "0 Flag",
    "SVTYPE": "1 String",
    "SVLEN": ".|A|1 Integer",
    "CIPOS": "2 Integer",
    "CIEND": "2 Integer",
    "HOMLEN": ". Integer",
    "HOMSEQ": ". String",
    "BKPTID": ". String",
    "MEINFO": "4 String",
    "METRANS": "4 String",
    "DGVID": "1 String",
    "DBVARID": "1 String",
    "DBRIPID": "1 String",
    "MATEID": ".|1 String",
    "PARID": "1 String",
    "EVENT": "1 String",
    "CILEN": "2 Integer",
    "DPADJ": ". Integer",
    "CN": "1 Integer",
    "CNADJ": ". Integer",
    "CICN": "2 Integer",
    "CICNADJ": ". Integer",
}
_FORMAT = {
    "GT": "1 String",
    "DP": "1 Integer",
    "FT": "1 String",
    "GL": "G Float",
    "GLE": "G|. String",
    "PL": "G Integer",
    "GP": "G Float",
    "GQ": "1 Integer|Float",  # Float in the structural variants of the first printings, and in freebayes
    "HQ": "2 Integer",
    "PS": "1 Integer",
    "PQ": "1 Integer",
    "EC": "A Integer",
    "MQ": "1 Integer",
    "CN": "1 Integer",
    "CNQ": "1 Float",
    "CNL": ".|G Float",
    "NQ": "1 Integer",
    "HAP": "1 Integer",
    "AHAP": "1 Integer",
}
_INFO_43 = {**_INFO, "MQ": "1 Float", "SB": "4 Integer", "AD": "R Integer", "ADF": "R Integer", "ADR": "R Integer"}
_FORMAT_43 = {
    **{key: fixed for key, fixed in _FORMAT.items() if key != "GLE"},
    **{
        "AD": "R Integer",
        "ADF": "R Integer",
        "ADR": "R Integer",
        "GQ": "1 Integer",
        "PP": "G Integer",
        "CNL": "G Float",
        "CNP": "G Float",
    },
}
# Counts, depths, frequencies, positions and phred-scaled probabilities are never below 0.
NOT_NEGATIVE = {
    "INFO": {"AC", "AF", "AN", "DP", "END", "MQ", "MQ0", "NS", "AD", "ADF", "ADR"},
    "FORMAT": {"DP", "GQ", "HQ", "PL", "PP", "GP", "PS", "PQ", "MQ", "AD", "ADF", "ADR"},
}
COUNTED_OTHERWISE = {"CNL", "CNP", "GLE"}  # one value for each copy number, or for each ploidy and genotype


@dataclass(frozen=True)
class Specification:
    """One version.

    numbers         the words that Number may be, beside whole numbers
    reserved        {INFO | FORMAT: {key: (allowed Numbers, allowed Types)}}; () = left open
    symbolic        first-level types of symbolic alleles
    info_key, format_key, contig   patterns of names; `contig` is that of CHROM
    """

    version: str
    numbers: tuple[str, ...]
    reserved: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]]
    symbolic: tuple[str, ...]
    info_key: re.Pattern
    format_key: re.Pattern
    contig: re.Pattern
    overlapping_deletion: bool = True  # the allele '*'

    @property
    def strict(self) -> bool:
        """4.3 turned into rules what was advice before."""
        return self.version == "VCFv4.3"


def _reserved(info: dict[str, str], format_: dict[str, str]) -> dict:
    def fixed(table):
        return {key: tuple(tuple(part.split("|")) for part in text.split()) for key, text in table.items()}

    return {"INFO": fixed(info), "FORMAT": fixed(format_)}


_OLD_NAMES: dict[str, Any] = {
    "info_key": re.compile(r"[^\s;=,]+"),
    "format_key": re.compile(r"[0-9A-Za-z]+"),
    "contig": re.compile(r"[^\s:,<>\[\]]+"),
}
VERSIONS = {
    spec.version: spec
    for spec in (
        Specification(
            "VCFv4.1", ("A", "G", "."), _reserved(_INFO, _FORMAT), SYMBOLIC, **_OLD_NAMES, overlapping_deletion=False
        ),
        Specification("VCFv4.2", ("A", "R", "G", "."), _reserved(_INFO, _FORMAT), SYMBOLIC, **_OLD_NAMES),
        Specification(
            "VCFv4.3",
            ("A", "R", "G", "."),
            _reserved(_INFO_43, _FORMAT_43),
            (*SYMBOLIC, "BND", *IUPAC),
            info_key=re.compile(r"[A-Za-z_][0-9A-Za-z_.]*|1000G"),
            format_key=re.compile(r"[A-Za-z_][0-9A-Za-z_.]*"),
            contig=re.compile(r"[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*"),
        ),
    )
}
