"""The peaks of all targets in one run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scripts.lib.files import write_json
from scripts.targeted.peaks import Peak, peaks, shared, standard, wanted
from scripts.targeted.traces import Trace, traces


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


def identify(ions: Sequence[Mapping[str, Any]], found: Sequence[Trace | None], recipe: Mapping[str, Any]) -> list[dict]:
    """The peak of every ion, in the order of the list (quantifiers are number 0 of their compound).

    Internal standards come first: what they are late by, the targets are expected to be late by too. A qualifier is
    looked for where its quantifier is.
    """
    candidates = [peaks(trace, recipe) for trace in found]
    windows = [ion["window_s"] or recipe["window_s"] for ion in ions]
    heads = {ion["compound"]: place for place, ion in enumerate(ions) if ion["number"] == 0}
    chosen: list[Peak | None] = [None] * len(ions)
    expected = [ion["rt_s"] for ion in ions]
    late = {}
    for name, place in heads.items():
        ion = ions[place]
        if ion["role"] == "internal_standard":
            chosen[place] = standard(ion, candidates[place], windows[place])
            if chosen[place]:
                late[name] = chosen[place].rt_s - ion["rt_s"]
    usual = float(np.median(list(late.values()))) if late else 0.0
    for place in heads.values():
        ion = ions[place]
        if ion["role"] == "target":
            expected[place] = ion["rt_s"] + late.get(ion["internal_standard"], usual)
            tolerance = min(recipe["rt_tolerance_s"], windows[place]) if late else windows[place]
            chosen[place] = wanted(expected[place], candidates[place], tolerance)
        else:
            expected[place] = chosen[place].rt_s if chosen[place] else expected[place]
    first = list(heads.values())
    taken = shared(
        [ions[place] for place in first],
        [chosen[place] for place in first],
        [expected[place] for place in first],
        recipe["mz_tolerance_ppm"],
    )
    notes = {first[loser]: f"its peak is that of {ions[first[winner]]['compound']}" for loser, winner in taken.items()}
    rows = []
    for place, ion in enumerate(ions):
        head = heads[ion["compound"]]
        if place != head and chosen[head] and head not in notes:
            chosen[place] = wanted(chosen[head].rt_s, candidates[place], chosen[head].near)
        if place in notes:
            rows.append(entry(ion, None, notes[place]))
        else:
            rows.append(
                entry(
                    ion,
                    chosen[place],
                    "" if chosen[place] else absent(ion, found[place], candidates[place], expected[place]),
                )
            )
    return rows


def absent(ion: Mapping[str, Any], trace: Trace | None, candidates: Sequence[Peak], expected: float) -> str:
    """Why there is no peak."""
    if trace is None:
        return "its transition was not recorded" if ion["product_mz"] else "no scan has the polarity of its adduct"
    if not candidates:
        return "no peak above the noise"
    nearest = min(candidates, key=lambda peak: abs(peak.rt_s - expected))
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


def main(paths, values) -> None:
    """Write the peaks of `paths.spectra` (mzML: centroided full scans, or SRM chromatograms) to `paths.peaks` and their
    traces to `paths.traces`, for the target list `values.ions`."""
    spectra = paths.spectra if isinstance(paths.spectra, str) else paths.spectra[0]
    found, polarity = traces(spectra, values.ions, values.recipe)
    rows = identify(values.ions, found, values.recipe["extraction"])
    about = {"tag": values.tag, "source": values.recipe["acquisition"], "polarity": polarity}
    write_json(paths.peaks, {**about, "peaks": rows})
    write_json(paths.traces, {"tag": values.tag, "traces": drawn(values.ions, found)})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
