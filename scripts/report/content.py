"""What intake read, as a table of MultiQC's custom content."""

from __future__ import annotations

from scripts.lib import sections


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
            data[sections.shown_as(name, file["role"])] = {
                "format": file["format"],
                "size": file["size"],
                "sha256": file["sha256"][:12],
                "notes": " ".join(file["notes"]),
            }
    description = "Every received file was read whole: its format, its content and its checksum were checked."
    return sections.table("intake", "Received files", description, headers, data)
