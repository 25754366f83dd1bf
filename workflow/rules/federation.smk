"""Allele counts of each human sample, for the federation desk (`./filiera federate`) to add up after delivery.

in   the sample's delivered CRAM and VCF, the target regions of an exome
out  results/{facility}/{proposal}/{service}/federation/{sample}/
       callable.bed.gz       where the sample is deep enough for a genotype to be known
       counts.parquet        its alleles
       callability.parquet   how many alleles were looked at, where
"""


rule find_callable_regions:
    """Where the depth of good bases is enough. Read pairs that overlap count once."""
    input:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        crai=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram.crai",
        fasta=PLAN.reference_file(".fa"),
        targets=PLAN.targets_bed,
    output:
        bed=f"{ORDER}/federation/{{sample}}/callable.bed.gz",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/find_callable_regions.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/find_callable_regions.tsv"
    conda:
        "../../envs/genomics.yaml"
    resources:
        mem_mb=needs(1000),
        runtime=needs(15, per_mb=0.02),
    params:
        software=PLAN.versions("samtools"),
        depth=lambda wildcards: PLAN.recipe(wildcards)["min_callable_depth"],
        mapping_quality=lambda wildcards: PLAN.recipe(wildcards)["min_callable_mapping_quality"],
        base_quality=lambda wildcards: PLAN.recipe(wildcards)["min_callable_base_quality"],
        targets=lambda wildcards, input: ["-b", input.targets] if input.get("targets") else [],
    message:
        "Finding where sample {wildcards.sample} is callable"
    shell:
        "(samtools depth -s -Q {params.mapping_quality} -q {params.base_quality} {params.targets:q}"
        " --reference {input.fasta:q} {input.cram:q}"
        " | awk -v least={params.depth} -v OFS='\\t' '$3 >= least {{"
        " if ($1 == name && $2 == stop + 1) stop = $2;"
        " else {{ if (name) print name, start, stop; name = $1; start = $2 - 1; stop = $2 }} }}"
        " END {{ if (name) print name, start, stop }}'"
        " | gzip -n > {output.bed:q}.part && mv {output.bed:q}.part {output.bed:q}) 2> {log:q}"


rule count_sample_alleles:
    """What the federation desk adds up: the calls are not at hand any more when it does."""
    input:
        vcf=f"{PACKAGE}/data/{{sample}}/{{sample}}.vcf.gz",
        bed=f"{ORDER}/federation/{{sample}}/callable.bed.gz",
        fai=PLAN.reference_file(".fa.fai"),
    output:
        counts=f"{ORDER}/federation/{{sample}}/counts.parquet",
        callability=f"{ORDER}/federation/{{sample}}/callability.parquet",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/count_sample_alleles.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/count_sample_alleles.tsv"
    conda:
        "../../envs/federation.yaml"
    resources:
        mem_mb=needs(4000),
        runtime=needs(15, per_mb=0.05),
    params:
        copies=PLAN.declared_copies,
        sex=lambda wildcards: SITE.samples[wildcards.sample].sex,
        quality=lambda wildcards: PLAN.recipe(wildcards)["min_genotype_quality"],
        code=code.digest("scripts/federation/count.py"),
    message:
        "Counting the alleles of sample {wildcards.sample}"
    script:
        "../../scripts/federation/count.py"
