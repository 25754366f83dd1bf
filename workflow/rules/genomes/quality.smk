"""Quality: what standards and acceptance criteria ask of a sample's alignment and variants.

in   the sample's delivered CRAM and VCF, the target regions of an exome, the reference
out  results/{facility}/{proposal}/{service}/quality/{sample}/  statistics, depths and counts
     results/{facility}/{proposal}/{service}/metrics/{sample}.genomics.json  every metric of the sample
     {package}/data/{sample}/{sample}.wgs_qc.json  GA4GH's WGS quality control metrics
"""

from scripts.branches.genomes.identity import Identity
from scripts.branches.genomes.quality import Quality

QUALITY = Quality(ORDERS)
IDENTITY = Identity(ORDERS, REFERENCES)


rule list_assessed_regions:
    """The autosomes and sex chromosomes without their gaps, over which coverage is measured."""
    input:
        fasta=f"{REFERENCE}/{{reference}}.fa",
        fai=f"{REFERENCE}/{{reference}}.fa.fai",
    output:
        bed=f"{REFERENCE}/{{reference}}.assessed.bed",
    log:
        "logs/references/{reference}/list_assessed_regions.log",
    benchmark:
        "benchmarks/references/{reference}/list_assessed_regions.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(1500),
        runtime=needs(10, per_mb=0.01),
    params:
        declared=REFERENCES.copies,
        code=code.digest("scripts/quality/regions.py"),
    message:
        "Listing the chromosomes and gaps of {wildcards.reference}"
    script:
        "../../../scripts/quality/regions.py"


rule count_alignments:
    """samtools' statistics of a sample's alignment: yield, mapping, pairs, insert size."""
    input:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        fasta=REFERENCES.file(".fa"),
    output:
        stats=f"{ORDER}/quality/{{sample}}/samtools.stats.txt",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/count_alignments.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/count_alignments.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(1000),
        runtime=needs(15, per_mb=0.02),
    params:
        software=versions("samtools"),
    message:
        "Counting the alignments of sample {wildcards.sample}"
    shell:
        "(samtools stats -F QCFAIL --reference {input.fasta:q} {input.cram:q} | cat > {output.stats:q}.part"
        " && mv {output.stats:q}.part {output.stats:q}) 2> {log:q}"


rule tell_molecules:
    """Whether some of a sample's reads are of spliced RNA or of converted DNA."""
    input:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        fasta=REFERENCES.file(".fa"),
        stats=f"{ORDER}/quality/{{sample}}/samtools.stats.txt",
    output:
        molecules=f"{ORDER}/quality/{{sample}}/molecules.json",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/tell_molecules.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/tell_molecules.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(500),
        runtime=needs(10, per_mb=0.01),
    params:
        software=versions("samtools"),
        code=code.digest("scripts/quality/molecules.py"),
    message:
        "Telling what molecules the reads of sample {wildcards.sample} come from"
    script:
        "../../../scripts/quality/molecules.py"


rule measure_depths:
    """Depths by each definition that is asked for, from one reading: how many positions have which by GA4GH's; coverage
    and yield by Genomics England's; where a genotype can be known."""
    input:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        fasta=REFERENCES.file(".fa"),
        regions=REFERENCES.file(".assessed.bed"),
    output:
        depths=f"{ORDER}/quality/{{sample}}/genome_depths.tsv",
        genomics_england=f"{ORDER}/quality/{{sample}}/genomics_england.tsv",
        callable=f"{ORDER}/quality/{{sample}}/callable.bed.gz",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/measure_depths.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/measure_depths.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(1000),
        runtime=needs(15, per_mb=0.03),
    params:
        software=versions("samtools"),
        callable=QUALITY.callable_bases,
        code=code.digest("scripts/quality/depths.py"),
    message:
        "Measuring the depths of sample {wildcards.sample}"
    script:
        "../../../scripts/quality/depths.py"


rule measure_targets:
    """Coverage of an exome's targets, what share of the bases fell on them, and how evenly."""
    input:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        fasta=REFERENCES.file(".fa"),
        fai=REFERENCES.file(".fa.fai"),
        regions=f"{ORDER}/alignment/{{sample}}/targets.bed",
    output:
        depths=f"{ORDER}/quality/{{sample}}/target_depths.tsv",
        targets=f"{ORDER}/quality/{{sample}}/targets.json",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/measure_targets.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/measure_targets.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(2000),
        runtime=needs(15, per_mb=0.02),
    params:
        software=versions("samtools"),
        declared=REFERENCES.copies,
        code=code.digest("scripts/quality/targets.py"),
    message:
        "Measuring the targets of sample {wildcards.sample}"
    script:
        "../../../scripts/quality/targets.py"


rule count_passing_variants:
    """The standard's counts and ratios of a sample's variants."""
    input:
        vcf=f"{PACKAGE}/data/{{sample}}/{{sample}}.vcf.gz",
        regions=REFERENCES.file(".assessed.bed"),
    output:
        counts=f"{ORDER}/quality/{{sample}}/variants.json",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/count_passing_variants.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/count_passing_variants.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(400),
        runtime=needs(10, per_mb=0.05),
    params:
        code=code.digest("scripts/quality/variants.py"),
    message:
        "Counting the passing variants of sample {wildcards.sample}"
    script:
        "../../../scripts/quality/variants.py"


rule compute_quality_metrics:
    """Every metric of one sample's alignment and variants."""
    input:
        stats=f"{ORDER}/quality/{{sample}}/samtools.stats.txt",
        depths=QUALITY.depths,
        genomics_england=QUALITY.of_kind("genomics_england.tsv", exome=False),
        targets=QUALITY.of_kind("targets.json", exome=True),
        variants=f"{ORDER}/quality/{{sample}}/variants.json",
        molecules=f"{ORDER}/quality/{{sample}}/molecules.json",
    output:
        metrics=f"{ORDER}/metrics/{{sample}}.genomics.json",
        histogram=f"{ORDER}/quality/{{sample}}/depth_histogram.tsv",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/compute_quality_metrics.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/compute_quality_metrics.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=ORDERS.order_tag,
        exome=QUALITY.has_targets,
        duplicates=ORDERS.setting("duplicates"),
        code=code.digest("scripts/quality/metrics.py"),
    message:
        "Computing the quality metrics of sample {wildcards.sample}"
    script:
        "../../../scripts/quality/metrics.py"


rule draw_quality:
    """The sections of the report that no module of MultiQC reads: the main numbers, coverage, duplicates."""
    input:
        metrics=REPORTS.metrics,
        depths=ORDERS.of_samples("quality/{sample}/depth_histogram.tsv"),
        marked=QUALITY.marked,
    output:
        measured=f"{ORDER}/sections/measured_mqc.json",
        coverage=f"{ORDER}/sections/coverage_mqc.json",
        duplicates=f"{ORDER}/sections/duplicates_mqc.json",
    log:
        "logs/{facility}/{proposal}/{service}/draw_quality.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/draw_quality.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(500),
    params:
        samples=ORDERS.samples,
        marking=ORDERS.setting("duplicates"),
        code=code.digest("scripts/quality/sections.py"),
    message:
        "Drawing the quality of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/quality/sections.py"


rule write_wgs_qc:
    """The quality metrics of a whole genome as GA4GH writes them."""
    input:
        metrics=[f"{ORDER}/metrics/{{sample}}.genomics.json"],
        contamination=IDENTITY.contamination,
    output:
        document=f"{PACKAGE}/data/{{sample}}/{{sample}}.wgs_qc.json",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/write_wgs_qc.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/write_wgs_qc.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=ORDERS.order_tag,
        code=code.digest("scripts/quality/ga4gh.py"),
    message:
        "Writing the standard quality metrics of sample {wildcards.sample}"
    script:
        "../../../scripts/quality/ga4gh.py"
