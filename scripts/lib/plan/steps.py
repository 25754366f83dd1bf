"""The steps of an order as an operator sees them: one a stage, with the files that tell that it is done.

For who must know where an order stands without building the graph of its jobs: sheets and `stat` are enough.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from scripts.lib.plan.calling import callsets
from scripts.lib.plan.genomics import GenomicsPlan
from scripts.lib.plan.package import PackagePlan
from scripts.lib.plan.paths import ORDER, PACKAGE, RUN
from scripts.lib.registry import Order


class Step(NamedTuple):
    """A stage, which its rule file is called after, for each sample or for the order as a whole.

    after        steps that must be done first, of the sample and of the order
    files        what it leaves: of each run of a sample (with {run}), of a sample (with {sample}), else of the order
    deliverables what it stages for a sample
    """

    name: str
    after: tuple[str, ...]
    files: tuple[str, ...]
    deliverables: tuple[str, ...] = ()

    @property
    def of_order(self) -> bool:
        return not self.deliverables and not any("{run}" in file or "{sample}" in file for file in self.files)


COMPARED = Step("intake", ("intake",), (f"{ORDER}/intake.json",))
JUDGED = Step("acceptance", ("intake", "quality", "identity", "quantification", "calibration"), (
    f"{PACKAGE}/data/00-Reports/acceptance.json",
))  # fmt: skip
REPORTED = Step("report", ("acceptance", "reads"), (
    f"{PACKAGE}/data/00-Reports/methods.md",
    f"{PACKAGE}/data/00-Reports/multiqc_report.html",
))  # fmt: skip
RECEIVED = Step("intake", (), (f"{RUN}/intake.json",))
STEPS: dict[str, tuple[Step, ...]] = {
    "genomes": (
        RECEIVED,
        COMPARED,
        Step("reads", ("intake",), (f"{RUN}/fastp.json",)),
        Step("alignment", ("intake",), (f"{RUN}/aligned.bam",), ("alignment",)),
        Step("variants", ("alignment",), (f"{ORDER}/variants/{{sample}}/bcftools.stats.txt",), ("variants", "gvcf")),
        Step("quality", ("alignment", "variants"), (f"{ORDER}/metrics/{{sample}}.genomics.json",), ("wgs_qc",)),
        Step("identity", ("variants", "quality"), (f"{ORDER}/metrics/identity.json",)),
        JUDGED,
        REPORTED,
    ),
    "untargeted": (
        RECEIVED,
        COMPARED,
        Step("spectra", ("intake",), (f"{RUN}/spectra.json", f"{RUN}/centroided.mzML")),
        Step("features", ("spectra",), (f"{RUN}/features.featureXML",), ("features",)),
        Step("quantification", ("features",), (
            f"{ORDER}/quantification/raw.parquet",
            f"{ORDER}/metrics/metabolomics.json",
        )),
        Step("correction", ("quantification",), (f"{ORDER}/quantification/verdicts.tsv",)),
        Step("annotation", ("quantification",), (f"{ORDER}/quantification/annotation.tsv",)),
        JUDGED,
        REPORTED,
    ),
    "targeted": (
        RECEIVED,
        COMPARED,
        Step("targeted", ("intake", "spectra"), (f"{RUN}/{{peaks}}",), ("peaks",)),
        Step("calibration", ("targeted",), (
            f"{ORDER}/calibration/calibration.json",
            f"{ORDER}/metrics/targeted.json",
        )),
        JUDGED,
        REPORTED,
    ),
}  # fmt: skip
#: Of people's genomes only.
COUNTED = Step("federation", ("variants",), (f"{ORDER}/federation/{{sample}}/counts.parquet",))
#: The last step of every order, which leaves all that a run stages.
DELIVERED = "delivery"

#: (sample, or '' for the order as a whole; step)
Cell = tuple[str, str]


def cells(order: Order) -> dict[Cell, list[str]]:
    """Every step of an order's samples and of the order, in the order of the data, with the files it leaves."""
    place = {"facility": order.facility_id, "proposal": order.proposal.proposal, "service": order.service_id}
    staged = defaultdict(list)
    for row in PackagePlan.payload(order):
        staged[row["sample"], row["deliverable"]].append(f"{PACKAGE.format(**place)}/{row['path']}")
    found: dict[Cell, list[str]] = {}
    for step in STEPS[order.branch.name]:
        for sample in [""] if step.of_order else order.runs:
            runs = [
                {"run": run.key, "peaks": "areas.json" if run.format == "areas" else "peaks.json"}
                for run in order.runs.get(sample, ())
            ]
            files = [
                pattern.format(sample=sample, **run, **place)
                for pattern in step.files
                for run in (runs if "{run}" in pattern else [{}])
            ]
            found[sample, step.name] = files + [path for kind in step.deliverables for path in staged[sample, kind]]
    if GenomicsPlan.counted(order):
        for sample in (one.sample for one in order.samples if one.role == "sample"):
            found[sample, COUNTED.name] = [COUNTED.files[0].format(sample=sample, **place)]
    return found | {("", DELIVERED): PackagePlan.wanted(order)}


def before(order: Order, cell: Cell) -> list[Cell]:
    """The cells that must be done before this one, delivery's aside, which comes after all; some may be none of the
    order's."""
    sample, name = cell
    steps = (*STEPS[order.branch.name], COUNTED)
    after = next((step.after for step in steps if (step.name, step.of_order) == (name, not sample)), ())
    if sample:
        return [(sample, step) for step in after]
    names = dict.fromkeys([*after, name])
    return [(owner, step) for step in names for owner in ("", *order.runs) if (owner, step) != cell]


def owners(order: Order, wildcards: dict[str, str]) -> list[str]:
    """The samples of an order that a job is about, [''] when it is the order as a whole."""
    if "run" in wildcards:
        return [sample.sample for sample, run in order.all_runs() if run.key == wildcards["run"]]
    if "sample" in wildcards:
        return [wildcards["sample"]]
    if "callset" in wildcards:
        return [one.sample for one in callsets(order).get(wildcards["callset"], ())] or [""]
    if "reference" in wildcards and "proposal" not in wildcards:
        return [one.sample for one in order.samples if one.reference == wildcards["reference"]]
    return [""]
