"""Untargeted metabolomics: from LC-MS runs to a matrix of all features."""

from scripts.branches.untargeted.deliverables import payload
from scripts.branches.untargeted.metrics import METRICS
from scripts.branches.untargeted.recipe import UntargetedService
from scripts.lib.branch import Branch

BRANCH = Branch(
    name="untargeted", title="untargeted metabolomics", service=UntargetedService, metrics=METRICS, payload=payload
)
