"""The page: one static HTML file without anything from elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import jinja2

from scripts.accuracy.history import Entry
from scripts.accuracy.table import ALL, Row
from scripts.lib.code import ROOT

TEMPLATE = "accuracy.html"


def page(about: Mapping[str, Any], rows: Sequence[Row], runs: Sequence[Entry], svg: bytes) -> str:
    """The whole page.

    about  order, version, sample, names of the files that were compared, bases of the regions, notes
    runs   those against the same truth; this one is the last
    """
    now, earlier = runs[-1], runs[-2] if runs[1:] else None
    strata = {name: [row for row in rows if row.stratum == name] for name in dict.fromkeys(row.stratum for row in rows)}
    before = {row.name: earlier.before(row, now) if earlier else None for row in rows}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "resources" / "report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"share": share, "change": change}
    values = {"about": about, "strata": strata, "before": before, "runs": runs, "all": ALL}
    return environment.get_template(TEMPLATE).render(
        **values, picture=f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
    )


def share(value: float | None) -> str:
    """A share as a text; a dash where nothing was counted. What is not all is never shown as 1."""
    if value is None:
        return "–"
    return "0.9999" if 0.99995 <= value < 1 else f"{value:.4f}"


def change(now: float | None, before: float | None) -> str:
    """How a share has changed, with its sign."""
    if now is None or before is None:
        return ""
    return "same" if now == before else f"{now - before:+.4f}"
