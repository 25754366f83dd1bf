"""The areas of one run at the places where only other runs show a feature: gaps filled from the run's own spectra."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypedDict

import numpy as np
import pyopenms as oms

from scripts.lib import library, proposals
from scripts.lib.elution import area, borders
from scripts.lib.files import read_tsv, write_json, write_tsv
from scripts.lib.matrix import FILLED, MISSING, ORIGINS, WEAK, Matrix, column, load
from scripts.lib.mzml import stated_polarity

# OpenMS writes its progress past the job's log.
oms.LogConfigHandler.getInstance().setLogLevel("FATAL_ERROR")

COLUMNS = ["feature", "area", "rt_s", "height", "origin"]


class Points:
    """All centroids of a run's MS1 spectra in one polarity, sorted by m/z."""

    def __init__(self, experiment: oms.MSExperiment, polarity: str):
        spectra = [
            spectrum for spectrum in experiment if spectrum.getMSLevel() == 1 and stated_polarity(spectrum) == polarity
        ]
        peaks = [spectrum.get_peaks() for spectrum in spectra]
        counts = [len(mz) for mz, _ in peaks]
        mz = np.concatenate([mz for mz, _ in peaks] or [np.empty(0)])
        order = np.argsort(mz, kind="stable")
        self.mz = mz[order]
        self.intensity = np.concatenate([each for _, each in peaks] or [np.empty(0)])[order].astype(float)
        self.scans = np.array([spectrum.getRT() for spectrum in spectra])
        self.time = np.repeat(self.scans, counts)[order]

    def near(self, mz: np.ndarray | float, ppm: float) -> np.ndarray:
        """First and last place of the centroids within ppm of m/z: shape (2,) or (2, n)."""
        return np.searchsorted(self.mz, np.stack([mz * (1 - 1e-6 * ppm), mz * (1 + 1e-6 * ppm)]))

    def trace(self, mz: float, ppm: float, start: float, end: float) -> tuple[np.ndarray, np.ndarray]:
        """Times and highest intensities of the scans with a centroid within ppm of m/z, from start to end (s)."""
        first, last = self.near(mz, ppm)
        time, intensity = self.time[first:last], self.intensity[first:last]
        inside = (time >= start) & (time <= end)
        time, intensity = time[inside], intensity[inside]
        times, place = np.unique(time, return_inverse=True)
        highest = np.zeros(len(times))
        np.maximum.at(highest, place, intensity)
        return times, highest


def is_peak(scans: np.ndarray, times: np.ndarray, heights: np.ndarray, least: float) -> bool:
    """Whether what lies at these times rises to a maximum and falls to half of it, in `least` scans or more.

    Three points are averaged, for one alone is noise; one scan may lack the ion.
    """
    if len(times) < least:
        return False
    smoothed = np.convolve(heights, np.full(3, 1 / 3), mode="same")
    first, last = borders(smoothed, 0.5)
    if max(smoothed[first], smoothed[last]) > 0.5 * smoothed.max():
        return False
    passed = np.searchsorted(scans, times[last]) - np.searchsorted(scans, times[first])
    return bool(last - first + 1 >= least and passed <= last - first + 1)


class Filling(TypedDict):
    """Section `filling` of the recipe."""

    mz_ppm: float
    shift_s: float
    min_points: float
    min_peak_points: float
    shown_s: float
    isolation_da: float


def area_at(
    points: Points, mz: float, rt: float, start: float, end: float, options: Filling
) -> tuple[float, float, float, int] | None:
    """Area (counts x s, trapezoids as in picking), apex (s), height between borders that follow the run's own apex, and
    whether that is a peak (WEAK) or not (FILLED).

    None where fewer than `min_points` scans have the ion: that is a gap, and stays one.
    """
    shift = options["shift_s"]
    times, highest = points.trace(mz, options["mz_ppm"], start - shift, end + shift)
    near = np.abs(times - rt) <= shift
    moved = times[near][np.argmax(highest[near])] - rt if near.any() else 0.0
    inside = (times >= start + moved) & (times <= end + moved)
    if inside.sum() < options["min_points"]:
        return None
    times, highest = times[inside], highest[inside]
    origin = WEAK if is_peak(points.scans, times, highest, options["min_peak_points"]) else FILLED
    return area(times, highest), float(times[np.argmax(highest)]), float(highest.max()), origin


def fill(matrix: Matrix, points: Mapping[str, Points], lines: Mapping[str, tuple[float, float]], options: Filling):
    """Rows for the features that the one run of the matrix lacks and has something of.

    lines  polarity -> slope and intercept that brought the run's times onto the reference's
    A place that belongs to a feature which was picked in the run itself is not integrated a second time.
    """
    missing = matrix.origin[:, 0] == MISSING
    table = matrix.features
    mz, rt, polarity = (table[name].to_numpy() for name in ("mz", "rt_s", "polarity"))
    start, end = table["rt_start_s"].to_numpy(), table["rt_end_s"].to_numpy()
    # sorted by m/z, as the matrix is
    own = np.flatnonzero(~missing)
    rows = []
    for name, each in points.items():
        low, high = each.near(mz, options["mz_ppm"])
        missing &= (high - low >= options["min_points"]) | (polarity != name)
    for place in np.flatnonzero(missing & np.isin(polarity, list(points))):
        first, last = np.searchsorted(mz[own], mz[place] * (1 + 1e-6 * options["mz_ppm"] * np.array([-1, 1])))
        taken = own[first:last]
        if ((rt[taken] >= start[place]) & (rt[taken] <= end[place]) & (polarity[taken] == polarity[place])).any():
            continue
        slope, intercept = lines[polarity[place]]
        times = (np.array([rt[place], start[place], end[place]]) - intercept) / slope
        if found := area_at(points[polarity[place]], mz[place], *times, options):
            size, apex, height, origin = found
            row = {"feature": table["feature"].iat[place], "area": size, "rt_s": slope * apex + intercept}
            rows.append(row | {"height": height, "origin": ORIGINS[origin]})
    return rows


def fragments(matrix: Matrix, experiment: oms.MSExperiment, lines: Mapping[str, tuple[float, float]], options: Filling):
    """The run's fragment spectra, each with the feature whose ion was isolated: nearest in m/z, within its borders."""
    table = matrix.features
    mz, start, end, polarity = (table[name].to_numpy() for name in ("mz", "rt_start_s", "rt_end_s", "polarity"))
    found = []
    for spectrum in experiment:
        if spectrum.getMSLevel() != 2 or not spectrum.getPrecursors():
            continue
        own = stated_polarity(spectrum)
        if own not in lines:
            continue
        slope, intercept = lines[own]
        time, precursor = slope * spectrum.getRT() + intercept, spectrum.getPrecursors()[0]
        first, last = np.searchsorted(mz, precursor.getMZ() + options["isolation_da"] * np.array([-1, 1]))
        near = np.arange(first, last)
        near = near[(start[near] <= time) & (time <= end[near]) & (polarity[near] == own)]
        peaks = np.column_stack(spectrum.get_peaks())
        if len(near) and len(peaks):
            place = near[np.argmin(np.abs(mz[near] - precursor.getMZ()))]
            peaks = [[round(float(at), 5), round(float(counts), 1)] for at, counts in peaks]
            found.append({"feature": table["feature"].iat[place], "scan": spectrum.getNativeID(), "peaks": peaks})
    return found


def best_scans(matrix: Matrix, experiment: oms.MSExperiment, lines: Mapping[str, tuple[float, float]]):
    """Feature -> id of the MS1 scan nearest to its apex, for the features of which this run has the largest area."""
    largest = (matrix.features["largest"] == matrix.runs[0]).to_numpy()
    found = {}
    for polarity, (slope, intercept) in lines.items():
        scans = [
            (spectrum.getRT(), spectrum.getNativeID())
            for spectrum in experiment
            if spectrum.getMSLevel() == 1 and stated_polarity(spectrum) == polarity
        ]
        times = np.array([time for time, _ in scans])
        mine = matrix.features[largest & (matrix.features["polarity"] == polarity).to_numpy()]
        if len(times):
            for name, rt in zip(mine["feature"], mine["rt_s"], strict=True):
                found[name] = scans[int(np.argmin(np.abs(slope * times + intercept - rt)))][1]
    return found


def traces(points: Mapping[str, Points], known: Sequence[library.Compound], lines, options: Filling) -> dict[str, list]:
    """Name -> [time, intensity] points of the compounds that the report shows, at the reference's times."""
    found = {}
    for each in known:
        if each.role and each.polarity in points:
            slope, intercept = lines[each.polarity]
            start, end = 0.0, np.inf
            if each.rt_s is not None:
                start, end = ((each.rt_s + side * options["shown_s"] - intercept) / slope for side in (-1, 1))
            times, highest = points[each.polarity].trace(each.mz, options["mz_ppm"], start, end)
            times = slope * times + intercept
            found[each.name] = [
                [round(float(at), 2), round(float(up), 1)] for at, up in zip(times, highest, strict=True)
            ]
    return found


class Paths(NamedTuple):
    centroided: str
    linked: str
    alignment: str
    parameters: list[str]
    library: list[str]
    filled: str
    fragments: str


class Recipe(TypedDict):
    filling: Filling


class Values(NamedTuple):
    tag: dict[str, str]
    recipe: Recipe
    given: dict[str, dict[str, float]]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.filled` (TSV: feature, area, apex at the reference's time, height, origin) of the run of values.tag,
    and `paths.fragments` (JSON): its fragment spectra by feature, the features' best scans, and the peaks to be shown.

    `paths.centroided` is the run, `paths.linked` the matrix, `paths.alignment` the table of linking, `paths.parameters`
    what is proposed for what the recipe does not set.
    """
    options = proposals.laid_under(
        values.recipe["filling"], values.given["filling"], proposals.of_order(paths.parameters, "filling")
    )
    name = column(values.tag["sample"], values.tag["run"])
    matrix = load(paths.linked, [name])
    lines = {
        row["polarity"]: (float(row["slope"]), float(row["intercept_s"]))
        for row in read_tsv(paths.alignment)
        if column(row["sample"], row["run"]) == name
    }
    experiment = oms.MSExperiment()
    oms.MzMLFile().load(str(paths.centroided), experiment)
    points = {polarity: Points(experiment, polarity) for polarity in lines}
    rows = fill(matrix, points, lines, options)
    found, scans = fragments(matrix, experiment, lines, options), best_scans(matrix, experiment, lines)
    known = library.read(paths.library[0]) if paths.library else []
    shown = traces(points, known, lines, options)
    write_json(paths.fragments, {"tag": values.tag, "fragments": found, "scans": scans, "traces": shown})
    write_tsv(paths.filled, [*values.tag, *COLUMNS], ({**values.tag, **row} for row in rows))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
