"""Targeted metabolomics: from LC-MS runs to concentrations of known compounds."""

from pathlib import Path

from scripts.branches.targeted import order
from scripts.branches.targeted.deliverables import DELIVERABLES
from scripts.branches.targeted.metrics import METRICS
from scripts.branches.targeted.recipe import TargetedService
from scripts.lib.branch import Branch
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
)
