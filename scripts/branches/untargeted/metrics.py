"""What untargeted orders are judged by. Who computes a new metric adds it here, and nowhere else."""

from __future__ import annotations

from scripts.lib.branch import Metric

METRICS: dict[str, Metric] = {
    "count_features": Metric(
        "sample",
        "features found",
        "features",
        "in the poorest of the sample's runs",
        meaning="an injection in which next to nothing is found has most likely failed",
    ),
    "pct_usual_features": Metric(
        "sample",
        "usual features found",
        "%",
        "of the features that 80 % of the QC pools show and blanks do not, in the poorest of the sample's runs;"
        " with fewer than two pools, of those that 80 % of the other samples show",
        meaning="the run may be of a blank or of another material, under this sample's name",
        roles=("sample",),
    ),
    "mass_offset_ppm": Metric(
        "sample",
        "m/z off the order's",
        "ppm",
        "of the ions that the run shares with the reference run, the largest over their range of m/z, before it was"
        " corrected, in the worst of the sample's runs",
        meaning="the instrument was out of calibration; ions may have been lost or taken for others",
    ),
    "rt_residual_s": Metric(
        "sample",
        "retention time off the order's",
        "s",
        "median distance of the ions that the run shares with the reference run, after alignment, in the worst of the"
        " sample's runs",
        meaning="times could not be aligned, so that its peaks stand in rows of their own, or in those of others",
    ),
    "count_linked_features": Metric("order", "features in the matrix", "features", "rows of the matrix"),
    "count_kept_features": Metric(
        "order", "features kept", "features", "neither in the blanks, nor scattering, nor missing in pools"
    ),
    "median_pool_rsd_pct": Metric(
        "order",
        "spread between QC pools",
        "%",
        "median over features of the relative standard deviation in pools (two or more), normalised areas",
        meaning="pools are the same material each time, so differences of that size may be measurement",
    ),
    "median_pool_rsd_raw_pct": Metric(
        "order", "spread between QC pools before normalisation", "%", "the same, raw areas"
    ),
    "pct_features_in_one_run": Metric(
        "order",
        "features that one run alone shows",
        "%",
        "share of the features that any run but the blanks shows; with two samples or more",
        meaning="runs that share next to nothing were not measured as this service measures, or hold unlike materials",
    ),
    "pct_features_in_all_pools": Metric(
        "order", "features found in every QC pool", "%", "share of all features of the matrix"
    ),
}
