"""Metadata of human genomics orders, as the 1+ Million Genomes framework asks for them.

in   the reference, intake's verdicts and the sample's metrics, the sheets
out  results/references/{reference}/{reference}.seqcol.json: the reference as GA4GH sequence collection, and its digest
     {package}/data/{sample}/{sample}.metadata.json     sample and sequence metadata
     {package}/data/{sample}/{sample}.phenopacket.json  only where a phenotype was given
     {package}/dataset.ttl                              the order in HealthDCAT-AP, in the clear: of no person
"""

from scripts.branches.genomes.metadata import Metadata

METADATA = Metadata(ORDERS)


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
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(2000),
        runtime=needs(10, per_mb=0.01),
    params:
        code=code.digest("scripts/metadata/reference.py"),
    message:
        "Digesting reference {wildcards.reference}"
    script:
        "../../../scripts/metadata/reference.py"


rule describe_sample:
    """What the framework's minimal metadata model asks of a sample and its sequences; what is not known is said."""
    input:
        verdicts=ORDERS.of_runs("intake.json", sample=True),
        metrics=f"{ORDER}/metrics/{{sample}}.genomics.json",
        seqcol=REFERENCES.file(".seqcol.json"),
    output:
        metadata=f"{PACKAGE}/data/{{sample}}/{{sample}}.metadata.json",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/describe_sample.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/describe_sample.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=ORDERS.order_tag,
        facts=METADATA.sample_facts,
        code=code.digest("scripts/metadata/sample.py"),
    message:
        "Describing sample {wildcards.sample}"
    script:
        "../../../scripts/metadata/sample.py"


rule write_phenopacket:
    """What the sheet says of the donor. Its columns came with the samples, and leave with them."""
    input:
        metadata=f"{PACKAGE}/data/{{sample}}/{{sample}}.metadata.json",
    output:
        phenopacket=f"{PACKAGE}/data/{{sample}}/{{sample}}.phenopacket.json",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/write_phenopacket.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/write_phenopacket.tsv"
    conda:
        "../../../envs/metadata.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=ORDERS.order_tag,
        facts=METADATA.sample_facts,
        rows=METADATA.phenotypes,
        created=METADATA.created,
        code=code.digest("scripts/metadata/phenopacket.py"),
    message:
        "Writing the phenopacket of sample {wildcards.sample}"
    script:
        "../../../scripts/metadata/phenopacket.py"


rule describe_dataset:
    """The order as catalogues of health data list it."""
    input:
        metadata=ORDERS.of_samples("package/data/{sample}/{sample}.metadata.json"),
    output:
        dataset=f"{PACKAGE}/dataset.ttl",
    log:
        "logs/{facility}/{proposal}/{service}/describe_dataset.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/describe_dataset.tsv"
    conda:
        "../../../envs/metadata.yaml"
    resources:
        mem_mb=needs(400),
    params:
        facts=METADATA.dataset_facts,
        code=code.digest("scripts/metadata/dataset.py"),
    message:
        "Describing order {wildcards.proposal}/{wildcards.facility}/{wildcards.service} as a dataset"
    script:
        "../../../scripts/metadata/dataset.py"
