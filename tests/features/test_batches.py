"""Whose runs propose the parameters of whose: a batch's shared pools those of all, else each proposal its own."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from scripts.branches.untargeted.features import Features
from scripts.lib import registry
from scripts.lib.files import write_tsv
from scripts.lib.plan import batches
from scripts.lib.plan.orders import Orders

SERVICE = {"facility": "CNR-IBSBC", "service": "MET-UNTARGETED"}
#: sample, proposal, role, batch, dilution; the injection is the place in the list.
MEASURED = [
    ("POOL1", "-", "pool", "B1", ""),
    ("DILUTED", "-", "pool", "B1", "4"),
    ("POOL2", "-", "pool", "B1", ""),
    ("A1", "P001", "sample", "B1", ""),
    ("POOL3", "-", "pool", "B1", ""),
    ("Z1", "P002", "sample", "B1", ""),
    ("POOL4", "-", "pool", "B1", ""),
    ("POOL5", "-", "pool", "B1", ""),
    ("BLANK", "-", "blank", "B2", ""),
    ("A2", "P001", "sample", "B2", ""),
    ("A3", "P001", "sample", "B2", ""),
    ("Z2", "P002", "sample", "B2", ""),
    ("OWNPOOL", "P002", "pool", "B2", ""),
    ("A4", "P001", "sample", "", ""),
]


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Features:
    site = tmp_path_factory.mktemp("site")
    head = {"call": "C1", "title": "T", "status": "awarded", "human_data": "no"}
    write_tsv(site / "config/proposals.tsv", [*head, "proposal"], [head | {"proposal": p} for p in ("P001", "P002")])
    columns = ("sample", "proposal", "role", "batch", "dilution")
    rows = [dict(zip(columns, each, strict=True)) for each in MEASURED]
    samples = [SERVICE | {key: row[key] for key in ("sample", "proposal", "role", "dilution")} for row in rows]
    write_tsv(site / "config/samples.tsv", list(samples[0]), samples)
    runs = [
        {"sample": row["sample"], "run": f"R-{row['sample']}", "file": f"raw/{row['sample']}.mzML"}
        | {"batch": row["batch"], "injection": number}
        for number, row in enumerate(rows, start=1)
    ]
    write_tsv(site / "config/runs.tsv", list(runs[0]), runs)
    for run in runs:
        (site / run["file"]).parent.mkdir(exist_ok=True)
        (site / run["file"]).touch()
    (site / "config/config.yaml").write_text("{}")
    found = registry.load(site)
    assert not found.problems, found.problems
    return Features(Orders(found))


def wildcards(**others):
    return SimpleNamespace(**SERVICE, **others)


@pytest.mark.parametrize(
    ("batch", "role", "runs"),
    [
        ("B1", "pool", ["R-POOL1", "R-POOL3", "R-POOL5"]),  # first, middle and last; none that is diluted
        ("B2", "", []),  # shared, without a pool: usual values
        ("B2+P001", "sample", ["R-A2", "R-A3"]),
        ("B2+P002", "pool", ["R-OWNPOOL"]),
        ("+P001", "sample", ["R-A4"]),
    ],
)
def test_who_speaks_for_a_batch(plan, batch, role, runs):
    assert plan.speaking_runs(wildcards(batch=batch)) == runs
    assert plan.speaking_role(wildcards(batch=batch)) == role


def test_every_run_has_one_batch_and_nobody_waits_for_another_proposals_files(plan):
    found = {}
    for order in plan.orders.site.orders.values():
        for sample, run in order.all_runs():
            name = plan.proposed_parameters(wildcards(run=run.key)).split("/")[-2]
            found[sample.sample] = name
            owners = {
                plan.orders.site.samples[one.removeprefix("R-")].proposal
                for one in plan.speaking_runs(wildcards(batch=name))
            }
            assert owners <= {"-", order.proposal.proposal}
    assert {found[name] for name in ("POOL1", "DILUTED", "A1", "Z1")} == {"B1"}
    assert (found["BLANK"], found["A2"], found["Z2"], found["A4"]) == ("B2", "B2+P001", "B2+P002", "+P001")
    first = plan.orders.site.orders["P001/CNR-IBSBC/MET-UNTARGETED"]
    assert sorted(batches.names(first)) == ["+P001", "B1", "B2", "B2+P001"]
