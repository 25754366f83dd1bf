"""Quality: what tells of a library and its RNA what went wrong, and on what a sample is judged.

in   the sample's delivered CRAM, what was counted of it, the annotation
out  results/{facility}/{proposal}/{service}/quality/{sample}/       samtools' statistics; coverage along transcripts
     results/{facility}/{proposal}/{service}/metrics/{sample}.rna.json   every metric of the sample
     {package}/data/{sample}/{sample}.rna_qc.json                    the same, delivered
     results/{facility}/{proposal}/{service}/sections/               of the report
"""

from scripts.branches.transcriptomes.libraries import Libraries

LIBRARIES = Libraries(ORDERS, REFERENCES)
EXPRESSION = f"{ORDER}/expression/{{sample}}"


rule count_rna_alignments:
    """samtools' statistics, and how many fragments there are, mapped, and mapped to several places."""
    input:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        fasta=REFERENCES.file(".fa"),
    output:
        stats=f"{ORDER}/quality/{{sample}}/samtools.stats.txt",
        fragments=f"{ORDER}/quality/{{sample}}/fragments.txt",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/count_rna_alignments.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/count_rna_alignments.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    resources:
        mem_mb=needs(1000),
        runtime=needs(15, per_mb=0.02),
    params:
        software=versions("samtools"),
        one=LIBRARIES.one_read,
    message:
        "Counting the alignments of sample {wildcards.sample}"
    shell:
        '(count() {{ samtools view -c {params.one} --reference {input.fasta:q} "$@" {input.cram:q}; }}'
        " && {{ count -F 2304 && count -F 2308 && count -F 2308 -e '[NH]>1'; }} > {output.fragments:q}.part"
        " && samtools stats -F QCFAIL --reference {input.fasta:q} {input.cram:q} | cat > {output.stats:q}.part"
        " && mv {output.fragments:q}.part {output.fragments:q} && mv {output.stats:q}.part {output.stats:q}) 2> {log:q}"


rule compute_rna_metrics:
    """Every metric of one sample."""
    input:
        fragments=f"{ORDER}/quality/{{sample}}/fragments.txt",
        stats=f"{ORDER}/quality/{{sample}}/samtools.stats.txt",
        strandedness=f"{EXPRESSION}/strandedness.json",
        parts=f"{EXPRESSION}/parts.txt",
        nowhere=f"{EXPRESSION}/parts.txt.summary",
        ribosomal=f"{EXPRESSION}/ribosomal.txt.summary",
        without=f"{EXPRESSION}/without_duplicates.txt",
        of_genes=f"{PACKAGE}/data/{{sample}}/{{sample}}.genes.tsv",
        coverage=[f"{PACKAGE}/data/{{sample}}/{{sample}}.{strand}.bedgraph.gz" for strand in ("plus", "minus")],
        told=f"{EXPRESSION}/salmon.json",
        regions=REFERENCES.file(".parts.saf"),
        exons=REFERENCES.file(".exons.gtf"),
        fai=REFERENCES.file(".fa.fai"),
    output:
        metrics=f"{ORDER}/metrics/{{sample}}.rna.json",
        document=f"{PACKAGE}/data/{{sample}}/{{sample}}.rna_qc.json",
        bodies=f"{ORDER}/quality/{{sample}}/bodies.json",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/compute_rna_metrics.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/compute_rna_metrics.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    resources:
        mem_mb=needs(1500, per_mb=8),
        runtime=needs(10, per_mb=0.02),
    params:
        tag=ORDERS.order_tag,
        declared=LIBRARIES.declared,
        paired=LIBRARIES.paired,
        recipe=ORDERS.recipe,
        code=code.digest("scripts/expression/metrics.py"),
    message:
        "Computing the metrics of sample {wildcards.sample}"
    script:
        "../../../scripts/expression/metrics.py"


rule draw_rna_quality:
    """The sections of the report that no module of MultiQC reads: main numbers, strands, coverage along transcripts."""
    input:
        metrics=ORDERS.of_samples("metrics/{sample}.rna.json"),
        bodies=ORDERS.of_samples("quality/{sample}/bodies.json"),
    output:
        measured=f"{ORDER}/sections/measured_mqc.json",
        strands=f"{ORDER}/sections/strands_mqc.json",
        along=f"{ORDER}/sections/bodies_mqc.json",
    log:
        "logs/{facility}/{proposal}/{service}/draw_rna_quality.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/draw_rna_quality.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    resources:
        mem_mb=needs(500),
    params:
        samples=ORDERS.samples,
        code=code.digest("scripts/expression/sections.py"),
    message:
        "Drawing the quality of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/expression/sections.py"
