"""Sections of the report as MultiQC's custom content, and the one that shows what drifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from scripts.lib.matrix import Matrix, by_role

Run = Mapping[str, Any]
COLOURS = {"sample": "#2c7fb8", "pool": "#f0a30a", "blank": "#7f7f7f", "control": "#31a354", "calibrator": "#8856a7"}
POOLS = "QC pools, median feature"


def section(name: str, title: str, description: str, plot: str, pconfig: dict, data: Any, **others) -> dict:
    return {
        "id": name,
        "section_name": title,
        "description": description,
        "plot_type": plot,
        "pconfig": {"id": f"{name}_plot", "title": title, **pconfig},
        "data": data,
        **others,
    }


def html(name: str, title: str, text: str) -> dict:
    return {"id": name, "section_name": title, "plot_type": "html", "data": f"<p>{text}</p>"}


def label(run: Mapping[str, Any]) -> str:
    return f"{run['sample']}_{run['run']}"


def _relative(areas: np.ndarray) -> np.ndarray:
    """Areas over their median by row: shape (features, runs)."""
    found = np.isfinite(areas)
    middle = np.array(
        [np.median(row[there]) if there.any() else np.nan for row, there in zip(areas, found, strict=True)]
    )
    return areas / middle[:, None]


def lines(matrix: Matrix, standards: Mapping[str, str], kept: np.ndarray, runs: Sequence[Run]) -> dict[str, list]:
    """Name -> points [place in the order of injection, area over its median]: of each internal standard in every run,
    and of the median kept feature in the QC pools. Each batch has lines of its own."""
    order = sorted(range(len(runs)), key=lambda number: (runs[number]["batch"], int(runs[number]["injection"] or 0)))
    several = len({run["batch"] for run in runs}) > 1
    pools = [number for number in by_role(runs, "pool") if runs[number]["dilution"] in ("", 1, 1.0)]
    rows = dict(zip(matrix.features["feature"], matrix.areas, strict=True))
    values = {name: _relative(rows[feature][None])[0] for name, feature in standards.items() if feature in rows}
    typical = np.full(len(runs), np.nan)
    if len(pools) > 1 and kept.any():
        typical[pools] = np.nanmedian(_relative(matrix.areas[kept][:, pools]), axis=0)
    found: dict[str, list] = {}
    for name, areas in {**values, POOLS: typical}.items():
        name = escape(name, quote=False)  # MultiQC takes names for HTML
        for place, number in enumerate(order, start=1):
            if np.isfinite(areas[number]):
                line = f"{name}, {runs[number]['batch']}" if several else name
                found.setdefault(line, []).append([place, round(float(areas[number]), 4)])
    return found


def drift(summary: Mapping, raw: Matrix, normalised: Matrix, verdicts: pd.DataFrame, runs: Sequence[Run]) -> dict:
    """Internal standards and pools in the order of injection, before and after the correction, and what was decided.

    summary  of the correction: `standards` (name -> feature), `missing` ones, `batches` with their `decision`,
             polarities `without_pools`
    """
    title = "Drift"
    kept = (verdicts["status"] == "kept").to_numpy(dtype=bool)
    data = [lines(matrix, summary["standards"], kept, runs) for matrix in (raw, normalised)]
    said = [f"{row['batch'] or 'Runs without a batch'}: {row['decision']}." for row in summary["batches"]]
    for polarity in summary["without_pools"]:
        mode = f" in {polarity} mode" if polarity else ""
        said.append(
            f"No QC pool was measured{mode}: no drift of its features is corrected, nor are they judged by pools."
        )
    if summary["missing"]:
        said.append(f"Internal standards that no run shows: {escape(', '.join(summary['missing']), quote=False)}.")
    if not any(data):
        said.insert(0, "Neither internal standards nor two QC pools show whether anything drifts.")
        return html("features_standards", title, " ".join(said))
    text = (
        "Area over its median in the order of injection, batch by batch: of each internal standard in all runs, and of"
    )
    text += " the median of all kept features in the QC pools (orange). A drift is a trend. " + " ".join(said)
    axes = {"xlab": "Runs in the order of injection", "ylab": "Area / median", "ymin": 0, "style": "lines+markers"}
    axes["colors"] = {line: COLOURS["pool"] for line in data[0] if line.startswith(POOLS)}
    axes["data_labels"] = [{"name": name, "ylab": "Area / median"} for name in ("raw", "corrected")]
    return section("features_standards", title, text, "linegraph", axes, data)
