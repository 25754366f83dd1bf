"""What the order's report shows of identity, as MultiQC custom content."""

from __future__ import annotations

from html import escape

from scripts.identity.sex import AGREES, DISAGREES, NOTE, UNKNOWN
from scripts.identity.verdicts import DIFFERENT

#: How a verdict looks in the report: as acceptance's.
LOOKS = {DISAGREES: "fail", UNKNOWN: "warn", NOTE: "pass", AGREES: "pass"}


def identity(rows: list[dict]) -> dict:
    """The checks as a table, contradictions first; strangers that are strangers are only counted."""
    plain = [row for row in rows if row["declared"] == DIFFERENT and row["verdict"] == AGREES]
    shown = sorted((row for row in rows if row not in plain), key=lambda row: list(LOOKS).index(row["verdict"]))
    lines = [
        f"<tr><td>{escape(row['sample'])}</td><td>{escape(row['other'])}</td><td>{escape(row['check'])}</td>"
        f"<td>{escape(row['declared'])}</td><td>{escape(row['found'])}</td>"
        f'<td><span class="verdict verdict-{LOOKS[row["verdict"]]}">{escape(row["verdict"])}</span></td>'
        f"<td>{escape(row['explanation'])}</td></tr>"
        for row in shown
    ]
    head = "".join(
        f"<th>{name}</th>" for name in ("Sample", "Other", "Check", "Declared", "Found", "Verdict", "Explanation")
    )
    others = f"<p>{len(plain)} further pairs of different donors are different donors.</p>" if plain else ""
    return {
        "id": "identity",
        "section_name": "Identity",
        "plot_type": "html",
        "description": "Whether samples are whose they are said to be: sex by the coverage of X and Y, donors and"
        " parents by genotypes at shared sites, contamination by allele balance. Every check stands in"
        " <code>identity.tsv</code> beside this report.",
        "data": f'<div class="fl fl-wide"><table><tr>{head}</tr>{"".join(lines)}</table>{others}</div>',
    }


def relatedness(related: dict[str, dict[str, float]]) -> dict:
    """Every two samples' relatedness as a heat map, or why there is none."""
    about = {
        "id": "relatedness",
        "section_name": "Relatedness",
        "description": "Of every two samples: 1 for one donor, about 0.5 for parent and child or full siblings, about 0"
        " for strangers (KING's robust estimator). Where few sites are heterozygous it is noise; Identity says so.",
    }
    if not any(related.values()):
        return about | {"plot_type": "html", "data": "<p>There are no two samples whose genotypes can be compared.</p>"}
    data = {
        one: {other: 1.0 if one == other else known.get(other) for other in related} for one, known in related.items()
    }
    settings = {"id": "relatedness_plot", "title": "Relatedness", "min": 0, "max": 1, "square": True}
    return about | {"plot_type": "heatmap", "pconfig": settings, "data": data}
