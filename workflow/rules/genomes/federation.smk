"""Allele counts of each human sample, for the federation desk (`./filiera federate`) to add up after delivery.

in   the sample's delivered VCF, where it is deep enough for a genotype to be known, the target regions of an exome
out  results/{facility}/{proposal}/{service}/federation/{sample}/
       counts.parquet        its alleles
       callability.parquet   how many alleles were looked at, where
"""

from scripts.branches.genomes.quality import Quality

QUALITY = Quality(ORDERS)


rule count_sample_alleles:
    """What the federation desk adds up: the calls are not at hand any more when it does."""
    input:
        vcf=f"{PACKAGE}/data/{{sample}}/{{sample}}.vcf.gz",
        bed=f"{ORDER}/quality/{{sample}}/callable.bed.gz",
        targets=QUALITY.targets_bed,
        fai=REFERENCES.file(".fa.fai"),
    output:
        counts=f"{ORDER}/federation/{{sample}}/counts.parquet",
        callability=f"{ORDER}/federation/{{sample}}/callability.parquet",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/count_sample_alleles.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/count_sample_alleles.tsv"
    conda:
        "../../../envs/federation.yaml"
    resources:
        mem_mb=needs(4000),
        runtime=needs(15, per_mb=0.05),
    params:
        copies=REFERENCES.copies,
        sex=lambda wildcards: SITE.samples[wildcards.sample].sex,
        quality=ORDERS.setting("min_genotype_quality"),
        code=code.digest("scripts/federation/count.py"),
    message:
        "Counting the alleles of sample {wildcards.sample}"
    script:
        "../../../scripts/federation/count.py"
