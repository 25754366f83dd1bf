"""Marker databases in every form that users download, and primers on either strand."""

from __future__ import annotations

import gzip

import pytest

from scripts.lib import marker, primers
from scripts.lib.refusal import Refusal

NAMES = {"d": "Bacteria", "p": "Firmicutes", "c": "Bacilli", "g": "Bacillus"}
FORMS = {
    "SINTAX": ">AB1;tax=d:Bacteria,p:Firmicutes,c:Bacilli,g:Bacillus;",
    "UTAX": ">AB1|x;tax=k:Bacteria,p:Firmicutes,c:Bacilli,g:Bacillus",
    "QIIME": ">AB1 k__Bacteria; p__Firmicutes; c__Bacilli; o__; f__; g__Bacillus; s__",
    "UNITE": ">Bacillus|AB1|SH1|reps|k__Bacteria;p__Firmicutes;c__Bacilli;g__Bacillus",
}
LINEAGES = {
    "DADA2": ">Bacteria;Firmicutes;Bacilli;",
    "SILVA": ">AB1.1.1500 Bacteria;Firmicutes;Bacilli",
}


def entry(tmp_path, text: str) -> marker.Entry:
    path = tmp_path / "db.fasta"
    path.write_text(text)
    (only,) = marker.entries(str(path))
    return only


@pytest.mark.parametrize("header", FORMS.values(), ids=FORMS)
def test_every_form_with_letters_says_the_same(tmp_path, header):
    assert entry(tmp_path, f"{header}\nACGU\nacgn\n") == marker.Entry(NAMES, "ACGTACGN")


@pytest.mark.parametrize("header", LINEAGES.values(), ids=LINEAGES)
def test_names_without_letters_are_counted_from_the_top(tmp_path, header):
    assert entry(tmp_path, f"{header}\nACGT\n").ranks == dict(list(NAMES.items())[:3])


def test_a_compressed_database_and_signs_of_sintax_in_names(tmp_path):
    path = tmp_path / "db.fa.gz"
    path.write_bytes(gzip.compress(b">a k__Fungi;p__X, y;s__sp. 1:2\nAC\n"))
    (only,) = marker.entries(str(path))
    assert only.sintax(7) == ">7;tax=d:Fungi,p:X_y,s:sp._1_2;\nAC\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no sequence"),
        ("ACGT\n", "expected '>' and a header"),
        (">AB1\nACGT\n", "without ranks"),
        (">AB1 Bacillus subtilis\nACGT\n", "without ranks"),
        (">a;tax=;\nACGT\n", "no name of any rank"),
        (">a;tax=d:B,x:C;\nACGT\n", "a rank 'x'"),
        (">a;tax=d:B,c:C,p:P;\nACGT\n", "rank p behind class|rank p behind c"),
        (">a;tax=d:B,p:P,p:P;\nACGT\n", "rank p behind p"),
        (">a;b;c;d;e;f;g;h;i;\nACGT\n", "9 ranks without their letters"),
        (">a;tax=d:B;\n\n", "no bases"),
        (">a;tax=d:B;\nMKLX\n", "'LX|'L'|'X'"),
    ],
)
def test_a_broken_database_is_refused_with_its_line(tmp_path, text, words):
    with pytest.raises(Refusal, match=words) as refusal:
        entry(tmp_path, text)
    assert str(refusal.value).startswith("db.fasta")


def test_a_cut_gzip_is_refused(tmp_path):
    path = tmp_path / "db.fa.gz"
    path.write_bytes(gzip.compress(b">a;tax=d:B;\n" + b"ACGT" * 1000)[:-20])
    with pytest.raises(Refusal, match="damaged gzip"):
        list(marker.entries(str(path)))


def test_what_primers_enclose_is_found_on_either_strand():
    whole = "TTGTGCCAGCAGCCGCGGTAA" + "CATTAGA" + "ATTAGATACCCTTGTAGTCCAA"
    for strand in (whole, primers.reverse_complement(whole)):
        assert primers.inner(strand, "GTGYCAGCMGCCGCGGTAA", "GGACTACNVGGGTWTCTAAT") == "CATTAGA"
    assert primers.inner(whole, "GTGYCAGCMGCCGCGGTAA", "AAAAAAAAAAAA") is None
