"""Genomes and exomes: from reads to variants."""

from scripts.branches.genomes.deliverables import payload
from scripts.branches.genomes.metrics import METRICS
from scripts.branches.genomes.recipe import GenomesService
from scripts.lib.branch import Branch

BRANCH = Branch(name="genomes", title="genomes", service=GenomesService, metrics=METRICS, payload=payload)
