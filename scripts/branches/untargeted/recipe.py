"""What the catalogue says of untargeted metabolomics: what it accepts, its recipe and what it delivers."""

from __future__ import annotations

from typing import Literal

from scripts.lib import recipe
from scripts.lib.limits import SpectraLimits
from scripts.lib.recipe import Number, Section, number
from scripts.lib.registry.catalogue import Service
from scripts.lib.registry.models import PATH, Strict, column

SECTION = "its parameters, below"


class Centroiding(recipe.Centroiding):
    """Which spectra are the sample's, and centroiding of those that are profile."""

    parts: Literal[False] = column(
        "MS1 scans of a part of the m/z range (SIM, segments) are used; where features are picked, they are not",
        "false",
        False,
    )


class Proposals(Section):
    """How parameters are proposed from the pools."""

    ions: Number = number("so many of a run's most intense ions are looked at", "ions", 300.0, least=1)
    min_ions: Number = number("fewer ions of a run, or shared by two runs, say nothing", "ions", 20.0, least=1)
    wide_ppm: Number = number("farthest from an ion's apex that a point may lie", "ppm", 30.0, above=0)
    wide_rt_s: Number = number("farthest that two runs may have one ion apart", "seconds", 30.0, above=0)
    max_factor: Number = number("a value so many times off the usual one is not believed", "", 10.0, least=1)


class Features(Section):
    """Mass traces, elution peaks, features."""

    mass_error_ppm: Number = number("spread of one ion's m/z within a run", "ppm", 10.0, above=0)
    noise: Number = number(
        "peaks below are ignored; 0: noise_factor times the run's lowest signal", "counts", 0.0, least=0
    )
    noise_factor: Number = number("times the median over MS1 spectra of their lowest signal", "", 5.0, least=0)
    snr: Number = number("a feature's apex is at least this many times the noise", "", 15.0, least=0)
    peak_width_s: Number = number("usual full width at half maximum of an elution peak", "seconds", 3.0, above=0)
    min_width_s: Number = number("narrowest full width at half maximum of an elution peak", "seconds", 1.0, least=0)
    max_width_s: Number = number("widest full width at half maximum of an elution peak", "seconds", 30.0, above=0)
    min_trace_s: Number = number("shortest mass trace", "seconds", 2.0, least=0)
    gap_scans: Number = number(
        "scans without the ion that end a mass trace; they count as missed on both of its ends", "scans", 3.0, least=0
    )
    # OpenMS's own 5 and 0.5 for these two drop whatever elutes in ten scans.
    min_sample_rate: Number = number("share of a mass trace's scans with the ion", "a share", 0.25, least=0, most=1)
    max_charge: Number = number("highest charge of an ion", "", 3.0, least=1)
    border: Number = number("a peak is integrated down to this share of its height", "a share", 0.05, least=0, below=1)
    valley: Number = number(
        "two maxima are two peaks where the curve between them falls to this share of the lower one",
        "a share",
        0.6,
        least=0,
        below=1,
    )


class Alignment(Section):
    """Retention-time alignment."""

    mz_ppm: Number = number("features of one m/z", "ppm", 10.0, above=0)
    mz_da: Number = number("the same for the first, coarse superposition", "Da", 0.01, above=0)
    max_shift_s: Number = number("largest shift of time that is looked for", "seconds", 60.0, least=0)
    max_scaling: Number = number("largest stretch of time that is looked for", "", 1.1, least=1)
    max_warp_s: Number = number("how far a bend of time is looked for, after the line", "seconds", 30.0, least=0)
    max_offset_ppm: Number = number(
        "how far a run's m/z are looked for from the other runs', and corrected", "ppm", 20.0, above=0
    )
    pair_rt_s: Number = number("distance of a pair after the coarse superposition", "seconds", 5.0, above=0)
    judge_rt_s: Number = number(
        "distance up to which a feature counts as found in the reference", "seconds", 5.0, above=0
    )
    min_features: Number = number(
        "features shared with the reference from which a line can be judged", "features", 10.0, least=0
    )
    min_gain: Number = number(
        "share by which the mean distance to the reference must fall for a line to be used",
        "a share",
        0.1,
        least=0,
        most=1,
    )


class Linking(Section):
    """Linking of features across runs."""

    mz_ppm: Number = number("widest difference of m/z within a consensus feature", "ppm", 10.0, above=0)
    rt_s: Number = number("the same of time", "seconds", 6.0, above=0)


class Filling(Section):
    """Filling gaps from the runs' own spectra."""

    mz_ppm: Number = number("distance from the feature's m/z", "ppm", 5.0, above=0)
    shift_s: Number = number(
        "what alignment may have left between the run's apex and the feature's", "seconds", 2.0, least=0
    )
    min_points: Number = number(
        "scans with the ion between the feature's borders; fewer are noise", "scans", 3.0, least=1
    )
    min_peak_points: Number = number(
        "scans in a row with the ion, half the height at both ends, that are a peak of its own", "scans", 5.0, least=1
    )
    shown_s: Number = number("to either side of a compound's time that the report shows", "seconds", 30.0, above=0)
    isolation_da: Number = number(
        "distance of a fragment spectrum's precursor from the feature it is taken for", "Da", 0.02, least=0
    )


class Correction(Section):
    """Internal standards, drift, batches."""

    standard_ppm: Number = number(
        "how far from its library entry an internal standard is looked for", "ppm", 10.0, above=0
    )
    standard_rt_s: Number = number("the same of time", "seconds", 15.0, least=0)
    span: Number = number("share of a batch's pools that one local regression sees", "a share", 0.75, above=0, most=1)
    min_gain: Number = number(
        "share by which the error on left-out pools must fall for a correction to be kept",
        "a share",
        0.1,
        least=0,
        most=1,
    )
    min_gain_alone: Number = number(
        "the same where the batch as a whole does not gain", "a share", 0.5, least=0, most=1
    )


class Filters(Section):
    """What makes a feature filtered instead of kept."""

    min_blank_ratio: Number = number("median area of samples and pools over the mean of the blanks", "", 3.0, least=0)
    max_pool_rsd_pct: Number = number(
        "relative standard deviation in pools (Broadhurst et al. 2018, doi:10.1007/s11306-018-1367-3)",
        "%",
        30.0,
        least=0,
    )
    min_pool_detection_pct: Number = number(
        "pools that show a peak, picked or too weak for that (the same source)", "%", 70.0, least=0, most=100
    )
    min_dilution_r: Number = number(
        "correlation of area and concentration over a dilution series of the pool, logarithms",
        "",
        0.9,
        least=0,
        most=1,
    )
    min_pools: Number = number("pools from which scatter and detection are judged", "pools", 3.0, least=0)
    min_dilutions: Number = number("different dilutions from which linearity is judged", "dilutions", 3.0, least=0)


class Grouping(Section):
    """Isotopes and adducts of one compound."""

    mz_ppm: Number = number("agreement of neutral masses, and of isotopes' distances", "ppm", 5.0, above=0)
    rt_s: Number = number("ions of one compound elute together", "seconds", 1.5, least=0)
    min_correlation: Number = number(
        "of logarithms of areas over the runs, where there is something to correlate", "", 0.7, least=0, most=1
    )
    min_fragment_correlation: Number = number(
        "the same for what may be a fragment made in the source, which is none where there is nothing to correlate",
        "",
        0.9,
        least=0,
        most=1,
    )
    min_runs: Number = number("runs with both ions from which a correlation is asked for", "runs", 5.0, least=0)
    min_scatter: Number = number(
        "standard deviation of logarithms below which an ion does not vary enough to be correlated", "", 0.1, least=0
    )


class Fragments(Section):
    """Consensus fragment spectra."""

    fragment_ppm: Number = number("peaks of two spectra that are one", "ppm", 20.0, above=0)
    min_share: Number = number("of the base peak: less is noise", "a share", 0.01, least=0, most=1)
    min_spectra_share: Number = number("of a feature's spectra that must show a peak", "a share", 0.5, least=0, most=1)
    max_spectra: Number = number("the most intense of a feature that are used", "spectra", 20.0, least=1)


class Annotation(Section):
    """Candidates from the library."""

    mz_ppm: Number = number("distance from the candidate's m/z", "ppm", 5.0, above=0)
    rt_s: Number = number("distance from the library's time, at the order's reference time", "seconds", 10.0, least=0)
    min_similarity: Number = number(
        "spectral entropy similarity (Li et al. 2021, doi:10.1038/s41592-021-01331-z)", "", 0.75, least=0, most=1
    )
    min_peaks: Number = number("fragments of the library's spectrum that must be found", "peaks", 3.0, least=0)
    fragment_ppm: Number = number("peaks of two spectra that are one", "ppm", 20.0, above=0)


class UntargetedRecipe(Strict):
    """How spectra become a quantification matrix: parameters of each step; what is left out keeps its default."""

    centroiding: Centroiding = column("centroiding of profile spectra", SECTION, Centroiding())
    proposals: Proposals = column("how parameters are proposed from the pools", SECTION, Proposals())
    features: Features = column("mass traces, elution peaks, features", SECTION, Features())
    alignment: Alignment = column("retention-time alignment", SECTION, Alignment())
    linking: Linking = column("linking of features across runs", SECTION, Linking())
    filling: Filling = column("filling gaps from the runs' own spectra", SECTION, Filling())
    correction: Correction = column("internal standards, drift, batches", SECTION, Correction())
    filters: Filters = column("what makes a feature filtered instead of kept", SECTION, Filters())
    grouping: Grouping = column("isotopes and adducts of one compound", SECTION, Grouping())
    fragments: Fragments = column("consensus fragment spectra", SECTION, Fragments())
    annotation: Annotation = column("candidates from the library", SECTION, Annotation())
    library: str = column("TSV of known compounds (docs/metabolomics.md says how it is written)", PATH, "")


class UntargetedService(Service):
    """A service of the metabolomics branch: everything that is there, linked across runs."""

    domain: Literal["metabolomics"] = column("the metabolomics branch runs", "genomics or metabolomics")
    approach: Literal["untargeted"] = column(
        "whether all features are wanted or the compounds of targets.tsv", "untargeted or targeted", "untargeted"
    )
    accepts: list[Literal["mzml", "mzxml", "netcdf"]] = column("formats of received files", "mzml, mzxml, netcdf")
    intake: SpectraLimits = column(
        "limits by which intake judges files", "keys of the intake of spectra", SpectraLimits()
    )
    recipe: UntargetedRecipe = column("tools and parameters", "keys of the metabolomics recipe", UntargetedRecipe())
