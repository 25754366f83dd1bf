"""References: what config.yaml names, ready to be read.

in   the FASTA files of config.yaml
out  results/references/{reference}/{reference}.fa, .fa.fai, .dict: built once and shared by all orders
"""


rule prepare_reference:
    """Uncompress a reference, index it, and note each sequence's digest."""
    input:
        fasta=REFERENCES.fasta,
    output:
        fasta=f"{REFERENCE}/{{reference}}.fa",
        fai=f"{REFERENCE}/{{reference}}.fa.fai",
        dict=f"{REFERENCE}/{{reference}}.dict",
    log:
        "logs/references/{reference}/prepare_reference.log",
    benchmark:
        "benchmarks/references/{reference}/prepare_reference.tsv"
    conda:
        "../../envs/genomics.yaml"
    resources:
        mem_mb=needs(1000),
        runtime=needs(10, per_mb=0.05),
    params:
        software=versions("samtools"),
    message:
        "Preparing reference {wildcards.reference}"
    shell:
        "(gzip -cdf {input.fasta:q} > {output.fasta:q}.part && mv {output.fasta:q}.part {output.fasta:q}"
        " && samtools faidx {output.fasta:q} --fai-idx {output.fai:q}.part && mv {output.fai:q}.part {output.fai:q}"
        " && samtools dict < {output.fasta:q} | cat > {output.dict:q}.part && mv {output.dict:q}.part {output.dict:q})"
        " 2> {log:q}"
