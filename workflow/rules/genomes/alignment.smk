"""Alignment: runs to one CRAM per sample.

in   reads of each run, accepted by intake; the site's references
out  results/references/{reference}/              the aligners' indexes, built once and shared by all orders
       {reference}.called.fa                      what callers read in its place (+ .fai, .called.dict): masked, without IUPAC codes
     results/{facility}/runs/{service}/{run}/     keyed by the run, knows no sample; read group = run
       aligned.bam, mateless.bam                  sorted, mates fixed; the latter: reads whose mate is not mapped
     {package}/data/{sample}/{sample}.cram        all runs, duplicates marked per library, header rebuilt and tagged
     {package}/data/{sample}/{sample}.bam         the same as BAM, where the catalogue says so
     results/{facility}/{proposal}/{service}/alignment/{sample}/  header, and duplicates of each library
"""

from scripts.branches.genomes.alignment import Alignment

ALIGNMENT = Alignment(ORDERS, REFERENCES)


rule mask_reference:
    """The copies of a reference that aligner and caller read."""
    input:
        fasta=f"{REFERENCE}/{{reference}}.fa",
        fai=f"{REFERENCE}/{{reference}}.fa.fai",
    output:
        aligned=temp(f"{REFERENCE}/{{reference}}.aligned.fa"),
        called=f"{REFERENCE}/{{reference}}.called.fa",
        index=f"{REFERENCE}/{{reference}}.called.fa.fai",
        dict=f"{REFERENCE}/{{reference}}.called.dict",
    log:
        "logs/references/{reference}/mask_reference.log",
    benchmark:
        "benchmarks/references/{reference}/mask_reference.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        # The longest sequence, a tenth of a genome, a few times over.
        mem_mb=needs(500, per_mb=0.5),
        runtime=needs(10, per_mb=0.03),
    params:
        declared=REFERENCES.copies,
        code=code.digest("scripts/alignment/masked.py"),
    message:
        "Masking reference {wildcards.reference} for aligner and caller"
    script:
        "../../../scripts/alignment/masked.py"


rule index_for_minimap2:
    input:
        fasta=f"{REFERENCE}/{{reference}}.aligned.fa",
    output:
        index=f"{REFERENCE}/{{reference}}.mmi",
    log:
        "logs/references/{reference}/index_for_minimap2.log",
    benchmark:
        "benchmarks/references/{reference}/index_for_minimap2.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(1000, per_mb=10),
        runtime=needs(10, per_mb=0.03),
    params:
        software=versions("minimap2"),
    message:
        "Indexing {wildcards.reference} for minimap2"
    shell:
        "(minimap2 -x sr -d /dev/stdout {input.fasta:q} | cat > {output.index:q}.part"
        " && mv {output.index:q}.part {output.index:q}) 2> {log:q}"


rule index_for_bwa:
    input:
        fasta=f"{REFERENCE}/{{reference}}.aligned.fa",
    output:
        index=multiext(f"{REFERENCE}/{{reference}}.bwa", ".amb", ".ann", ".bwt", ".pac", ".sa"),
    log:
        "logs/references/{reference}/index_for_bwa.log",
    benchmark:
        "benchmarks/references/{reference}/index_for_bwa.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(1000, per_mb=6),
        runtime=needs(10, per_mb=0.1),
    params:
        software=versions("bwa"),
        program="bwa",
        prefix=lambda wildcards, output: output.index[0][: -len(".amb")],
    message:
        "Indexing {wildcards.reference} for {params.program}"
    shell:
        "({params.program} index -p {params.prefix:q}.part {input.fasta:q} && for file in {params.prefix:q}.part.*; do"
        ' mv "$file" {params.prefix:q}."${{file##*.part.}}"; done) 2> {log:q}'


use rule index_for_bwa as index_for_bwa_mem2 with:
    output:
        index=multiext(f"{REFERENCE}/{{reference}}.mem2", ".amb", ".0123", ".ann", ".bwt.2bit.64", ".pac"),
    log:
        "logs/references/{reference}/index_for_bwa_mem2.log",
    benchmark:
        "benchmarks/references/{reference}/index_for_bwa_mem2.tsv"
    resources:
        # Its authors name 28 bytes a base for making the index.
        mem_mb=needs(1000, per_mb=30),
        runtime=needs(10, per_mb=0.1),
    params:
        software=versions("bwa-mem2"),
        program="bwa-mem2",
        prefix=lambda wildcards, output: output.index[0][: -len(".amb")],


rule align_reads:
    """Align a run. It is keyed by the run alone: sample, proposal and service enter when runs are merged. Reads lie where
    the aligner puts them; tags that aligners keep for themselves go nowhere."""
    input:
        received=ORDERS.accepted,
        reference=REFERENCES.of_aligned,
        index=ALIGNMENT.aligner_index,
        verdict=f"{RUN}/intake.json",
    output:
        bam=f"{RUN}/aligned.bam",
        mateless=f"{RUN}/mateless.bam",
        groups=f"{RUN}/groups.sam",
        edits=f"{RUN}/groups.sed",
    log:
        "logs/{facility}/runs/{service}/{run}/align_reads.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/align_reads.tsv"
    conda:
        "../../../envs/genomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(2500, per_mb=5, at_most=4000),
        runtime=needs(20, per_mb=0.02),
    params:
        software=ALIGNMENT.aligning_versions,
        source=ALIGNMENT.grouped_source,
        aligner=ALIGNMENT.aligner,
        run=ALIGNMENT.run_id,
        library=ALIGNMENT.stated_library,
        reads=ALIGNMENT.aligner_reads,
        barcoding=ALIGNMENT.barcoding,
        index=ALIGNMENT.aligner_index_prefix,
        tags=ALIGNMENT.tags,
        mateless_tags=ALIGNMENT.tags.replace("MC,", ""),
        code=code.digest("scripts/alignment/groups.py"),
    message:
        "Aligning run {wildcards.run}"
    shell:
        # fixmate tells an alignment (MC) of mates that have none: what it says there is left out, for which these reads
        # go their own way (--keep-tag is for one of two outputs).
        "(python -m scripts.alignment.groups --verdict {input.verdict:q} --run {params.run:q}"
        " --library={params.library:q} --header {output.groups:q} --edits {output.edits:q} && {params.source}"
        " {{ cat {output.groups:q} && {params.aligner} -t {threads} {params.index:q} {params.reads}; }}"
        " {params.barcoding}"
        " | samtools fixmate --no-PG -m -u - -"
        " | samtools view --no-PG -u --keep-tag {params.tags} -F 8 -U {output.mateless:q}.all.part.bam -"
        " | samtools sort --no-PG -l 1 -m 500M -T {output.bam:q}.sort -o {output.bam:q}.part.bam -"
        " && samtools view --no-PG -u --keep-tag {params.mateless_tags} {output.mateless:q}.all.part.bam"
        " | samtools sort --no-PG -l 1 -m 500M -T {output.mateless:q}.sort -o {output.mateless:q}.part.bam -"
        " && rm {output.mateless:q}.all.part.bam && mv {output.mateless:q}.part.bam {output.mateless:q}"
        " && mv {output.bam:q}.part.bam {output.bam:q}) 2> {log:q}"


rule mark_duplicates:
    """Merge the runs of one library and mark duplicates across them. markdup itself knows no libraries: those that one
    received file holds, and molecules that have barcodes, are told apart by the tag that their reads carry."""
    input:
        runs=ALIGNMENT.of_aligned_runs("aligned.bam"),
        mateless=ALIGNMENT.of_aligned_runs("mateless.bam"),
    output:
        bam=temp(f"{ORDER}/alignment/{{sample}}/library.{{library}}.bam"),
        statistics=f"{ORDER}/alignment/{{sample}}/library.{{library}}.markdup.txt",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/mark_duplicates.{library}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/mark_duplicates.{library}.tsv"
    conda:
        "../../../envs/genomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(2000),
        runtime=needs(15, per_mb=0.01),
    params:
        software=versions("samtools"),
    message:
        "Marking duplicates in library {wildcards.library} of sample {wildcards.sample}"
    shell:
        "(samtools merge --no-PG -c -u -o - {input:q}"
        " | samtools markdup --no-PG --barcode-tag LB --output-fmt bam,level=1 -T {output.bam:q}.markdup -f /dev/stdout"
        " - {output.bam:q}.part.bam | cat > {output.statistics:q}.part"
        " && mv {output.statistics:q}.part {output.statistics:q} && mv {output.bam:q}.part.bam {output.bam:q}) 2> {log:q}"


rule write_alignment_header:
    """The delivered header, built from what may be told: sequences, read groups, programs and the tag."""
    input:
        dict=REFERENCES.file(".dict"),
        verdicts=ORDERS.of_runs("intake.json", sample=True),
    output:
        header=f"{ORDER}/alignment/{{sample}}/header.sam",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/write_alignment_header.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/write_alignment_header.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=ORDERS.order_tag,
        read_groups=ALIGNMENT.read_groups,
        programs=ALIGNMENT.programs,
        code=code.digest("scripts/alignment/header.py"),
    message:
        "Writing the alignment header of sample {wildcards.sample}"
    script:
        "../../../scripts/alignment/header.py"


rule merge_runs:
    """All libraries of a sample as one CRAM with the rebuilt header; every read is kept."""
    input:
        libraries=ALIGNMENT.library_alignments,
        header=f"{ORDER}/alignment/{{sample}}/header.sam",
        fasta=REFERENCES.file(".fa"),
    output:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        crai=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram.crai",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/merge_runs.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/merge_runs.tsv"
    conda:
        "../../../envs/genomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(2000),
        runtime=needs(15, per_mb=0.006),
    params:
        unmarking=ALIGNMENT.unmarking,
        software=versions("samtools"),
    message:
        "Merging the runs of sample {wildcards.sample}"
    shell:
        # Re-headed before it is a CRAM, where a read names its read group by its place in the header: another order there
        # would give reads to other groups. And once more behind it: on the way samtools adds the reference's path. One
        # thread encodes: of several, the one that is first decides the codecs of the others' slices, and so the bytes.
        # Level 3 takes four fifths of the usual 5's time and makes files 0.1 % larger. `ms` and `LB` were for marking
        # duplicates.
        "(samtools merge --no-PG -c -u -o - {input.libraries:q} | samtools reheader --no-PG {input.header:q} -"
        " | samtools view --no-PG --output-fmt cram,level=3 -x ms,LB {params.unmarking} -T {input.fasta:q} -o {output.cram:q}.part -"
        " && samtools reheader --no-PG {input.header:q} {output.cram:q}.part > {output.cram:q}.part.cram"
        " && samtools index -o {output.crai:q} {output.cram:q}.part.cram"
        " && rm {output.cram:q}.part && mv {output.cram:q}.part.cram {output.cram:q}) 2> {log:q}"


rule write_bam:
    """The delivered alignment as BAM; what follows reads the CRAM."""
    input:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        header=f"{ORDER}/alignment/{{sample}}/header.sam",
        fasta=REFERENCES.file(".fa"),
    output:
        bam=f"{PACKAGE}/data/{{sample}}/{{sample}}.bam",
        bai=f"{PACKAGE}/data/{{sample}}/{{sample}}.bam.bai",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/write_bam.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/write_bam.tsv"
    conda:
        "../../../envs/genomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(1000),
        runtime=needs(15, per_mb=0.02),
    params:
        software=versions("samtools"),
    message:
        "Writing the BAM of sample {wildcards.sample}"
    shell:
        "(samtools view --no-PG -u -T {input.fasta:q} {input.cram:q} | samtools reheader --no-PG {input.header:q} -"
        " | samtools view --no-PG -@ {threads} -b -o {output.bam:q}.part -"
        " && samtools index -o {output.bai:q} {output.bam:q}.part && mv {output.bam:q}.part {output.bam:q}) 2> {log:q}"
