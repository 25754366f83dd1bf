"""Alignment: runs to one CRAM per sample, across introns.

in   reads of each run, accepted by intake; the reference with its annotation, indexed
out  results/{facility}/runs/{service}/{run}/     keyed by the run, knows no sample; read group = run
       aligned.bam, aligner.txt                   sorted; and what the aligner counted
     {package}/data/{sample}/{sample}.cram        all runs, duplicates marked per library, header rebuilt and tagged
     results/{facility}/{proposal}/{service}/alignment/{sample}/  header, and duplicates of each library
"""

from scripts.branches.transcriptomes.annotation import Annotations
from scripts.branches.transcriptomes.libraries import Libraries

ANNOTATIONS = Annotations(ORDERS, REFERENCES)
LIBRARIES = Libraries(ORDERS, REFERENCES)


rule align_rna_reads:
    """Align a run across introns. It is keyed by the run alone; every read is kept, mapped or not."""
    input:
        received=ORDERS.accepted,
        index=ANNOTATIONS.aligner_index,
        verdict=f"{RUN}/intake.json",
    output:
        bam=f"{RUN}/aligned.bam",
        counted=f"{RUN}/aligner.txt",
    log:
        "logs/{facility}/runs/{service}/{run}/align_rna_reads.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/align_rna_reads.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    threads: 2
    resources:
        # The index is read into memory whole; up to 4 GB of reads counted with it.
        mem_mb=needs(2500, per_mb=1.2, at_most=40000),
        runtime=needs(20, per_mb=0.02),
    params:
        software=LIBRARIES.aligning_versions,
        aligner=LIBRARIES.aligner,
        left=lambda wildcards, output: f"{os.path.dirname(output.bam)}/star.",
    message:
        "Aligning run {wildcards.run}"
    shell:
        "(rm -rf {params.left:q}* && {params.aligner} {threads}"
        " | samtools fixmate --no-PG -m -u - -"
        " | samtools sort --no-PG -l 1 -m 500M -T {output.bam:q}.sort -o {output.bam:q}.part.bam -"
        " && mv {params.left:q}Log.final.out {output.counted:q} && rm -rf {params.left:q}*"
        " && mv {output.bam:q}.part.bam {output.bam:q}) 2> {log:q}"


rule mark_rna_duplicates:
    """Merge the runs of one library and mark duplicates across them; where reads carry a molecular identifier, those of
    one molecule."""
    input:
        runs=LIBRARIES.of_aligned_runs("aligned.bam"),
    output:
        bam=temp(f"{ORDER}/alignment/{{sample}}/library.{{library}}.bam"),
        statistics=f"{ORDER}/alignment/{{sample}}/library.{{library}}.markdup.txt",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/mark_rna_duplicates.{library}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/mark_rna_duplicates.{library}.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(2000),
        runtime=needs(15, per_mb=0.01),
    params:
        software=versions("samtools"),
        marking=LIBRARIES.marking,
    message:
        "Marking duplicates in library {wildcards.library} of sample {wildcards.sample}"
    shell:
        "(samtools merge --no-PG -c -u -o - {input.runs:q}"
        " | samtools markdup --no-PG {params.marking} --output-fmt bam,level=1 -T {output.bam:q}.markdup -f /dev/stdout"
        " - {output.bam:q}.part.bam | cat > {output.statistics:q}.part"
        " && mv {output.statistics:q}.part {output.statistics:q} && mv {output.bam:q}.part.bam {output.bam:q}) 2> {log:q}"


rule write_rna_alignment_header:
    """The delivered header, built from what may be told: sequences, read groups, programs and the tag."""
    input:
        dict=REFERENCES.file(".dict"),
        verdicts=ORDERS.of_runs("intake.json", sample=True),
    output:
        header=f"{ORDER}/alignment/{{sample}}/header.sam",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/write_rna_alignment_header.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/write_rna_alignment_header.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=ORDERS.order_tag,
        read_groups=LIBRARIES.read_groups,
        programs=LIBRARIES.programs,
        code=code.digest("scripts/alignment/header.py"),
    message:
        "Writing the alignment header of sample {wildcards.sample}"
    script:
        "../../../scripts/alignment/header.py"


rule merge_rna_runs:
    """All libraries of a sample as one CRAM with the rebuilt header; every read is kept."""
    input:
        libraries=LIBRARIES.library_alignments,
        header=f"{ORDER}/alignment/{{sample}}/header.sam",
        fasta=REFERENCES.file(".fa"),
    output:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        crai=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram.crai",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/merge_rna_runs.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/merge_rna_runs.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(2000),
        runtime=needs(15, per_mb=0.006),
    params:
        software=versions("samtools"),
    message:
        "Merging the runs of sample {wildcards.sample}"
    shell:
        # Re-headed twice, because reads name their groups by their places, and samtools adds paths; one
        # thread encodes. `ms` and MC, which mates without a place must not have, were for marking duplicates.
        "(samtools merge --no-PG -c -u -o - {input.libraries:q} | samtools reheader --no-PG {input.header:q} -"
        " | samtools view --no-PG --output-fmt cram,level=3 -x ms,MC -T {input.fasta:q} -o {output.cram:q}.part -"
        " && samtools reheader --no-PG {input.header:q} {output.cram:q}.part > {output.cram:q}.part.cram"
        " && samtools index -o {output.crai:q} {output.cram:q}.part.cram"
        " && rm {output.cram:q}.part && mv {output.cram:q}.part.cram {output.cram:q}) 2> {log:q}"
