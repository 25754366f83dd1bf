"""Genes and transcripts as GTF or GFF3 has them, read whole: what counters and aligners take for granted, and say late
or never."""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from scripts.lib.refusal import Refusal

#: Parts of transcripts that say nothing of where exons are; what is told in the last column and asked for here.
PASSED_OVER = {"CDS", "start_codon", "stop_codon", "UTR", "five_prime_utr", "three_prime_utr", "Selenocysteine"}
KEPT = {"ID", "Parent", "gene_id", "transcript_id", "gene_name", "Name", "gene"}
KEPT |= {"gene_biotype", "gene_type", "biotype"}
OTHER = "take the annotation of this assembly"
CURE = "correct the file, or name another `gtf` in config.yaml"
GTF_FIELD = re.compile(r'\s*(\w+)\s+(?:"([^"]*)"|([^;"]*?))\s*(?:;|$)')


class Exon(NamedTuple):
    """A line of type `exon`; start and end as in the file: from 1, both inside."""

    contig: str
    start: int
    end: int
    strand: str
    gene: str
    transcript: str


@dataclass
class Annotation:
    """Exons in the order of the file, and what else is told of their genes.

    names, biotypes  gene -> name, biotype, where the file tells them
    """

    exons: list[Exon] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    biotypes: dict[str, str] = field(default_factory=dict)

    def gene_of(self) -> dict[str, str]:
        """Transcript -> gene, in the order of the file."""
        return {exon.transcript: exon.gene for exon in self.exons}


class _Line(NamedTuple):
    """A feature, and the number of its line."""

    number: int
    kind: str
    contig: str
    start: int
    end: int
    strand: str
    told: dict[str, str]


def read(path: str, lengths: Mapping[str, int]) -> Annotation:
    """The annotation of a genome with these sequences. Raises Refusal with the first line that is wrong."""
    lines = list(_features(path))
    exons = [line for line in lines if line.kind == "exon"]
    if not exons:
        kinds = ", ".join(sorted({line.kind for line in lines})[:5]) or "no feature at all"
        raise Refusal(_shown(path), f"no exon ({kinds})", "features of the type exon, by which reads are counted", CURE)
    for line in exons:
        _lies_on(path, line, lengths)
    parents = {line.told["ID"]: line for line in lines if "ID" in line.told}
    found = Annotation()
    for line in exons:
        for told in _owners(path, line, parents):
            gene, transcript = told["gene_id"], told["transcript_id"]
            found.exons.append(Exon(line.contig, line.start, line.end, line.strand, gene, transcript))
            _tell(found, gene, told)
    for line in lines:
        if line.kind == "gene" and (gene := line.told.get("gene_id", "")):
            _tell(found, gene, line.told)
    _hold_together(path, found, [line.number for line in exons for _ in _owners(path, line, parents)])
    return found


def _features(path: str) -> Iterator[_Line]:
    with open(path, "rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
    number = 0
    try:
        with (gzip.open if packed else open)(path, "rt", encoding="utf-8") as handle:
            for number, text in enumerate(handle, 1):
                text = text.rstrip("\r\n")
                if text.startswith("##FASTA"):
                    return
                if text.strip() and not text.startswith("#"):
                    line = _parsed(path, number, text)
                    if line.kind not in PASSED_OVER:
                        yield line
    except (EOFError, OSError, UnicodeDecodeError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise _refusal(path, number + 1, f"what cannot be read ({error})", "text in UTF-8, plain or gzip") from None


def _parsed(path: str, number: int, text: str) -> _Line:
    cells = text.split("\t")
    if len(cells) != 9:
        raise _refusal(path, number, f"{len(cells)} columns", "the 9 of GTF or GFF3, with tabs between them")
    contig, _, kind, start, end, _, strand, _, told = cells
    if not (start.isdigit() and end.isdigit() and 1 <= int(start) <= int(end)):
        raise _refusal(path, number, f"start {start!r} and end {end!r}", "whole numbers from 1, start before end")
    return _Line(number, kind, sys.intern(contig), int(start), int(end), strand, _told(told))


def _told(text: str) -> dict[str, str]:
    """The last column, as either format writes it; of a tag that comes twice, the first."""
    if re.match(r"\s*[\w.:-]+=", text):
        pairs = (pair.split("=", 1) for pair in text.split(";") if "=" in pair)
        return {key.strip(): value.strip() for key, value in pairs if key.strip() in KEPT}
    found: dict[str, str] = {}
    for key, quoted, plain in GTF_FIELD.findall(text):
        if key in KEPT:
            found.setdefault(key, quoted or plain)
    return found


def _owners(path: str, line: _Line, parents: Mapping[str, _Line]) -> Iterator[dict[str, str]]:
    """What is told of each transcript that an exon is of: in GTF on its own line, in GFF3 by its parents."""
    told = line.told
    if "Parent" not in told:
        for name in ("gene_id", "transcript_id"):
            if not told.get(name):
                raise _refusal(path, line.number, f"an exon without {name}", f"a {name} on each exon")
        yield told
        return
    for name in told["Parent"].split(","):
        if (transcript := parents.get(name)) is None:
            raise _refusal(path, line.number, f"the parent {name!r}, which no line has as its ID", "a line with it")
        gene = parents.get(transcript.told.get("Parent", ""), transcript)
        yield {
            **gene.told,
            "gene_id": gene.told.get("gene_id") or gene.told["ID"].removeprefix("gene:"),
            "transcript_id": transcript.told.get("transcript_id") or name.removeprefix("transcript:"),
        }


def _tell(found: Annotation, gene: str, told: Mapping[str, str]) -> None:
    for into, keys in (
        (found.names, ("gene_name", "Name", "gene")),
        (found.biotypes, ("gene_biotype", "gene_type", "biotype")),
    ):
        if value := next((told[key] for key in keys if told.get(key)), ""):
            into.setdefault(gene, value)


def _lies_on(path: str, line: _Line, lengths: Mapping[str, int]) -> None:
    if line.contig not in lengths:
        some = ", ".join(list(lengths)[:3])
        meant = line.contig.removeprefix("chr") if line.contig.startswith("chr") else f"chr{line.contig}"
        hint = f" (it has {meant})" if meant in lengths else ""
        expected = f"a sequence of the reference, as {some}{hint}"
        raise _refusal(
            path, line.number, f"an exon on {line.contig!r}", expected, "take the annotation of this assembly"
        )
    if line.end > lengths[line.contig]:
        expected = f"at most {lengths[line.contig]}, where {line.contig} ends in the reference"
        raise _refusal(path, line.number, f"an exon up to {line.end}", expected, OTHER)
    if line.strand not in ("+", "-"):
        raise _refusal(
            path, line.number, f"an exon on the strand {line.strand!r}", "+ or -, by which reads are counted"
        )


def _hold_together(path: str, found: Annotation, numbers: list[int]) -> None:
    """A gene has one strand on each sequence, and a transcript one gene."""
    strands: dict[tuple[str, str], tuple[str, int]] = {}
    genes: dict[str, str] = {}
    for exon, number in zip(found.exons, numbers, strict=True):
        strand, first = strands.setdefault((exon.gene, exon.contig), (exon.strand, number))
        if strand != exon.strand:
            told = f"an exon of {exon.gene} on {exon.strand}, which line {first} has on {strand}"
            raise _refusal(path, number, told, "one strand for each gene")
        if (gene := genes.setdefault(exon.transcript, exon.gene)) != exon.gene:
            told = f"the transcript {exon.transcript} of {exon.gene}, which is {gene}'s before"
            raise _refusal(path, number, told, "one gene for each transcript")


def _shown(path: str) -> str:
    return Path(path).name


def _refusal(path: str, number: int, found: str, expected: str, cure: str = CURE) -> Refusal:
    return Refusal(f"{_shown(path)}, line {number}", found, expected, cure)
