"""Metadata of human genomics orders, as the 1+ Million Genomes framework asks for them.

in   the reference
out  results/references/{reference}/{reference}.seqcol.json: the reference as GA4GH sequence collection, and its digest
"""


rule digest_reference:
    """The reference's name by what it is: no two genomes called hg38 are alike."""
    input:
        fasta=f"{REFERENCE}/{{reference}}.fa",
        fai=f"{REFERENCE}/{{reference}}.fa.fai",
    output:
        seqcol=f"{REFERENCE}/{{reference}}.seqcol.json",
    log:
        "logs/references/{reference}/digest_reference.log",
    benchmark:
        "benchmarks/references/{reference}/digest_reference.tsv"
    conda:
        "../../envs/genomics.yaml"
    resources:
        mem_mb=2000,
    params:
        code=code.digest("scripts/metadata/reference.py"),
    message:
        "Digesting reference {wildcards.reference}"
    script:
        "../../scripts/metadata/reference.py"
