"""A reference is read whole before anything is made with it."""

from __future__ import annotations

import gzip

import pytest

from scripts.intake import fasta
from scripts.lib.refusal import Refusal


def read(tmp_path, text: str) -> dict[str, int]:
    (tmp_path / "ref.fa").write_bytes(text.encode())
    return fasta.lengths(str(tmp_path / "ref.fa"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (">chr1 about it\nACGT\nNnRY\nAC\n>HLA-A*01:01:01:01\nacgt", {"chr1": 10, "HLA-A*01:01:01:01": 4}),
        (">a\r\nACGT\r\nAC\r\n>b\r\nACGTACGT\r\n", {"a": 6, "b": 8}),
        (">a\nACGT\nAC\n\n>b\nAC\n\n", {"a": 6, "b": 2}),
    ],
)
def test_what_is_sound_has_its_lengths(tmp_path, text, expected):
    assert read(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (">a\nACGT\n>b\nAC\n>a\nAC\n", "line 5: found the sequence name 'a' again (first in line 1)"),
        (">a,b\nACGT\n", "line 1: found the sequence name 'a,b'"),
        ("> a\nACGT\n", "line 1: found the sequence name 'a'"),
        (">\nACGT\n", "line 1: found the sequence name ''"),
        (">a\nACGT\nA--T\n", "line 3: found '-' in a, expected A, C, G, T, N and IUPAC codes; gaps are N"),
        (">sp|P1\nMKVLEEQ\n", "line 2: found 'L' in sp|P1"),
        (">a\nACGU\n", "line 2: found 'U' in a"),
        (">a\nACGT\nAC\nACGT\n", "line 4: found another line of a behind one that is shorter"),
        (">a\nACGT\n\nACGT\n", "line 4: found another line of a behind one that is shorter"),
        (">a\nACGT\nACGTA\n", "line 3: found 5 bases in a line of a, expected 4"),
        (">a\n>b\nACGT\n", "line 1: found no base of a"),
        ("ACGT\n", "line 1: found a line that begins with 'ACGT'"),
        ("<html>", "line 1: found a line that begins with '<html>'"),
        (">a\nNNNN\n>b\nnn\n", "found nothing but N"),
        ("", "found an empty file"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, words):
    with pytest.raises(Refusal) as told:
        read(tmp_path, text)
    assert words in str(told.value)


def test_a_compressed_reference_that_was_cut_is_told(tmp_path):
    whole = gzip.compress(b">a\n" + b"ACGT" * 50_000 + b"\n")
    (tmp_path / "ref.fa.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Refusal, match="after line"):
        fasta.lengths(str(tmp_path / "ref.fa.gz"))
