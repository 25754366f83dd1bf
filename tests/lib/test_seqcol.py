"""Digests of sequences and collections, held against the examples that the standard's authors publish."""

from __future__ import annotations

from scripts.lib import seqcol

# github.com/refgenie/refget: base.fa, of whose three sequences the documentation gives the digests
BASE = [("chrX", "TTGGGGAA"), ("chr1", "GGAA"), ("chr2", "GCGC")]


def test_a_sequence_has_the_published_refget_digest():
    assert seqcol.sha512t24u(b"ACGT") == "aKF498dAxcJAqme6QYQ7EZ07-fiw8Kw2"  # GA4GH, refget Sequences 2.0
    assert seqcol.collection(BASE)["sequences"][1] == "SQ.YBbVX0dLKG1ieEDCiMmkrTZFt_Z5Vdaj"


def test_a_collection_has_the_published_digest():
    # ga4gh/refget, "Compute a seqcol digest given a sequence collection"
    example = {
        "lengths": [248956422, 133797422, 135086622],
        "names": ["chr1", "chr2", "chr3"],
        "sequences": [
            "SQ.2648ae1bacce4ec4b6cf337dcae37816",
            "SQ.907112d17fcb73bcab1ed1c72b97ce68",
            "SQ.1511375dc2dd1b633af8cf439ae90cec",
        ],
    }
    assert seqcol.digest(example) == "KxZO6qIbVNCIKtQj0WR3fwzg2rsJLlC3"
    assert seqcol.digest(seqcol.collection(BASE)) == "XZlrcEGi6mlopZ2uD8ObHkQB1d0oDwKk"


def test_names_and_sequences_make_a_reference_and_the_case_of_bases_does_not(tmp_path):
    (tmp_path / "r.fa").write_text(">chrX\nTTgg\nGGaa\n>chr1\nggaa\n>chr2\nGCGC\n")
    assert seqcol.of_fasta(tmp_path / "r.fa") == seqcol.collection(BASE)
    renamed = [("X", "TTGGGGAA"), *BASE[1:]]
    assert seqcol.digest(seqcol.collection(renamed)) != seqcol.digest(seqcol.collection(BASE))
