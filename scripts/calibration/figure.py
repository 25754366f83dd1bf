"""A calibration curve and what is left of it, as SVG text that is the same for the same numbers."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np

matplotlib.use("svg")
from matplotlib.figure import Figure  # noqa: E402

from scripts.calibration.curve import Limits

BLUE, ORANGE, RED, GREY = "#2c7fb8", "#f0a30a", "#c0392b", "#7f8c8d"
#: Ids in an SVG are random unless they are made from this.
STYLE = {"svg.hashsalt": "filiera", "svg.fonttype": "none", "font.size": 8, "font.family": "sans-serif"}


def curve(batch: Mapping[str, Any], unit: str, recipe: Limits) -> str:
    """Response against concentration, and deviation from nominal, of calibrators and controls."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 2.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        points = [each for each in batch["calibrators"] if each["response"] is not None]
        for used, within, colour, label in (
            (True, True, BLUE, "calibrator"),
            (True, False, RED, "calibrator out of tolerance"),
            (False, False, GREY, "calibrator left out"),
        ):
            mine = [each for each in points if (each["used"], each["within"]) == (used, within)]
            if mine:
                style = {"s": 14, "color": colour, "label": label, "zorder": 3}
                left.scatter([each["nominal"] for each in mine], [each["response"] for each in mine], **style)
                right.scatter([each["nominal"] for each in mine], [each["deviation_pct"] for each in mine], **style)
        checked = [each for each in batch["controls"] if each["measured"] is not None]
        if checked:
            off = [100 * (each["measured"] / each["nominal"] - 1) for each in checked]
            style = {"s": 14, "color": ORANGE, "marker": "D", "label": "control", "zorder": 2}
            right.scatter([each["nominal"] for each in checked], off, **style)
        if batch["curve"] and points:
            x = np.geomspace(min(each["nominal"] for each in points), max(each["nominal"] for each in points), 60)
            y = np.polynomial.polynomial.polyval(x, batch["curve"]["coefficients"])
            left.plot(x[y > 0], y[y > 0], color=GREY, linewidth=1)
        for limit in (recipe["tolerance_pct"], -recipe["tolerance_pct"]):
            right.axhline(limit, color=GREY, linewidth=0.6, linestyle="--")
        right.axhline(0, color=GREY, linewidth=0.6)
        left.set(xscale="log", yscale="log", xlabel=f"nominal ({unit})", ylabel="response")
        right.set(xscale="log", xlabel=f"nominal ({unit})", ylabel="deviation from nominal (%)")
        right.legend(fontsize=6, frameon=False)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    svg = stream.getvalue()
    return svg[svg.index("<svg") :]
