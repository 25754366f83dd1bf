"""The concentrations of an order: curves, controls and standards of its batches, and every run read by them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np

from scripts.calibration import assay, controls, standards
from scripts.calibration.curve import Limits
from scripts.calibration.scales import scales
from scripts.lib.files import read_json, write_json
from scripts.lib.software import version

Peaks = dict[
    tuple[str, int], list[dict | None]
]  # compound and ion -> its peak in each run; None: it was not looked for

#: Flags of a peak that is not there or not confirmed to be the compound's, and of an internal standard out of limits.
UNCONFIRMED = {"not_found", "ion_ratio", "qualifier_missing", "internal_standard_missing"}
OFF = {"internal_standard_missing", "internal_standard_low", "internal_standard_high"}


def gathered(ions: Sequence[Mapping[str, Any]], files: Sequence[Mapping[str, Any]]) -> Peaks:
    """The peaks of all runs by compound and number of the ion."""
    found = [{(peak["compound"], peak["ion"]): peak for peak in file["peaks"]} for file in files]
    keys = [(ion["compound"], ion["number"]) for ion in ions]
    return {key: [run.get(key) for run in found] for key in keys}


def areas_of(peaks: Sequence[Mapping | None]) -> list[float | None]:
    return [peak["area"] if peak else None for peak in peaks]


def expected_ratio(stated: float | None, ratios: Sequence[float | None], runs: Sequence[Mapping]) -> dict[str, float]:
    """Batch -> the ion ratio to expect: the target list's, else the median of the batch's calibrators."""
    batches = {run["batch"] for run in runs}
    if stated:
        return dict.fromkeys(batches, stated)
    expected = {}
    for batch in batches:
        found = [
            ratio
            for run, ratio in zip(runs, ratios, strict=True)
            if run["batch"] == batch and run["role"] == "calibrator" and ratio is not None
        ]
        if found:
            expected[batch] = float(np.median(found))
    return expected


def confirmations(
    qualifiers: Sequence[Mapping[str, Any]], peaks: Peaks, runs: Sequence[Mapping[str, Any]], tolerance_pct: float
) -> tuple[list[str], list[list[float | None]]]:
    """Each run's flag (`ion_ratio`, `qualifier_missing` or empty) by all qualifiers of a compound, and their ratios."""
    flags, all_ratios = [""] * len(runs), []
    for ion in qualifiers:
        above = peaks[ion["compound"], ion["number"]]
        below = peaks[ion["compound"], 0]
        ratios = [
            over["area"] / under["area"] if over and under and over["area"] and under["area"] else None
            for over, under in zip(above, below, strict=True)
        ]
        expected = expected_ratio(ion["ion_ratio"], ratios, runs)
        for place, run in enumerate(runs):
            wanted = expected.get(run["batch"])
            if above[place] is None or not (below[place] and below[place]["area"]):
                continue
            if ratios[place] is None:
                flags[place] = "qualifier_missing"
            elif wanted is not None and abs(ratios[place] / wanted - 1) > tolerance_pct / 100:
                flags[place] = flags[place] or "ion_ratio"
        all_ratios.append(ratios)
    return flags, all_ratios


def doubts(peak: Mapping[str, Any] | None, expected_s: float, max_late_s: float) -> list[str]:
    """What speaks against a peak's being the compound's: its time is not the list's, or another one is beside it."""
    if not peak or not peak["area"]:
        return []
    late = peak["rt_s"] is not None and abs(peak["rt_s"] - expected_s) > max_late_s
    return ["retention_time"] * late + ["other_peak"] * bool(peak.get("near"))


def result(run: Mapping[str, Any], measured: float, unit: str) -> tuple[float, str]:
    """What was in the sample as it was sent: times its dilution, divided by its amount; and the unit of that."""
    value = measured * (run["dilution"] or 1.0)
    return (value / run["amount"], f"{unit} per {run['amount_unit']}") if run["amount"] else (value, unit)


def beyond(measured: float | None, batch: Mapping[str, Any]) -> str:
    """The flag of what lies outside the working range; a response without a concentration is past the curve's turn."""
    if measured is None:
        return "above_range" if batch["curve"]["coefficients"][-1] < 0 else "below_range"
    return "below_range" if measured < batch["lower"] else "above_range" if measured > batch["upper"] else ""


def read_out(
    run: Mapping[str, Any], batch: Mapping[str, Any] | None, measured: float | None, unit: str, flags: list[str]
) -> dict:
    """The concentration of one compound in one run, with every reason why there is none."""
    row = {"measured": None, "extrapolated": None, "result": None, "unit": unit}
    # A blank may hold no internal standard, and a ratio to noise is no response.
    unsure = UNCONFIRMED | (OFF if run["role"] == "blank" else set())
    if batch is None:
        flags.append("not_calibrated")
    elif not batch["accepted"]:
        flags.append("not_accepted")
    elif not unsure & set(flags):
        outside = beyond(measured, batch)
        if outside and (run["role"] != "calibrator" or measured is None):
            flags.append(outside)
            row["extrapolated"] = measured
        else:
            row["measured"] = measured
            row["result"], row["unit"] = result(run, measured, unit)
    return row


def quantify(
    ions: Sequence[Mapping[str, Any]],
    runs: Sequence[Mapping[str, Any]],
    files: Sequence[Mapping[str, Any]],
    held: Mapping[str, Mapping[str, Sequence]],
    recipe: Limits,
) -> dict:
    """Everything as plain values, see `main`.

    ions   the target list, quantifiers as number 0
    files  what was found in each run: {peaks: [{compound, ion, area, rt_s, ...}]}
    held   compound -> level -> [concentration, unit]
    """
    peaks = gathered(ions, files)
    heads = [ion for ion in ions if ion["number"] == 0]
    batches = {name: [p for p, run in enumerate(runs) if run["batch"] == name] for name in {r["batch"] for r in runs}}
    areas = {ion["compound"]: areas_of(peaks[ion["compound"], 0]) for ion in heads}
    states = {
        ion["compound"]: standards.levels(areas[ion["compound"]], runs, recipe)
        for ion in heads
        if ion["role"] == "internal_standard"
    }
    times = {ion["compound"]: ion["rt_s"] for ion in heads}
    around = controls.bracketed(runs)
    compounds, results = [], []
    for ion in heads:
        if ion["role"] != "target":
            continue
        name, standard = ion["compound"], ion["internal_standard"]
        levels = {level: float(entry[0]) for level, entry in held.get(name, {}).items()}
        unit = next((entry[1] for entry in held.get(name, {}).values()), "")
        own = areas[standard] if standard else None
        found = {
            batch: assay.assess(runs, places, areas[name], own, levels, recipe)
            for batch, places in sorted(batches.items())
        }
        qualifiers = [other for other in ions if other["compound"] == name and other["number"] > 0]
        confirmed, ratios = confirmations(qualifiers, peaks, runs, recipe["ion_ratio_pct"])
        spiked = standards.recovery(areas[name], runs)
        compounds.append({**ion, "unit": unit, "batches": found, "recovery": spiked})
        for place, run in enumerate(runs):
            peak, batch = peaks[name, 0][place], found[run["batch"]]
            flags = [] if areas[name][place] is not None else ["not_found"]
            if standard:
                state = states[standard][place]["state"]
                flags += [f"internal_standard_{state}"] if state else []
                flags += [
                    f"internal_standard_{doubt}"
                    for doubt in doubts(peaks[standard, 0][place], times[standard], recipe["max_late_s"])
                ]
            flags += [confirmed[place]] if confirmed[place] else []
            flags += doubts(peak, times[name], recipe["max_late_s"])
            measured = batch["measured"][str(place)] if batch else None
            row = read_out(run, batch, measured, unit, flags)
            if around.get(place) is False:
                flags.append("not_bracketed")
            results.append(
                {
                    "place": place,
                    "compound": name,
                    "rt_s": peak["rt_s"] if peak else None,
                    "area": areas[name][place],
                    "standard_area": own[place] if own else None,
                    "ion_ratios": [each[place] for each in ratios],
                    **row,
                    "flags": flags,
                }
            )
    shown = [{"compound": name, "runs": rows} for name, rows in states.items()]
    return {"compounds": compounds, "standards": shown, "results": results, "bracketed": list(around.values())}


def told(files: Sequence[Mapping[str, Any]], found: Mapping[str, Any]) -> dict[str, Any]:
    """What was done, for the text of the methods: where areas came from, and what became of them."""
    programs = {name: number for file in files for name, number in file.get("programs", {}).items()}
    imported = ["programs" in file for file in files]
    batches = [batch for compound in found["compounds"] for batch in compound["batches"].values() if batch]
    return {
        "spectra": not all(imported),
        "areas": any(imported),
        "integrated_by": " and ".join(sorted(programs)) or "another program",
        "programs": programs,
        "standards": any(row["standard_area"] for row in found["results"]),
        "curves": any(batch["curve"] for batch in batches),
    }


def software(files: Sequence[Mapping[str, Any]], done: Mapping[str, Any]) -> list[list[str]]:
    """Name and version of what read spectra, found or had integrated peaks, and fitted curves; last, of ourselves."""
    used = {name: number for file in files for name, number in file.get("software", {}).items()} | done["programs"]
    used |= {tool: version(tool) for tool in (["statsmodels"] if done["curves"] else []) + ["filiera"]}
    return [[name, number] for name, number in used.items()]


class Paths(NamedTuple):
    peaks: list[str]
    calibration: str
    told: str


class Recipe(TypedDict):
    calibration: Limits


class Values(NamedTuple):
    tag: dict[str, str]
    runs: list[dict]
    ions: list[dict]
    concentrations: dict[str, dict[str, list]]
    recipe: Recipe


def main(paths: Paths, values: Values) -> None:
    """Write `paths.calibration` (JSON) from the peaks of every run, `paths.peaks`, in the order of `values.runs`.

    `paths.told` (JSON) says of all of it what the methods text depends on.

    values.ions, values.concentrations, values.recipe  as `quantify` takes them, the recipe's section `calibration`

    runs       each as it was given, with its polarity, and how far its m/z and times were off the others'
    compounds  each with its batches: curve, working range, calibrators, controls, carry-over, accepted, reasons
    standards  each internal standard in every run
    results    each compound in every run: areas, ion ratios, concentrations, flags
    software   what the areas and concentrations were made with
    bracketed  for each sample's run with a position: whether controls stand around it
    """
    files = [read_json(path) for path in paths.peaks]
    recipe = values.recipe["calibration"]
    found = quantify(values.ions, values.runs, files, values.concentrations, recipe)
    runs = [
        {**run, "polarity": run["polarity"] or file.get("polarity", ""), **scale}
        for run, file, scale in zip(values.runs, files, scales(files), strict=True)
    ]
    done = told(files, found)
    about = {"tag": values.tag, "recipe": recipe, "runs": runs, "software": software(files, done)}
    write_json(paths.calibration, about | found)
    write_json(paths.told, done)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
