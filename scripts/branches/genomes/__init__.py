"""Genomes and exomes: from reads to variants."""

from pathlib import Path

from scripts.branches.genomes import order
from scripts.branches.genomes.callers import CALLERS
from scripts.branches.genomes.check import check
from scripts.branches.genomes.deliverables import DELIVERABLES, REPORTS
from scripts.branches.genomes.metrics import METRICS
from scripts.branches.genomes.recipe import FORMER_KEYS, GenomesService
from scripts.branches.genomes.variants import callsets
from scripts.lib.branch import Branch
from scripts.lib.code import ROOT

BRANCH = Branch(
    name="genomes",
    title="genomes",
    service=GenomesService,
    former_keys=FORMER_KEYS,
    metrics=METRICS,
    rules=ROOT / "workflow" / "rules" / "genomes",
    environment=ROOT / "envs" / "genomics.yaml",
    debian=Path(__file__).parent / "debian.txt",
    methods=Path(__file__).parent / "methods.yaml",
    steps=order.STEPS,
    sections=order.SECTIONS,
    deliverables=DELIVERABLES,
    reports=REPORTS,
    tables=Path(__file__).parent / "tables.yaml",
    judged=order.judged,
    expected=order.expected,
    statistics=order.statistics,
    kept=order.counted,
    counted=order.counted,
    check=check,
    programs=lambda recipe: {"aligner": recipe.aligner, "caller": CALLERS[recipe.caller].program},
    groups={"callset": callsets},
    benchmark="scripts.accuracy.judge:judge",
)
