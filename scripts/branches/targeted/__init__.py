"""Targeted metabolomics: from LC-MS runs to concentrations of known compounds."""

from pathlib import Path

from scripts.branches.targeted import order, targets
from scripts.branches.targeted.check import check
from scripts.branches.targeted.deliverables import DELIVERABLES
from scripts.branches.targeted.metrics import METRICS
from scripts.branches.targeted.recipe import TargetedService
from scripts.lib.branch import Branch, Sheet
from scripts.lib.code import ROOT

BRANCH = Branch(
    name="targeted",
    title="targeted metabolomics",
    service=TargetedService,
    metrics=METRICS,
    rules=ROOT / "workflow" / "rules" / "targeted",
    environment=ROOT / "envs" / "metabolomics.yaml",
    methods=Path(__file__).parent / "methods.yaml",
    steps=order.STEPS,
    sections=("compounds_mqc.json",),
    deliverables=DELIVERABLES,
    tables=Path(__file__).parent / "tables.yaml",
    judged=order.judged,
    expected=order.expected,
    told=order.told,
    check=check,
    sheets=(
        Sheet("targets", targets.Target, "the ions that targeted services measure", "for targeted services"),
        Sheet(
            "concentrations",
            targets.Concentration,
            "what their calibrators and controls hold",
            "where there are some",
        ),
    ),
)
