"""What genomes are judged by. Who computes a new metric adds it here, and nowhere else."""

from __future__ import annotations

from scripts.lib.branch import Metric

METRICS: dict[str, Metric] = {
    "pct_autosomes_15x": Metric(
        "sample",
        "autosomes covered 15 times",
        "%",
        "GA4GH WGS QC: share of the autosomes without gaps that is covered at least 15 times by pairs without"
        " duplicates, mapping and base quality of 20, overlapping mates once",
        meaning="where coverage is lower, heterozygous variants may have been missed",
    ),
    "mean_autosome_coverage": Metric(
        "sample",
        "mean coverage",
        "x",
        "GA4GH WGS QC: mean over the autosomes, counted likewise",
        meaning="the genome was sequenced less deeply than ordered",
    ),
    "mad_autosome_coverage": Metric(
        "sample",
        "evenness of coverage",
        "x",
        "GA4GH WGS QC: median absolute deviation over the autosomes, counted likewise",
    ),
    "yield_bp_q30": Metric(
        "sample",
        "yield of quality 30",
        "bases",
        "GA4GH WGS QC: bases of quality 30 or more, duplicates and clipped ones too",
    ),
    "pct_reads_mapped": Metric(
        "sample",
        "reads mapped",
        "%",
        "GA4GH WGS QC: of all reads (samtools stats)",
        meaning="reads that do not map are of other organisms, of poor quality, or too far from the reference",
    ),
    "pct_reads_properly_paired": Metric(
        "sample", "reads properly paired", "%", "GA4GH WGS QC: of all reads (samtools stats)"
    ),
    "pct_reads_improperly_paired": Metric(
        "sample",
        "reads whose mate lies elsewhere",
        "%",
        "of all reads, those that are mapped as their mates are, but not properly paired (samtools stats)",
        meaning="callers leave such reads out; many show that the pairs are none, or lie in another way than aligners"
        " expect (mate pairs, a wrong layout in runs.tsv)",
    ),
    "mean_insert_size": Metric(
        "sample", "mean insert size", "bases", "GA4GH WGS QC: samtools stats, without the longest 1 %"
    ),
    "insert_size_std_deviation": Metric(
        "sample", "spread of insert sizes", "bases", "GA4GH WGS QC: samtools stats, likewise"
    ),
    "count_snvs": Metric("sample", "SNVs", "variants", "GA4GH WGS QC: passing, on autosomes; shifts with ancestry"),
    "count_insertions": Metric("sample", "insertions", "variants", "GA4GH WGS QC: likewise, shorter than 50 bases"),
    "count_deletions": Metric("sample", "deletions", "variants", "GA4GH WGS QC: likewise, shorter than 50 bases"),
    "ratio_insertion_deletion": Metric("sample", "insertions to deletions", "", "GA4GH WGS QC: of those"),
    "ratio_transitions_transversions_snv": Metric(
        "sample", "transitions to transversions", "", "GA4GH WGS QC: of the SNVs"
    ),
    "ratio_heterozygous_homzygous_snv": Metric(
        "sample",
        "heterozygous to homozygous SNVs",
        "",
        "GA4GH WGS QC (whose spelling this is); shifts with ancestry",
    ),
    "ratio_heterozygous_homzygous_indel": Metric(
        "sample",
        "heterozygous to homozygous indels",
        "",
        "GA4GH WGS QC (whose spelling this is); shifts with ancestry",
    ),
    "gel_pct_autosomes_15x": Metric(
        "sample",
        "autosomes covered 15 times, by Genomics England",
        "%",
        "share of the autosomes without gaps covered at least 15 times; mapping quality above 10, no duplicates,"
        " overlapping mates once, no limit of base quality",
        meaning="where coverage is lower, heterozygous variants may have been missed",
    ),
    "gel_yield_bp_q30": Metric(
        "sample",
        "yield of quality 30, by Genomics England",
        "bases",
        "aligned bases of quality 30 or more without duplicates, overlapping mates once",
        meaning="fewer good bases leave more positions with uncertain genotypes",
    ),
    "x_coverage_ratio": Metric(
        "sample",
        "coverage of X",
        "of autosomes",
        "mean outside of the pseudoautosomal regions over the autosomes' mean",
    ),
    "y_coverage_ratio": Metric("sample", "coverage of Y", "of autosomes", "likewise"),
    "x_expected_bases": Metric(
        "sample",
        "bases to be expected on X",
        "bases",
        "of two copies, by the autosomes' mean: what the ratio is worth",
    ),
    "y_expected_bases": Metric("sample", "bases to be expected on Y", "bases", "likewise"),
    "cross_contamination_rate": Metric(
        "sample",
        "contamination",
        "fraction",
        "GA4GH WGS QC: another person's share of the DNA, by maximum likelihood (Jun et al. 2012) at the sites of"
        " the reference's panel of allele frequencies; without a panel not measured",
        meaning="reads of another person give false heterozygous variants",
    ),
    "pct_reference_reads_at_homozygous_snvs": Metric(
        "sample",
        "reference reads at homozygous SNVs",
        "%",
        "a hint at contamination that needs no panel (as CHARR, Lu et al. 2023, but without allele frequencies):"
        " zero but for errors in a pure sample, about half the contamination in a mixed one",
    ),
    "count_sex_mismatches": Metric(
        "sample",
        "contradictions to the declared sex",
        "checks",
        "coverage of X and Y says the other sex; 0 where it says nothing",
        meaning="identity.tsv says why; the sample may be another's",
    ),
    "count_donor_mismatches": Metric(
        "sample",
        "contradictions to the declared donors",
        "samples",
        "samples of the same donor that differ, and of another that are the same; 0 where too little is known",
        meaning="identity.tsv says which; samples may be swapped",
    ),
    "count_pedigree_mismatches": Metric(
        "sample",
        "contradictions to the declared parents",
        "checks",
        "declared parents and children whose genotypes cannot be so; 0 where too little is known",
        meaning="identity.tsv says which; samples may be swapped, or the pedigree is another",
    ),
    "pct_reads_duplicated": Metric("sample", "duplicate reads", "%", "of all reads (samtools stats)"),
    "pct_reads_spliced": Metric(
        "sample",
        "reads over introns",
        "%",
        "of about 100,000 mapped reads, those aligned in two parts that follow each other in the read and lie 50 to"
        " 500,000 bases apart in the genome",
        meaning="the reads may be of RNA, whose depths and alleles are not the genome's",
    ),
    "pct_reads_joined": Metric(
        "sample",
        "reads that are two mates",
        "%",
        "of about 100,000 mapped reads, those aligned in two parts that follow each other in the read and lie on"
        " opposite strands within 2,000 bases",
        meaning="each read may hold both mates: say so in the column layout of runs.tsv",
    ),
    "pct_reads_converted": Metric(
        "sample",
        "reads without C or G",
        "%",
        "of about 100,000 reads with 15 or more C and G, those with a tenth of them or less of one kind",
        meaning="the DNA may have been converted (bisulphite, enzymes): C reads as T, and is called so",
    ),
    "pct_targets_20x": Metric(
        "sample",
        "targets covered 20 times",
        "%",
        "share of the target regions that is covered at least 20 times, counted as Picard's CollectHsMetrics does",
        meaning="variants in targets that are covered less may have been missed",
    ),
    "mean_targets_coverage": Metric("sample", "mean coverage of targets", "x", "counted likewise"),
    "mad_targets_coverage": Metric(
        "sample", "evenness of coverage of targets", "x", "median absolute deviation, counted likewise"
    ),
    "pct_bases_on_target": Metric(
        "sample",
        "bases on target",
        "%",
        "share of all aligned bases, duplicates too, that lie in the targets (no padding)",
    ),
    "fold_80_base_penalty": Metric(
        "sample",
        "fold-80",
        "",
        "Picard: mean coverage over what 80 % of the positions reach, in targets that caught anything",
    ),
}
