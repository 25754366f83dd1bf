"""Targeted metabolomics: from LC-MS runs to concentrations of known compounds."""

from scripts.branches.targeted.deliverables import payload
from scripts.branches.targeted.metrics import METRICS
from scripts.branches.targeted.recipe import TargetedService
from scripts.lib.branch import Branch

BRANCH = Branch(
    name="targeted", title="targeted metabolomics", service=TargetedService, metrics=METRICS, payload=payload
)
