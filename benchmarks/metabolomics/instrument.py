"""Batches as two kinds of instrument record them, written from physics and literature and without Filiera's code.

Unlike `planted.py` nothing is kept apart: what overlaps by chance does. A peak is an exponentially modified Gaussian
(Kalambet et al. 2011, doi:10.1002/cem.1343), ions are counted (Poisson), the spread of m/z falls with the root of their
number, isotopes are exact (IsoSpec's, by OpenMS), each run has m/z and times of its own, and a cycle holds more than
the sample's full scans:

    orbitrap    positive; SIM windows between the full scans; resolution falls with the root of m/z
    tof         negative; scans of low and of high energy, both MS1, and a lock spray; its detector saturates
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyopenms as oms
from scipy.special import erfcx

PROPOSAL, FACILITY, SERVICE = "P001", "CNR-IBSBC", "MET-UNTARGETED"
ELECTRON = 0.000548579909
FWHM = 2 * math.sqrt(2 * math.log(2))
EDGE_S = 35.0
#: Ion: formula of what is added, of what is lost, molecules, share of the compounds that show it, and the range of its
#: abundance beside the first ion. The first is shown by all.
IONS = {
    "positive": {
        "[M+H]+": ("H", "", 1, 1.0, (1.0, 1.0)),
        "[M+Na]+": ("Na", "", 1, 0.5, (0.05, 1.2)),
        "[M+NH4]+": ("NH4", "", 1, 0.2, (0.05, 0.6)),
        "[M+K]+": ("K", "", 1, 0.2, (0.02, 0.3)),
        "[2M+H]+": ("H", "", 2, 0.1, (0.02, 0.2)),
        "[M+2H]2+": ("H2", "", 1, 0.05, (0.05, 0.5)),
    },
    "negative": {
        "[M-H]-": ("", "H", 1, 1.0, (1.0, 1.0)),
        "[M+Cl]-": ("Cl", "", 1, 0.3, (0.03, 0.5)),
        "[M+FA-H]-": ("CHO2", "", 1, 0.3, (0.05, 0.8)),
        "[2M-H]-": ("", "H", 2, 0.15, (0.02, 0.3)),
    },
}
#: What an ion may lose in the source (Xu et al. 2015, doi:10.1007/s13361-014-0887-1, and rules of CAMERA).
LOSSES = ("H2O", "NH3", "CO", "CO2", "CH2O2", "H4O2", "C6H10O5")
#: Ions of every laboratory (Keller et al. 2008, doi:10.1016/j.aca.2008.04.043).
SOLVENT = {
    "positive": (102.1277, 149.0233, 279.1591, 355.0699, 371.1012, 391.2843, 445.1200, 536.1654),
    "negative": (112.9856, 226.9785, 255.2330, 283.2643, 339.2330, 248.9603),
}
LOCK_MASS = {"positive": 556.2771, "negative": 554.2615}
HEAVY = 3e-4  # isotopologues rarer than this are not made


@dataclass(frozen=True)
class Instrument:
    """How something is recorded.

    intensity = gain x ions; fewer ions than `least` in a scan are not recorded; a detector that counts saturates at
    `capacity` ions. resolution: at m/z 200, falling with the root of m/z where `falls`. m/z of a scan are off by
    `jitter` ppm together. others: kinds of scan in a cycle beside the full one (`sim`, `mse`, `lock`)
    """

    name: str
    polarity: str
    resolution: float
    falls: bool
    cycle_s: float
    gain: float
    least: float
    capacity: float
    jitter_ppm: float
    others: tuple[str, ...]

    def width(self, mz: np.ndarray) -> np.ndarray:
        """Full width at half maximum."""
        return mz / self.resolution * (np.sqrt(mz / 200) if self.falls else 1.0)


INSTRUMENTS = {
    "orbitrap": Instrument("orbitrap", "positive", 70_000, True, 0.9, 1e3, 6, math.inf, 0.3, ("sim",)),
    "tof": Instrument("tof", "negative", 35_000, False, 1.0, 8, 2, 3e4, 0.6, ("mse", "lock")),
}


@dataclass(frozen=True)
class Design:
    """How much is made; the defaults are the benchmark's, its test uses less."""

    compounds: int = 220
    isomers: int = 15  # pairs
    contaminants: int = 20
    samples: int = 8
    pools: int = 4
    blanks: int = 2
    gradient_s: float = 600.0
    least: float = 40.0  # apex of the weakest first ion, in times of what is recorded
    decades: float = 3.5
    warp_s: float = 28.0
    offset_ppm: float = 8.0
    random_peaks: int = 150  # in each scan


@dataclass(frozen=True)
class Ion:
    """m/z, abundance (of the compound's first ion, its lightest isotopologue: 1), and what it is."""

    mz: float
    share: float
    name: str
    lightest: bool


@dataclass(frozen=True)
class Compound:
    """`ions` elute together at `rt` s; `apex` is how many ions of the first kind a scan at the apex holds."""

    name: str
    kind: str  # alone, isomer, contaminant
    rt: float
    sigma: float
    tau: float
    apex: float
    ions: tuple[Ion, ...]

    def curve(self, times: np.ndarray) -> np.ndarray:
        """The share of the apex at times (s) from the apex."""
        grid = np.linspace(-4 * self.sigma, 8 * (self.sigma + self.tau), 4000)
        shape = _emg(grid, self.sigma, self.tau)
        return _emg(times + grid[np.argmax(shape)], self.sigma, self.tau) / shape.max()

    @property
    def fwhm(self) -> float:
        grid = np.linspace(-4 * self.sigma, 8 * (self.sigma + self.tau), 4000)
        return float((self.curve(grid) >= 0.5).sum() * (grid[1] - grid[0]))


@dataclass(frozen=True)
class Run:
    """One injection, with its own times and m/z."""

    name: str
    sample: str
    role: str
    injection: int
    warp: tuple[float, float]
    offset_ppm: float
    slope_ppm: float  # more by so much at m/z 1000 than at 0
    batch: str = "B1"

    def time(self, rt: np.ndarray | float, gradient: float):
        """When the run shows what elutes at rt: a bow over the gradient, and a second one half as high, at most."""
        bow, second = self.warp
        at = np.asarray(rt) / gradient
        return rt + bow * np.sin(np.pi * at) + second * np.sin(2 * np.pi * at)

    def excess_ppm(self, mz: np.ndarray) -> np.ndarray:
        return self.offset_ppm + self.slope_ppm * mz / 1000


@dataclass(frozen=True)
class Truth:
    """amounts: (compounds, runs), 0 where a run does not hold a compound."""

    instrument: Instrument
    design: Design
    compounds: list[Compound]
    runs: list[Run]
    amounts: np.ndarray


def _emg(times: np.ndarray, sigma: float, tau: float) -> np.ndarray:
    """Exponentially modified Gaussian of height about 1, in the form that does not overflow."""
    argument = (sigma / tau - times / sigma) / math.sqrt(2)
    with np.errstate(over="ignore", invalid="ignore"):
        right = np.exp(-((times / sigma) ** 2) / 2) * erfcx(argument)
        left = 2 * np.exp(sigma**2 / (2 * tau**2) - times / tau)  # erfcx overflows there: its limit
    return np.where(argument > -20, right, left) * sigma / tau * math.sqrt(math.pi / 2)


def _formula(rng: np.random.Generator) -> str:
    """A metabolite, a drug or a pollutant: one of six holds chlorine, one of twelve bromine."""
    carbon = int(rng.integers(5, 32))
    atoms = {"C": carbon, "H": int(rng.integers(carbon, 2 * carbon + 1)), "N": int(rng.integers(0, 5))}
    atoms |= {"O": int(rng.integers(1, 10)), "S": int(rng.random() < 0.15), "P": int(rng.random() < 0.1)}
    atoms |= {"Cl": int(rng.integers(1, 4)) * int(rng.random() < 1 / 6), "Br": int(rng.random() < 1 / 12)}
    return "".join(f"{element}{count}" for element, count in atoms.items() if count)


def _isotopologues(formula: oms.EmpiricalFormula, charge: int) -> list[tuple[float, float]]:
    """m/z and share of the lightest, of all that are abundant enough."""
    found = formula.getIsotopeDistribution(oms.FineIsotopePatternGenerator(HEAVY, False, False)).getContainer()
    peaks = sorted((peak.getMZ(), peak.getIntensity()) for peak in found)
    mass, lightest = peaks[0]
    assert abs(mass - formula.getMonoWeight()) < 1e-6, "these elements' lightest isotope is their usual one"
    return [((mass - charge * ELECTRON) / abs(charge), share / lightest) for mass, share in peaks]


def _ions(rng: np.random.Generator, formula: str, polarity: str) -> list[Ion]:
    molecule, sign = oms.EmpiricalFormula(formula), 1 if polarity == "positive" else -1
    kinds = {
        name: (oms.EmpiricalFormula(formula * molecules), added, lost, 10 ** rng.uniform(*np.log10(between)))
        for name, (added, lost, molecules, shown, between) in IONS[polarity].items()
        if rng.random() < shown
    }
    first = next(iter(IONS[polarity]))
    _, added, lost, _ = kinds[first]
    for loss in rng.permutation(LOSSES)[: rng.choice(3, p=(0.7, 0.2, 0.1))]:
        less = molecule - oms.EmpiricalFormula(str(loss))
        if all(count >= 0 for count in less.getElementalComposition().values()):
            kinds[f"{first} less {loss}"] = (less, added, lost, 10 ** rng.uniform(-1.5, -0.2))
    made = []
    for name, (neutral, added, lost, share) in kinds.items():
        charge = sign * (2 if "2+" in name else 1)
        whole = neutral + oms.EmpiricalFormula(added) - oms.EmpiricalFormula(lost)
        for number, (mz, part) in enumerate(_isotopologues(whole, charge)):
            made.append(Ion(mz, float(share * part), name, number == 0))
    return made


def compounds(rng: np.random.Generator, instrument: Instrument, design: Design) -> list[Compound]:
    """All that is planted, isomers after the compounds that are alone, each pair in a row."""
    kinds = ["alone"] * design.compounds + ["isomer"] * design.isomers + ["contaminant"] * design.contaminants
    made = []
    for number, kind in enumerate(kinds, start=1):
        rt = float(rng.uniform(EDGE_S, design.gradient_s - EDGE_S))
        sigma = float(rng.uniform(1.4, 2.2) * (1 + 0.5 * rt / design.gradient_s))
        apex = design.least * instrument.least * 10 ** rng.uniform(0, design.decades)
        ions = tuple(_ions(rng, _formula(rng), instrument.polarity))
        one = Compound(f"X{number:03d}", kind, rt, sigma, float(sigma * rng.uniform(0.3, 1.0)), float(apex), ions)
        made.append(one)
        if kind == "isomer":
            apart = rng.uniform(1.5, 4.0) * one.fwhm * (1 if rt < design.gradient_s / 2 else -1)
            lowest = design.least * instrument.least
            height = np.clip(apex * 4 ** rng.uniform(-1, 1), lowest, lowest * 10**design.decades)
            made.append(replace(one, name=f"{one.name}b", rt=rt + float(apart), apex=float(height)))
    return made


def runs(rng: np.random.Generator, design: Design) -> list[Run]:
    """Blanks, then samples with a pool before, between and behind them; one sample is off in m/z, others bend most."""
    names = [f"S{number}" for number in range(1, design.samples + 1)]
    order = [(f"BLANK{number}", "blank") for number in range(1, design.blanks + 1)] + [("POOL", "pool")]
    for part in np.array_split(names, design.pools - 1):
        order += [*((str(name), "sample") for name in part), ("POOL", "pool")]
    made = []
    for injection, (sample, role) in enumerate(order, start=1):
        reach = 2.0 if role == "pool" else design.warp_s
        bow = rng.uniform(-reach, reach) / 1.3
        offset, slope = rng.normal(0, 1.5), rng.normal(0, 1.0)
        if sample == names[-2]:
            offset, slope = design.offset_ppm, -3.0
        warp = (float(bow), float(bow * rng.uniform(-0.4, 0.4)))
        made.append(Run(f"R{injection:02d}", sample, role, injection, warp, float(offset), float(slope)))
    return made


def amounts(rng: np.random.Generator, planted: list[Compound], made: list[Run]) -> np.ndarray:
    """A sample lacks a tenth of the compounds; half of the samples have some of them changed; sensitivity falls."""
    solvent = np.array([each.kind == "contaminant" for each in planted])
    samples = list(dict.fromkeys(run.sample for run in made if run.role == "sample"))
    changed = np.where(rng.random(len(planted)) < 0.15, 2.0 ** rng.uniform(-2, 2, len(planted)), 1.0)
    of = {}
    for number, name in enumerate(samples):
        held = np.exp(np.clip(rng.normal(0, 0.4, len(planted)), -0.9, 0.9)) * (changed if number % 2 else 1.0)
        held[rng.random(len(planted)) < 0.1] = 0
        of[name] = np.where(solvent, 1.0, held)
    of["POOL"] = np.mean(list(of.values()), axis=0)
    fall = rng.uniform(0, 0.3, len(planted))
    columns = [of.get(run.sample, solvent.astype(float)) * np.exp(-fall * run.injection / len(made)) for run in made]
    return np.column_stack(columns)


def truth_of(seed: int, name: str, design: Design) -> Truth:
    """What a batch of this design holds."""
    instrument, rng = INSTRUMENTS[name], np.random.default_rng([seed, len(name)])
    planted, made = compounds(rng, instrument, design), runs(rng, design)
    return Truth(instrument, design, planted, made, amounts(rng, planted, made))


class Recorder:
    """What one run of a truth records: scans of ions that arrive, are counted, and merge where they are too near."""

    def __init__(self, seed: int, truth: Truth, number: int):
        self.truth, self.run = truth, truth.runs[number]
        self.instrument, self.gradient = truth.instrument, truth.design.gradient_s
        self.rng = np.random.default_rng([seed, 1000 + number])
        self.times = np.arange(0.4, self.gradient, self.instrument.cycle_s)
        self.times += self.rng.uniform(-0.04, 0.04, len(self.times))
        self._arriving = self._eluting(number), self._always(np.random.default_rng([seed, 999]))

    def _eluting(self, number: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Per compound and ion: scans, m/z, expected ions."""
        found = []
        spray = np.exp(self.rng.normal(0, 0.025, len(self.times)))
        for compound, amount in zip(self.truth.compounds, self.truth.amounts[:, number], strict=True):
            apex = self.run.time(compound.rt, self.gradient)
            near = np.flatnonzero(np.abs(self.times - apex) < 12 * (compound.sigma + compound.tau))
            curve = amount * compound.apex * compound.curve(self.times[near] - apex) * spray[near]
            for ion in compound.ions:
                seen = ion.share * curve > 0.05
                found.append((near[seen], np.full(seen.sum(), ion.mz), ion.share * curve[seen]))
        return found

    def _always(self, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Ions of the solvent, the same in all runs, which swell and fade over the gradient."""
        known = SOLVENT[self.instrument.polarity]
        scans = np.arange(len(self.times))
        at = self.times / self.gradient
        found = []
        for mz in [*known, *rng.uniform(100, 800, 40)]:
            level = self.instrument.least * 10 ** rng.uniform(0.5, 2.5)
            swell = 1 + rng.uniform(-0.6, 0.6) * np.sin(np.pi * at * rng.uniform(0.5, 3) + rng.uniform(0, 6))
            found.append((scans, np.full(len(scans), mz), level * swell))
        return found

    def full(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """m/z and intensities of each full scan."""
        scan, mz, expected = map(np.concatenate, zip(*(each for part in self._arriving for each in part), strict=True))
        ions = self.rng.poisson(expected).astype(float)
        scan, mz, ions = scan[ions > 0], mz[ions > 0], ions[ions > 0]
        saturated = ions / (1 + ions / self.instrument.capacity)
        # Each ion's m/z is drawn from a peak of the instrument's width; the centroid of n has a root of n less spread.
        spread = self.instrument.width(mz) / FWHM / np.sqrt(ions)
        together = self.rng.normal(0, self.instrument.jitter_ppm, len(self.times))
        mz = mz + spread * self.rng.normal(size=len(mz))
        mz *= 1 + 1e-6 * (self.run.excess_ppm(mz) + together[scan])
        noise = self.truth.design.random_peaks
        scan = np.concatenate([scan, np.repeat(np.arange(len(self.times)), noise)])
        mz = np.concatenate([mz, self.rng.uniform(85, 950, noise * len(self.times))])
        heights = 2.5 * self.instrument.least * np.exp(self.rng.normal(0, 0.5, noise * len(self.times)))
        ions = np.concatenate([saturated, heights])
        order = np.lexsort((mz, scan))
        scan, mz, ions = scan[order], mz[order], ions[order]
        cuts = np.searchsorted(scan, np.arange(1, len(self.times)))
        for at, counted in zip(np.split(mz, cuts), np.split(ions, cuts), strict=True):
            yield self._centroids(at, counted)

    def _centroids(self, mz: np.ndarray, ions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the instrument cannot tell apart is one peak (nearer than 0.8 of its width)."""
        new = np.r_[True, np.diff(mz) > 0.8 * self.instrument.width(mz[1:])]
        group = np.cumsum(new) - 1
        total = np.bincount(group, weights=ions)
        mean = np.bincount(group, weights=ions * mz) / total
        kept = total >= self.instrument.least
        return mean[kept], total[kept] * self.instrument.gain

    def cycles(self) -> Iterator[tuple[float, str, np.ndarray, np.ndarray]]:
        """Time, kind, m/z and intensity of every scan, in their order."""
        for number, (time, (mz, height)) in enumerate(zip(self.times, self.full(), strict=True)):
            yield float(time), "full", mz, height
            if "sim" in self.instrument.others:
                for place, (low, high) in enumerate(SIM_WINDOWS, start=1):
                    inside = (mz > low) & (mz < high)
                    yield float(time) + 0.2 * place, f"sim {low:g} {high:g}", mz[inside], 8 * height[inside]
            if "mse" in self.instrument.others:
                yield float(time) + 0.45, "high", *self._fragmented(mz, height)
            if "lock" in self.instrument.others and number % 15 == 0:
                lock = LOCK_MASS[self.instrument.polarity] * (1 + 1e-6 * self.rng.normal(0, 1, 1))
                yield float(time) + 0.8, "lock", lock, np.array([2e3 * self.instrument.gain])

    def _fragmented(self, mz: np.ndarray, height: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scans of high energy: a tenth of each ion, and half of it as something lighter."""
        lighter = mz * (0.35 + 0.5 * np.modf(mz * 7.31)[0])
        both, heights = np.r_[mz, lighter], np.r_[0.1 * height, 0.5 * height]
        order = np.argsort(both)
        kept = heights[order] >= self.instrument.least * self.instrument.gain
        return both[order][kept], heights[order][kept]


SIM_WINDOWS = ((195.0, 215.0), (395.0, 420.0))
FUNCTION = {"full": 1, "high": 2, "lock": 3}


def _spectrum(truth: Truth, number: int, time: float, kind: str, mz: np.ndarray, height: np.ndarray) -> oms.MSSpectrum:
    """A scan, with what a converter says of its kind."""
    instrument, spectrum, settings = truth.instrument, oms.MSSpectrum(), oms.InstrumentSettings()
    positive = instrument.polarity == "positive"
    settings.setPolarity(oms.IonSource.Polarity.POSITIVE if positive else oms.IonSource.Polarity.NEGATIVE)
    sim = kind.startswith("sim")
    settings.setScanMode(oms.InstrumentSettings.ScanMode.SIM if sim else oms.InstrumentSettings.ScanMode.MS1SPECTRUM)
    window = oms.ScanWindow()
    window.begin, window.end = map(float, kind.split()[1:]) if sim else (80.0, 1000.0)
    settings.setScanWindows([window])
    spectrum.setInstrumentSettings(settings)
    if "mse" in instrument.others:
        spectrum.setNativeID(f"function={FUNCTION[kind]} process=0 scan={number}")
        precursor = oms.Precursor()
        precursor.setActivationEnergy(30.0 if kind == "high" else 6.0)
        spectrum.setPrecursors([precursor])
    else:
        spectrum.setNativeID(f"controllerType=0 controllerNumber=1 scan={number}")
    spectrum.setMSLevel(1)
    spectrum.setRT(time)
    spectrum.setType(oms.SpectrumSettings.SpectrumType.CENTROID)
    spectrum.set_peaks((mz, height.astype(np.float32)))
    return spectrum


def write_runs(folder: Path, seed: int, truth: Truth) -> list[Path]:
    """The runs as mzML."""
    folder.mkdir(parents=True)
    paths = []
    for number, run in enumerate(truth.runs):
        made = oms.MSExperiment()
        for place, scan in enumerate(Recorder(seed, truth, number).cycles(), start=1):
            made.addSpectrum(_spectrum(truth, place, *scan))
        paths.append(folder / f"{run.name}.mzML")
        oms.MzMLFile().store(str(paths[-1]), made)
    return paths


def write_site(site: Path, seed: int, name: str, design: Design) -> Truth:
    """A site of nothing but this batch."""
    truth = truth_of(seed, name, design)
    write_runs(site / "raw", seed, truth)
    samples = {run.sample: (PROPOSAL if run.role == "sample" else "-", run.role) for run in truth.runs}
    sheets = {
        "proposals": [
            ("proposal", "call", "title", "status", "human_data"),
            (PROPOSAL, "DEMO-2026-1", "Recorded", "awarded", "no"),
        ],
        "samples": [
            ("sample", "proposal", "facility", "service", "role"),
            *((sample, proposal, FACILITY, SERVICE, role) for sample, (proposal, role) in samples.items()),
        ],
        "runs": [
            ("sample", "run", "file", "batch", "polarity", "injection"),
            *(
                (run.sample, run.name, f"raw/{run.name}.mzML", run.batch, truth.instrument.polarity, run.injection)
                for run in truth.runs
            ),
        ],
    }
    (site / "config").mkdir(parents=True, exist_ok=True)
    (site / "config" / "config.yaml").write_text("{}\n", encoding="utf-8")
    for sheet, rows in sheets.items():
        with open(site / "config" / f"{sheet}.tsv", "w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, delimiter="\t", lineterminator="\n").writerows(rows)
    return truth
