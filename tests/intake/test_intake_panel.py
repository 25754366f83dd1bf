"""A panel of allele frequencies must be sound, and of the reference that names it."""

from __future__ import annotations

import pytest

from scripts.intake import fasta, panel
from scripts.lib.refusal import Refusal

SEQUENCE = "ACGTTGCAACGTNRYA" * 25
HEAD = (
    '##fileformat=VCFv4.2\n##INFO=<ID=AF,Number=A,Type=Float,Description="f">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
)


def looked_at(tmp_path, rows: list[tuple]) -> dict:
    """Facts of the panel with these rows: sequence, position, base."""
    lines = SEQUENCE[:200].lower() + "\n" + SEQUENCE[200:] + "\n"
    (tmp_path / "r.fa").write_text(f">chr0\nTTTT\n>chr1 about it\n{lines}")
    text = "".join(
        f"{name}\t{place}\t.\t{base}\t{'T' if base != 'T' else 'C'}\t.\t.\tAF=0.3\n" for name, place, base in rows
    )
    (tmp_path / "p.vcf").write_text(HEAD + text)
    path = str(tmp_path / "r.fa")
    return panel.check(str(tmp_path / "p.vcf"), path, fasta.lengths(path)).facts


def sites(name: str = "chr1", off: int = 0) -> list[tuple]:
    return [(name, at + off + 1, base) for at, base in enumerate(SEQUENCE) if base in "ACGT"]


def test_a_panel_of_the_reference_is_accepted_also_where_that_has_codes_or_lacks_a_sequence(tmp_path):
    rows = [("chr0", 2, "T"), *sites()[:12], ("chr1", 13, "G"), *sites()[12:], ("chr9", 5, "A")]  # 13 is N
    assert looked_at(tmp_path, rows)["records"] == len(rows)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (sites("1"), "found a panel on 1, expected sequences of the reference, as chr0"),
        (sites(off=1), "SNPs with another base than the reference"),
        (sites(off=4000), "325 of 325 SNPs with another base"),
        (sites()[::-1], "found POS"),
        ([], "no record"),
    ],
    ids=["another naming", "another assembly", "behind the end", "not sorted", "empty"],
)
def test_another_panel_is_refused(tmp_path, rows, words):
    with pytest.raises(Refusal) as refusal:
        looked_at(tmp_path, rows)
    assert words in str(refusal.value)


def test_a_panel_without_frequencies_is_refused(tmp_path):
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    (tmp_path / "p.vcf").write_text(head + "chr1\t1\t.\tA\tC\t.\t.\t.\n")
    (tmp_path / "r.fa").write_text(">chr1\nACGT\n")
    with pytest.raises(Refusal, match="found no INFO/AF"):
        panel.check(str(tmp_path / "p.vcf"), str(tmp_path / "r.fa"), {"chr1": 4})


def test_what_is_no_vcf_is_refused(tmp_path):
    (tmp_path / "p.vcf").write_text("<html>Please log in</html>\n")
    with pytest.raises(Refusal, match="HTML"):
        panel.check(str(tmp_path / "p.vcf"), "", {"chr1": 4})
