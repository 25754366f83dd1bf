"""Annotations are read whole, in either format, and refused with one sentence where they cannot be counted by."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from scripts.expression import annotation
from scripts.lib import gtf
from scripts.lib.refusal import Refusal

LENGTHS = {"chr1": 1000, "chr2": 500}


def line(contig="chr1", kind="exon", start=1, end=10, strand="+", told='gene_id "G"; transcript_id "T";') -> str:
    return "\t".join([contig, "x", kind, str(start), str(end), ".", strand, ".", told]) + "\n"


def refusal(tmp_path: Path, text: str) -> str:
    path = tmp_path / "a.gtf"
    path.write_text(text)
    with pytest.raises(Refusal) as told:
        gtf.read(str(path), LENGTHS)
    return str(told.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a.gtf: found no exon (no feature at all)"),
        (line(kind="gene"), "a.gtf: found no exon (gene), expected features of the type exon"),
        (line(told='transcript_id "T";'), "a.gtf, line 1: found an exon without gene_id"),
        (line(told='gene_id ""; transcript_id "T";'), "a.gtf, line 1: found an exon without gene_id"),
        (line(told='gene_id "G";'), "a.gtf, line 1: found an exon without transcript_id"),
        (line("1"), "found an exon on '1', expected a sequence of the reference, as chr1, chr2 (it has chr1)"),
        (
            line("chrX"),
            "found an exon on 'chrX', expected a sequence of the reference, as chr1, chr2; take the annotation",
        ),
        (line(end=1001), "found an exon up to 1001, expected at most 1000, where chr1 ends in the reference"),
        (line(start=0), "found start '0' and end '10', expected whole numbers from 1"),
        (line(start=11), "found start '11' and end '10'"),
        (line(strand="."), "found an exon on the strand '.', expected + or -"),
        (line().replace("\t", " "), "found 1 columns, expected the 9 of GTF or GFF3"),
        (line() + line(start=50, end=60, strand="-"), "line 2: found an exon of G on -, which line 1 has on +"),
        (
            line() + line(start=50, end=60, told='gene_id "H"; transcript_id "T";'),
            "line 2: found the transcript T of H, which is G's before",
        ),
        (line(told="ID=e1;Parent=t1"), "line 1: found the parent 't1', which no line has as its ID"),
    ],
)
def test_what_cannot_be_counted_by_is_told_with_its_line(tmp_path, text, words):
    assert words in refusal(tmp_path, text)


@pytest.mark.parametrize("cut", [b"\xff\xfe", gzip.compress(line().encode())[:20]], ids=["no text", "a cut gzip"])
def test_what_cannot_be_read_is_told(tmp_path, cut):
    path = tmp_path / "a.gtf.gz"
    path.write_bytes(cut)
    with pytest.raises(Refusal, match="what cannot be read"):
        gtf.read(str(path), LENGTHS)


GTF = line(kind="gene", end=60, told='gene_id "G1"; gene_name "abc"; gene_biotype "rRNA";')
GTF += line(told='gene_id "G1"; transcript_id "T1";') + line(start=50, end=60, told='gene_id "G1"; transcript_id "T1";')
GFF3 = "##gff-version 3\n" + line(kind="gene", end=60, told="ID=gene:G1;Name=abc;biotype=rRNA")
GFF3 += line(kind="mRNA", end=60, told="ID=transcript:T1;Parent=gene:G1")
GFF3 += line(told="ID=e1;Parent=transcript:T1") + line(start=50, end=60, told="Parent=transcript:T1")


@pytest.mark.parametrize("text", [GTF, GFF3, GTF.replace("\n", "\r\n"), "# a comment\n\n" + GTF])
def test_both_formats_say_the_same(tmp_path, text):
    (tmp_path / "a").write_bytes(gzip.compress(text.encode()))
    found = gtf.read(str(tmp_path / "a"), LENGTHS)
    assert [exon[1:] for exon in found.exons] == [(1, 10, "+", "G1", "T1"), (50, 60, "+", "G1", "T1")]
    assert (found.names, found.biotypes) == ({"G1": "abc"}, {"G1": "rRNA"})


def test_a_gene_on_two_sequences_is_one_as_those_of_x_and_y_are(tmp_path):
    (tmp_path / "a").write_text(line() + line("chr2", strand="-", told='gene_id "G"; transcript_id "U";'))
    assert len(annotation.genes_of(gtf.read(str(tmp_path / "a"), LENGTHS))) == 2


def test_exonic_and_intronic_parts_do_not_overlap():
    genes = [
        annotation.Gene("G", "chr1", "+", [(10, 20), (40, 50), (70, 80)]),
        annotation.Gene("H", "chr1", "-", [(45, 60)]),
    ]
    assert annotation.parts(genes) == [
        ("exonic", "chr1", 10, 20),
        ("exonic", "chr1", 40, 60),
        ("exonic", "chr1", 70, 80),
        ("intronic", "chr1", 21, 39),
        ("intronic", "chr1", 61, 69),
    ]


@pytest.mark.parametrize(
    ("fasta", "words"),
    [
        (">T9\nACGT\n", "t.fa, sequence 1: found the transcript 'T9', expected a transcript_id of the annotation"),
        (">T1.2|G1|x\nACGT\n", None),
        (">T2\nACGT\n>T1\nAC\n", "sequence 1: found the transcript 'T2'"),
        ("", "t.fa: found no sequence of T1 (1 transcripts of the annotation are missing)"),
    ],
)
def test_transcripts_are_those_of_the_annotation(tmp_path, fasta, words):
    (tmp_path / "a.gtf").write_text(GTF)
    (tmp_path / "t.fa").write_text(fasta)
    if words is None:
        annotation.examine(str(tmp_path / "a.gtf"), LENGTHS, str(tmp_path / "t.fa"))
        return
    with pytest.raises(Refusal) as told:
        annotation.examine(str(tmp_path / "a.gtf"), LENGTHS, str(tmp_path / "t.fa"))
    assert words in str(told.value)


@pytest.mark.parametrize("bed", ["chr1\t5\t2\n", "chr1\t5\n", "chr9\t0\t5\n", "chr2\t0\t501\n"])
def test_ribosomal_regions_are_on_the_reference(tmp_path, bed):
    (tmp_path / "r.bed").write_text("track x\n" + bed)
    with pytest.raises(Refusal, match=r"r\.bed, line 2"):
        annotation.ribosomal_regions(str(tmp_path / "r.bed"), LENGTHS)


def test_the_annotation_of_an_older_assembly_is_refused_and_that_of_this_one_is_not(shared_data):
    folder = shared_data / "rna/yeast_htseq"
    lengths: dict[str, int] = {}
    with gzip.open(folder / "Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz", "rt") as fasta:
        for text in fasta:
            if text.startswith(">"):
                name = text[1:].split()[0]
            else:
                lengths[name] = lengths.get(name, 0) + len(text.strip())
    found = gtf.read(str(folder / "Saccharomyces_cerevisiae.R64-1-1.96.gtf.gz"), lengths)
    assert (len(found.exons), len(set(found.gene_of().values()))) == (7416, 7036)
    with pytest.raises(Refusal, match="found an exon on '2-micron', expected a sequence of the reference"):
        gtf.read(str(folder / "Saccharomyces_cerevisiae.SGD1.01.56.gtf.gz"), lengths)
