"""LC-MS runs of planted compounds: isotope patterns, tailing elution peaks, and an instrument's own imperfections."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyopenms as oms

from scripts.demo.seeds import stream
from scripts.lib.mzml import store

PROTON = 1.007276467  # u, CODATA 2018
ISOTOPE_STEP = 1.0033548  # u, 13C - 12C
MZ_RANGE = (80.0, 600.0)

#: Elution: standard deviation and exponential tail, s. One scan a second gives a dozen points over a peak.
WIDTH_S, TAIL_S = 1.8, 0.9
#: No compound's apex is nearer than this to either end of the gradient, s.
EDGE_S = 12.0
#: Compounds that could be taken for each other, or for an isotope of each other, elute this far apart, s.
APART_S = 15.0
ISOTOPES = 4

MZ_NOISE_PPM, MZ_OFFSET_PPM = 1.5, 0.8
INTENSITY_NOISE = 0.04
#: Counts below this are not recorded; random peaks lie a little above it.
FLOOR, NOISE_MEDIAN, NOISE_PEAKS = 500.0, 1200.0, 40
#: Polysiloxanes, present in every scan of every run (Keller et al. 2008, doi:10.1016/j.aca.2008.04.043).
BACKGROUND = {355.0699: 4e4, 371.1012: 6e4, 445.1200: 5e4}

#: Of an Orbitrap, at m/z 200.
RESOLUTION = 60_000
PROFILE_STEPS = 5  # points over the full width at half maximum
PROFILE_REACH = 9  # points to either side of a peak


#: A compound's fragments in an MS2 spectrum: how many, and the precursor's share of what reaches the apex.
FRAGMENTS, FRAGMENT_SHARE = 5, 0.2
ISOLATION = 0.5  # to either side of a precursor, u


@dataclass(frozen=True)
class Compound:
    """What is planted: `mz` of the protonated molecule, `rt` of the apex in s, `area` (counts x s) at factor 1, and
    the `fragments` of its ion as (m/z, share of the most intense)."""

    name: str
    formula: str
    mz: float
    rt: float
    area: float
    fragments: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Injection:
    """One run of the batch."""

    run: str
    number: int
    acquired: str
    profile: bool = False


def protonated(formula: str) -> tuple[float, np.ndarray]:
    """m/z of [M+H]+ and the abundance of its first isotopes relative to the monoisotopic one."""
    made = oms.EmpiricalFormula(formula)
    pattern = made.getIsotopeDistribution(oms.CoarseIsotopePatternGenerator(ISOTOPES)).getContainer()
    abundance = np.array([peak.getIntensity() for peak in pattern])
    return made.getMonoWeight() + PROTON, abundance / abundance[0]


def _confusable(first: float, second: float) -> bool:
    """Whether two m/z lie within 0.02 of each other, or of each other's isotopes."""
    distance = abs(first - second)
    steps = round(distance / ISOTOPE_STEP)
    return steps <= ISOTOPES and abs(distance - steps * ISOTOPE_STEP) < 0.02


def planted(rng: np.random.Generator, formulas: dict[str, str], gradient: float) -> list[Compound]:
    """Give every compound an apex and an abundance; what could be confused by mass elutes well apart."""
    compounds: list[Compound] = []
    for name, formula in formulas.items():
        mz = round(protonated(formula)[0], 6)
        rivals = [other.rt for other in compounds if _confusable(mz, other.mz)]
        for _ in range(1000):
            rt = round(float(rng.uniform(EDGE_S, gradient - EDGE_S)), 2)
            if all(abs(rt - other) >= APART_S for other in rivals):
                break
        else:
            raise ValueError(f"a gradient of {gradient} s has no room for {name}")
        compounds.append(Compound(name, formula, mz, rt, float(10 ** rng.uniform(6.3, 8.0)), fragments_of(name, mz)))
    return compounds


def fragments_of(name: str, mz: float) -> tuple[tuple[float, float], ...]:
    """Invented fragments, always the same for one compound."""
    rng = stream(0, "fragments", name)
    places = np.sort(rng.uniform(40, max(mz - 5, 50), FRAGMENTS)).round(4)
    shares = rng.dirichlet(np.ones(FRAGMENTS))
    return tuple(zip(places.tolist(), (shares / shares.max()).round(4).tolist(), strict=True))


def elution(times: np.ndarray, width: float = WIDTH_S, tail: float = TAIL_S) -> np.ndarray:
    """Exponentially modified Gaussian of area 1 with its apex at time 0 (Kalambet et al. 2011, equation 1)."""

    def at(time: np.ndarray) -> np.ndarray:
        exponent = width**2 / (2 * tail**2) - time / tail
        inner = (width / tail - time / width) / math.sqrt(2)
        with np.errstate(over="ignore", invalid="ignore"):
            value = np.exp(exponent) * np.array([math.erfc(each) for each in inner]) / (2 * tail)
        return np.nan_to_num(value, posinf=0.0)

    grid = np.linspace(-5 * width, 5 * width, 2001)
    return at(times + grid[np.argmax(at(grid))])


def _warp(rng: np.random.Generator, gradient: float):
    """How this run's retention times differ: up to about 1.5 s, smoothly along the gradient."""
    offset, slope, bend = rng.uniform(-0.8, 0.8), rng.uniform(-0.5, 0.5), rng.uniform(-0.3, 0.3)
    return lambda rt: rt + offset + slope * rt / gradient + bend * math.sin(2 * math.pi * rt / gradient)


def _centroids(rng: np.random.Generator, compounds: list[Compound], factors: list[float], times: np.ndarray, warp):
    """All peaks of a run as three arrays: scan number, m/z, intensity (counts)."""
    scans = len(times)
    scan, mz, height = [], [], []
    for compound, factor in zip(compounds, factors, strict=True):
        if not factor:
            continue
        near = np.flatnonzero(np.abs(times - warp(compound.rt)) < 8 * WIDTH_S)
        curve = factor * compound.area * elution(times[near] - warp(compound.rt))
        for isotope, share in enumerate(protonated(compound.formula)[1]):
            scan.append(near)
            mz.append(np.full(len(near), compound.mz + isotope * ISOTOPE_STEP))
            height.append(curve * share)
    for ion, level in BACKGROUND.items():
        scan.append(np.arange(scans))
        mz.append(np.full(scans, ion))
        height.append(np.full(scans, level))
    scan, mz, height = map(np.concatenate, (scan, mz, height))
    height = height * rng.normal(1, INTENSITY_NOISE, len(height)) + rng.normal(0, FLOOR / 3, len(height))
    offset = rng.normal(0, MZ_OFFSET_PPM)
    # Weak peaks are measured less well.
    spread = MZ_NOISE_PPM * (1 + np.sqrt(FLOOR / np.maximum(height, FLOOR)))
    mz = mz * (1 + 1e-6 * (offset + spread * rng.normal(size=len(mz))))
    noise = NOISE_PEAKS * scans
    scan = np.concatenate([scan, np.repeat(np.arange(scans), NOISE_PEAKS)])
    mz = np.concatenate([mz, rng.uniform(*MZ_RANGE, noise)])
    height = np.concatenate([height, NOISE_MEDIAN * np.exp(rng.normal(0, 0.4, noise))])
    seen = height > FLOOR
    return scan[seen], mz[seen], height[seen]


def profile(mz: np.ndarray, height: np.ndarray, resolution: float = RESOLUTION) -> tuple[np.ndarray, np.ndarray]:
    """The profile spectrum of these peaks: Gaussian on the frequency axis, zeros around each group of points.

    An Orbitrap's peaks are equally wide on the axis -1/sqrt(m/z), the axis of frequency.
    """
    step = 0.5 / (resolution * math.sqrt(200)) / PROFILE_STEPS
    place = -1 / np.sqrt(mz) / step
    index = np.round(place).astype(int)[:, None] + np.arange(-PROFILE_REACH, PROFILE_REACH + 1)
    distance = (index - place[:, None]) / PROFILE_STEPS
    points = height[:, None] * np.exp(-4 * math.log(2) * distance**2)
    grid, belongs = np.unique(index, return_inverse=True)
    total = np.bincount(belongs.ravel(), weights=points.ravel())
    total[total < FLOOR / 5] = 0
    return (grid * step) ** -2.0, total


def _spectrum(number: int, time: float, mz: np.ndarray, height: np.ndarray, is_profile: bool) -> oms.MSSpectrum:
    order = np.argsort(mz)
    mz, height = mz[order], height[order]
    kind = oms.SpectrumSettings.SpectrumType
    if is_profile:
        mz, height = profile(mz, height)
    spectrum = oms.MSSpectrum()
    spectrum.setNativeID(f"controllerType=0 controllerNumber=1 scan={number + 1}")
    spectrum.setMSLevel(1)
    spectrum.setRT(float(time))
    spectrum.setType(kind.PROFILE if is_profile else kind.CENTROID)
    settings = spectrum.getInstrumentSettings()
    settings.setPolarity(oms.IonSource.Polarity.POSITIVE)
    settings.setScanMode(oms.InstrumentSettings.ScanMode.MS1SPECTRUM)
    spectrum.setInstrumentSettings(settings)
    spectrum.set_peaks((mz, height.astype(np.float32)))
    return spectrum


def _fragment_spectrum(number: int, time: float, compound: Compound, factor: float, rng: np.random.Generator):
    """The MS2 spectrum of a compound's ion at its apex."""
    places, shares = np.array(compound.fragments).T
    counts = factor * compound.area * elution(np.zeros(1))[0] * FRAGMENT_SHARE * shares
    counts = np.maximum(counts * rng.normal(1, INTENSITY_NOISE, FRAGMENTS), 1)
    spectrum = _spectrum(number, time, places * (1 + 1e-6 * MZ_NOISE_PPM * rng.normal(size=FRAGMENTS)), counts, False)
    spectrum.setMSLevel(2)
    settings = spectrum.getInstrumentSettings()
    settings.setScanMode(oms.InstrumentSettings.ScanMode.MSNSPECTRUM)
    spectrum.setInstrumentSettings(settings)
    precursor = oms.Precursor()
    precursor.setMZ(compound.mz)
    precursor.setIsolationWindowLowerOffset(ISOLATION)
    precursor.setIsolationWindowUpperOffset(ISOLATION)
    precursor.setActivationMethods({oms.Precursor.ActivationMethod.HCD})
    spectrum.setPrecursors([precursor])
    return spectrum


def write_run(
    path: Path, seed: int, injection: Injection, compounds: list[Compound], factors: list[float], gradient: float
) -> None:
    """Write one LC-MS run as indexed mzML: a full scan a second, m/z as 64 and counts as 32 bit, zlib."""
    rng = stream(seed, "spectra", injection.run)
    times = np.arange(0.5, gradient, 1.0)
    times += rng.uniform(-0.03, 0.03, len(times))
    warp = _warp(rng, float(times[-1]))
    scan, mz, height = _centroids(rng, compounds, factors, times, warp)
    # Every compound with fragments is fragmented once, in the scan after its apex.
    chosen: dict[int, list[tuple[Compound, float]]] = {}
    for compound, factor in zip(compounds, factors, strict=True):
        if factor and compound.fragments:
            chosen.setdefault(int(np.argmin(np.abs(times - warp(compound.rt)))), []).append((compound, factor))
    experiment = oms.MSExperiment()
    for number, time in enumerate(times):
        mine = scan == number
        experiment.addSpectrum(_spectrum(experiment.size(), time, mz[mine], height[mine], injection.profile))
        for place, (compound, factor) in enumerate(chosen.get(number, []), start=1):
            at = time + 0.9 * place / (len(chosen[number]) + 1)
            experiment.addSpectrum(_fragment_spectrum(experiment.size(), at, compound, factor, rng))
    when = oms.DateTime()
    hours, minutes = divmod(injection.number * 5, 60)
    when.set(f"{injection.acquired} {(8 + hours) % 24:02d}:{minutes:02d}:00")
    experiment.setDateTime(when)
    store(experiment, path)
