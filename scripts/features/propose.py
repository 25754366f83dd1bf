"""Parameters for a batch, proposed from what its pools show."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple, TypedDict

import numpy as np
import pyopenms as oms

from scripts.features import pick
from scripts.features.measure import Ions, Proposals, ions, noise_level, recorded, shared
from scripts.lib.files import read_json, write_json
from scripts.lib.unit_resolution import ON_STEPS, STEP, on_steps

SECTIONS = ("features", "alignment", "linking", "filling")
KEPT, SHOWN = ("noise", *SECTIONS), ("runs", "measured", "doubts")
#: Share of the deviations that a tolerance has to cover.
COVERED = 0.95
#: ISO 3's series R20, steps of 12 %: a pool more or less hardly changes such a value, and nothing is picked again.
PREFERRED = np.array([1.0, 1.12, 1.25, 1.4, 1.6, 1.8, 2.0, 2.24, 2.5, 2.8, 3.15, 3.55, 4.0, 4.5, 5.0, 5.6, 6.3, 7.1])
PREFERRED = np.concatenate([PREFERRED, [8.0, 9.0, 10.0]])


def preferred(value: float) -> float:
    """The nearest number of the series R20, any power of ten."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(f"{PREFERRED[np.argmin(np.abs(np.log(PREFERRED * power / value)))] * power:.3g}")


def measured(found: Sequence[Ions], weak: Sequence[Ions], options: Proposals) -> dict[str, float]:
    """What runs of one polarity show: medians over runs, and over pairs of them.

    found, weak  by run: its most intense ions, and its weak ones

    mz_error_ppm  that the points of an ion stay within of its m/z; width_s  full width at half maximum
    mz_error_weak_ppm  the same of weak ions, where there are enough, and not less
    mz_shift_ppm, rt_shift_s  the same between two runs, of an ion's m/z and of its time (less a shift of the whole run)
    """
    result = {
        "mz_error_ppm": float(np.median([np.quantile(np.abs(each.deviation), COVERED) for each in found])),
        "width_s": float(np.median([np.median(each.width) for each in found])),
    }
    weak = [each for each in weak if len(each) >= options["min_ions"]]
    if weak:
        error = float(np.median([np.quantile(np.abs(each.deviation), COVERED) for each in weak]))
        result["mz_error_weak_ppm"] = max(error, result["mz_error_ppm"])
    pairs = [shared(one, other, options["wide_ppm"], options["wide_rt_s"]) for one, other in combinations(found, 2)]
    pairs = [pair for pair in pairs if len(pair) >= options["min_ions"]]
    if pairs:
        result["mz_shift_ppm"] = float(np.median([np.quantile(np.abs(pair[:, 0]), COVERED) for pair in pairs]))
        late = [np.abs(pair[:, 1] - np.median(pair[:, 1])) for pair in pairs]
        result["rt_shift_s"] = float(np.median([np.quantile(each, COVERED) for each in late]))
    return result


def doubts(values: Mapping[str, float], usual: Mapping[str, float], factor: float) -> dict[str, str]:
    """Why a measured value is not believed: mass errors and widths are held against the usual ones."""
    said = {}
    for name, value in values.items():
        known = usual["mass_error_ppm" if name.endswith("_ppm") else "peak_width_s"]
        # Two runs may agree as well as they like.
        low = 0.0 if "shift" in name else known / factor
        if not low <= value <= known * factor:
            said[name] = f"{name} {value:.3g} is not between {low:.3g} and {known * factor:.3g}"
    return said


def following(values: Mapping[str, float], usual: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """What follows from measured values: section of the recipe -> parameter -> value.

    Limits of width and length only ever let more pass than usual: what is narrower or wider than the usual ion of the
    pools is still a peak.
    """
    sections: dict[str, dict[str, float]] = {name: {} for name in SECTIONS}
    if error := values.get("mz_error_ppm"):
        between = values.get("mz_shift_ppm", error)
        weak = values.get("mz_error_weak_ppm", error)
        sections["features"]["mass_error_ppm"] = weak
        sections["alignment"]["mz_ppm"] = sections["linking"]["mz_ppm"] = 2 * max(error, between)
        sections["filling"]["mz_ppm"] = weak + between
    if width := values.get("width_s"):
        sections["features"]["peak_width_s"] = width
        limits = {"min_width_s": width / 3, "min_trace_s": width, "max_width_s": 10 * width}
        for key, value in limits.items():
            if value > usual[key] if key == "max_width_s" else value < usual[key]:
                sections["features"][key] = value
        sections["linking"]["rt_s"] = max(2 * width, 2 * values.get("rt_shift_s", 0.0))
        sections["filling"]["shift_s"] = sections["linking"]["rt_s"] / 3
    return {name: {key: preferred(value) for key, value in found.items()} for name, found in sections.items()}


def in_steps(spectra: Sequence[oms.MSSpectrum]) -> float:
    """What one step is in ppm of the lower m/z of spectra whose m/z stand in steps; 0.0 where they do not."""
    mz = np.concatenate([spectrum.get_peaks()[0] for spectrum in spectra] or [np.empty(0)])
    if not len(mz) or on_steps(mz).mean() < ON_STEPS:
        return 0.0
    return 1e6 * STEP / float(np.quantile(mz, 1 - COVERED))


def coarse(step_ppm: float, picking: pick.Features, options: Proposals) -> tuple[pick.Features, Proposals]:
    """What is usual, and looked at, where an ion's m/z hop by a step: more than that, and nothing less than usual."""
    usual = {**picking, "mass_error_ppm": max(picking["mass_error_ppm"], step_ppm)}
    return usual, {**options, "wide_ppm": max(options["wide_ppm"], 1.5 * step_ppm)}


def propose(runs: Iterable[tuple[str, oms.MSExperiment]], picking: pick.Features, options: Proposals):
    """Polarity -> what is proposed (scripts.lib.proposals), with the names of the runs that showed it.

    runs     names and centroided spectra
    picking  the usual parameters of picking
    """
    seen: dict[str, list[tuple[str, str, float, Ions, Ions]]] = {}
    steps: dict[str, float] = {}
    for name, experiment in runs:
        kind = recorded(experiment)
        for polarity, spectra in pick.by_polarity(experiment).items():
            noise, step = noise_level(spectra, picking["noise_factor"]), in_steps(spectra)
            wide = coarse(step, picking, options)[1]
            found, weak = (ions(spectra, picking["snr"] * noise, wide, weak) for weak in (False, True))
            seen.setdefault(polarity, []).append((name, kind, noise, found, weak))
            steps[polarity] = max(step, steps.get(polarity, 0.0))
    return {
        polarity: _of_polarity(each, *coarse(steps[polarity], picking, options))
        for polarity, each in sorted(seen.items())
    }


def _of_polarity(seen, picking: pick.Features, options: Proposals) -> dict:
    usable = [each for each in seen if len(each[3]) >= options["min_ions"]]
    if not usable:
        text = f"none of {', '.join(name for name, *_ in seen)} shows {options['min_ions']:.0f} whole peaks"
        return {"runs": [], "measured": {}, "doubts": {"all": text}}
    values = measured([found for *_, found, _ in usable], [weak for *_, weak in usable], options)
    said = doubts(values, picking, options["max_factor"])
    believed = {name: value for name, value in values.items() if name not in said}
    noise: dict[str, list[float]] = {}
    for _, kind, level, *_ in usable:
        noise.setdefault(kind, []).append(level)
    for kind, levels in noise.items():
        if max(levels) > options["max_factor"] * min(levels):
            said[f"noise of {kind}"] = f"the noise is between {min(levels):.3g} and {max(levels):.3g} counts"
    return {
        "runs": [name for name, *_ in usable],
        "measured": {name: round(value, 4) for name, value in values.items()},
        "doubts": said,
        "noise": {
            kind: preferred(float(np.median(levels)))
            for kind, levels in noise.items()
            if f"noise of {kind}" not in said
        },
        **following(believed, picking),
    }


class Paths(NamedTuple):
    centroided: list[str]
    statistics: list[str]
    parameters: str
    measured: str


class Recipe(TypedDict):
    proposals: Proposals
    features: pick.Features


class Values(NamedTuple):
    tag: dict[str, str]
    runs: list[str]
    role: str
    most: int
    recipe: Recipe


def main(paths: Paths, values: Values) -> None:
    """Write `paths.parameters` (JSON, see scripts.lib.proposals) from `paths.centroided`, the runs of `values.runs`.

    `paths.measured` (JSON) has on which of them, what was measured, and what was not believed and why: apart, because
    whoever reads the parameters alone need not run again when the same come of other runs.

    Of many runs, as of samples where there is no pool, the three richest are looked at (total MS1 intensity in
    `paths.statistics`); of none, nothing is proposed.
    """
    options = values.recipe["proposals"]
    picking = values.recipe["features"]
    rich = [read_json(path)["tic_sum"] for path in paths.statistics]
    chosen = sorted(sorted(range(len(rich)), key=lambda number: -rich[number])[: values.most])
    runs = ((values.runs[number], pick.read(paths.centroided[number])) for number in chosen)
    found = propose(runs, picking, options)
    kept = {polarity: {key: each[key] for key in KEPT if key in each} for polarity, each in found.items()}
    shown = {polarity: {key: each[key] for key in SHOWN} for polarity, each in found.items()}
    write_json(paths.parameters, {"polarities": kept})
    write_json(paths.measured, {"tag": values.tag, "role": values.role, "polarities": shown})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
