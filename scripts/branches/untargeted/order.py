"""What the core asks of an untargeted order."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from scripts.lib.branch import Step
from scripts.lib.plan import batches
from scripts.lib.plan.paths import ORDER, RUN, fields_of
from scripts.lib.registry import Order
from scripts.lib.registry.models import Run, Sample

STEPS = (
    Step("spectra", ("intake",), (f"{RUN}/spectra.json", f"{RUN}/centroided.mzML")),
    Step("features", ("spectra",), (f"{RUN}/features.featureXML",), ("features",)),
    Step(
        "quantification",
        ("features",),
        (f"{ORDER}/quantification/raw.parquet", f"{ORDER}/metrics/metabolomics.json"),
        then="acceptance",
    ),
    Step("correction", ("quantification",), (f"{ORDER}/quantification/verdicts.tsv",)),
    Step("annotation", ("quantification",), (f"{ORDER}/quantification/annotation.tsv",)),
)
#: What quantification draws, below {ORDER}/sections/.
DRAWN = tuple(
    f"features_{name}_mqc.json"
    for name in ("fates", "pca", "rsd", "standards", "shapes", "blanks", "missing", "presence", "shifts")
)
SECTIONS = (
    "measured_mqc.json",
    "chromatograms_mqc.json",
    "retention_times_mqc.json",
    *DRAWN,
    "features_parameters_mqc.json",
)


def expected(order: Order, _sample: Sample, _run: Run) -> dict[str, Any]:
    """What intake expects of a run's files."""
    return {"spectra_limits": asdict(order.service.intake)}


def judged(order: Order) -> list[str]:
    return [f"{ORDER}/metrics/metabolomics.json".format(**fields_of(order))]


def told(order: Order) -> list[str]:
    """The parameters that were proposed, and what was done."""
    return [f"{ORDER}/quantification/{name}.json".format(**fields_of(order)) for name in ("parameters", "done")]


def parameters(order: Order) -> list[str]:
    """Those of each batch: when they stay what they were, though the batch got another pool, no run is picked again."""
    place = {"facility": order.facility_id, "service": order.service_id}
    return [f"{batches.BATCH.format(**place, batch=batch)}/parameters.json" for batch in batches.names(order)]
