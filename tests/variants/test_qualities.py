"""Genotype qualities that a caller tells with decimals."""

from __future__ import annotations

import pytest

from scripts.variants.qualities import whole


def test_the_definition_says_what_the_values_are():
    given = '##FORMAT=<ID=GQ,Number=1,Type=Float,Description="Quality">\n'
    assert list(whole([given, "#CHROM\tPOS\n"])) == [given.replace("Float", "Integer"), "#CHROM\tPOS\n"]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("GT:GQ:DP\t0/1:147.821:30", "GT:GQ:DP\t0/1:148:30"),
        ("GT:GQ:DP\t0/0/1/1:20.98:67\t./././.:.:.", "GT:GQ:DP\t0/0/1/1:21:67\t./././.:.:."),
        ("GT:GQ\t0/1:1e-05\t.", "GT:GQ\t0/1:0\t."),
        ("GT:DP\t0/1:30", "GT:DP\t0/1:30"),
    ],
)
def test_qualities_are_rounded_in_every_sample(given, written):
    head = "chr1\t10\t.\tA\tC\t50\t.\t.\t"
    assert list(whole([f"{head}{given}\n"])) == [f"{head}{written}\n"]
