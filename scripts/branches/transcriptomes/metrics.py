"""What transcriptomes are judged by. Who computes a new metric adds it here, and nowhere else."""

from __future__ import annotations

from scripts.lib.branch import Metric

METRICS: dict[str, Metric] = {
    "count_fragments": Metric("sample", "fragments", "fragments", "single reads, or pairs, received"),
    "count_fragments_aligned": Metric(
        "sample",
        "fragments aligned",
        "fragments",
        "single reads, or pairs, that the aligner placed at least once; primary alignments, duplicates too",
        meaning="genes of low expression are seen by chance, or not at all",
    ),
    "pct_fragments_aligned": Metric(
        "sample",
        "fragments aligned",
        "%",
        "of all fragments",
        meaning="reads that do not align are of other organisms, of poor quality, or of adapters",
    ),
    "pct_fragments_unique": Metric(
        "sample", "fragments of one place", "%", "of all fragments; those with the tag NH:1, which alone are counted"
    ),
    "pct_fragments_multiple": Metric("sample", "fragments of several places", "%", "of all fragments; NH of 2 or more"),
    "pct_exonic": Metric(
        "sample",
        "exonic",
        "%",
        "of the fragments of one place in a part of the reads (sampled_reads): the greatest overlap is with an exon of"
        " any gene (featureCounts --largestOverlap)",
    ),
    "pct_intronic": Metric(
        "sample",
        "intronic",
        "%",
        "likewise, inside of a gene and of no exon",
        meaning="much of it is RNA that was not spliced yet, or genomic DNA",
    ),
    "pct_intergenic": Metric(
        "sample",
        "outside of genes",
        "%",
        "likewise, in no gene",
        meaning="genomic DNA, or genes that the annotation lacks",
    ),
    "pct_genomic_dna": Metric(
        "sample",
        "genomic DNA at most",
        "%",
        "of the same fragments: those outside of genes, each base of the genome taken to have as many; an upper bound,"
        " not told where genes leave less than a twentieth of the genome",
        meaning="DNA was not digested: counts of all genes are too high by what lies in their exons",
    ),
    "pct_ribosomal": Metric(
        "sample",
        "ribosomal RNA",
        "%",
        "of the aligned fragments in the same part, those of several places too: primary alignment on ribosomal RNA, by"
        " the reference's `rrna` or the biotypes rRNA, Mt_rRNA, rRNA_pseudogene; what the genome lacks is not seen",
        meaning="ribosomal RNA was not depleted, and takes the reads that genes lack",
    ),
    "pct_wrong_strand": Metric(
        "sample",
        "wrong strand",
        "%",
        "of the fragments of genes, in the same part, by featureCounts on one strand and on the other: those on the"
        " strand that the library, as declared, does not have",
        meaning="the protocol is another than declared, libraries were mixed, or there is genomic DNA",
    ),
    "count_genes_detected": Metric(
        "sample", "genes detected", "genes", "genes with at least min_gene_reads fragments (featureCounts)"
    ),
    "pct_genes_saturated": Metric(
        "sample",
        "saturation",
        "%",
        "genes that half of the fragments would have shown, of those seen: expected by Hurlbert 1971,"
        " doi:10.2307/1934145",
        meaning="deeper sequencing would show more genes",
    ),
    "pct_duplicates": Metric(
        "sample",
        "duplicates",
        "%",
        "of the mapped reads (samtools markdup, within each library); much of it is expression: see the next",
    ),
    "pct_duplicates_low_expression": Metric(
        "sample",
        "duplicates of low expression",
        "%",
        "of the fragments of genes with at most low_expression reads a kb, where chance makes hardly any; after"
        " dupRadar, doi:10.1186/s12859-016-1276-2",
        meaning="the library was made of too little RNA, and amplified",
    ),
    "mean_fragment_length": Metric("sample", "mean fragment length", "bases", "salmon's, within transcripts; of pairs"),
    "bias_5_prime": Metric(
        "sample",
        "5' bias",
        "",
        "Picard CollectRnaSeqMetrics: mean coverage of the first 100 bases relative to the transcript's, median over"
        " the most covered transcripts; here of reads of one place, and of the longest transcript of a gene",
    ),
    "bias_3_prime": Metric("sample", "3' bias", "", "likewise, of the last 100 bases"),
    "bias_5_to_3_prime": Metric(
        "sample",
        "5' to 3' bias",
        "",
        "likewise, the first relative to the last",
        meaning="RNA was degraded before poly-A selection: the 3' ends of transcripts alone are covered",
    ),
    "count_sex_mismatches": Metric(
        "sample",
        "sex contradicts",
        "samples",
        "1 where the declared sex is not that of the expressed genes (female_genes, male_genes, sex_tpm)",
        meaning="the sample may be another person's",
    ),
    "spearman_isogenic": Metric(
        "sample",
        "correlation with isogenic replicates",
        "",
        "Spearman's, of TPM of the genes that either sample has min_gene_reads fragments of; median over the samples of"
        " its group and donor",
        meaning="it is unlike its replicates",
    ),
    "spearman_replicates": Metric(
        "sample",
        "correlation with replicates",
        "",
        "likewise, over the samples of its group that are another donor's, or nobody's",
        meaning="it is unlike its replicates",
    ),
    "count_group_mismatches": Metric(
        "sample",
        "out of its group",
        "samples",
        "1 where the mean distance (log2 of normalised counts, most variable genes) to another group's samples is less"
        " than to its own group's",
        meaning="samples may be swapped",
    ),
}
