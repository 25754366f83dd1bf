"""One file or one pair of mates, whatever its format: open, recognise, check, compare checksums, judge."""

from __future__ import annotations

import os
from contextlib import ExitStack
from importlib import import_module
from pkgutil import resolve_name

from scripts.intake import private, sniff
from scripts.intake.source import Source, check_sums
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.refusal import Refusal

Path = str | os.PathLike
# format found inside the file -> the module with its check_<format>(source, expected) -> Verdict without checksums;
# imported when a file needs it, because all of them together take longer than a small file
MODULES = {
    "bam": "bam",
    "cram": "cram",
    "sam": "sam",
    "mzml": "mzml",
    "mzxml": "mzxml",
    "netcdf": "netcdf",
    "vcf": "tables",
    "bed": "tables",
    "tsv": "tables",
    "areas": "areas",
}
FAMILY = {"ubam": "bam", "sam": "bam"}  # a catalogue that accepts bam accepts these too
UNPACKED = {"bam", "cram"}  # formats with their own compression, never named .gz


def examine(
    path: Path, expected: Expected, stated: dict[str, str] | None = None, kind: str = "", role: str = "file"
) -> Verdict:
    """Check one file. `stated`: checksums from the sheet; `kind`: the format the sheet or catalogue expects, or ''."""
    with Source(path, bool(stated and stated.get("md5"))) as source:
        try:
            format_ = recognised(source, kind)
            _accepted(source, format_, expected)
            if format_ == "fastq":
                from scripts.intake import fastq

                scan = fastq.check_alone(source, expected)
                sums = source.finish()
                private.refuse_in_gzip(expected.private, source)
                verdict = scan.verdict(role, sums, expected)
            else:
                module = import_module(f"scripts.intake.{MODULES[format_]}")
                verdict = getattr(module, f"check_{format_}")(source, expected)
                sums = source.finish()
                verdict.role, verdict.size = role, source.size
                verdict.sha256, verdict.md5 = sums["sha256"], sums.get("md5", "")
                _accepted(source, verdict.format, expected)
        except Refusal as refusal:
            raise _with_checksum(refusal, [source], [stated or {}]) from None
        check_sums(source, sums, stated or {})
        return verdict


def examine_by(name: str, path: Path, kind: str, stated: dict[str, str] | None = None) -> Verdict:
    """Check a file of a format that a branch brings: `name` is `module:function`, which takes the path, and returns
    facts or raises a Refusal."""
    with Source(path, bool(stated and stated.get("md5"))) as source:
        try:
            facts = resolve_name(name)(str(path))
        except Refusal as refusal:
            raise _with_checksum(refusal, [source], [stated or {}]) from None
        sums = source.finish()
        check_sums(source, sums, stated or {})
        return Verdict("file", kind, source.size, sums["sha256"], sums.get("md5", ""), facts=facts)


def examine_pair(paths: list[Path], expected: Expected, stated: list[dict[str, str]] | None = None) -> list[Verdict]:
    """Check the two FASTQ files of one run as mates; returns their verdicts in the given order."""
    from scripts.intake import fastq

    stated = stated or [{}, {}]
    with ExitStack() as stack:
        sources = [
            stack.enter_context(Source(path, bool(sums.get("md5")))) for path, sums in zip(paths, stated, strict=True)
        ]
        try:
            for source in sources:
                recognised(source, "fastq")
                _accepted(source, "fastq", expected)
            if os.path.samefile(*paths):
                raise _twice(sources)
            scans = fastq.check_pair(*sources, expected)
            sums = [source.finish() for source in sources]
            for source in sources:
                private.refuse_in_gzip(expected.private, source)
            if sums[0]["sha256"] == sums[1]["sha256"]:
                raise _twice(sources)
            verdicts = [
                scan.verdict(role, digests, expected)
                for scan, role, digests in zip(scans, ("read1", "read2"), sums, strict=True)
            ]
        except Refusal as refusal:
            raise _with_checksum(refusal, sources, stated) from None
        for source, digests, sheet in zip(sources, sums, stated, strict=True):
            check_sums(source, digests, sheet)
    return verdicts


def recognised(source: Source, kind: str = "") -> str:
    """The format to check the file as. Its content, its name and what is expected must agree."""
    claim, packed = sniff.claimed(source.path.name)
    inside = source.kind
    told = sniff.WORDS[inside] + (" inside gzip" if source.packed and inside not in ("bam", "gzip", "empty") else "")
    if claim == "text":
        claim = inside if inside in sniff.TEXTS else "tsv"
    wanted = kind or claim
    if wanted in ("tsv", "bed", "vcf", "areas") and inside in ("text", "tsv", "bed"):
        inside = wanted
    if wanted == "areas" and inside in ("xls", "utf16"):
        inside = wanted
    if wanted in ("ubam",):
        wanted = "bam"
    if inside == "empty" and source.trouble:
        raise source.told(source.trouble, "at its start")
    if inside == "empty" and wanted:
        raise source.refusal("", "gzip with nothing inside", f"{_name(wanted)} with data", "export the file again")
    if inside not in MODULES and inside != "fastq" or (wanted and inside != wanted):
        expectation = (
            _name(wanted)
            if wanted
            else "FASTQ, BAM, CRAM, SAM, mzML, mzXML, NetCDF, a table of peak areas, VCF, BED or TSV"
        )
        raise source.refusal("", told, expectation, _cure(inside))
    if inside not in UNPACKED and packed != source.packed:
        if packed:
            found, cure = (
                "plain text",
                "compress it (bgzip or gzip), or take .gz off its name, and correct the checksum",
            )
        else:
            found, cure = "gzip data", "add .gz to its name, or unpack it and correct the checksum"
        raise source.refusal("", f"{found} although its name says otherwise", "what the name says", cure)
    if inside in UNPACKED and packed:
        raise source.refusal("", f"{sniff.WORDS[inside]} named .gz", "a name that ends in ." + inside, "rename it")
    return inside


def _name(kind: str) -> str:
    words = sniff.WORDS.get(kind, kind)
    return words if kind != "tsv" else "a tab-separated table"


def _cure(inside: str) -> str:
    return {
        "html": "download the file again after logging in; this is a web page that was saved in its place",
        "lfs": "fetch the data itself (git lfs pull)",
        "thermo": "convert it to mzML (msconvert or ThermoRawFileParser)",
        "hdf5": "convert it to mzML (msconvert)",
        "index": "name the file that it belongs to",
        "bcf": "convert it to VCF (bcftools view -Oz)",
        "sra": "convert it to FASTQ (fasterq-dump --split-files)",
        "crypt4gh": "decrypt it first (crypt4gh decrypt)",
        "zip": "unpack it and name the files inside",
        "tar": "unpack it and name the files inside",
        "bzip2": "unpack it, or pack it again with gzip",
        "xz": "unpack it, or pack it again with gzip",
        "zstd": "unpack it, or pack it again with gzip",
    }.get(inside, "name the right file, or correct its name")


def _accepted(source: Source, format_: str, expected: Expected) -> None:
    allowed = {name.lower() for name in expected.accepts}
    if allowed and not {format_, FAMILY.get(format_, format_)} & allowed:
        raise source.refusal(
            "",
            sniff.WORDS.get(format_, f"a {format_} file"),
            f"{', '.join(sorted(allowed))}, which this service accepts",
            "deliver the run in an accepted format, or order another service",
        )


def _twice(sources: list[Source]) -> Refusal:
    return Refusal(
        f"{sources[0].name} and {sources[1].name}",
        "the same file given as both mates",
        "the two mates of each pair",
        "name the second mate's file in the sheet",
    )


def _with_checksum(refusal: Refusal, sources: list[Source], stated: list[dict[str, str]]) -> Refusal:
    """Tell whether the fault arose on the way here: the checksum in the sheet knows."""
    for source, sheet in zip(sources, stated, strict=True):
        if not any(sheet.values()) or source.name not in refusal.where:
            continue
        try:
            check_sums(source, source.finish(), sheet)
        except Refusal:
            refusal.cure += " (its checksum differs from the sheet's: it was damaged or replaced on the way)"
        else:
            refusal.cure += " (its checksum agrees with the sheet's: it was so before it was sent)"
    return Refusal(refusal.where, refusal.found, refusal.expected, refusal.cure)
