"""Transcriptomes: from bulk RNA-seq reads to the expression of genes and transcripts."""

from pathlib import Path

from scripts.branches.transcriptomes import demo, order
from scripts.branches.transcriptomes.check import check
from scripts.branches.transcriptomes.deliverables import DELIVERABLES, REPORTS
from scripts.branches.transcriptomes.libraries import PROGRAMS
from scripts.branches.transcriptomes.metrics import METRICS
from scripts.branches.transcriptomes.recipe import TranscriptomesService
from scripts.lib.branch import Branch, Demo
from scripts.lib.code import ROOT

BRANCH = Branch(
    name="transcriptomes",
    title="transcriptomes (bulk RNA-seq)",
    service=TranscriptomesService,
    metrics=METRICS,
    rules=ROOT / "workflow" / "rules" / "transcriptomes",
    environment=ROOT / "envs" / "transcriptomics.yaml",
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
    check=check,
    demo=Demo(demo.generate, demo.compare),
    programs=lambda recipe: {"aligner": PROGRAMS[recipe.aligner]},
)
