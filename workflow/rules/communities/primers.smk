"""Primers: what a run sequenced besides is taken off its reads.

in   the FASTQ files of a run, accepted by intake
out  results/{facility}/runs/{service}/{run}/forward.fastq.gz, reverse.fastq.gz  reads without primers; know no sample
     results/{facility}/runs/{service}/{run}/primers.json                        reads received, with primers, turned
"""


rule trim_primers:
    """Reads without both primers are left out, and counted."""
    input:
        received=ORDERS.accepted,
        verdict=f"{RUN}/intake.json",
    output:
        first=f"{RUN}/forward.fastq.gz",
        second=f"{RUN}/reverse.fastq.gz",
        statistics=f"{RUN}/primers.json",
    log:
        "logs/{facility}/runs/{service}/{run}/trim_primers.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/trim_primers.tsv"
    conda:
        "../../../envs/communities.yaml"
    resources:
        mem_mb=needs(500),
        runtime=needs(10, per_mb=0.05),
    params:
        tag=ORDERS.run_tag,
        recipe=ORDERS.recipe,
        software=versions("cutadapt"),
        code=code.digest("scripts/communities/trim.py"),
    message:
        "Taking the primers off run {wildcards.run}"
    script:
        "../../../scripts/communities/trim.py"
