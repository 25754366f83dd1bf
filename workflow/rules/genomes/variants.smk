"""Variants: one VCF per sample; on request a gVCF, and one VCF of samples that are called together.

in   the samples' delivered CRAMs, the reference and its copy for callers, the target regions of an exome
out  {package}/data/{sample}/{sample}.vcf.gz    normalised, filtered by name, header rebuilt, checked
     {package}/data/{sample}/{sample}.g.vcf.gz  the same with blocks of reference between
     {package}/data/joint/{callset}.vcf.gz      all samples of a callset
     results/{facility}/{proposal}/{service}/variants/{callset}/  what is called together, and its statistics

A callset is one sample, or several where the recipe asks for joint calling. Calling is scattered over intervals of
equal size. `python -m scripts.lib.hts` is the bcftools inside pysam: newer than Debian's, and better at indels.
"""

from scripts.branches.genomes.variants import Calling

CALLING = Calling(ORDERS, REFERENCES)


CALLSET = f"{ORDER}/variants/{{callset}}"


wildcard_constraints:
    callset="[A-Za-z0-9][A-Za-z0-9_.-]*",
    interval="[0-9]+",


rule list_callable_regions:
    """All sequences of a reference without their gaps and what is masked."""
    input:
        fasta=f"{REFERENCE}/{{reference}}.called.fa",
    output:
        bed=f"{REFERENCE}/{{reference}}.callable.bed",
    log:
        "logs/references/{reference}/list_callable_regions.log",
    benchmark:
        "benchmarks/references/{reference}/list_callable_regions.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        # The longest sequence as text and as two arrays: a tenth of a genome's bytes, thrice.
        mem_mb=needs(500, per_mb=0.5),
        runtime=needs(10, per_mb=0.01),
    params:
        code=code.digest("scripts/variants/callable.py"),
    message:
        "Listing the callable regions of {wildcards.reference}"
    script:
        "../../../scripts/variants/callable.py"


rule divide_genome:
    """Cut the callable bases, or the padded targets, into intervals of equal size."""
    input:
        regions=CALLING.regions_to_call,
        fai=CALLING.callset_reference(".fa.fai"),
    output:
        intervals=f"{CALLSET}/intervals.tsv",
        windows=f"{CALLSET}/windows.tsv",
    log:
        "logs/{facility}/{proposal}/{service}/{callset}/divide_genome.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{callset}/divide_genome.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(400, per_mb=20),
    params:
        parts=CALLING.interval_count,
        padding=CALLING.padding,
        code=code.digest("scripts/variants/intervals.py"),
    message:
        "Dividing the genome of {wildcards.callset} into {params.parts} intervals"
    script:
        "../../../scripts/variants/intervals.py"


rule declare_copies:
    """Ploidy of every sequence by the sex of the callset's samples."""
    input:
        fai=CALLING.callset_reference(".fa.fai"),
    output:
        ploidy=f"{CALLSET}/ploidy.txt",
        sexes=f"{CALLSET}/sexes.txt",
        copies=f"{CALLSET}/copies.bed",
        haploid=f"{CALLSET}/haploid.txt",
        diploid=f"{CALLSET}/diploid.bed",
    log:
        "logs/{facility}/{proposal}/{service}/{callset}/declare_copies.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{callset}/declare_copies.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(400),
    params:
        declared=CALLING.callset_copies,
        sexes=CALLING.callset_sexes,
        code=code.digest("scripts/variants/copies.py"),
    message:
        "Listing the copies of each sequence in {wildcards.callset}"
    script:
        "../../../scripts/variants/copies.py"


rule read_interval:
    """The reads of an interval's windows, a BAM for each sample of the callset: CRAM is read with the reference that it
    was made with, which is not the callers'."""
    input:
        crams=CALLING.callset_alignments(".cram"),
        crais=CALLING.callset_alignments(".cram.crai"),
        fasta=CALLING.callset_reference(".fa"),
        windows=f"{CALLSET}/windows.tsv",
    output:
        windows=temp(f"{CALLSET}/windows.{{interval}}.bed"),
        reads=temp(directory(f"{CALLSET}/reads.{{interval}}")),
    log:
        "logs/{facility}/{proposal}/{service}/{callset}/read_interval.{interval}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{callset}/read_interval.{interval}.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(1000),
        runtime=CALLING.minutes(0.03),
    params:
        software=versions("samtools"),
    message:
        "Reading interval {wildcards.interval} of {wildcards.callset}"
    shell:
        "(mkdir -p {output.reads:q} && awk -v OFS='\\t' '$4 == {wildcards.interval} {{print $1, $2 - 1, $3}}'"
        " {input.windows:q} > {output.windows:q} && number=1000000 && for cram in {input.crams:q}; do"
        " number=$((number + 1)); file={output.reads:q}/$number.bam; samtools view --no-PG --output-fmt bam,level=1"
        ' -M -L {output.windows:q} -T {input.fasta:q} --write-index -o "$file" "$cram" || exit 1; done) 2> {log:q}'


rule call_interval_with_bcftools:
    input:
        # by whose number and size the job asks for memory and time
        crams=CALLING.callset_alignments(".cram"),
        reads=f"{CALLSET}/reads.{{interval}}",
        windows=f"{CALLSET}/windows.{{interval}}.bed",
        fasta=CALLING.callset_reference(".called.fa"),
        intervals=f"{CALLSET}/intervals.tsv",
        ploidy=f"{CALLSET}/ploidy.txt",
        sexes=f"{CALLSET}/sexes.txt",
    output:
        bcf=temp(f"{CALLSET}/bcftools.{{interval}}.bcf"),
    log:
        "logs/{facility}/{proposal}/{service}/{callset}/call_interval_with_bcftools.{interval}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{callset}/call_interval_with_bcftools.{interval}.tsv"
    conda:
        "../../../envs/genomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(400, per_file=150),
        runtime=CALLING.minutes(0.03),
    params:
        software=versions("bcftools"),
        recipe=ORDERS.recipe,
        gvcf=CALLING.gvcf,
    message:
        "Calling interval {wildcards.interval} of {wildcards.callset}"
    shell:
        "hts='python -m scripts.lib.hts'; part='$4 == {wildcards.interval}';"
        " ($hts bcftools mpileup -Ou {params.gvcf} -q {params.recipe[min_mapping_quality]}"
        " -Q {params.recipe[min_base_quality]} -d {params.recipe[max_depth]} -L {params.recipe[max_depth]}"
        " --indels-2.0 -a FORMAT/AD,FORMAT/DP,FORMAT/SP -f {input.fasta:q}"
        ' -R {input.windows:q} -T <(awk "$part" {input.intervals:q}) {input.reads:q}/*.bam'
        " | $hts bcftools call -m {params.gvcf} $([ -n '{params.gvcf}' ] || echo -v) -a GQ"
        " --ploidy-file {input.ploidy:q} -S {input.sexes:q} -Ou -"
        # not counted with --indels-2.0: always 0
        " | $hts bcftools annotate -x INFO/IDV,INFO/IMF -Ob -o {output.bcf:q}.part -"
        " && mv {output.bcf:q}.part {output.bcf:q}) 2> {log:q}"


rule call_interval_with_freebayes:
    input:
        # by whose number and size the job asks for memory and time
        crams=CALLING.callset_alignments(".cram"),
        reads=f"{CALLSET}/reads.{{interval}}",
        windows=f"{CALLSET}/windows.{{interval}}.bed",
        fasta=CALLING.callset_reference(".called.fa"),
        intervals=f"{CALLSET}/intervals.tsv",
        copies=f"{CALLSET}/copies.bed",
    output:
        bcf=temp(f"{CALLSET}/freebayes.{{interval}}.bcf"),
    log:
        "logs/{facility}/{proposal}/{service}/{callset}/call_interval_with_freebayes.{interval}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{callset}/call_interval_with_freebayes.{interval}.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(1000, per_file=250),
        runtime=CALLING.minutes(0.03),
    params:
        software=versions("freebayes", "bcftools"),
        recipe=ORDERS.recipe,
        ploidy=CALLING.ploidy,
        code=code.digest("scripts/variants/qualities.py"),
    message:
        "Calling interval {wildcards.interval} of {wildcards.callset}"
    shell:
        "hts='python -m scripts.lib.hts'; part='$4 == {wildcards.interval}';"
        " (freebayes --haplotype-length -1 --genotype-qualities -f {input.fasta:q} -t {input.windows:q} -p {params.ploidy} -A {input.copies:q}"
        " -m {params.recipe[min_mapping_quality]} -q {params.recipe[min_base_quality]} {input.reads:q}/*.bam"
        " | python -m scripts.variants.qualities"
        # of alleles as freebayes writes them, before they are normalised
        " | $hts bcftools annotate -x INFO/CIGAR -Ou -"
        ' | $hts bcftools view -T <(awk "$part" {input.intervals:q}) -Ob -o {output.bcf:q}.part -'
        " && mv {output.bcf:q}.part {output.bcf:q}) 2> {log:q}"


rule call_interval_with_gatk:
    """GATK's HaplotypeCaller, as its makers document it for one sample."""
    input:
        # by whose number and size the job asks for memory and time
        crams=CALLING.callset_alignments(".cram"),
        reads=f"{CALLSET}/reads.{{interval}}",
        windows=f"{CALLSET}/windows.{{interval}}.bed",
        fasta=CALLING.callset_reference(".called.fa"),
        index=CALLING.callset_reference(".called.fa.fai"),
        dict=CALLING.callset_reference(".called.dict"),
        intervals=f"{CALLSET}/intervals.tsv",
        copies=f"{CALLSET}/copies.bed",
    output:
        bcf=temp(f"{CALLSET}/gatk.{{interval}}.bcf"),
        folder=temp(directory(f"{CALLSET}/gatk.{{interval}}")),
    log:
        "logs/{facility}/{proposal}/{service}/{callset}/call_interval_with_gatk.{interval}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{callset}/call_interval_with_gatk.{interval}.tsv"
    conda:
        "../../../envs/genomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(5000),
        runtime=CALLING.minutes(0.2),
    params:
        software=versions("gatk", "bcftools"),
        heap=lambda wildcards, resources: resources.mem_mb - 1000,
        ploidy=CALLING.ploidy,
        code=code.digest("scripts/variants/contract.py"),
    message:
        "Calling interval {wildcards.interval} of {wildcards.callset}"
    shell:
        "part='$4 == {wildcards.interval}'; (mkdir -p {output.folder:q} && regions={output.folder:q}/copies.bed"
        " && awk -v OFS='\\t' '$5 > 0 {{print $1, $2, $3, $5}}' {input.copies:q} > \"$regions\""
        " && gatk --java-options -Xmx{params.heap}m HaplotypeCaller -R {input.fasta:q} -I {input.reads:q}/*.bam"
        " -L {input.windows:q} --sample-ploidy {params.ploidy} --native-pair-hmm-threads {threads}"
        ' $([ ! -s "$regions" ] || echo --ploidy-regions) $([ ! -s "$regions" ] || echo "$regions")'
        " --tmp-dir {output.folder:q} -O {output.folder:q}/calls.vcf.gz"
        " && gzip -dc {output.folder:q}/calls.vcf.gz"
        " | python -m scripts.variants.contract {wildcards.callset:q} {params.ploidy} {input.copies:q}"
        ' | python -m scripts.lib.hts bcftools view -T <(awk "$part" {input.intervals:q}) -Ob -o {output.bcf:q}.part -'
        " && mv {output.bcf:q}.part {output.bcf:q}) 2> {log:q}"


rule call_interval_with_deepvariant:
    """DeepVariant, by the one command that its makers document for one sample."""
    input:
        # by whose number and size the job asks for memory and time
        crams=CALLING.callset_alignments(".cram"),
        reads=f"{CALLSET}/reads.{{interval}}",
        windows=f"{CALLSET}/windows.{{interval}}.bed",
        fasta=CALLING.callset_reference(".called.fa"),
        index=CALLING.callset_reference(".called.fa.fai"),
        intervals=f"{CALLSET}/intervals.tsv",
        copies=f"{CALLSET}/copies.bed",
        haploid=f"{CALLSET}/haploid.txt",
        diploid=f"{CALLSET}/diploid.bed",
    output:
        bcf=temp(f"{CALLSET}/deepvariant.{{interval}}.bcf"),
        folder=temp(directory(f"{CALLSET}/deepvariant.{{interval}}")),
    log:
        "logs/{facility}/{proposal}/{service}/{callset}/call_interval_with_deepvariant.{interval}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{callset}/call_interval_with_deepvariant.{interval}.tsv"
    conda:
        "../../../envs/genomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(8000),
        runtime=CALLING.minutes(0.4),
    params:
        software=versions("run_deepvariant", "bcftools"),
        model=CALLING.model,
        ploidy=CALLING.ploidy,
        code=code.digest("scripts/variants/contract.py"),
    message:
        "Calling interval {wildcards.interval} of {wildcards.callset}"
    shell:
        "part='$4 == {wildcards.interval}'; (mkdir -p {output.folder:q} && run_deepvariant --model_type={params.model}"
        " --ref={input.fasta:q} --reads=$(echo {input.reads:q}/*.bam) --regions={input.windows:q}"
        " $([ ! -s {input.haploid:q} ] || echo --haploid_contigs=$(paste -s -d, {input.haploid:q}))"
        " $([ ! -s {input.diploid:q} ] || echo --par_regions_bed={input.diploid:q}) --num_shards={threads}"
        " --intermediate_results_dir={output.folder:q}/between --output_vcf={output.folder:q}/calls.vcf.gz"
        " && gzip -dc {output.folder:q}/calls.vcf.gz"
        " | python -m scripts.variants.contract {wildcards.callset:q} {params.ploidy} {input.copies:q}"
        ' | python -m scripts.lib.hts bcftools view -T <(awk "$part" {input.intervals:q}) -Ob -o {output.bcf:q}.part -'
        " && mv {output.bcf:q}.part {output.bcf:q}) 2> {log:q}"


rule normalise_variants:
    """All intervals of a callset as one, left-aligned."""
    input:
        intervals=CALLING.called_intervals,
        fasta=CALLING.callset_reference(".called.fa"),
    output:
        bcf=temp(f"{CALLSET}/normalised.bcf"),
    log:
        "logs/{facility}/{proposal}/{service}/{callset}/normalise_variants.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{callset}/normalise_variants.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(1500),
        runtime=needs(15, per_mb=0.02),
    params:
        software=versions("bcftools"),
    message:
        "Normalising the variants of {wildcards.callset}"
    shell:
        "hts='python -m scripts.lib.hts';"
        " ($hts bcftools concat -Ou {input.intervals:q}"
        " | $hts bcftools norm -f {input.fasta:q} -d exact -Ou -"
        " | $hts bcftools sort -Ob -T {output.bcf:q}.sort -o {output.bcf:q}.part -"
        " && mv {output.bcf:q}.part {output.bcf:q}) 2> {log:q}"


rule filter_variants:
    """Every record is kept; FILTER names what speaks against it."""
    input:
        normalised=f"{CALLSET}/normalised.bcf",
    output:
        bcf=f"{CALLSET}/called.bcf",
    log:
        "logs/{facility}/{proposal}/{service}/{callset}/filter_variants.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{callset}/filter_variants.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(500),
        runtime=needs(15, per_mb=0.5),
    params:
        recipe=ORDERS.recipe,
        code=code.digest("scripts/variants/filters.py"),
    message:
        "Filtering the variants of {wildcards.callset}"
    script:
        "../../../scripts/variants/filters.py"


rule write_variants:
    """The delivered VCF: the sample's records under a header built from what may be told, held against the standard."""
    input:
        bcf=CALLING.callset_file("called.bcf"),
        dict=REFERENCES.file(".dict"),
    output:
        vcf=f"{PACKAGE}/data/{{sample}}/{{sample}}.vcf.gz",
        tbi=f"{PACKAGE}/data/{{sample}}/{{sample}}.vcf.gz.tbi",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/write_variants.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/write_variants.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(500),
        runtime=needs(15, per_mb=0.5),
    params:
        tag=ORDERS.order_tag,
        reference=REFERENCES.name,
        caller=ORDERS.setting("caller"),
        samples=lambda wildcards: [wildcards.sample],
        blocks=False,
        code=code.digest("scripts/variants/deliver.py"),
    message:
        "Writing the variants of sample {wildcards.sample}"
    script:
        "../../../scripts/variants/deliver.py"


use rule write_variants as write_gvcf with:
    input:
        bcf=CALLING.callset_file("called.bcf"),
        dict=REFERENCES.file(".dict"),
        intervals=CALLING.callset_file("intervals.tsv"),
        copies=CALLING.callset_file("copies.bed"),
        fasta=REFERENCES.file(".called.fa"),
    output:
        vcf=f"{PACKAGE}/data/{{sample}}/{{sample}}.g.vcf.gz",
        tbi=f"{PACKAGE}/data/{{sample}}/{{sample}}.g.vcf.gz.tbi",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/write_gvcf.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/write_gvcf.tsv"
    params:
        tag=ORDERS.order_tag,
        reference=REFERENCES.name,
        caller=ORDERS.setting("caller"),
        samples=lambda wildcards: [wildcards.sample],
        blocks=True,
        ploidy=lambda wildcards: REFERENCES.copies(wildcards)["ploidy"],
        code=code.digest("scripts/variants/deliver.py"),
    message:
        "Writing the gVCF of sample {wildcards.sample}"


use rule write_variants as write_joint_variants with:
    input:
        bcf=f"{CALLSET}/called.bcf",
        dict=CALLING.callset_reference(".dict"),
    output:
        vcf=f"{PACKAGE}/data/joint/{{callset}}.vcf.gz",
        tbi=f"{PACKAGE}/data/joint/{{callset}}.vcf.gz.tbi",
    log:
        "logs/{facility}/{proposal}/{service}/{callset}/write_joint_variants.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{callset}/write_joint_variants.tsv"
    params:
        tag=ORDERS.order_tag,
        reference=CALLING.callset_reference_name,
        caller=ORDERS.setting("caller"),
        samples=CALLING.callset_samples,
        blocks=False,
        code=code.digest("scripts/variants/deliver.py"),
    message:
        "Writing the joint variants of {wildcards.callset}"


rule count_variants:
    """bcftools' statistics of the variants that pass."""
    input:
        vcf=f"{PACKAGE}/data/{{sample}}/{{sample}}.vcf.gz",
        fasta=REFERENCES.file(".called.fa"),
    output:
        stats=f"{ORDER}/variants/{{sample}}/bcftools.stats.txt",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/count_variants.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/count_variants.tsv"
    conda:
        "../../../envs/genomics.yaml"
    resources:
        mem_mb=needs(500),
        runtime=needs(10, per_mb=0.02),
    params:
        software=versions("bcftools"),
    message:
        "Counting the variants of sample {wildcards.sample}"
    shell:
        "(python -m scripts.lib.hts bcftools stats -f PASS -s - -F {input.fasta:q} {input.vcf:q} > {output.stats:q}.part"
        " && mv {output.stats:q}.part {output.stats:q}) 2> {log:q}"
