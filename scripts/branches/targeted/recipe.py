"""What the catalogue says of targeted metabolomics: what it accepts, its recipe and what it delivers."""

from __future__ import annotations

from typing import Any, Literal

from scripts.lib.limits import SpectraLimits
from scripts.lib.registry.catalogue import Deliverable, Service
from scripts.lib.registry.models import Strict, column


class Extraction(Strict):
    """How the peak of a known compound is found and integrated."""

    mz_tolerance_ppm: float = column("full scans: greatest deviation from the ion's m/z", "ppm", 10.0)
    transition_tolerance: float = column("SRM: greatest deviation of precursor and product m/z", "a number", 0.3)
    window_s: float = column("the apex lies at most this far from the retention time", "seconds", 15.0)
    rt_tolerance_s: float = column(
        "the same where the internal standard of the run shows how far times are shifted", "seconds", 4.0
    )
    other_peak: float = column(
        "another peak that near is told (`other_peak`) from this share of the height on", "a share", 0.1
    )
    smoothing_scans: float = column("standard deviation of the Gaussian by which apexes are found", "scans", 1.0)
    border: float = column("a peak is integrated down to this share of its height", "a share", 0.05)
    min_snr: float = column("least height, as a multiple of the noise", "a number", 5.0)
    min_points: int = column("least number of scans between the borders with signal", "a whole number", 5)


class Calibration(Strict):
    """How areas become concentrations, and when they are believed. Defaults: ICH M10 (2022)."""

    model: Literal["auto", "linear", "quadratic"] = column("the curve", "auto, linear or quadratic", "auto")
    weighting: Literal["auto", "none", "1/x", "1/x2"] = column(
        "weights of the calibrators", "auto, none, 1/x or 1/x2", "auto"
    )
    tolerance_pct: float = column("calibrators read back within this of nominal (ICH M10, 3.2.4)", "%", 15.0)
    lloq_tolerance_pct: float = column("the same at the lowest level (ICH M10, 3.2.4)", "%", 20.0)
    min_calibrators_pct: float = column("share of the calibrators that must (ICH M10, 3.2.4)", "%", 75.0)
    min_levels: int = column("levels that must stay (ICH M10, 3.2.4)", "a whole number", 6)
    exclude: bool = column(
        "leave out calibrators that miss the tolerance, worst first, as long as the two rules above allow it",
        "true or false",
        False,
    )
    control_tolerance_pct: float = column("controls read within this of nominal (ICH M10, 3.3.2)", "%", 15.0)
    min_controls_pct: float = column("share of all controls that must (ICH M10, 3.3.2)", "%", 66.6)
    min_level_controls_pct: float = column("share of the controls of each level that must (ICH M10, 3.3.2)", "%", 50.0)
    carry_over_pct: float = column(
        "area in the blank after the highest calibrator, of that at the lowest (ICH M10, 3.2.6)", "%", 20.0
    )
    carry_over_standard_pct: float = column(
        "the same for the internal standard, of its median area (ICH M10, 3.2.6)", "%", 5.0
    )
    ion_ratio_pct: float = column(
        "greatest deviation from the expected ion ratio (SANTE/11312/2021, table 3)", "%", 30.0
    )
    max_late_s: float = column(
        "a peak that is further from the target list's time is told (`retention_time`)", "seconds", 6.0
    )
    standard_min_pct: float = column(
        "least area of an internal standard, of its median in the batch (facility practice)", "%", 50.0
    )
    standard_max_pct: float = column(
        "greatest area of an internal standard, of its median in the batch (facility practice)", "%", 150.0
    )


class TargetedRecipe(Strict):
    """How spectra or transitions become concentrations; what is left out keeps its default."""

    acquisition: Literal["full_scan", "srm"] = column(
        "what the instrument recorded: spectra, or chromatograms of transitions", "full_scan or srm", "full_scan"
    )
    centroiding: dict[str, Any] = column("centroiding of profile spectra", "parameter: value", {})
    extraction: Extraction = column("finding the peaks", "keys of the extraction", Extraction())
    calibration: Calibration = column("curves, controls, standards", "keys of the calibration", Calibration())


class TargetedService(Service):
    """A service of the metabolomics branch that measures the compounds of targets.tsv."""

    domain: Literal["metabolomics"] = column("the metabolomics branch runs", "genomics or metabolomics")
    approach: Literal["targeted"] = column(
        "whether all features are wanted or the compounds of targets.tsv", "untargeted or targeted"
    )
    accepts: list[Literal["mzml", "mzxml", "netcdf", "areas"]] = column(
        "formats of received files; `areas`: peak areas that were integrated elsewhere", "mzml, mzxml, netcdf, areas"
    )
    intake: SpectraLimits = column(
        "limits by which intake judges files", "keys of the intake of spectra", SpectraLimits()
    )
    recipe: TargetedRecipe = column("tools and parameters", "keys of the targeted recipe", TargetedRecipe())
    deliverables: dict[
        Literal["spectra", "peaks", "concentrations", "workbook", "mztab", "calibration", "chromatograms"], Deliverable
    ] = column(
        "what the package contains",
        "spectra, peaks, concentrations, workbook, mztab, calibration, chromatograms: {format, edam}",
    )
