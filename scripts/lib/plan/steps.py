"""The steps of an order as an operator sees them: one a stage, with the files that tell that it is done.

For who must know where an order stands without building the graph of its jobs: sheets and `stat` are enough.
"""

from __future__ import annotations

from collections import defaultdict

from scripts.lib.branch import OfRun, Step
from scripts.lib.plan.package import payload, wanted
from scripts.lib.plan.paths import ORDER, PACKAGE, RUN, fields_of
from scripts.lib.registry import Order

RECEIVED = Step("intake", (), (f"{RUN}/intake.json",))
COMPARED = Step("intake", ("intake",), (f"{ORDER}/intake.json",))
#: The last step of every order, which leaves all that a run stages.
DELIVERED = "delivery"

#: (sample, or '' for the order as a whole; step)
Cell = tuple[str, str]


def steps_of(order: Order) -> tuple[Step, ...]:
    """All steps of an order but the last: intake, those of its branch, acceptance, report."""
    own = order.branch.steps
    first = {name: tuple(step.name for step in own if step.then == name) for name in ("acceptance", "report")}
    judged = Step("acceptance", ("intake", *first["acceptance"]), (f"{PACKAGE}/data/00-Reports/acceptance.json",))
    pages = (f"{PACKAGE}/data/00-Reports/methods.md", f"{PACKAGE}/data/00-Reports/multiqc_report.html")
    return RECEIVED, COMPARED, *own, judged, Step("report", ("acceptance", *first["report"]), pages)


def cells(order: Order) -> dict[Cell, list[str]]:
    """Every step of an order's samples and of the order, in the order of the data, with the files it leaves."""
    place = fields_of(order)
    staged = defaultdict(list)
    for row in payload(order):
        staged[row["sample"], row["deliverable"]].append(f"{PACKAGE.format(**place)}/{row['path']}")
    found: dict[Cell, list[str]] = {}
    for step in steps_of(order):
        for sample in [""] if step.of_order else [one.sample for one in order.samples if step.whose(order, one)]:
            files = [file for pattern in step.files for file in _files(order, sample, pattern)]
            found[sample, step.name] = files + [path for kind in step.deliverables for path in staged[sample, kind]]
    return found | {("", DELIVERED): wanted(order)}


def _files(order: Order, sample: str, pattern: str | OfRun) -> list[str]:
    """The files of a sample, or of the order, that a pattern names."""
    place = fields_of(order)
    if isinstance(pattern, str) and "{run}" not in pattern:
        return [pattern.format(sample=sample, **place)]
    return [
        (pattern if isinstance(pattern, str) else pattern(run)).format(run=run.key, **place)
        for run in order.runs.get(sample, ())
    ]


def before(order: Order, cell: Cell) -> list[Cell]:
    """The cells that must be done before this one, delivery's aside, which comes after all; some may be none of the
    order's."""
    sample, name = cell
    after = next((step.after for step in steps_of(order) if (step.name, step.of_order) == (name, not sample)), ())
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
    for name, groups in order.branch.groups.items():
        if name in wildcards:
            return [one.sample for one in groups(order).get(wildcards[name], ())] or [""]
    if "reference" in wildcards and "proposal" not in wildcards:
        return [one.sample for one in order.samples if one.reference == wildcards["reference"]]
    return [""]
