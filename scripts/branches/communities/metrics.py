"""What communities are judged by. Who computes a new metric adds it here, and nowhere else."""

from __future__ import annotations

from scripts.lib.branch import Metric

METRICS: dict[str, Metric] = {
    "pct_reads_with_primers": Metric(
        "sample",
        "reads with primers",
        "%",
        "of the pairs (or single reads) received, those that begin with both primers, in either orientation (cutadapt);"
        " not measured where the primers were removed before",
        meaning="the primers may be others than the service's, or were removed before",
    ),
    "pct_reads_swapped": Metric(
        "sample",
        "reads in the other orientation",
        "%",
        "of the reads with primers, those whose first mate begins with the reverse primer; they are turned",
        meaning="forward and reverse files may be swapped; the reads were turned",
    ),
    "pct_reads_filtered": Metric(
        "sample",
        "reads of good quality",
        "%",
        "of the reads with primers (UNOISE: of those merged), those that pass the filter of expected errors",
    ),
    "pct_reads_merged": Metric(
        "sample",
        "pairs merged",
        "%",
        "of the reads that passed the filter (UNOISE: of those with primers), those whose mates overlap and agree; not"
        " measured of single reads",
        meaning="the mates may not overlap: `reads: forward` in the recipe uses the forward ones alone",
    ),
    "pct_reads_chimeric": Metric(
        "sample", "chimeric reads", "%", "of the reads of all variants, those of variants that are chimeras of others"
    ),
    "pct_reads_out_of_length": Metric(
        "sample",
        "reads of another length",
        "%",
        "of the reads of variants that are no chimeras, those of variants outside the lengths of the recipe",
        meaning="the run may hold another region, or primer dimers",
    ),
    "pct_reads_contaminant": Metric(
        "sample",
        "reads of contaminants",
        "%",
        "of the reads of variants of right length, those of variants that blanks or concentrations tell to be"
        " contaminants (Davis et al. 2018); not measured without a blank or concentrations",
        meaning="little of the DNA may have been the sample's own",
    ),
    "pct_reads_classified": Metric(
        "sample",
        "reads classified",
        "%",
        "of the reads kept, those of variants whose phylum is named with the recipe's confidence",
        meaning="the database may be of another marker, or the reads of no organism in it",
    ),
    "count_reads_kept": Metric(
        "sample",
        "reads kept",
        "reads",
        "pairs or single reads of variants that were kept",
        meaning="rare members may have been missed",
    ),
    "count_variants": Metric("sample", "variants", "variants", "kept variants with at least one read"),
    "pct_variants_at_half_depth": Metric(
        "sample",
        "variants found in half of the reads",
        "%",
        "of the sample's variants, those to be expected in a random half of its reads (rarefaction, Hurlbert 1971)",
        meaning="the curve still rises: more reads would show more variants",
    ),
    "pct_mock_found": Metric(
        "sample",
        "expected variants of the mock",
        "%",
        "of the variants that a mock community holds between the primers, those that are found without an error",
        meaning="what samples hold may have been missed too",
        roles=("control",),
    ),
    "pct_mock_foreign": Metric(
        "sample",
        "foreign reads in the mock",
        "%",
        "of the mock's reads of no chimera, those of variants that it does not hold",
        meaning="reads of others hopped, the mock is contaminated, or errors passed for variants",
        roles=("control",),
    ),
    "count_mock_false": Metric(
        "sample",
        "false variants in the mock",
        "variants",
        "kept variants of the mock that it does not hold and no other sample of the batch has more reads of",
        meaning="errors may have passed for variants",
        roles=("control",),
    ),
    "mock_distance": Metric(
        "sample",
        "distance from the mock's composition",
        "",
        "Bray-Curtis distance between the mock's expected shares and those found",
        meaning="PCR preferred some members; shares in samples are changed likewise",
        roles=("control",),
    ),
    "pct_reads_hopped": Metric(
        "order",
        "reads that hopped",
        "%",
        "of the reads of variants that a mock does not hold, those that are in it: the greatest of the mocks; not"
        " measured without one",
    ),
    "pct_blank_reads": Metric(
        "order",
        "reads of blanks",
        "%",
        "reads kept or of contaminants in the richest blank, of the median of the samples; not measured without one",
        meaning="a blank has about as many reads as samples: samples may hold little but contaminants",
    ),
    "count_contaminants": Metric("order", "contaminants", "variants", "variants that are told to be contaminants"),
}
