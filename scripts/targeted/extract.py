"""The peaks of all targets in one run."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from scripts.lib.files import write_json
from scripts.lib.software import version
from scripts.targeted.assign import Slot, assign
from scripts.targeted.peaks import Peak, peaks, wanted
from scripts.targeted.traces import Extraction, Recipe, Trace, traces


def entry(ion: Mapping[str, Any], peak: Peak | None, note: str = "") -> dict:
    """One ion of one run as plain values; without a peak its area is None and the note says why."""
    row = {"compound": ion["compound"], "ion": ion["number"], "area": None, "rt_s": None, "note": note}
    if peak is None:
        return row
    return row | {
        "area": round(peak.area, 3),
        "rt_s": round(peak.rt_s, 3),
        "start_s": round(peak.start_s, 3),
        "end_s": round(peak.end_s, 3),
        "height": round(peak.height, 3),
        "snr": round(min(peak.snr, 1e9), 1),
        "mz_error_ppm": round(1e6 * (peak.mz / ion["mz"] - 1), 2) if peak.mz else None,
    }


def identify(ions: Sequence[Mapping[str, Any]], found: Sequence[Trace | None], recipe: Extraction) -> list[dict]:
    """The peak of every ion, in the order of the list (quantifiers are number 0 of their compound).

    All quantifiers are assigned at once. What the internal standards are late by, the targets must be late by too. A
    qualifier is looked for where its quantifier is.
    """
    candidates = [peaks(trace, recipe) for trace in found]
    heads = [place for place, ion in enumerate(ions) if ion["number"] == 0]
    chosen = dict(zip(heads, assign(slots(ions, candidates, heads, recipe), recipe["rt_tolerance_s"]), strict=True))
    late = {
        ions[place]["compound"]: peak.rt_s - ions[place]["rt_s"]
        for place, peak in chosen.items()
        if peak and ions[place]["role"] == "internal_standard"
    }
    usual = float(np.median(list(late.values()))) if late else 0.0
    expected = {}
    for place in heads:
        ion = ions[place]
        shift = late.get(ion["compound"], late.get(ion["internal_standard"], usual))
        expected[ion["compound"]] = ion["rt_s"] + shift
        tolerance = min(recipe["rt_tolerance_s"], window(ion, recipe)) if late else window(ion, recipe)
        peak = chosen[place]
        if peak and abs(peak.rt_s - expected[ion["compound"]]) > tolerance:
            chosen[place] = None
    quantifiers = {ions[place]["compound"]: chosen[place] for place in heads}
    rows = []
    for place, ion in enumerate(ions):
        head, peak = quantifiers[ion["compound"]], chosen.get(place)
        if place not in chosen:
            peak = wanted(head.rt_s, candidates[place], head.near) if head else None
        if peak:
            rows.append(entry(ion, peak) | beside(ion, peak, candidates[place], chosen.values(), recipe))
        else:
            note = absent(ion, found[place], candidates[place], expected[ion["compound"]], quantifiers)
            rows.append(entry(ion, None, note))
    return rows


def window(ion: Mapping[str, Any], recipe: Extraction) -> float:
    return ion["window_s"] or recipe["window_s"]


def slots(
    ions: Sequence[Mapping[str, Any]],
    candidates: Sequence[Sequence[Peak]],
    heads: Sequence[int],
    recipe: Extraction,
) -> list[Slot]:
    """What is to be assigned: every quantifier with its candidates, each held against the compound's qualifiers."""
    made = []
    for place in heads:
        ion = ions[place]
        others = [
            candidates[at] for at, each in enumerate(ions) if each["compound"] == ion["compound"] and each["number"]
        ]
        confirmed = [
            not others or any(abs(other.rt_s - peak.rt_s) <= peak.near for some in others for other in some)
            for peak in candidates[place]
        ]
        trace = next(at for at in heads if one_trace(ions[at], ion, recipe["mz_tolerance_ppm"]))
        standard = ion["role"] == "internal_standard"
        made.append(Slot(ion["rt_s"], window(ion, recipe), standard, trace, candidates[place], confirmed))
    return made


def one_trace(one: Mapping[str, Any], other: Mapping[str, Any], ppm: float) -> bool:
    """Whether two ions show in each other's traces: their peaks may be mistaken for each other."""
    return abs(one["mz"] / other["mz"] - 1) <= 2e-6 * ppm and one["product_mz"] == other["product_mz"]


def beside(
    ion: Mapping[str, Any],
    peak: Peak,
    candidates: Sequence[Peak],
    taken: Collection[Peak | None],
    recipe: Extraction,
) -> dict:
    """What else is in the window of a peak that was found, as [time in s, share of its height]; and `near`: whether
    one of them, which is no other compound's, comes so near that it may be meant."""
    others = [
        other
        for other in candidates
        if other != peak and other not in taken and abs(other.rt_s - ion["rt_s"]) <= window(ion, recipe)
    ]
    close = [
        other
        for other in others
        if abs(other.rt_s - peak.rt_s) <= recipe["rt_tolerance_s"]
        and other.height >= recipe["other_peak"] * peak.height
    ]
    shown = [[round(other.rt_s, 2), round(other.height / peak.height, 3)] for other in others]
    return {"others": shown, "near": bool(close)}


def absent(
    ion: Mapping[str, Any],
    trace: Trace | None,
    candidates: Sequence[Peak],
    expected: float,
    quantifiers: Mapping[str, Peak | None],
) -> str:
    """Why there is no peak."""
    if trace is None:
        return (
            "its transition was not recorded"
            if ion["product_mz"]
            else "no scan has the polarity of its adduct and shows its m/z"
        )
    if not candidates:
        return "no peak above the noise"
    nearest = min(candidates, key=lambda peak: abs(peak.rt_s - expected))
    owner = next((name for name, peak in quantifiers.items() if peak == nearest and name != ion["compound"]), "")
    if owner:
        return f"its peak is that of {owner}"
    return f"expected at {expected:.1f} s, the nearest peak is at {nearest.rt_s:.1f} s"


def drawn(ions: Sequence[Mapping[str, Any]], found: Sequence[Trace | None]) -> list[dict]:
    """The traces as plain values, for the page of chromatograms."""
    return [
        {
            "compound": ion["compound"],
            "ion": ion["number"],
            "times": [round(time, 2) for time in trace.times.tolist()] if trace else [],
            "intensities": [round(value) for value in trace.intensities.tolist()] if trace else [],
        }
        for ion, trace in zip(ions, found, strict=True)
    ]


class Paths(NamedTuple):
    spectra: list[str]
    peaks: str
    traces: str


class Values(NamedTuple):
    tag: dict[str, str]
    ions: list[dict]
    recipe: Recipe


def main(paths: Paths, values: Values) -> None:
    """Write the peaks of `paths.spectra` (mzML: centroided full scans, or SRM chromatograms) to `paths.peaks` and their
    traces to `paths.traces`, for the target list `values.ions`."""
    found, polarity = traces(paths.spectra[0], values.ions, values.recipe)
    rows = identify(values.ions, found, values.recipe["extraction"])
    about = {"tag": values.tag, "source": values.recipe["acquisition"], "polarity": polarity}
    about["software"] = {tool: version(tool) for tool in ("OpenMS", "SciPy")}
    write_json(paths.peaks, {**about, "peaks": rows})
    write_json(paths.traces, {"tag": values.tag, "traces": drawn(values.ions, found)})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
