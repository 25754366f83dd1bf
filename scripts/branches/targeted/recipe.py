"""What the catalogue says of targeted metabolomics: what it accepts, its recipe and what it delivers."""

from __future__ import annotations

from typing import Literal

from scripts.lib import recipe
from scripts.lib.limits import SpectraLimits
from scripts.lib.recipe import Real, Whole, number
from scripts.lib.registry.catalogue import Service
from scripts.lib.registry.models import Strict, column


class Centroiding(recipe.Centroiding):
    """Which spectra are the sample's, and centroiding of those that are profile."""

    parts: bool = column(
        "MS1 scans of a part of the m/z range (SIM, segments) are used: an ion is measured in one kind that shows it",
        "true or false",
        True,
    )


class Extraction(Strict):
    """How the peak of a known compound is found and integrated."""

    mz_tolerance_ppm: Real = number("full scans: greatest deviation from the ion's m/z", "ppm", 10.0, above=0)
    transition_tolerance: Real = number("SRM: greatest deviation of precursor and product m/z", "", 0.3, above=0)
    window_s: Real = number("the apex lies at most this far from the retention time", "seconds", 15.0, above=0)
    rt_tolerance_s: Real = number(
        "the same where the internal standard of the run shows how far times are shifted", "seconds", 4.0, above=0
    )
    other_peak: Real = number(
        "another peak that near is told (`other_peak`) from this share of the height on",
        "a share",
        0.1,
        least=0,
        most=1,
    )
    smoothing_scans: Real = number(
        "standard deviation of the Gaussian by which apexes are found", "scans", 1.0, above=0
    )
    border: Real = number("a peak is integrated down to this share of its height", "a share", 0.05, least=0, below=1)
    min_snr: Real = number("least height, as a multiple of the noise", "", 5.0, least=0)
    min_points: Whole = number("least number of scans between the borders with signal", "", 5, least=1)


class Calibration(Strict):
    """How areas become concentrations, and when they are believed. Defaults: ICH M10 (2022)."""

    model: Literal["auto", "linear", "quadratic"] = column("the curve", "auto, linear or quadratic", "auto")
    weighting: Literal["auto", "none", "1/x", "1/x2"] = column(
        "weights of the calibrators", "auto, none, 1/x or 1/x2", "auto"
    )
    tolerance_pct: Real = number("calibrators read back within this of nominal (ICH M10, 3.2.4)", "%", 15.0, least=0)
    lloq_tolerance_pct: Real = number("the same at the lowest level (ICH M10, 3.2.4)", "%", 20.0, least=0)
    min_calibrators_pct: Real = number(
        "share of the calibrators that must (ICH M10, 3.2.4)", "%", 75.0, least=0, most=100
    )
    min_levels: Whole = number("levels that must stay (ICH M10, 3.2.4)", "", 6, least=1)
    exclude: bool = column(
        "leave out calibrators that miss the tolerance, worst first, as long as the two rules above allow it",
        "true or false",
        False,
    )
    control_tolerance_pct: Real = number("controls read within this of nominal (ICH M10, 3.3.2)", "%", 15.0, least=0)
    min_controls_pct: Real = number("share of all controls that must (ICH M10, 3.3.2)", "%", 66.6, least=0, most=100)
    min_level_controls_pct: Real = number(
        "share of the controls of each level that must (ICH M10, 3.3.2)", "%", 50.0, least=0, most=100
    )
    carry_over_pct: Real = number(
        "area in the blank after the highest calibrator, of that at the lowest (ICH M10, 3.2.6)", "%", 20.0, least=0
    )
    carry_over_standard_pct: Real = number(
        "the same for the internal standard, of its median area (ICH M10, 3.2.6)", "%", 5.0, least=0
    )
    ion_ratio_pct: Real = number(
        "greatest deviation from the expected ion ratio (SANTE/11312/2021, table 3)", "%", 30.0, least=0
    )
    max_late_s: Real = number(
        "a peak that is further from the target list's time is told (`retention_time`)", "seconds", 6.0, above=0
    )
    standard_min_pct: Real = number(
        "least area of an internal standard, of its median in the batch (facility practice)", "%", 50.0, least=0
    )
    standard_max_pct: Real = number(
        "greatest area of an internal standard, of its median in the batch (facility practice)", "%", 150.0, least=0
    )


class TargetedRecipe(Strict):
    """How spectra or transitions become concentrations; what is left out keeps its default."""

    acquisition: Literal["full_scan", "srm"] = column(
        "what the instrument recorded: spectra, or chromatograms of transitions", "full_scan or srm", "full_scan"
    )
    centroiding: Centroiding = column("centroiding of profile spectra", "its parameters, below", Centroiding())
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
