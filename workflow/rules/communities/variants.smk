"""Variants: from the reads of all runs of an order to its exact variants.

in   results/{facility}/runs/{service}/{run}/forward.fastq.gz, reverse.fastq.gz, primers.json of every run
out  results/{facility}/{proposal}/{service}/variants/found.json  variants with their reads in each run, and chimeras
"""


rule find_variants:
    """Errors are told from variants by the method that the recipe names."""
    input:
        first=ORDERS.of_runs("forward.fastq.gz"),
        second=ORDERS.of_runs("reverse.fastq.gz"),
        statistics=ORDERS.of_runs("primers.json"),
    output:
        found=f"{ORDER}/variants/found.json",
    log:
        "logs/{facility}/{proposal}/{service}/find_variants.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/find_variants.tsv"
    conda:
        "../../../envs/communities.yaml"
    resources:
        mem_mb=needs(1500, per_mb=10),
        runtime=needs(20, per_mb=1),
    params:
        runs=ORDERS.runs,
        recipe=ORDERS.recipe,
        software=versions("vsearch", "dada2"),
        code=code.digest("scripts/communities/find.py"),
    message:
        "Finding the variants of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/communities/find.py"
