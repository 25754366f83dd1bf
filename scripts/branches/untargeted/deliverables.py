"""What a package of an untargeted order holds."""

from __future__ import annotations

from scripts.lib.deliverables import row
from scripts.lib.plan.received import received_names
from scripts.lib.registry import Order

#: The tables of the matrix.
MATRICES = (
    "feature_matrix",
    "feature_matrix_origin",
    "feature_matrix_normalised",
    "compound_matrix",
    "features",
    "parameters",
)


def payload(order: Order) -> list[dict[str, str]]:
    """The files of an order's package, in the order of its manifest."""
    promised, rows = order.service.deliverables, []

    def add(path: str, deliverable: str, sample: str = "") -> None:
        if deliverable in promised:
            rows.append(row(order, path, deliverable, sample))

    for name in MATRICES:
        add(f"quantification/{name}.tsv", "matrix")
    add("quantification/features.mzTab", "mztab")
    add("quantification/features.consensusXML", "consensus")
    add("quantification/fragments.mgf", "fragments")
    for sample, run in order.all_runs():
        name = sample.sample
        add(f"{name}/{name}_{run.run}.featureXML", "features", name)
        add(f"{name}/{name}_{run.run}.mzQC", "quality", name)
        for received in received_names(sample, run):
            add(f"{name}/received/{received}", "spectra", name)
    return rows
