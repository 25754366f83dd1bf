"""What the rules ask of a site: which files and values belong to which wildcards.

Rules stay declarative; every look-up they need is a method of Plan, in the module of its branch. All values are plain
(str, list, dict), because Snakemake pickles them on the way to a script.
"""

from scripts.lib.plan.batches import BATCH
from scripts.lib.plan.calling import CallingPlan
from scripts.lib.plan.delivery import DeliveryPlan
from scripts.lib.plan.methods import MethodsPlan
from scripts.lib.plan.needs import needs
from scripts.lib.plan.package import DRAWN, SECTIONS, PackagePlan
from scripts.lib.plan.paths import ORDER, PACKAGE, REFERENCE, RUN
from scripts.lib.plan.targeted import TargetedPlan

__all__ = ["BATCH", "DRAWN", "ORDER", "PACKAGE", "REFERENCE", "RUN", "SECTIONS", "Plan", "needs"]


class Plan(TargetedPlan, MethodsPlan, PackagePlan, DeliveryPlan, CallingPlan):
    """All branches (that of genomics comes with the package's): what the workflow's `PLAN` is."""
