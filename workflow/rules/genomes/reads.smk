"""Reads: what the sequencer delivered.

in   FASTQ files of a run (or a BAM or CRAM, whose reads are streamed out again), accepted by intake
out  results/{facility}/runs/{service}/{run}/fastp.json: quality, adapter and duplication before and after trimming

Trimming is soft: adapters and poor ends are measured here, and left to the aligner's soft clipping, so that the
delivered alignment still holds every base that was received.
"""

from scripts.branches.genomes.alignment import Alignment

ALIGNMENT = Alignment(ORDERS, REFERENCES)


rule assess_reads:
    """Quality, adapter content and duplication of a run's reads, and what trimming would take off."""
    input:
        received=ORDERS.accepted,
        reference=REFERENCES.of_aligned,
        verdict=f"{RUN}/intake.json",
    output:
        json=f"{RUN}/fastp.json",
    log:
        "logs/{facility}/runs/{service}/{run}/assess_reads.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/assess_reads.tsv"
    conda:
        "../../../envs/genomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(1500),
        runtime=needs(15, per_mb=0.003),
    params:
        software=ALIGNMENT.reading_versions("fastp"),
        source=ALIGNMENT.read_source,
        reads=ALIGNMENT.fastp_reads,
    message:
        "Assessing the reads of run {wildcards.run}"
    shell:
        "({params.source} fastp {params.reads} --thread {threads} --json /dev/stdout --html /dev/null"
        # It quotes its own command, names of files and all, without escaping them.
        ' | sed \'s/^\\t"command": .*/\\t"command": "fastp"/\''
        " | cat > {output.json:q}.part && mv {output.json:q}.part {output.json:q}) 2> {log:q}"
