"""Untargeted metabolomics: from LC-MS runs to a matrix of all features."""

from pathlib import Path

from scripts.branches.untargeted import order
from scripts.branches.untargeted.deliverables import DELIVERABLES
from scripts.branches.untargeted.metrics import METRICS
from scripts.branches.untargeted.recipe import UntargetedService
from scripts.lib.branch import Branch
from scripts.lib.code import ROOT

BRANCH = Branch(
    name="untargeted",
    title="untargeted metabolomics",
    service=UntargetedService,
    metrics=METRICS,
    rules=ROOT / "workflow" / "rules" / "untargeted",
    environment=ROOT / "envs" / "metabolomics.yaml",
    methods=Path(__file__).parent / "methods.yaml",
    steps=order.STEPS,
    sections=order.SECTIONS,
    deliverables=DELIVERABLES,
    tables=Path(__file__).parent / "tables.yaml",
    judged=order.judged,
    expected=order.expected,
    told=order.told,
    first=order.parameters,
)
