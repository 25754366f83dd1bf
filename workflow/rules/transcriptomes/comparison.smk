"""Comparison: what the samples of an order say of each other.

in   the tables of genes of the order's samples; groups, replicates and donors as the sheet declares them
out  results/{facility}/{proposal}/{service}/metrics/comparison.json     correlation with replicates, samples out of place
     {package}/data/00-Reports/comparison.tsv                            every pair of samples
     {package}/data/expression/counts.tsv, normalised.tsv, tpm.tsv       genes x accepted samples
     {package}/data/expression/design.tsv                                what the sheet says of them, their size factors
"""

from scripts.branches.transcriptomes.libraries import Libraries

LIBRARIES = Libraries(ORDERS, REFERENCES)


rule compare_samples:
    """Distances, components and correlations of all samples, and who is not with its own."""
    input:
        of_genes=ORDERS.of_samples("package/data/{sample}/{sample}.genes.tsv"),
    output:
        metrics=f"{ORDER}/metrics/comparison.json",
        pairs=f"{PACKAGE}/data/00-Reports/comparison.tsv",
        components=f"{ORDER}/sections/components_mqc.json",
        correlations=f"{ORDER}/sections/correlations_mqc.json",
        placed=f"{ORDER}/sections/groups_mqc.json",
    log:
        "logs/{facility}/{proposal}/{service}/compare_samples.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/compare_samples.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    resources:
        mem_mb=needs(800, per_mb=3),
        runtime=needs(10, per_mb=0.02),
    params:
        tag=ORDERS.order_tag,
        design=LIBRARIES.design,
        recipe=ORDERS.recipe,
        code=code.digest("scripts/expression/compare.py"),
    message:
        "Comparing the samples of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/expression/compare.py"


rule write_matrices:
    """The genes of all accepted samples side by side."""
    input:
        of_genes=ORDERS.of_samples("package/data/{sample}/{sample}.genes.tsv"),
        acceptance=f"{PACKAGE}/data/00-Reports/acceptance.tsv",
    output:
        counts=f"{PACKAGE}/data/expression/counts.tsv",
        normalised=f"{PACKAGE}/data/expression/normalised.tsv",
        tpm=f"{PACKAGE}/data/expression/tpm.tsv",
        about=f"{PACKAGE}/data/expression/design.tsv",
    log:
        "logs/{facility}/{proposal}/{service}/write_matrices.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/write_matrices.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    resources:
        mem_mb=needs(800, per_mb=3),
        runtime=needs(10, per_mb=0.02),
    params:
        tag=ORDERS.order_tag,
        design=LIBRARIES.design,
        code=code.digest("scripts/expression/matrices.py"),
    message:
        "Writing the matrices of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/expression/matrices.py"
