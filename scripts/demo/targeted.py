"""A batch of a targeted service: calibrators, controls, blanks and samples of planted concentrations over three orders
of magnitude, with sensitivity and retention times that drift, and three interferences in whatever has a matrix.

The interferences: an isomer of the first compound that elutes behind it; an ion of nearly the same m/z beside the
second (SRM: a raised background); and, where the third compound is absent, an isomer at nearly its time without its
qualifier.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyopenms as oms

from scripts.demo import spectra
from scripts.demo.seeds import stream
from scripts.lib.checksums import sha256
from scripts.lib.files import write_tsv
from scripts.lib.mzml import store

#: Area (counts x s) of one unit of concentration, and concentration of the internal standards.
RESPONSE, STANDARD = 6e4, 100.0
DEUTERIUM = 1.00627675  # u, 2H - 1H
SODIUM = 21.981944  # u, Na - H
#: Over the batch: loss of sensitivity, and delay of the last run, s.
LOSS, DELAY_S = 0.3, 4.0
#: Relative standard deviations: of an injection (standard and compound alike), and of a compound in it.
INJECTED, MEASURED = 0.08, 0.02
ISOMER_S, CLOSE_S = 12.0, 1.5
UNIT = "nmol/L"
#: SRM: distance of points, half width of a window (s), background and its noise (counts).
POINT_S, REACH_S, BACKGROUND, NOISE = 0.6, 25.0, 60.0, 8.0


@dataclass(frozen=True)
class Design:
    """What is measured: how many compounds and samples, at which levels, by which service, for which proposal."""

    targets: int = 6
    samples: int = 2
    levels: tuple[float, ...] = (1, 3, 10, 30, 100, 300, 1000)
    controls: tuple[float, ...] = (5, 60, 400)
    gradient: float = 120.0
    service: str = "MET-TARGETED"
    srm: bool = False
    facility: str = "CNR-IBSBC"
    proposal: str = "P001"
    batch: str = "TQ0318"
    folder: str = "raw/targeted"


@dataclass(frozen=True)
class Assay:
    """A compound as it is measured: its ions' m/z, its time, its qualifier's share of the quantifier's area."""

    name: str
    formula: str
    mz: float
    rt: float
    ratio: float

    @property
    def standard(self) -> str:
        return f"{self.name} D4"

    @property
    def labelled(self) -> str:
        """The formula with four deuteriums instead of hydrogens."""
        return re.sub(r"H(\d+)", lambda match: f"H{int(match[1]) - 4}D4", self.formula, count=1)

    @property
    def products(self) -> tuple[float, float]:
        """Products of quantifier and qualifier (SRM)."""
        return round(self.mz * 0.55, 1), round(self.mz * 0.4, 1)


@dataclass(frozen=True)
class Run:
    """An injection: its role, and the concentration of every compound in the measured solution."""

    sample: str
    role: str
    level: str
    dilution: float
    planted: tuple[float, ...]


def assays(rng: np.random.Generator, formulas: dict[str, str], gradient: float) -> list[Assay]:
    """Give every compound a time at which nothing of its m/z is near."""
    found = spectra.planted(rng, formulas, gradient)
    return [Assay(each.name, each.formula, each.mz, each.rt, round(float(rng.uniform(0.3, 0.6)), 3)) for each in found]


def sequence(rng: np.random.Generator, design: Design) -> list[Run]:
    """The batch in the order of injection; one concentration in eight of a sample is none at all."""
    count = design.targets

    def held(value: float) -> tuple[float, ...]:
        return (float(value),) * count

    runs = [Run("TBLANK1", "blank", "", 1, held(0))]
    runs += [Run(f"TQC{n}A", "control", f"TQC{n}", 1, held(v)) for n, v in enumerate(design.controls, 1)]
    runs += [Run(f"TCAL{n}", "calibrator", f"TCAL{n}", 1, held(v)) for n, v in enumerate(design.levels, 1)]
    runs += [Run("TBLANK2", "blank", "", 1, held(0))]
    low, high = np.log10(1.5 * design.levels[0]), np.log10(0.8 * design.levels[-1])
    for number in range(1, design.samples + 1):
        values = np.round(10 ** rng.uniform(low, high, count), 3)
        values[rng.random(count) < 1 / 8] = 0
        if number == 1 and count > 2:
            values[2] = 0
        runs.append(Run(f"T{number:03d}", "sample", "", 2 if number % 2 == 0 else 1, tuple(values.tolist())))
    return runs + [Run(f"TQC{n}B", "control", f"TQC{n}", 1, held(v)) for n, v in enumerate(design.controls, 1)]


def ions(
    rng: np.random.Generator, design: Design, measured: list[Assay], run: Run, share: float
) -> list[tuple[spectra.Compound, tuple[float, float | None]]]:
    """Every ion of a run with its area, and its transition; `share` is how far the batch has got (0 to 1)."""
    gain = RESPONSE * (1 - LOSS * share)
    found = []

    def add(assay: Assay, mz: float, product: float, concentration: float, late: float = 0.0) -> None:
        area = gain * concentration
        compound = spectra.Compound(assay.name, assay.formula, mz, assay.rt + DELAY_S * share + late, area)
        found.append((compound, (mz, product)))

    blank, matrix = run.role == "blank", run.role in ("sample", "control")
    for place, assay in enumerate(measured):
        injected = float(rng.normal(1, INJECTED))
        value = run.planted[place] * injected * float(rng.normal(1, MEASURED))
        first, second = assay.products
        if value:
            add(assay, assay.mz, first, value)
            add(assay, assay.mz if design.srm else assay.mz + SODIUM, second, value * assay.ratio)
        if not blank:
            standard = STANDARD * injected * float(rng.normal(1, MEASURED))
            add(assay, assay.mz + 4 * DEUTERIUM, first, standard)
        if matrix and place == 0:
            add(assay, assay.mz, first, 300, ISOMER_S)
            add(assay, assay.mz if design.srm else assay.mz + SODIUM, second, 20, ISOMER_S)
        if matrix and place == 1 and not design.srm:
            add(assay, assay.mz * (1 + 40e-6), first, 500)
        if matrix and place == 2 and not run.planted[2]:
            add(assay, assay.mz, first, 150, CLOSE_S)
    return found


def chromatograms(
    rng: np.random.Generator, measured: list[Assay], found: list, raised: tuple[float, float] | None
) -> oms.MSExperiment:
    """The SRM chromatograms of a run; `raised` is the transition with a high background."""
    experiment = oms.MSExperiment()
    for assay in measured:
        first, second = assay.products
        for mz, product in ((assay.mz, first), (assay.mz, second), (assay.mz + 4 * DEUTERIUM, first)):
            times = np.arange(assay.rt - REACH_S, assay.rt + REACH_S, POINT_S)
            level = BACKGROUND * (5 if (mz, product) == raised else 1)
            signal = np.full(len(times), level)
            for compound, transition in found:
                if transition == (mz, product):
                    signal += compound.area * spectra.elution(times - compound.rt)
            signal = signal * rng.normal(1, spectra.INTENSITY_NOISE, len(times)) + rng.normal(0, NOISE, len(times))
            chromatogram = oms.MSChromatogram()
            chromatogram.set_peaks((times, np.maximum(signal, 0).astype(np.float32)))
            chromatogram.setNativeID(f"SRM SIC Q1={mz:.4f} Q3={product:.1f}")
            kind = oms.ChromatogramSettings.ChromatogramType.SELECTED_REACTION_MONITORING_CHROMATOGRAM
            chromatogram.setChromatogramType(kind)
            precursor, ion = oms.Precursor(), oms.Product()
            precursor.setMZ(mz)
            ion.setMZ(product)
            chromatogram.setPrecursor(precursor)
            chromatogram.setProduct(ion)
            experiment.addChromatogram(chromatogram)
    return experiment


def write_runs(site: Path, seed: int, design: Design, measured: list[Assay], runs: list[Run]) -> list[str]:
    """Write the mzML of every run; returns their names below the site."""
    names = []
    for number, run in enumerate(runs, start=1):
        name = f"{design.folder}/{design.batch}-{number:03d}.mzML"
        rng = stream(seed, "targeted", design.batch, str(number))
        found = ions(rng, design, measured, run, (number - 1) / max(len(runs) - 1, 1))
        if design.srm:
            noisy = run.role in ("sample", "control") and len(measured) > 1
            raised = (measured[1].mz, measured[1].products[0]) if noisy else None
            store(chromatograms(rng, measured, found, raised), site / name)
        else:
            injection = spectra.Injection(f"{design.batch}-{number:03d}", number, "2026-03-18")
            compounds = [compound for compound, _ in found]
            spectra.write_run(site / name, seed, injection, compounds, [1.0] * len(compounds), design.gradient)
        names.append(name)
    return names


def target_rows(design: Design, measured: list[Assay]) -> list[dict]:
    """The target list: two ions a compound, and its labelled standard."""
    rows = []
    for assay in measured:
        same = {"service": design.service, "compound": assay.name}
        first, second = assay.products if design.srm else ("", "")
        adduct = "[M+H]+" if design.srm else "[M+Na]+"
        ours = {"rt_s": assay.rt, "internal_standard": assay.standard}
        rows += [
            {**same, "formula": assay.formula, "adduct": "[M+H]+", "product_mz": first, **ours},
            {**same, "ion": "qualifier", "formula": assay.formula, "adduct": adduct, "product_mz": second},
            {**same, "compound": assay.standard, "role": "internal_standard", "formula": assay.labelled}
            | {"adduct": "[M+H]+", "product_mz": first, "rt_s": assay.rt},
        ]
    return rows


def write(site: Path, seed: int, design: Design, formulas: dict[str, str]) -> dict[str, list[dict]]:
    """Write a batch; returns the rows of its sheets (samples, runs, targets, concentrations) and of its truth, which
    has the concentration of every compound in every sample as it was sent (0: absent)."""
    rng = stream(seed, "targeted", design.batch)
    design = replace(design, targets=len(formulas))
    measured = assays(rng, formulas, design.gradient)
    runs = sequence(rng, design)
    names = write_runs(site, seed, design, measured, runs)
    rows: dict[str, list[dict]] = {name: [] for name in ("samples", "runs", "concentrations", "truth")}
    levels: dict[str, float] = {}
    for number, (run, name) in enumerate(zip(runs, names, strict=True), start=1):
        own = design.proposal if run.role == "sample" else "-"
        same = {"sample": run.sample, "facility": design.facility, "service": design.service, "role": run.role}
        sample = {**same, "proposal": own, "level": run.level}
        rows["samples"].append(sample | ({"dilution": run.dilution} if run.dilution != 1 else {}))
        record = {"sample": run.sample, "run": f"{design.batch}-{number:03d}", "file": name, "injection": number}
        record |= {"sha256": sha256(site / name), "batch": design.batch, "polarity": "positive"}
        rows["runs"].append(record | {"acquired": "2026-03-18"})
        if run.level:
            levels[run.level] = run.planted[0]
        if run.role == "sample":
            for assay, value in zip(measured, run.planted, strict=True):
                planted = round(value * run.dilution, 6)
                rows["truth"].append({"sample": run.sample, "compound": assay.name, "concentration": planted})
    rows["targets"] = target_rows(design, measured)
    rows["concentrations"] = [
        {"level": level, "compound": assay.name, "concentration": value, "unit": UNIT}
        for level, value in levels.items()
        for assay in measured
    ]
    return rows


def write_lists(config: Path, rows: dict[str, list[dict]]) -> None:
    """The sheets that only targeted services have."""
    columns = ["service", "compound", "ion", "role", "formula", "adduct", "product_mz", "rt_s", "internal_standard"]
    write_tsv(config / "targets.tsv", columns, rows["targets"])
    write_tsv(config / "concentrations.tsv", ["level", "compound", "concentration", "unit"], rows["concentrations"])


def write_site(site: Path, seed: int, design: Design, formulas: dict[str, str]) -> list[dict]:
    """A site of nothing but one targeted batch; returns its truth."""
    rows, config = write(site, seed, design, formulas), site / "config"
    proposal = {"proposal": design.proposal, "call": "DEMO-2026-1", "title": "Planted", "status": "awarded"}
    write_tsv(config / "proposals.tsv", [*proposal, "human_data"], [proposal | {"human_data": "no"}])
    columns = ["sample", "proposal", "facility", "service", "role", "level", "dilution"]
    write_tsv(config / "samples.tsv", columns, rows["samples"])
    write_tsv(config / "runs.tsv", list(rows["runs"][0]), rows["runs"])
    write_lists(config, rows)
    return rows["truth"]
