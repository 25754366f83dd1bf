"""A control chart as SVG: values, mean, 1 to 3 standard deviations, and what breaks a rule."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from scripts.charts.westgard import Limits, broken

INK, LINE, BAD = "#1f2933", "#9aa5b1", "#b3261e"
STYLE: dict[Any, Any] = {"svg.hashsalt": "filiera", "svg.fonttype": "path", "font.size": 8, "axes.edgecolor": LINE}


def chart(values: Sequence[float], held: Limits | None, unit: str, over: str) -> bytes:
    """Values over orders or flow cells. The same values give the same bytes."""
    # Most pages have no chart: nobody else waits for the library.
    import matplotlib

    matplotlib.use("svg")
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.6, 1.9), layout="constrained")
        axes = figure.add_subplot()
        places = range(1, len(values) + 1)
        if held:
            axes.axhline(held.mean, color=LINE, linewidth=1)
            for times, dashes in ((1, ":"), (2, "--"), (3, "-")):
                for side in (-times, times):
                    axes.axhline(held.mean + side * held.deviation, color=LINE, linewidth=0.6, linestyle=dashes)
            marked = [bool(rules) for rules in broken(values, held)]
            axes.axvline(held.count + 0.5, color=LINE, linewidth=0.6)
        else:
            marked = [False] * len(values)
        axes.plot(places, values, color=INK, linewidth=0.8, zorder=2)
        axes.scatter(places, values, s=14, color=[BAD if bad else INK for bad in marked], zorder=3)
        axes.set_xlim(0.5, len(values) + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(over)
        axes.set_ylabel(unit)
        for edge in ("top", "right"):
            axes.spines[edge].set_visible(False)
        with io.BytesIO() as target:
            figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
            return target.getvalue()
