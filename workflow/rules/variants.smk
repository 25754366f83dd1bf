"""Variants: one VCF per sample.

in   the sample's delivered CRAM, the reference, the target regions of an exome
out  {package}/data/{sample}/{sample}.vcf.gz: normalised, atomised, filtered by name, header rebuilt and tagged
     results/{facility}/{proposal}/{service}/variants/{sample}/bcftools.stats.txt

`python -m scripts.lib.hts` is the bcftools inside pysam: newer than Debian's, and better at indels.
"""


rule call_variants:
    input:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        crai=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram.crai",
        fasta=PLAN.reference_file(".fa"),
        targets=PLAN.targets_bed,
    output:
        bcf=f"{ORDER}/variants/{{sample}}/called.bcf",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/call_variants.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/call_variants.tsv"
    conda:
        "../../envs/genomics.yaml"
    threads: 2
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
    params:
        mapping_quality=lambda wildcards: PLAN.recipe(wildcards)["min_mapping_quality"],
        base_quality=lambda wildcards: PLAN.recipe(wildcards)["min_base_quality"],
        depth=lambda wildcards: PLAN.recipe(wildcards)["max_depth"],
        quality=lambda wildcards: PLAN.recipe(wildcards)["min_variant_quality"],
        targets=lambda wildcards, input: ["-T", input.targets] if input.get("targets") else [],
    message:
        "Calling the variants of sample {wildcards.sample}"
    shell:
        "hts='python -m scripts.lib.hts';"
        " ($hts bcftools mpileup -Ou -q {params.mapping_quality} -Q {params.base_quality} -d {params.depth} --indels-2.0"
        " -a FORMAT/AD,FORMAT/DP {params.targets:q} -f {input.fasta:q} {input.cram:q}"
        " | $hts bcftools call -mv -a GQ -Ou -"
        " | $hts bcftools norm -f {input.fasta:q} -m -any -a -Ou -"
        " | $hts bcftools norm -f {input.fasta:q} -d exact -Ou -"
        " | $hts bcftools sort -Ou -T {output.bcf:q}.sort -"
        " | $hts bcftools filter -s LowQual -m + -e 'QUAL<{params.quality}' -Ob -o {output.bcf:q}.part -"
        " && mv {output.bcf:q}.part {output.bcf:q}) 2> {log:q}"


rule write_variants:
    """The delivered VCF: the same records under a header built from what may be told."""
    input:
        bcf=f"{ORDER}/variants/{{sample}}/called.bcf",
        dict=PLAN.reference_file(".dict"),
    output:
        vcf=f"{PACKAGE}/data/{{sample}}/{{sample}}.vcf.gz",
        tbi=f"{PACKAGE}/data/{{sample}}/{{sample}}.vcf.gz.tbi",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/write_variants.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/write_variants.tsv"
    conda:
        "../../envs/genomics.yaml"
    resources:
        mem_mb=500,
    params:
        tag=PLAN.order_tag,
        reference=PLAN.reference,
        quality=lambda wildcards: PLAN.recipe(wildcards)["min_variant_quality"],
        code=code.digest("scripts/variants/deliver.py"),
    message:
        "Writing the variants of sample {wildcards.sample}"
    script:
        "../../scripts/variants/deliver.py"


rule count_variants:
    """bcftools' statistics of the variants that pass."""
    input:
        vcf=f"{PACKAGE}/data/{{sample}}/{{sample}}.vcf.gz",
        fasta=PLAN.reference_file(".fa"),
    output:
        stats=f"{ORDER}/variants/{{sample}}/bcftools.stats.txt",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/count_variants.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/count_variants.tsv"
    conda:
        "../../envs/genomics.yaml"
    resources:
        mem_mb=500,
    message:
        "Counting the variants of sample {wildcards.sample}"
    shell:
        "(python -m scripts.lib.hts bcftools stats -f PASS -s - -F {input.fasta:q} {input.vcf:q} > {output.stats:q}.part"
        " && mv {output.stats:q}.part {output.stats:q}) 2> {log:q}"
