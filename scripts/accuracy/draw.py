"""The picture: recall and precision of each type and stratum with their intervals, and F1 from run to run."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from scripts.accuracy.history import Entry
from scripts.accuracy.table import ALL, Row

RECALL, PRECISION, INK, LINE = "#0b5394", "#b35900", "#1f2933", "#9aa5b1"
STYLE: dict[Any, Any] = {"svg.hashsalt": "filiera", "svg.fonttype": "path", "font.size": 8, "axes.edgecolor": LINE}
SERIES = (("snp", RECALL, "o"), ("indel", PRECISION, "s"))


def picture(rows: Sequence[Row], runs: Sequence[Entry]) -> bytes:
    """SVG; the same counts give the same bytes."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib.figure import Figure

    shown = [row for row in rows if row.recall is not None or row.precision is not None]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9.6, max(2.6, 0.6 + 0.26 * len(shown))), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        _shares(left, shown)
        _runs(right, runs)
        for axes in (left, right):
            for edge in ("top", "right"):
                axes.spines[edge].set_visible(False)
        with io.BytesIO() as target:
            figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
            return target.getvalue()


def _shares(axes, rows: Sequence[Row]) -> None:
    for name, colour, mark, aside in (("recall", RECALL, "o", -0.14), ("precision", PRECISION, "s", 0.14)):
        known = [
            (place + aside, told) for place, told in enumerate(row.measured() for row in rows) if told[name] is not None
        ]
        for place, told in known:
            axes.plot([told[f"{name}_low"], told[f"{name}_high"]], [place] * 2, color=colour, linewidth=1)
        places, shares = [place for place, _ in known], [each[name] for _, each in known]
        axes.plot(shares, places, mark, color=colour, markersize=3.5, label=name)
    axes.set_yticks(range(len(rows)), [label(row) for row in rows])
    axes.invert_yaxis()
    axes.grid(axis="x", color=LINE, linewidth=0.3)
    axes.set_xlabel("share, with its 95 % interval")
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)


def _runs(axes, runs: Sequence[Entry]) -> None:
    for kind, colour, mark in SERIES:
        found = [(place, row.f1) for place, run in enumerate(runs, 1) if (row := run.row(ALL, kind)) is not None]
        known = [(place, value) for place, value in found if value is not None]
        if known:
            axes.plot(*zip(*known, strict=True), f"{mark}-", color=colour, linewidth=0.8, markersize=3.5, label=kind)
            axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    axes.set_xticks(range(1, len(runs) + 1))
    axes.set_xlim(0.5, len(runs) + 0.5)
    axes.set_xlabel("run against this truth, the newest last")
    axes.set_ylabel("F1")
    axes.set_ylim(top=1 + 0.02 * (1 - axes.get_ylim()[0]) if axes.has_data() else 1)


def label(row: Row) -> str:
    """A row in words: type, size, stratum."""
    size = "" if row.size == ALL else f" {row.size}"
    stratum = "" if row.stratum == ALL else f", {row.stratum}"
    return f"{row.kind}{size}{stratum}"
