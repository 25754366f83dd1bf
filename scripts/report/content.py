"""What was measured and MultiQC cannot read by itself, as its custom content: tables and plots.

Every function returns a dict that is written as `{id}_mqc.json`.
"""

from __future__ import annotations

import numpy as np


def _placed(headers: dict) -> dict:
    """The headers with their order made explicit: it does not survive in JSON."""
    return {key: {**header, "placement": at} for at, (key, header) in enumerate(headers.items())}


def _table(name: str, title: str, description: str, headers: dict, data: dict) -> dict:
    return {
        "id": name,
        "section_name": title,
        "description": description,
        "plot_type": "table",
        "pconfig": {"id": f"{name}_table", "title": title, "col1_header": "", "no_violin": True, "sort_rows": False},
        "headers": _placed(headers),
        "data": data,
    }


def intake(verdicts: list[dict], names: list[str]) -> dict:
    """What was received: one line a file."""
    headers = {
        "format": {"title": "Format", "scale": False},
        "size": {"title": "Bytes", "format": "{:,.0f}", "scale": False},
        "sha256": {"title": "SHA-256 (first 12 digits)", "scale": False},
        "notes": {"title": "Notes", "scale": False},
    }
    data = {}
    for verdict, name in zip(verdicts, names, strict=True):
        for file in verdict["files"]:
            data[f"{name} {file['role']}".removesuffix(" file")] = {
                "format": file["format"],
                "size": file["size"],
                "sha256": file["sha256"][:12],
                "notes": " ".join(file["notes"]),
            }
    description = "Every received file was read whole: its format, its content and its checksum were checked."
    return _table("intake", "Received files", description, headers, data)


def _measured(description: str, headers: dict, data: dict) -> dict:
    return _table("measured", "What was measured", description, headers, data)


def measured_alignment(metrics: list[dict]) -> dict:
    """The main numbers of sequenced samples; names and definitions are GA4GH's."""
    headers = {
        "mean_autosome_coverage": {"title": "Coverage", "suffix": "x", "format": "{:,.1f}", "scale": "Blues"},
        "pct_autosomes_15x": {"title": ">= 15x", "suffix": "%", "max": 100, "format": "{:,.1f}", "scale": "RdYlGn"},
        "mean_targets_coverage": {"title": "On targets", "suffix": "x", "format": "{:,.1f}", "scale": "Blues"},
        "pct_targets_20x": {"title": "Targets >= 20x", "suffix": "%", "max": 100, "scale": "RdYlGn"},
        "pct_reads_duplicated": {"title": "Duplicates", "suffix": "%", "max": 100, "scale": "OrRd"},
    }
    data = {}
    for one in metrics:
        for sample, values in one["samples"].items():
            data.setdefault(sample, {}).update({key: values[key] for key in headers if key in values})
    used = {key for values in data.values() for key in values}
    description = "The main numbers of each sample; all metrics by which it is judged stand under Acceptance."
    return _measured(description, {key: headers[key] for key in headers if key in used}, data)


def coverage(histograms: list[np.ndarray], names: list[str]) -> dict:
    """The share of assessed positions that reach each depth, one line a sample, up to where 1 % still does."""
    data = {}
    for name, histogram in zip(names, histograms, strict=True):
        if len(histogram):
            depth, count = histogram[:, 0], histogram[:, 1]
            share = 100 * np.cumsum(count[::-1])[::-1] / count.sum()
            pairs = zip(depth.tolist(), share.tolist(), strict=True)
            data[name] = [[at, round(value, 3)] for at, value in pairs if value >= 1]
    return {
        "id": "coverage",
        "section_name": "Coverage",
        "description": "Share of the assessed positions (autosomes without gaps, or the targets of an exome) that are"
        " covered at least so deep. Counted without duplicates, with mapping and base quality of 20 or more,"
        " overlapping mates once.",
        "plot_type": "linegraph",
        "pconfig": {
            "id": "coverage_plot",
            "title": "Coverage: share of positions",
            "xlab": "Depth",
            "ylab": "Positions with at least that depth (%)",
            "ymin": 0,
            "ymax": 100,
        },
        "data": data,
    }


def duplicates(texts: list[str], names: list[str]) -> dict:
    """Duplicates of each library, from the text that samtools markdup writes (MultiQC does not recognise it)."""
    headers = {
        "EXAMINED": {"title": "Reads examined", "format": "{:,.0f}", "scale": "Blues"},
        "DUPLICATE TOTAL": {"title": "Duplicates", "format": "{:,.0f}", "scale": "OrRd"},
        "share": {"title": "Share", "suffix": "%", "format": "{:,.2f}", "max": 100, "scale": "OrRd"},
        "ESTIMATED_LIBRARY_SIZE": {"title": "Estimated library size", "format": "{:,.0f}", "scale": "Greens"},
    }
    data = {}
    for text, name in zip(texts, names, strict=True):
        lines = (line.split(": ", 1) for line in text.splitlines() if ": " in line)
        counts = {key: int(value) for key, value in lines if value.isdigit()}
        share = 100 * counts["DUPLICATE TOTAL"] / counts["EXAMINED"] if counts["EXAMINED"] else 0.0
        data[name] = {key: counts[key] for key in headers if key in counts} | {"share": round(share, 4)}
    description = "Marked within each library, across its lanes; duplicates stay in the delivered alignment."
    return _table("duplicates", "Duplicates by library", description, headers, data)


def measured_spectra(spectra: list[dict], features: list[dict], names: list[str]) -> dict:
    """The main numbers of LC-MS runs."""
    headers = {
        "spectra_ms1": {"title": "MS1 spectra", "format": "{:,.0f}", "scale": "Blues"},
        "spectra_ms2": {"title": "MS2 spectra", "format": "{:,.0f}", "scale": "Blues", "hidden": True},
        "tic": {"title": "TIC", "description": "sum of all MS1 intensities", "format": "{:.2e}", "scale": "Greens"},
        "features": {"title": "Features", "format": "{:,.0f}", "scale": "Purples"},
        "fwhm": {"title": "Peak width (s)", "description": "median FWHM", "format": "{:.1f}", "scale": "Oranges"},
    }
    data = {}
    for name, one, other in zip(names, spectra, features, strict=True):
        data[name] = {
            "spectra_ms1": one["spectra_per_ms_level"].get("1", 0),
            "spectra_ms2": one["spectra_per_ms_level"].get("2", 0),
            "tic": one["tic_sum"],
            "features": other["features"],
            "fwhm": other["median_fwhm_s"] or 0,
        }
    return _measured("The main numbers of each injection.", headers, data)


def chromatograms(spectra: list[dict], names: list[str]) -> dict:
    """The total ion and base peak chromatograms, one line a run."""
    kinds = {"TIC": "tic", "BPC": "bpc"}
    return {
        "id": "chromatograms",
        "section_name": "Chromatograms",
        "description": "Summed (TIC) and highest (BPC) MS1 intensity over retention time, as received: runs of one"
        " batch should have one shape; a run in profile mode has more points to sum, and stands higher.",
        "plot_type": "linegraph",
        "pconfig": {
            "id": "chromatograms_plot",
            "title": "Chromatograms",
            "xlab": "Retention time (s)",
            "ylab": "Intensity",
            "data_labels": [{"name": name, "ylab": "Intensity"} for name in kinds],
        },
        "data": [
            {
                name: [list(pair) for pair in zip(one[kind]["rt_s"], one[kind]["intensity"], strict=True)]
                for name, one in zip(names, spectra, strict=True)
            }
            for kind in kinds.values()
        ],
    }


def retention_times(rows: list[dict[str, str]]) -> dict:
    """How each run was aligned, as the linking step wrote it."""
    headers = {
        "injection": {"title": "Injection", "scale": False},
        "decision": {"title": "Decision", "scale": False},
        "shift_before_s": {"title": "Shift before (s)", "scale": False},
        "shift_after_s": {"title": "Shift after (s)", "scale": False},
        "reason": {"title": "Why", "scale": False},
    }
    data = {f"{row['sample']}_{row['run']}": {key: row.get(key, "") for key in headers} for row in rows}
    description = (
        "Retention times were aligned to one run, and only where that made runs agree better. Shift: median difference"
        " to that run."
    )
    return _table("retention_times", "Retention-time alignment", description, headers, data)
