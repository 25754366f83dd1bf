"""Reads: what the sequencer delivered.

in   FASTQ files of a run (or a BAM/CRAM, from which reads are extracted), accepted by intake
out  results/{facility}/runs/{service}/{run}/fastp.json: quality, adapter and duplication before and after trimming

Trimming is soft: adapters and poor ends are measured here, and left to the aligner's soft clipping, so that the
delivered alignment still holds every base that was received.
"""


rule extract_reads:
    """Turn a received BAM or CRAM back into read pairs, to be aligned to the order's reference."""
    input:
        received=PLAN.received,
        verdict=f"{RUN}/intake.json",
        fasta=PLAN.reference_file(".fa"),
    output:
        read1=temp(f"{RUN}/extracted_1.fastq.gz"),
        read2=temp(f"{RUN}/extracted_2.fastq.gz"),
    log:
        "logs/{facility}/runs/{service}/{run}/extract_reads.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/extract_reads.tsv"
    conda:
        "../../envs/genomics.yaml"
    threads: 2
    resources:
        mem_mb=1500,
    message:
        "Extracting the reads of run {wildcards.run}"
    shell:
        "(samtools collate -u -O -T {output.read1:q}.collate --reference {input.fasta:q} {input.received:q}"
        " | samtools fastq -n -1 {output.read1:q} -2 {output.read2:q} -0 /dev/null -s /dev/null -) 2> {log:q}"


rule assess_reads:
    """Quality, adapter content and duplication of a run's reads, and what trimming would take off."""
    input:
        reads=PLAN.reads,
        verdict=f"{RUN}/intake.json",
    output:
        json=f"{RUN}/fastp.json",
    log:
        "logs/{facility}/runs/{service}/{run}/assess_reads.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/assess_reads.tsv"
    conda:
        "../../envs/genomics.yaml"
    threads: 2
    resources:
        mem_mb=1500,
    params:
        mates=PLAN.fastp_mates,
    message:
        "Assessing the reads of run {wildcards.run}"
    shell:
        "(fastp {params.mates} --thread {threads} --json {output.json:q}.part --html /dev/null"
        " && mv {output.json:q}.part {output.json:q}) 2> {log:q}"
