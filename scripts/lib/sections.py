"""Sections of an order's report, as MultiQC's custom content: what a rule writes as `sections/{id}_mqc.json`."""

from __future__ import annotations


def placed(headers: dict) -> dict:
    """The headers with their order made explicit: it does not survive in JSON."""
    return {key: {**header, "placement": at} for at, (key, header) in enumerate(headers.items())}


def table(name: str, title: str, description: str, headers: dict, data: dict) -> dict:
    """A table: column -> how it is shown; row -> column -> value."""
    return {
        "id": name,
        "section_name": title,
        "description": description,
        "plot_type": "table",
        "pconfig": {"id": f"{name}_table", "title": title, "col1_header": "", "no_violin": True, "sort_rows": False},
        "headers": placed(headers),
        "data": data,
    }


def measured(description: str, headers: dict, data: dict) -> dict:
    """The main numbers of samples or runs."""
    return table("measured", "What was measured", description, headers, data)


def shown_as(run: str, role: str) -> str:
    """What a received file is called in the report: by its run, and by its role where the run has several."""
    return f"{run} {role}".removesuffix(" file")
