"""Annotation: the genes of a reference, and the indexes that are built of both, once, and shared by all orders.

in   the GTF or GFF3 of config.yaml, and its transcripts and ribosomal RNA where it names some; the prepared reference
out  results/references/{reference}/{reference}.exons.gtf    the exons alone, sound and on the reference
       {reference}.genes.tsv, .transcripts.tsv, .transcripts.fa, .parts.saf, .ribosomal.saf    what is counted
       star/, {reference}.hisat2.*, salmon.{decoys}.{kmer}/    indexes; each is made anew when what it is made of changes
"""

from scripts.branches.transcriptomes.annotation import (
    HISAT2_FILES,
    HISAT2_INDEX,
    SALMON_FILES,
    SALMON_INDEX,
    STAR_FILES,
    STAR_INDEX,
    Annotations,
)

ANNOTATIONS = Annotations(ORDERS, REFERENCES)


rule examine_annotation:
    """The annotation, held against its genome, or nobody's reads are counted by it."""
    input:
        received=ANNOTATIONS.received,
        fai=f"{REFERENCE}/{{reference}}.fa.fai",
        transcripts=ANNOTATIONS.transcripts,
        rrna=ANNOTATIONS.rrna,
    output:
        exons=f"{REFERENCE}/{{reference}}.exons.gtf",
        genes=f"{REFERENCE}/{{reference}}.genes.tsv",
        of_transcripts=f"{REFERENCE}/{{reference}}.transcripts.tsv",
        parts=f"{REFERENCE}/{{reference}}.parts.saf",
        ribosomal=f"{REFERENCE}/{{reference}}.ribosomal.saf",
    log:
        "logs/references/{reference}/examine_annotation.log",
    benchmark:
        "benchmarks/references/{reference}/examine_annotation.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    resources:
        mem_mb=needs(1000, per_mb=4),
        runtime=needs(10, per_mb=0.01),
    params:
        code=code.digest("scripts/expression/annotation.py"),
    message:
        "Examining the annotation of {wildcards.reference}"
    script:
        "../../../scripts/expression/annotation.py"


rule index_for_star:
    input:
        fasta=f"{REFERENCE}/{{reference}}.aligned.fa",
        fai=f"{REFERENCE}/{{reference}}.fa.fai",
        exons=f"{REFERENCE}/{{reference}}.exons.gtf",
    output:
        index=[f"{STAR_INDEX}/{file}" for file in STAR_FILES],
    log:
        "logs/references/{reference}/index_for_star.log",
    benchmark:
        "benchmarks/references/{reference}/index_for_star.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    threads: 2
    resources:
        # Measured on the human genome by its author: 30 GB; the ten bytes a base that its manual names.
        mem_mb=needs(1500, per_mb=11),
        runtime=needs(10, per_mb=0.05),
    params:
        software=versions("STAR"),
        folder=lambda wildcards, output: os.path.dirname(output.index[0]),
    message:
        "Indexing {wildcards.reference} for STAR"
    shell:
        # Its manual's formulas for genomes that are small, or of many sequences.
        "(rm -rf {params.folder:q}.part && mkdir -p {params.folder:q}.part"
        " && read -r bases count < <(awk '{{ total += $2; n++ }} END {{ print total, n }}' {input.fai:q})"
        " && small=$(awk -v n=$bases 'BEGIN {{ v = int(log(n) / log(2) / 2 - 1); print v < 14 ? v : 14 }}')"
        " && bins=$(awk -v n=$bases -v c=$count 'BEGIN {{ v = int(log(n / c > 101 ? n / c : 101) / log(2));"
        " print v < 18 ? v : 18 }}')"
        " && STAR --runMode genomeGenerate --runThreadN {threads} --genomeDir {params.folder:q}.part"
        " --genomeFastaFiles {input.fasta:q} --sjdbGTFfile {input.exons:q} --sjdbOverhang 100"
        " --genomeSAindexNbases $small --genomeChrBinNbits $bins --outTmpDir {params.folder:q}.part/tmp"
        " --outFileNamePrefix {params.folder:q}.part/ --limitGenomeGenerateRAM $(({resources.mem_mb} * 1000000))"
        " && for file in {output.index:q}; do mv {params.folder:q}.part/${{file##*/}} $file; done"
        " && rm -rf {params.folder:q}.part) > {log:q} 2>&1"


rule index_for_hisat2:
    """Its index of the genome alone: that with junctions inside takes eight times the memory. They are told apart."""
    input:
        fasta=f"{REFERENCE}/{{reference}}.aligned.fa",
        exons=f"{REFERENCE}/{{reference}}.exons.gtf",
    output:
        index=[f"{HISAT2_INDEX}{suffix}" for suffix in HISAT2_FILES],
        junctions=f"{HISAT2_INDEX}.junctions.tsv",
    log:
        "logs/references/{reference}/index_for_hisat2.log",
    benchmark:
        "benchmarks/references/{reference}/index_for_hisat2.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(1000, per_mb=3),
        runtime=needs(10, per_mb=0.1),
    params:
        software=versions("hisat2"),
        prefix=lambda wildcards, output: output.junctions.removesuffix(".junctions.tsv"),
    message:
        "Indexing {wildcards.reference} for HISAT2"
    shell:
        "(hisat2_extract_splice_sites.py {input.exons:q} | cat > {output.junctions:q}.part"
        " && hisat2-build -q -p {threads} {input.fasta:q} {params.prefix:q}.part"
        " && for file in {output.index:q}; do mv {params.prefix:q}.part${{file#{params.prefix:q}}} $file; done"
        " && mv {output.junctions:q}.part {output.junctions:q}) 2> {log:q}"


rule write_transcripts:
    """The sequences of the annotation's transcripts: those that config.yaml names, else cut out of the genome."""
    input:
        fasta=f"{REFERENCE}/{{reference}}.fa",
        fai=f"{REFERENCE}/{{reference}}.fa.fai",
        exons=f"{REFERENCE}/{{reference}}.exons.gtf",
        transcripts=ANNOTATIONS.transcripts,
    output:
        fasta=f"{REFERENCE}/{{reference}}.transcripts.fa",
    log:
        "logs/references/{reference}/write_transcripts.log",
    benchmark:
        "benchmarks/references/{reference}/write_transcripts.tsv"
    conda:
        "../../../envs/transcriptomics.yaml"
    resources:
        mem_mb=needs(1500, per_mb=1),
        runtime=needs(10, per_mb=0.01),
    params:
        software=versions("gffread"),
        source=ANNOTATIONS.transcripts_source,
    message:
        "Writing the transcripts of {wildcards.reference}"
    shell:
        "({params.source} | cat > {output.fasta:q}.part && mv {output.fasta:q}.part {output.fasta:q}) 2> {log:q}"


rule index_for_salmon:
    """Transcripts, each under its own name even where two are alike, with the genome as decoy where the recipe says so."""
    input:
        transcripts=f"{REFERENCE}/{{reference}}.transcripts.fa",
        fasta=f"{REFERENCE}/{{reference}}.fa",
        fai=f"{REFERENCE}/{{reference}}.fa.fai",
    output:
        index=[f"{SALMON_INDEX}/{file}" for file in SALMON_FILES],
    log:
        "logs/references/{reference}/index_for_salmon.{decoys}.{kmer}.log",
    benchmark:
        "benchmarks/references/{reference}/index_for_salmon.{decoys}.{kmer}.tsv"
    wildcard_constraints:
        decoys="genome|none",
        kmer="\\d+",
    conda:
        "../../../envs/transcriptomics.yaml"
    threads: 2
    resources:
        mem_mb=needs(1000, per_mb=6),
        runtime=needs(15, per_mb=0.05),
    params:
        software=versions("salmon"),
        folder=lambda wildcards, output: os.path.dirname(output.index[0]),
    message:
        "Indexing the transcripts of {wildcards.reference} for salmon"
    shell:
        "(rm -rf {params.folder:q}.part && mkdir -p {params.folder:q}.part"
        " && {{ cat {input.transcripts:q}; [ {wildcards.decoys} = none ] || cat {input.fasta:q}; }}"
        " > {params.folder:q}.part/all.fa && cut -f1 {input.fai:q} > {params.folder:q}.part/decoys.txt"
        " && salmon --no-version-check index -k {wildcards.kmer} -p {threads} --keepDuplicates"
        " $([ {wildcards.decoys} = none ] || echo -d {params.folder:q}.part/decoys.txt)"
        " -t {params.folder:q}.part/all.fa -i {params.folder:q}.part/index"
        " && for file in {output.index:q}; do mv {params.folder:q}.part/index/${{file##*/}} $file; done"
        " && rm -rf {params.folder:q}.part) > {log:q} 2>&1"
