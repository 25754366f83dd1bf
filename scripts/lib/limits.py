"""The limits by which intake judges a file: the `intake` section of a service in the catalogue.

Plain dataclasses, because jobs and `./filiera inspect` need the defaults without the models of the whole site.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal

#: How ions are made, and what they are separated by before.
Ionisation = Literal["electrospray", "apci", "appi", "chemical", "electron", "maldi"]
Separation = Literal["liquid", "gas"]


def limit(default: Any, description: str, expected: str) -> Any:
    """A limit with its default, what it means and what a message says should stand there."""
    return field(default=default, metadata={"description": description, "expected": expected})


@dataclass(frozen=True)
class ReadLimits:
    """Genomics: reads and alignments."""

    __pydantic_config__ = {"extra": "forbid"}

    phred64_min_quality: int = limit(
        26,
        "qualities are Phred+64 when, read as Phred+33, none is below this and some above the next; Phred+64 starts at "
        "character ';' (Cock et al. 2010, doi:10.1093/nar/gkp1137)",
        "a quality",
    )
    phred33_max_quality: int = limit(
        45, "highest Phred+33 quality of short-read instruments (Cock et al. 2010)", "a quality"
    )
    long_read_length: int = limit(
        1000,
        "read length from which reads count as long: their qualities go beyond that, services of short reads take none",
        "bases",
    )
    min_reference_identity: float = limit(
        0.7,
        "least share of aligned bases equal to the reference's; on a wrong sequence about 0.25, the poorest real reads "
        "0.85",
        "a share",
    )
    reference_reads: int = limit(2000, "reads compared with the reference", "a whole number")
    reference_min_bases: int = limit(1000, "aligned bases below which nothing is concluded", "a whole number")


@dataclass(frozen=True)
class SpectraLimits:
    """Metabolomics: mass spectra."""

    __pydantic_config__ = {"extra": "forbid"}

    ionisation: tuple[Ionisation, ...] = limit(
        (),
        "how the service makes ions; a file whose header says otherwise is refused; none: any",
        "a list of electrospray, apci, appi, chemical, electron, maldi",
    )
    chromatography: tuple[Separation, ...] = limit(
        (), "what it separates by, held against the header in the same way; none: any", "a list of liquid, gas"
    )
    ms_levels: tuple[int, ...] = limit((1,), "MS levels that spectra of a run must have", "a list of whole numbers")
    strict: bool = limit(
        False,
        "refuse what is read rightly although the format has it otherwise, instead of accepting it with a remark",
        "true or false",
    )
    profile_share: float = limit(
        0.5,
        "share of sampled maxima from which spectra are profiles; up to 0.08 in centroid runs, from 0.97 in profile "
        "runs (measured on public data sets)",
        "a share",
    )
    profile_min_maxima: int = limit(20, "local maxima below which nothing is concluded", "a whole number")
    profile_peak_height: float = limit(
        0.02, "least height of a maximum, of the spectrum's highest, to be looked at", "a share"
    )
    profile_flank_height: float = limit(
        0.1, "a maximum is sampled when the points beside it have this share of its height", "a share"
    )
    profile_flank_gap: float = limit(0.15, "and are closer than this", "m/z")
    profile_flank_ratio: float = limit(2.5, "and one is at most so many times farther than the other", "a number")
    fast_cycle_s: float = limit(
        0.05, "MS1 spectra closer than this in a run shorter than the next are minutes labelled seconds", "seconds"
    )
    short_run_s: float = limit(120.0, "real instruments that fast (GC-TOF) run for longer than this", "seconds")
    slow_cycle_s: float = limit(
        20.0,
        "MS1 spectra farther apart than this in a run longer than the next are seconds labelled minutes",
        "seconds",
    )
    long_run_s: float = limit(18000.0, "real instruments that slow run for less than this", "seconds")
    time_min_spectra: int = limit(20, "MS1 spectra below which nothing is concluded from times", "a whole number")
    disorder_share: float = limit(
        0.5, "share of spectra not ascending in m/z from which it is how the file was written, not damage", "a share"
    )
    disorder_stated_share: float = limit(0.9, "and this share of those must state a base peak", "a share")
    disorder_agree_share: float = limit(
        0.95, "and at this share of the stated ones it must lie where the data have it", "a share"
    )
    base_peak_tolerance: float = limit(0.01, "within this distance", "m/z")
    odd_values: int = limit(
        10, "values of another precision than all others, up to this number, are changed bits", "a whole number"
    )
    odd_values_share: float = limit(0.001, "and up to this share", "a share")
    odd_values_min: int = limit(1000, "values below which nothing is concluded from precision", "a whole number")
    max_mz: float = limit(1e6, "greatest m/z", "m/z")


def with_defaults(kind: type, stated: dict[str, Any] | None) -> Any:
    """The limits of a `kind`; what is not stated has its default."""
    known = {item.name for item in fields(kind)}
    given = {key: value for key, value in (stated or {}).items() if key in known}
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in given.items()})
