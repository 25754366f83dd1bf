"""A generated LC-MS batch whose truth is known: what overlaps in time or in mass does so on purpose, nothing else.

Every compound has isotopes and adducts, a peak width and a tail of its own, and an abundance within four decades. The
runs differ in time, in mass, in sensitivity (drift within a batch, a step between batches, other for each compound)
and in what the samples hold. Scans are computed as the profile of an Orbitrap of the stated resolution and then
centroided, so that ions the instrument cannot tell apart are one centroid here as they are there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyopenms as oms

from scripts.demo.seeds import stream
from scripts.demo.spectra import ISOTOPE_STEP, elution, profile
from scripts.lib import ions
from scripts.lib.files import write_tsv, written
from scripts.lib.mzml import store

PROPOSAL, FACILITY, SERVICE = "P001", "CNR-IBSBC", "MET-UNTARGETED"
#: Counts: the median of random peaks, and what is not recorded. A detector's additive error is a third of the noise.
NOISE, FLOOR = 5e3, 2.5e3
NOISE_PEAKS, BACKGROUND_IONS = 200, 60
MZ_RANGE = (85.0, 900.0)
#: Adduct: share of the compounds that show it, and between which shares of [M+H]+ it lies.
ADDUCTS = {
    "[M+Na]+": (0.5, 0.05, 1.5),
    "[M+NH4]+": (0.2, 0.05, 0.5),
    "[M+K]+": (0.15, 0.02, 0.2),
    "[M-H2O+H]+": (0.25, 0.05, 0.6),
    "[2M+H]+": (0.1, 0.02, 0.1),
}
#: What was not planted to overlap lies farther apart than this in mass or in time.
APART_PPM, APART_S = 30.0, 15.0
EDGE_S = 20.0
FWHM = 2 * math.sqrt(2 * math.log(2))


@dataclass(frozen=True)
class Design:
    """How much is generated; the defaults are the benchmark's, its test uses less."""

    compounds: int = 240
    pairs: int = 10  # of each kind of overlap
    contaminants: int = 20  # of the solvent: in the blanks as in everything else
    batches: int = 2
    samples: int = 5  # in each batch, as pools and blanks
    pools: int = 4
    blanks: int = 1
    gradient: float = 600.0
    resolution: float = 120_000
    least: float = 20.0  # apex of the weakest main ion, in units of the noise
    decades: float = 4.0


@dataclass(frozen=True)
class Compound:
    """What is planted: neutral `mass`, `rt` (s), width and tail (s), apex of [M+H]+ in counts, and the other ions.

    kind    alone, contaminant; isomer, isobar_5, isobar_20: one of a pair, whose first member is named `beside`
    """

    name: str
    kind: str
    beside: str
    mass: float
    pattern: tuple[float, ...]
    rt: float
    width: float
    tail: float
    height: float
    adducts: dict[str, float] = field(default_factory=dict)

    def ions(self) -> Iterator[tuple[str, int, float, float]]:
        """Adduct, isotope, m/z, and share of [M+H]+'s monoisotopic apex."""
        for adduct, share in ({"[M+H]+": 1.0} | self.adducts).items():
            for isotope, part in enumerate(self.pattern):
                yield adduct, isotope, ions.adduct(adduct).mz(self.mass) + isotope * ISOTOPE_STEP, share * part

    @property
    def area(self) -> float:
        """Counts x s of the monoisotopic [M+H]+ where the compound's factor is 1."""
        return self.height / float(elution(np.zeros(1), self.width, self.tail)[0])


@dataclass(frozen=True)
class Run:
    """One injection: its clock is time + offset + slope x share of the gradient + bend, its masses are off by ppm."""

    name: str
    sample: str
    role: str
    batch: str
    injection: int
    clock: tuple[float, float, float]
    mz_ppm: float

    def time(self, rt: np.ndarray | float, gradient: float) -> np.ndarray | float:
        """When something that elutes at `rt` does so in this run (s)."""
        offset, slope, bend = self.clock
        return rt + offset + slope * rt / gradient + bend * np.sin(2 * np.pi * rt / gradient)


def _molecule(rng: np.random.Generator) -> tuple[float, tuple[float, ...]]:
    """Mass and isotope pattern (monoisotopic: 1) of a plausible metabolite."""
    carbon = int(rng.integers(5, 31))
    hydrogen = int(rng.integers(int(0.8 * carbon), 2 * carbon + 3))
    parts = [f"C{carbon}H{hydrogen}", f"N{rng.integers(0, 6)}", f"O{rng.integers(1, 9)}"]
    parts += ["S1"] * (rng.random() < 0.15) + ["P1"] * (rng.random() < 0.15)
    made = oms.EmpiricalFormula("".join(part for part in parts if not part.endswith("N0")))
    peaks = made.getIsotopeDistribution(oms.CoarseIsotopePatternGenerator(4)).getContainer()
    shares = np.array([peak.getIntensity() for peak in peaks])
    return made.getMonoWeight(), tuple((shares / shares[0]).round(6).tolist())


def _clear(new: list[Compound], ions: np.ndarray) -> bool:
    """Whether no ion of the new ones could be taken for one of the others' (n x 2: m/z, time) or lies out of range."""
    for compound in new:
        for _, _, mz, _ in compound.ions():
            near = np.abs(ions[:, 0] / mz - 1) < 1e-6 * APART_PPM
            if (near & (np.abs(ions[:, 1] - compound.rt) < APART_S)).any() or not MZ_RANGE[0] < mz < MZ_RANGE[1]:
                return False
    return True


def _one(rng: np.random.Generator, name: str, kind: str, design: Design) -> Compound:
    mass, pattern = _molecule(rng)
    adducts = {
        adduct: round(float(10 ** rng.uniform(math.log10(low), math.log10(high))), 4)
        for adduct, (part, low, high) in ADDUCTS.items()
        if rng.random() < part
    }
    return Compound(
        name=name,
        kind=kind,
        beside="",
        mass=mass,
        pattern=pattern,
        rt=float(rng.uniform(EDGE_S, design.gradient - EDGE_S)),
        width=float(rng.uniform(1.3, 2.6)),
        tail=float(rng.uniform(0.4, 1.4)),
        height=float(design.least * NOISE * 10 ** rng.uniform(0, design.decades)),
        adducts={} if kind == "contaminant" else adducts,
    )


def _neighbour(rng: np.random.Generator, first: Compound, design: Design) -> Compound:
    """The second of a pair: of the same mass and half resolved in time, or 5 or 20 ppm away and not resolved in it."""
    fwhm = FWHM * math.hypot(first.width, first.tail)
    apart = rng.uniform(1.3, 2.2) if first.kind == "isomer" else rng.uniform(0.3, 1.0)
    ppm = {"isomer": 0.0, "isobar_5": 5.0, "isobar_20": 20.0}[first.kind]
    return Compound(
        name=f"{first.name}b",
        kind=first.kind,
        beside=first.name,
        mass=first.mass + 1e-6 * ppm * ions.adduct("[M+H]+").mz(first.mass),
        pattern=first.pattern,
        rt=first.rt + apart * fwhm,
        width=first.width,
        tail=first.tail,
        height=float(max(first.height * 3 ** rng.uniform(-1, 1), design.least * NOISE)),
    )


def compounds(seed: int, design: Design) -> list[Compound]:
    """All that is planted, the pairs' members behind each other."""
    rng, found, ions = stream(seed, "compounds"), [], np.empty((0, 2))
    kinds = ["alone"] * design.compounds + ["contaminant"] * design.contaminants
    kinds += [kind for kind in ("isomer", "isobar_5", "isobar_20") for _ in range(design.pairs)]
    for number, kind in enumerate(kinds, start=1):
        while True:
            new = [_one(rng, f"K{number:03d}", kind, design)]
            if kind in ("isomer", "isobar_5", "isobar_20"):
                new.append(_neighbour(rng, new[0], design))
            if new[-1].rt < design.gradient - EDGE_S and _clear(new, ions):
                break
        found += new
        ions = np.concatenate([ions, [(mz, each.rt) for each in new for _, _, mz, _ in each.ions()]])
    return found


def runs(seed: int, design: Design) -> list[Run]:
    """Batch by batch: blanks, then samples with a pool before, between and behind them."""
    made = []
    for batch in range(1, design.batches + 1):
        rng = stream(seed, "runs", str(batch))
        late = 0.0 if batch == 1 else rng.uniform(2.5, 4.0)
        names = [f"S{batch}{number:02d}" for number in range(1, design.samples + 1)]
        parts = np.array_split(names, max(design.pools - 1, 1))
        order = [(f"BLANK{batch}", "blank")] * design.blanks + [(f"POOL{batch}", "pool")]
        for part in parts:
            order += [*((str(name), "sample") for name in part), (f"POOL{batch}", "pool")]
        for injection, (sample, role) in enumerate(order, start=1):
            clock = (late + rng.uniform(-0.8, 0.8), rng.uniform(-1.5, 1.5), rng.uniform(-0.3, 0.3))
            name = f"R{batch}{injection:02d}"
            made.append(Run(name, sample, role, f"B{batch}", injection, clock, float(rng.normal(0, 0.8))))
    return made


def concentrations(seed: int, planted: list[Compound], made: list[Run]) -> np.ndarray:
    """Compounds x runs: a sample lacks a tenth of them, a pool is the mean of all samples, a blank the solvent."""
    rng = stream(seed, "concentrations")
    solvent = np.array([each.kind == "contaminant" for each in planted])
    samples = {}
    for name in dict.fromkeys(run.sample for run in made if run.role == "sample"):
        factor = np.exp(np.clip(rng.normal(0, 0.5, len(planted)), -1.2, 1.2))
        factor[rng.random(len(planted)) < 0.1] = 0
        samples[name] = np.where(solvent, 1.0, factor)
    of_role = {"pool": np.mean(list(samples.values()), axis=0), "blank": solvent.astype(float)}
    return np.column_stack([samples[run.sample] if run.role == "sample" else of_role[run.role] for run in made])


def sensitivity(seed: int, planted: list[Compound], made: list[Run]) -> np.ndarray:
    """Compounds x runs: up to a halving over a batch, bent, and a step of a quarter (SD) between batches."""
    result = np.ones((len(planted), len(made)))
    for batch in dict.fromkeys(run.batch for run in made):
        rng = stream(seed, "sensitivity", batch)
        mine = [number for number, run in enumerate(made) if run.batch == batch]
        at = np.linspace(0, 1, len(mine))
        fall, bend = rng.uniform(0, 0.6, (len(planted), 1)), rng.uniform(-0.1, 0.1, (len(planted), 1))
        step = rng.normal(0, 0.25, (len(planted), 1)) if batch != made[0].batch else 0.0
        result[:, mine] = np.exp(step - fall * at + bend * np.sin(np.pi * at))
    return result


def _background(rng: np.random.Generator, scans: int) -> tuple[np.ndarray, np.ndarray]:
    """Ions of the solvent that never stop: m/z, and heights (ions, scans) that wander by a sixth."""
    mz = rng.uniform(150, 700, BACKGROUND_IONS)
    level = NOISE * 10 ** rng.uniform(0.5, 2, BACKGROUND_IONS)
    steps = rng.normal(0, 0.033, (BACKGROUND_IONS, scans))
    wander = np.zeros_like(steps)
    for scan in range(1, scans):
        wander[:, scan] = 0.98 * wander[:, scan - 1] + steps[:, scan]
    return mz, level[:, None] * np.exp(wander)


def scans(seed: int, run: Run, planted: list[Compound], factors: np.ndarray, design: Design):
    """Per scan: time (s), m/z and height of every ion before the instrument joins what it cannot tell apart."""
    rng = stream(seed, "scans", run.name)
    times = np.arange(0.5, design.gradient, 1.0)
    times += rng.uniform(-0.03, 0.03, len(times))
    scan, mz, height = [], [], []
    for compound, factor in zip(planted, factors, strict=True):
        apex = run.time(compound.rt, design.gradient)
        near = np.flatnonzero(np.abs(times - apex) < 25)
        curve = factor * compound.area * elution(times[near] - apex, compound.width, compound.tail)
        for _, _, place, share in compound.ions():
            seen = share * curve > FLOOR / 10
            scan.append(near[seen])
            mz.append(np.full(seen.sum(), place))
            height.append(share * curve[seen])
    ions, levels = _background(stream(seed, "background"), len(times))
    scan.append(np.tile(np.arange(len(times)), len(ions)))
    mz.append(np.repeat(ions, len(times)))
    height.append(levels.ravel())
    scan, mz, height = map(np.concatenate, (scan, mz, height))
    height = height * rng.normal(1, 0.04, len(height)) + rng.normal(0, NOISE / 3, len(height))
    spread = 1.2 * (1 + np.sqrt(NOISE / np.maximum(height, NOISE)))  # weak peaks are measured less well
    mz = mz * (1 + 1e-6 * (run.mz_ppm + spread * rng.normal(size=len(mz))))
    scan = np.concatenate([scan, np.repeat(np.arange(len(times)), NOISE_PEAKS)])
    mz = np.concatenate([mz, rng.uniform(*MZ_RANGE, NOISE_PEAKS * len(times))])
    height = np.concatenate([height, NOISE * np.exp(rng.normal(0, 0.4, NOISE_PEAKS * len(times)))])
    kept = height > FLOOR
    order = np.lexsort((mz[kept], scan[kept]))
    scan, mz, height = scan[kept][order], mz[kept][order], height[kept][order]
    cuts = np.searchsorted(scan, np.arange(1, len(times)))
    yield from zip(times, np.split(mz, cuts), np.split(height, cuts), strict=True)


def experiment(seed: int, run: Run, planted: list[Compound], factors: np.ndarray, design: Design) -> oms.MSExperiment:
    """The run as centroids of its profile spectra."""
    made, picker = oms.MSExperiment(), oms.PeakPickerHiRes()
    for number, (time, mz, height) in enumerate(scans(seed, run, planted, factors, design), start=1):
        wide, spectrum = oms.MSSpectrum(), oms.MSSpectrum()
        wide.set_peaks(profile(mz, height, design.resolution))
        picker.pick(wide, spectrum)
        spectrum.setNativeID(f"controllerType=0 controllerNumber=1 scan={number}")
        spectrum.setMSLevel(1)
        spectrum.setRT(float(time))
        spectrum.setType(oms.SpectrumSettings.SpectrumType.CENTROID)
        settings = oms.InstrumentSettings()
        settings.setPolarity(oms.IonSource.Polarity.POSITIVE)
        settings.setScanMode(oms.InstrumentSettings.ScanMode.MS1SPECTRUM)
        spectrum.setInstrumentSettings(settings)
        made.addSpectrum(spectrum)
    return made


@dataclass(frozen=True)
class Truth:
    """What was planted: `amounts` and `gain` are (compounds, runs); their product times an ion's area is its signal."""

    design: Design
    compounds: list[Compound]
    runs: list[Run]
    amounts: np.ndarray
    gain: np.ndarray


def truth_of(seed: int, design: Design) -> Truth:
    """What a batch of this design holds."""
    planted, made = compounds(seed, design), runs(seed, design)
    return Truth(design, planted, made, concentrations(seed, planted, made), sensitivity(seed, planted, made))


def write_site(site: Path, seed: int, design: Design) -> Truth:
    """A site of nothing but this batch; the mzML files lie in `raw/`."""
    truth = truth_of(seed, design)
    made, signal = truth.runs, truth.amounts * truth.gain
    for number, run in enumerate(made):
        found = experiment(seed, run, truth.compounds, signal[:, number], design)
        store(found, site / "raw" / f"{run.name}.mzML")
    config = site / "config"
    with written(config / "config.yaml") as handle:
        handle.write("{}\n")
    proposal = {"proposal": PROPOSAL, "call": "DEMO-2026-1", "title": "Planted", "status": "awarded"}
    write_tsv(config / "proposals.tsv", [*proposal, "human_data"], [proposal | {"human_data": "no"}])
    samples = {
        run.sample: {"sample": run.sample, "proposal": PROPOSAL if run.role == "sample" else "-"}
        | {"facility": FACILITY, "service": SERVICE, "role": run.role}
        for run in made
    }
    write_tsv(config / "samples.tsv", ["sample", "proposal", "facility", "service", "role"], samples.values())
    rows = [
        {"sample": run.sample, "run": run.name, "file": f"raw/{run.name}.mzML", "batch": run.batch}
        | {"polarity": "positive", "injection": run.injection}
        for run in made
    ]
    write_tsv(config / "runs.tsv", list(rows[0]), rows)
    return truth
