"""Genotype qualities of a caller that writes none."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAD = """\
##fileformat=VCFv4.2
##contig=<ID=chr1,length=1000>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=GL,Number=G,Type=Float,Description="Likelihoods">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS
"""


@pytest.mark.parametrize(
    ("genotype", "likelihoods", "quality"),
    [
        ("0/1", "-10,-0.5,-4.7", "42"),
        ("1/1", "-90,-9,0", "90"),
        ("1", "-50.25,0", "127"),  # the most that is told
        ("0/1/1/1", "-20,-3,-1,0,-5", "10"),
        ("./.", ".", None),
    ],
)
def test_gq_is_the_distance_of_the_second_best_genotype(root, genotype, likelihoods, quality):
    record = f"chr1\t10\t.\tA\tC\t50\t.\t.\tGT:GL\t{genotype}:{likelihoods}\n"
    command = f"{sys.executable} -m scripts.variants.qualities | {sys.executable} -m scripts.lib.hts bcftools view -H -"
    done = subprocess.run(
        ["bash", "-c", command], input=HEAD + record, capture_output=True, text=True, check=True, cwd=root
    )
    keys, values = done.stdout.split("\t")[8:10]
    assert dict(zip(keys.split(":"), values.strip().split(":"), strict=False)).get("GQ") == quality
