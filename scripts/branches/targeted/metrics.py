"""What targeted orders are judged by. Who computes a new metric adds it here, and nowhere else."""

from __future__ import annotations

from scripts.lib.branch import Metric

METRICS: dict[str, Metric] = {
    "pct_targets_quantified": Metric(
        "sample", "compounds with a concentration", "%", "of the accepted compounds, inside the working range"
    ),
    "pct_internal_standards_in_limits": Metric(
        "sample",
        "internal standards in limits",
        "%",
        "found, with an area within the recipe's share of the median",
        meaning="extraction or injection of that sample went differently from the others",
    ),
    "mass_offset_ppm": Metric(
        "sample",
        "m/z off the order's",
        "ppm",
        "median over the compounds of what its m/z deviates from their medians over all runs, in the worst of the"
        " sample's runs; with five compounds in three runs or more",
        meaning="the instrument was out of calibration; ions may have been lost or taken for others",
    ),
    "rt_residual_s": Metric(
        "sample",
        "retention time off the order's",
        "s",
        "median over the compounds of what its times differ from their medians over all runs, beside what all of them"
        " are late by, in the worst of the sample's runs; with five compounds in three runs or more",
        meaning="compounds did not elute as in the other runs; peaks may be taken for those of others",
    ),
    "count_compounds_accepted": Metric(
        "order", "compounds accepted", "compounds", "calibrators and controls as ICH M10 asks, in every batch"
    ),
    "pct_compounds_accepted": Metric(
        "order",
        "compounds accepted",
        "%",
        "of the compounds that have calibrators; ICH M10, in every batch",
        meaning="concentrations of the other compounds are not to be relied on",
    ),
    "count_control_levels": Metric(
        "order",
        "levels of controls",
        "levels",
        "the fewest for any compound in any batch; ICH M10, 3.3.1",
        meaning="too few controls to see an error that grows or shrinks with the concentration",
    ),
    "count_compounds_carried_over": Metric(
        "order",
        "compounds carried over",
        "compounds",
        "in the blank after the highest calibrator; ICH M10, 3.2.6",
        meaning="low values after high ones may be remains of the injection before",
    ),
    "pct_samples_bracketed": Metric(
        "order", "samples between controls", "%", "controls injected before and after, in the batch; ICH M10, 3.3.2"
    ),
}
