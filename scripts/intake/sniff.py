"""What a file really is, from its first bytes; its name is only a claim."""

from __future__ import annotations

import re
from pathlib import PurePath

MAGIC: list[tuple[bytes, str]] = [
    (b"\x1f\x8b", "gzip"),
    (b"BAM\x01", "bam"),
    (b"CRAM", "cram"),
    (b"BCF\x02", "bcf"),
    (b"BAI\x01", "index"),
    (b"CSI\x01", "index"),
    (b"TBI\x01", "index"),
    (b"CDF\x01", "netcdf"),
    (b"CDF\x02", "netcdf"),
    (b"CDF\x05", "netcdf"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "7zip"),
    (b"Rar!", "rar"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
    (b"%PDF", "pdf"),
    (b"NCBI.sra", "sra"),
    (b"\x01\xa1F\x00i\x00n\x00n\x00", "thermo"),
    (b"version https://git-lfs", "lfs"),
    (b"crypt4gh", "crypt4gh"),
    (b"\xff\xfe", "utf16"),
    (b"\xfe\xff", "utf16"),
]
WORDS = {
    "empty": "an empty file (0 bytes)",
    "gzip": "gzip data",
    "bam": "a BAM file",
    "cram": "a CRAM file",
    "sam": "a SAM file",
    "bcf": "a BCF file",
    "index": "an index of a BAM or VCF file",
    "netcdf": "a NetCDF file",
    "hdf5": "an HDF5 (NetCDF-4) file",
    "bzip2": "bzip2 data",
    "xz": "xz data",
    "zstd": "Zstandard data",
    "zip": "a ZIP archive",
    "7zip": "a 7-Zip archive",
    "rar": "a RAR archive",
    "tar": "a tar archive",
    "xls": "an Excel 97 workbook",
    "pdf": "a PDF document",
    "sra": "an SRA archive",
    "thermo": "a Thermo RAW file",
    "lfs": "a Git LFS pointer instead of the data",
    "crypt4gh": "a Crypt4GH-encrypted file",
    "utf16": "UTF-16 text",
    "html": "an HTML page",
    "mzml": "an mzML file",
    "mzxml": "an mzXML file",
    "mzdata": "an mzData file",
    "imzml": "an imzML file",
    "xml": "an XML file of another kind",
    "vcf": "a VCF file",
    "fastq": "a FASTQ file",
    "fasta": "a FASTA file",
    "bed": "a BED file",
    "areas": "a table of peak areas",
    "json": "a JSON file",
    "tsv": "tab-separated text",
    "text": "plain text",
    "zeros": "nothing but zero bytes",
    "binary": "binary data of unknown kind",
}
# What a file name claims: suffix -> format. GZ_SUFFIXES are stripped first.
SUFFIXES = {
    ".fastq": "fastq",
    ".fq": "fastq",
    ".bam": "bam",
    ".ubam": "bam",
    ".cram": "cram",
    ".sam": "sam",
    ".mzml": "mzml",
    ".mzxml": "mzxml",
    ".cdf": "netcdf",
    ".nc": "netcdf",
    ".netcdf": "netcdf",
    ".vcf": "vcf",
    ".bed": "bed",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".txt": "text",
    ".csv": "areas",
    ".xls": "areas",
}
# What a name that claims text may hold: old Illumina pipelines called FASTQ so (s_1_1_sequence.txt.gz).
TEXTS = ("fastq", "sam", "vcf")
FASTQ_START = re.compile(rb"@[!-~][^\n]*\n[A-Za-z.*]+\r?\n\+")
GZ_SUFFIXES = (".gz", ".bgz", ".bgzf")


def claimed(name: str) -> tuple[str, bool]:
    """(format, compressed) that a file name claims; format is '' where the suffix says nothing."""
    stem = PurePath(name.lower())
    packed = stem.suffix in GZ_SUFFIXES
    if packed:
        stem = stem.with_suffix("")
    return SUFFIXES.get(stem.suffix, ""), packed


def found(head: bytes) -> str:
    """The kind of data that starts with `head` (a few kilobytes, already decompressed where gzip was outside)."""
    if not head:
        return "empty"
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return "tar"
    if not head.strip(b"\x00"):
        return "zeros"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return _markup(text)
    if FASTQ_START.match(text):
        return "fastq"
    if text.startswith(b"##fileformat=VCF"):
        return "vcf"
    if b"\x00" in head:
        return "binary"
    if re.match(rb"@(HD|SQ|RG|PG|CO)\t", text):
        return "sam"
    if text.startswith(b"@"):
        return "fastq"
    if text.startswith(b">"):
        return "fasta"
    if re.match(rb"[{\[]\s*(?:[\"{\[\]}0-9-]|true|false|null|$)", text):
        return "json"
    if re.match(rb"(?:(?:#|track|browser)[^\n]*\n)*[^\t\n]+\t[0-9]+\t[0-9]+[\t\r\n]", text):
        return "bed"
    if sum(byte < 9 or 13 < byte < 32 for byte in head[:512]) > 5:
        return "binary"
    return "tsv" if b"\t" in text else "text"


def _markup(text: bytes) -> str:
    start = text.lower()
    if b"<!doctype html" in start or b"<html" in start:
        return "html"
    for tag, kind in ((b"<indexedmzml", "mzml"), (b"<mzml", "mzml"), (b"<mzxml", "mzxml"), (b"<mzdata", "mzdata")):
        if tag in start:
            return kind
    return "xml"
