"""Identity: whose sample it is, by sex, by genotypes at shared sites, and by what does not belong to it.

in   the samples' delivered CRAM (and VCF, where the reference names no panel of allele frequencies); their coverage of
     the sex chromosomes; donors, sexes and parents as the sheets declare them
     what fastp counted of their runs
out  results/{facility}/{proposal}/{service}/identity/   sites, allele counts of each sample, relatedness, runs compared
     results/{facility}/{proposal}/{service}/metrics/{sample}.contamination.json, identity.json
     {package}/data/00-Reports/identity.tsv              every check with its verdict in words

Every sample is read once, at the sites; samples are compared from the counts.
"""

from scripts.branches.genomes.identity import Identity

IDENTITY = Identity(ORDERS, REFERENCES)


rule choose_identity_sites:
    """Common SNPs of the reference's panel, or SNPs called in the order, evenly spread."""
    input:
        panel=IDENTITY.panel,
        panel_verdict=IDENTITY.panel_verdict,
        vcfs=IDENTITY.called_variants,
        targets=IDENTITY.shared_targets,
        regions=f"{REFERENCE}/{{reference}}.assessed.bed",
        fasta=f"{REFERENCE}/{{reference}}.fa",
        fai=f"{REFERENCE}/{{reference}}.fa.fai",
    output:
        sites=f"{ORDER}/identity/{{reference}}.sites.tsv",
        bed=f"{ORDER}/identity/{{reference}}.sites.bed",
    log:
        "logs/{facility}/{proposal}/{service}/choose_identity_sites.{reference}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/choose_identity_sites.{reference}.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(1500),
        runtime=needs(15, per_mb=0.02),
    params:
        populations=IDENTITY.populations,
        settings=IDENTITY.settings,
        code=code.digest("scripts/identity/sites.py"),
    message:
        "Choosing the sites of {wildcards.reference} at which samples are compared"
    script:
        "../../../scripts/identity/sites.py"


rule count_alleles:
    """A sample's reads at the sites."""
    input:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        crai=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram.crai",
        fasta=REFERENCES.file(".fa"),
        sites=IDENTITY.sites_of_sample(".tsv"),
        bed=IDENTITY.sites_of_sample(".bed"),
    output:
        counts=f"{ORDER}/identity/{{sample}}.alleles.npz",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/count_alleles.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/count_alleles.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(1000),
        runtime=needs(15, per_mb=0.01),
    params:
        software=versions("samtools"),
        settings=IDENTITY.settings,
        code=code.digest("scripts/identity/alleles.py"),
    message:
        "Counting the alleles of sample {wildcards.sample}"
    script:
        "../../../scripts/identity/alleles.py"


rule estimate_contamination:
    """How much of a sample's DNA is another person's."""
    input:
        sites=IDENTITY.sites_of_sample(".tsv"),
        counts=f"{ORDER}/identity/{{sample}}.alleles.npz",
    output:
        metrics=f"{ORDER}/metrics/{{sample}}.contamination.json",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/estimate_contamination.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/estimate_contamination.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(800),
    params:
        tag=ORDERS.order_tag,
        population=IDENTITY.population,
        settings=IDENTITY.settings,
        code=code.digest("scripts/identity/contamination.py"),
    message:
        "Estimating the contamination of sample {wildcards.sample}"
    script:
        "../../../scripts/identity/contamination.py"


rule compare_reads:
    """Refuse an order in which the same reads stand under two names."""
    input:
        counted=ORDERS.of_runs("fastp.json"),
    output:
        comparison=f"{ORDER}/identity/reads.json",
    log:
        "logs/{facility}/{proposal}/{service}/compare_reads.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/compare_reads.tsv"
    priority: 1
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=ORDERS.order_tag,
        runs=ORDERS.runs,
        code=code.digest("scripts/identity/same_reads.py"),
    message:
        "Comparing the reads of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/identity/same_reads.py"


rule compare_identities:
    """Sex, donors and parents of all samples of an order against what was declared."""
    input:
        reads=f"{ORDER}/identity/reads.json",
        metrics_of_samples=ORDERS.of_samples("metrics/{sample}.genomics.json"),
        contamination=IDENTITY.contamination,
        counts=IDENTITY.allele_counts,
        sites=IDENTITY.sites,
    output:
        table=f"{PACKAGE}/data/00-Reports/identity.tsv",
        metrics=f"{ORDER}/metrics/identity.json",
        relatedness=f"{ORDER}/identity/relatedness.tsv",
        section=f"{ORDER}/sections/identity_mqc.json",
        picture=f"{ORDER}/sections/relatedness_mqc.json",
    log:
        "logs/{facility}/{proposal}/{service}/compare_identities.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/compare_identities.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(800, per_file=4),
        runtime=needs(15, per_file=0.1),
    params:
        tag=ORDERS.order_tag,
        samples=IDENTITY.samples,
        pedigree=IDENTITY.pedigree,
        references=IDENTITY.references,
        panels=IDENTITY.panelled,
        counted=IDENTITY.counted,
        settings=IDENTITY.settings,
        code=code.digest("scripts/identity/compare.py"),
    message:
        "Comparing the samples of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/identity/compare.py"
