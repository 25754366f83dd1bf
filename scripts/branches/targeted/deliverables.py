"""What a package of a targeted order holds."""

from __future__ import annotations

from scripts.lib.deliverables import row
from scripts.lib.plan.received import received_names
from scripts.lib.registry import Order


def payload(order: Order) -> list[dict[str, str]]:
    """The files of an order's package, in the order of its manifest."""
    promised, rows = order.service.deliverables, []

    def add(path: str, deliverable: str, sample: str = "") -> None:
        if deliverable in promised:
            rows.append(row(order, path, deliverable, sample))

    add("quantification/concentrations.mzTab", "mztab")
    add("quantification/concentrations.tsv", "concentrations")
    add("quantification/concentrations.xlsx", "workbook")
    add("quantification/calibration.html", "calibration")
    add("quantification/chromatograms.html", "chromatograms")
    for sample, run in order.all_runs():
        name = sample.sample
        add(f"{name}/{name}_{run.run}.peaks.tsv", "peaks", name)
        for received in received_names(sample, run):
            add(f"{name}/received/{received}", "spectra", name)
    return rows
