"""Communities: from reads of one marker (16S, 18S, ITS, COI) to its exact variants, judged by blanks and mocks."""

from pathlib import Path

from scripts.branches.communities import demo, order, sheets
from scripts.branches.communities.check import check
from scripts.branches.communities.deliverables import DELIVERABLES
from scripts.branches.communities.metrics import METRICS
from scripts.branches.communities.recipe import CommunitiesService
from scripts.lib.branch import Branch, Demo, Sheet
from scripts.lib.code import ROOT

HERE = Path(__file__).parent

BRANCH = Branch(
    name="communities",
    title="communities by amplicon sequencing",
    service=CommunitiesService,
    metrics=METRICS,
    rules=ROOT / "workflow" / "rules" / "communities",
    environment=ROOT / "envs" / "communities.yaml",
    debian=HERE / "debian.txt",
    python=HERE / "python.lock",
    methods=HERE / "methods.yaml",
    steps=order.STEPS,
    sections=order.SECTIONS,
    deliverables=DELIVERABLES,
    tables=HERE / "tables.yaml",
    judged=order.judged,
    expected=order.expected,
    told=order.told,
    check=check,
    demo=Demo(demo.generate, demo.compare),
    sheets=(
        Sheet("mocks", sheets.Mock, "what mock communities hold", "where a sample of communities has the role control"),
        Sheet(
            "environments",
            sheets.Environment,
            "where samples of communities were taken, and how much DNA they gave",
            "never; archives ask for it",
        ),
    ),
)
