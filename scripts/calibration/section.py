"""The section `Compounds` of the order's report, as MultiQC custom content."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

COLOURS = [{"pass": "#1b7a57"}, {"fail": "#b3261e"}]
RULES = {"pass": [{"s_eq": "accepted"}], "fail": [{"s_eq": "refused"}]}


def compounds(calibration: Mapping[str, Any]) -> dict:
    """The verdict on every compound, one line a compound and batch."""
    titles = {"verdict": "Verdict", "curve": "Curve", "range": "Working range", "reasons": "Reasons"}
    headers = {
        name: {"title": title, "scale": False, "placement": place} for place, (name, title) in enumerate(titles.items())
    }
    headers["verdict"] |= {"cond_formatting_rules": RULES, "cond_formatting_colours": COLOURS}
    data = {}
    for compound in calibration["compounds"]:
        for name, batch in compound["batches"].items():
            if batch is None:
                continue
            curve = batch["curve"] or {"model": "none", "weighting": "none"}
            lower, upper, unit = batch["lower"], batch["upper"], compound["unit"]
            # MultiQC takes texts for HTML.
            data[escape(f"{compound['compound']}, batch {name}", quote=False)] = {
                "verdict": "accepted" if batch["accepted"] else "refused",
                "curve": f"{curve['model']}, {curve['weighting']}",
                "range": "none" if lower is None else f"{lower:g} to {upper:g} {unit}",
                "reasons": escape("; ".join(batch["reasons"]), quote=False) or "-",
            }
    return {
        "id": "compounds",
        "section_name": "Compounds",
        "description": "Whether each compound's concentrations are to be believed, by ICH M10 (2022) and the limits of"
        " the service's recipe. Curves, residuals and controls: <code>quantification/calibration.html</code>.",
        "plot_type": "table",
        "pconfig": {
            "id": "compounds_table",
            "title": "Compounds",
            "col1_header": "",
            "no_violin": True,
            "sort_rows": False,
        },
        "headers": headers,
        "data": data,
    }
