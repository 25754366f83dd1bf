"""Quantification: how many fragments each gene and transcript has, and where on the genome they lie.

in   the sample's delivered CRAM, its received reads, the annotation
out  results/{facility}/{proposal}/{service}/expression/{sample}/
       {part}.txt, {part}.txt.summary   fragments of a part of the reads: on each strand, in exons and introns, of rRNA
       strandedness.json, protocol.txt  on which strand the reads are, and how they are therefore counted
       counts.txt, quant.sf, ...        what featureCounts and salmon say
     {package}/data/{sample}/{sample}.genes.tsv, .transcripts.tsv, .junctions.tsv
     {package}/data/{sample}/{sample}.plus.bedgraph.gz, .minus.bedgraph.gz
"""

from scripts.branches.transcriptomes.annotation import Annotations
from scripts.branches.transcriptomes.libraries import Libraries

ANNOTATIONS = Annotations(ORDERS, REFERENCES)
LIBRARIES = Libraries(ORDERS, REFERENCES)
EXPRESSION = f"{ORDER}/expression/{{sample}}"


rule sample_fragments:
    """A part of the sample's reads, always the same: on which strand of genes they are, in which parts of the genome."""
    input:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        fasta=REFERENCES.file(".fa"),
        exons=REFERENCES.file(".exons.gtf"),
        parts=REFERENCES.file(".parts.saf"),
        ribosomal=REFERENCES.file(".ribosomal.saf"),
    output:
        counts=[f"{EXPRESSION}/{part}.txt" for part in ("forward", "reverse", "parts", "ribosomal")],
        summaries=[f"{EXPRESSION}/{part}.txt.summary" for part in ("forward", "reverse", "parts", "ribosomal")],
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/sample_fragments.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/sample_fragments.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(2000),
        runtime=needs(15, per_mb=0.01),
    params:
        software=versions("samtools", "featureCounts"),
        most=ORDERS.setting("sampled_reads"),
        quality=ORDERS.setting("min_mapping_quality"),
        fragments=LIBRARIES.counted_as,
        folder=lambda wildcards, output: os.path.dirname(output.counts[0]),
    message:
        "Counting a part of the fragments of sample {wildcards.sample}"
    shell:
        "(reads=$(samtools view -c -F 2308 --reference {input.fasta:q} {input.cram:q})"
        " && if [ $reads = 0 ]; then echo 'REFUSED {wildcards.sample}: found no read that aligns, expected RNA of its"
        " reference; name another reference in samples.tsv, or set its status to withdrawn.' >&2; exit 1; fi"
        " && part=$(awk -v n=$reads 'BEGIN {{ if (n > {params.most}) print \"--subsample \" {params.most} / n }}')"
        " && samtools view --no-PG -u -F 2308 $part --reference {input.fasta:q} -o {params.folder:q}/part.bam {input.cram:q}"
        ' && count() {{ featureCounts {params.fragments} -T {threads} "$@" {params.folder:q}/part.bam; }}'
        " && to={params.folder:q} && genes='-Q {params.quality} -t exon -g gene_id'"
        " && count $genes -s 1 -a {input.exons:q} -o $to/forward.txt"
        " && count $genes -s 2 -a {input.exons:q} -o $to/reverse.txt"
        " && count -Q {params.quality} -F SAF --largestOverlap -a {input.parts:q} -o $to/parts.txt"
        # Where nobody knows of ribosomal RNA there is nothing to count.
        " && if [ $(wc -l < {input.ribosomal:q}) -gt 1 ]; then count -F SAF -M -O -a {input.ribosomal:q}"
        " -o $to/ribosomal.txt; else : > $to/ribosomal.txt; : > $to/ribosomal.txt.summary; fi"
        " && rm $to/part.bam) 2> {log:q}"


rule measure_strandedness:
    """The strand of the reads, by what they say and by what the sheet does, and how they are counted."""
    input:
        summaries=[f"{EXPRESSION}/{part}.txt.summary" for part in ("forward", "reverse")],
    output:
        measured=f"{EXPRESSION}/strandedness.json",
        protocol=f"{EXPRESSION}/protocol.txt",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/measure_strandedness.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/measure_strandedness.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    resources:
        mem_mb=needs(400),
    params:
        declared=LIBRARIES.declared,
        paired=LIBRARIES.paired,
        recipe=ORDERS.recipe,
        code=code.digest("scripts/expression/strandedness.py"),
    message:
        "Measuring the strandedness of sample {wildcards.sample}"
    script:
        "../../../scripts/expression/strandedness.py"


rule count_genes:
    """Fragments of each gene by featureCounts, with duplicates and without, and the junctions that they span."""
    input:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        fasta=REFERENCES.file(".fa"),
        exons=REFERENCES.file(".exons.gtf"),
        protocol=f"{EXPRESSION}/protocol.txt",
    output:
        counts=f"{EXPRESSION}/counts.txt",
        summary=f"{EXPRESSION}/counts.txt.summary",
        junctions=f"{EXPRESSION}/counts.txt.jcounts",
        without=f"{EXPRESSION}/without_duplicates.txt",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/count_genes.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/count_genes.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(2000),
        runtime=needs(15, per_mb=0.02),
    params:
        software=versions("samtools", "featureCounts"),
        quality=ORDERS.setting("min_mapping_quality"),
        fragments=LIBRARIES.counted_as,
    message:
        "Counting the genes of sample {wildcards.sample}"
    shell:
        # featureCounts reads no CRAM. Its summary names what it read, which MultiQC takes for the sample.
        "(read -r strand library < {input.protocol:q}"
        " && count() {{ samtools view --no-PG -u --reference {input.fasta:q} {input.cram:q}"
        " | featureCounts {params.fragments} -T {threads} -Q {params.quality} -s $strand -t exon -g gene_id"
        ' -a {input.exons:q} "$@"; }}'
        " && count --ignoreDup -o {output.without:q} && count -J -o {output.counts:q}"
        " && sed -i '1s/\\t.*/\\t{wildcards.sample}/' {output.summary:q}) 2> {log:q}"


rule quantify_transcripts:
    """Fragments of each transcript by salmon, from the reads of all runs; one thread, because of several the one that is
    first decides the last digits."""
    input:
        received=LIBRARIES.received_of_sample,
        verdicts=ORDERS.of_runs("intake.json", sample=True),
        index=ANNOTATIONS.salmon_index,
        protocol=f"{EXPRESSION}/protocol.txt",
    output:
        quantities=f"{EXPRESSION}/quant.sf",
        told=f"{EXPRESSION}/salmon.json",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/quantify_transcripts.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/quantify_transcripts.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    resources:
        mem_mb=needs(2000, per_mb=1, at_most=30000),
        runtime=needs(20, per_mb=0.04),
    params:
        software=versions("salmon"),
        index=ANNOTATIONS.salmon_folder,
        reads=LIBRARIES.salmon_reads,
        folder=lambda wildcards, output: f"{os.path.dirname(output.told)}/salmon",
    message:
        "Quantifying the transcripts of sample {wildcards.sample}"
    shell:
        "(rm -rf {params.folder:q} && read -r strand library < {input.protocol:q}"
        " && {{ salmon --no-version-check quant -i {params.index:q} -l $library {params.reads} -p 1 --minAssignedFrags 1"
        # Where no fragment is of a transcript it says so, writes zeros, and ends as if it had failed.
        " -o {params.folder:q} || grep -q '\"num_mapped\": 0,' {params.folder:q}/aux_info/meta_info.json; }}"
        " && mv {params.folder:q}/aux_info/meta_info.json {output.told:q}"
        " && mv {params.folder:q}/quant.sf {output.quantities:q} && rm -rf {params.folder:q}) 2> {log:q}"


rule write_expression:
    """What was counted of a sample, as tables that say what each number is of."""
    input:
        genes=REFERENCES.file(".genes.tsv"),
        of_transcripts=REFERENCES.file(".transcripts.tsv"),
        counts=f"{EXPRESSION}/counts.txt",
        junctions=f"{EXPRESSION}/counts.txt.jcounts",
        quantities=f"{EXPRESSION}/quant.sf",
    output:
        of_genes=f"{PACKAGE}/data/{{sample}}/{{sample}}.genes.tsv",
        transcripts=f"{PACKAGE}/data/{{sample}}/{{sample}}.transcripts.tsv",
        spans=f"{PACKAGE}/data/{{sample}}/{{sample}}.junctions.tsv",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/write_expression.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/write_expression.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    resources:
        mem_mb=needs(1000),
    params:
        tag=ORDERS.order_tag,
        code=code.digest("scripts/expression/tables.py"),
    message:
        "Writing the tables of sample {wildcards.sample}"
    script:
        "../../../scripts/expression/tables.py"


rule measure_coverage:
    """How many fragments cover each base, on the strand of the transcript where the library tells it."""
    input:
        cram=f"{PACKAGE}/data/{{sample}}/{{sample}}.cram",
        fasta=REFERENCES.file(".fa"),
        protocol=f"{EXPRESSION}/protocol.txt",
    output:
        plus=f"{PACKAGE}/data/{{sample}}/{{sample}}.plus.bedgraph.gz",
        minus=f"{PACKAGE}/data/{{sample}}/{{sample}}.minus.bedgraph.gz",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/measure_coverage.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/measure_coverage.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(2500),
        runtime=needs(15, per_mb=0.03),
    params:
        software=versions("samtools", "bedtools"),
        pairs=LIBRARIES.strand_of_pairs,
    message:
        "Measuring the coverage of sample {wildcards.sample}"
    shell:
        # Reads that lie at one place alone, duplicates too. Of a reverse library read 1 is of the other strand.
        "(read -r strand library < {input.protocol:q} && if [ $strand = 2 ]; then plus=- minus=+; else plus=+ minus=-; fi"
        " && cover() {{ samtools view --no-PG -u -F 2308 -e '[NH]==1' --reference {input.fasta:q} {input.cram:q}"
        ' | bedtools genomecov -ibam - -bg -split {params.pairs} -strand "$1" | gzip -n > "$2"; }}'
        " && cover $plus {output.plus:q}.part && cover $minus {output.minus:q}.part"
        " && mv {output.plus:q}.part {output.plus:q} && mv {output.minus:q}.part {output.minus:q}) 2> {log:q}"
