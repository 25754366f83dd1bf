"""What people would rather look at: the features of an order as sections of its report (scripts/report/order.py)."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from scripts.lib import sections
from scripts.lib.files import read_json, read_tsv, write_json
from scripts.lib.matrix import Matrix, by_role, column, load
from scripts.quantification import presence
from scripts.quantification.scales import read
from scripts.quantification.sections import COLOURS, drift, html, label, section

#: Columns of the map of missing values: features of neighbouring retention time are drawn as one.
STRIPES = 60
BARS = {"ylab": "Features", "sort_samples": False}
RSD_EDGES = np.arange(0, 101, 5)


def fates(verdicts: pd.DataFrame) -> dict:
    """How many features were kept, and why the others were not."""
    counts = {"kept": int((verdicts["status"] == "kept").sum())}
    for reason in ("blank", "pool scatter", "pool detection", "dilution"):
        mine = verdicts["reason"].str.split("; ").map(lambda reasons, reason=reason: reason in reasons)
        counts[reason] = int(mine.sum())
    text = "Features that were kept, and those that miss a criterion, by criterion (one feature can miss several)."
    data = {name: {"features": count} for name, count in counts.items() if count or name == "kept"}
    return section("features_fates", "Kept and filtered features", text, "bargraph", BARS, data)


def scatter(verdicts: pd.DataFrame) -> dict:
    """Relative standard deviation over the pools, before and after normalisation: share of features up to a value."""
    data = {}
    for name, figure in (("raw areas", "pool_rsd_raw_pct"), ("normalised areas", "pool_rsd_pct")):
        rsd = pd.to_numeric(verdicts[figure]).dropna().to_numpy()
        if len(rsd):
            counts, _ = np.histogram(np.minimum(rsd, RSD_EDGES[-1]), RSD_EDGES)
            shares = [round(100 * int(count) / len(rsd), 3) for count in counts]
            data[name] = [list(pair) for pair in zip(RSD_EDGES[:-1].tolist(), shares, strict=True)]
    title = "Spread between QC pools"
    if not data:
        return html("features_rsd", title, "Fewer than two QC pools: their spread cannot be measured.")
    text = (
        "Features by their relative standard deviation over the QC pools, before (grey) and after normalisation (blue)."
    )
    colours = {"raw areas": COLOURS["blank"], "normalised areas": COLOURS["sample"]}
    axes = {"colors": colours, "xlab": "Relative standard deviation (%), from", "ylab": "Features (%)", "ymin": 0}
    return section("features_rsd", title, text, "linegraph", axes, data)


def blanks(verdicts: pd.DataFrame) -> dict:
    """How far the features stand above the blanks."""
    ratio = pd.to_numeric(verdicts["blank_ratio"]).dropna().to_numpy()
    title = "Blanks"
    if not len(ratio):
        return html("features_blanks", title, "No blank shows any of the features, or there is no blank.")
    edges = [0, 1, 3, 10, 100, np.inf]
    names = ["below 1", "1 to 3", "3 to 10", "10 to 100", "100 and more"]
    counts, _ = np.histogram(ratio, edges)
    text = "Features that the blanks show too, by the ratio of their area in samples and pools to that in blanks."
    data = {name: {"features": int(count)} for name, count in zip(names, counts, strict=True)}
    return section("features_blanks", title, text, "bargraph", BARS, data)


def missing(matrix: Matrix, runs: Sequence[Mapping[str, Any]]) -> dict:
    """Where features are missing: runs by retention time, share of features without an area."""
    order = np.argsort(matrix.features["rt_s"].to_numpy(), kind="stable")
    parts = [part for part in np.array_split(order, min(STRIPES, len(order)) or 1) if len(part)]
    rt = matrix.features["rt_s"].to_numpy()
    share = [
        [round(100 * float(np.isnan(matrix.areas[part, run]).mean()), 1) for part in parts] for run in range(len(runs))
    ]
    title = "Missing values"
    if not parts:
        return html("features_missing", title, "No features, nothing is missing.")
    text = "Share of features (%) without an area, by run and retention time, after gaps were filled."
    pconfig = {"xlab": "Retention time (s)", "ylab": "Run", "min": 0, "max": 100, "square": False}
    pconfig |= {"xcats_samples": False, "display_values": False, "colstops": [[0, "#f7fbff"], [1, "#c0392b"]]}
    xcats = [f"{rt[part].min():.0f}-{rt[part].max():.0f}" for part in parts]
    # Two stripes may round to one time; a name must not stand twice.
    xcats = [f"{name} ({number})" if name in xcats[:number] else name for number, name in enumerate(xcats)]
    ycats = [label(run) for run in runs]
    return section("features_missing", title, text, "heatmap", pconfig, share, xcats=xcats, ycats=ycats)


def alone(matrix: Matrix, runs: Sequence[Mapping[str, Any]]) -> dict:
    """What single samples lack or have, and who stands out by it."""
    title = "What one sample lacks, or has alone"
    counts = presence.table(matrix, runs)
    if counts.empty:
        return html("features_presence", title, "Fewer than three samples: nothing can be missing in one alone.")
    strange = [str(sample) for sample, row in counts.iterrows() if row["odd"]]
    said = f"Odd, far above the others: {', '.join(strange)}." if strange else "No sample stands out."
    text = "Features that all other samples show and this one does not, and features that neither another sample nor a"
    text += f" blank shows. {escape(said, quote=False)} presence.tsv lists them."
    headers = {
        presence.LACKS: {"title": "Lacks", "format": "{:,.0f}", "scale": "Oranges"},
        presence.ALONE: {"title": "Has alone", "format": "{:,.0f}", "scale": "Purples"},
    }
    data = {str(sample): {kind: int(row[kind]) for kind in headers} for sample, row in counts.iterrows()}
    return sections.table("features_presence", title, text, headers, data)


def components(areas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First two principal components of runs (runs x 2) and their shares of variance, of (features, runs).

    Logarithms, each feature scaled to unit variance; features that a run lacks are left out.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(areas[np.isfinite(areas).all(axis=1) & (areas > 0).all(axis=1)])
    values = values - values.mean(axis=1, keepdims=True)
    spread = values.std(axis=1, keepdims=True)
    values = (values / np.where(spread > 0, spread, 1)).T
    if min(values.shape) < 2:
        return np.zeros((areas.shape[1], 2)), np.zeros(2)
    left, sizes, _ = np.linalg.svd(values, full_matrices=False)
    # The sign of a component is nobody's; the largest value stands on the right, in every run of this program.
    signs = np.sign(left[np.argmax(np.abs(left[:, :2]), axis=0), [0, 1]])
    share = sizes**2 / max(float((sizes**2).sum()), 1e-300)
    return np.round(left[:, :2] * sizes[:2] * signs, 6), np.round(share[:2], 6)


def similarity(matrix: Matrix, verdicts: pd.DataFrame, runs: Sequence[Mapping[str, Any]]) -> dict:
    """Principal components of samples and pools, kept features, normalised areas."""
    chosen = by_role(runs, "sample", "pool", "control")
    kept = (verdicts["status"] == "kept").to_numpy()
    title = "Samples and pools"
    if len(chosen) < 3 or kept.sum() < 3:
        return html("features_pca", title, "Too few runs or features to compare the runs as a whole.")
    places, share = components(matrix.areas[kept][:, chosen])
    data = {
        label(runs[run]): {"x": float(x), "y": float(y), "color": COLOURS[runs[run]["role"]]}
        for run, (x, y) in zip(chosen, places, strict=True)
    }
    text = "Principal components of the kept features (logarithms of normalised areas, unit variance). QC pools"
    text += " (orange) are one material: they belong close together, amid the samples (blue)."
    named = [f"Component {number} ({100 * part:.0f} %)" for number, part in enumerate(share, start=1)]
    axes = {"xlab": named[0], "ylab": named[1], "xsuffix": "", "ysuffix": ""}
    return section("features_pca", title, text, "scatter", axes, data)


def shapes(traces: Mapping[str, Mapping[str, list]]) -> dict:
    """Peak shapes of the internal standards and of whatever the library marks as `shown`."""
    title = "Peak shapes"
    if not traces:
        return html("features_shapes", title, "The library marks no compound to be shown.")
    names = sorted(traces)
    data = [traces[name] for name in names]
    pconfig = {"xlab": "Retention time (s)", "ylab": "Intensity"}
    pconfig["data_labels"] = [{"name": escape(name, quote=False), "ylab": "Intensity"} for name in names]
    text = "Extracted ion chromatograms of internal standards and of compounds that the library marks to be shown."
    return section("features_shapes", title, text, "linegraph", pconfig, data)


def shifts(rows: Sequence[Mapping[str, str]], scales: Mapping[str, Mapping[str, Any]], last: float) -> dict:
    """How far alignment moved each run along the gradient (s)."""
    data = {}
    for row in rows:
        if row["decision"] in ("aligned", "as beside"):
            name = f"{row['sample']}_{row['run']}" + (f" {row['polarity']}" if row["polarity"] else "")
            brought = read(scales[column(row["sample"], row["run"])][row["polarity"]])
            data[name] = [
                [round(at, 1), round(float(brought.order_time(at)) - at, 4)] for at in np.linspace(0, last, 41).tolist()
            ]
    title = "Retention-time shifts"
    if not data:
        return html("features_shifts", title, "No run had to be moved in time.")
    axes = {"xlab": "Retention time (s)", "ylab": "Moved by (s)"}
    text = "What alignment added to the retention times; runs that are not shown were left as they are."
    return section("features_shifts", title, text, "linegraph", axes, data)


def traces_of(paths: Sequence[str], runs: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, list]]:
    """Compound -> run -> points, from what filling gaps wrote of each run."""
    found: dict[str, dict[str, list]] = {}
    for path, run in zip(paths, runs, strict=True):
        for name, points in read_json(path)["traces"].items():
            if points:
                found.setdefault(name, {})[label(run)] = points
    return found


class Paths(NamedTuple):
    raw: str
    normalised: str
    verdicts: str
    alignment: str
    scales: str
    summary: str
    fragments: list[str]
    sections: list[str]


class Values(NamedTuple):
    runs: list[dict]


def main(paths: Paths, values: Values) -> None:
    """Write every section to its own file of `paths.sections`: `{id}_mqc.json`."""
    raw, normalised = load(paths.raw), load(paths.normalised)
    verdicts = pd.read_csv(paths.verdicts, sep="\t", keep_default_na=False)
    for figure in ("pool_rsd_raw_pct", "pool_rsd_pct", "blank_ratio"):
        verdicts[figure] = pd.to_numeric(verdicts[figure].replace("", None))
    last = float(raw.features["rt_s"].max()) if len(raw.features) else 0.0
    made = [
        fates(verdicts),
        similarity(normalised, verdicts, values.runs),
        scatter(verdicts),
        blanks(verdicts),
        missing(raw, values.runs),
        alone(raw, values.runs),
        shifts(read_tsv(paths.alignment), read_json(paths.scales), last),
        drift(read_json(paths.summary), raw, normalised, verdicts, values.runs),
        shapes(traces_of(paths.fragments, values.runs)),
    ]
    by_name = {f"{each['id']}_mqc.json": each for each in made}
    for path in paths.sections:
        write_json(path, by_name[Path(path).name], sort=False)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
