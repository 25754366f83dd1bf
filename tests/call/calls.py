"""A small call beside a site: three criteria, two services, five applications."""

from __future__ import annotations

from pathlib import Path

TERMS = """\
call: NOA-2026
contact: calls@facility.example
deadline: {day: 2026-04-15, minute: "23:59", zone: Europe/Rome}
clock: Europe/Rome
decided: 2026-05-20
criteria: {originality: 2, impact: 1, feasibility: 1}
scale: {min: 0, max: 5}
threshold: 2.5
reviewers: 2
ties: [originality, submitted]
lot: drawn in public on 2026-04-01
budget:
  - {facility: CNR-IBIOM, service: GEN-WGS-30X, units: 10}
  - {facility: CNR-IBSBC, service: MET-UNTARGETED, euro: 1000, unit_cost: 90}
required: [email]
"""
APPLICATIONS = """\
application\tapplicant\temail\ttitle\tsubmitted\tfacility\tservice\tunits\tleast\thuman_data
A1\tAda\ta@x.example\tWolves\t2026-04-01T10:00\tCNR-IBIOM\tGEN-WGS-30X\t6\t\tno
A2\tBea\tb@x.example\tBears\t2026-04-02T10:00\tCNR-IBIOM\tGEN-WGS-30X\t6\t5\tno
A3\tCyd\tc@x.example\tOtters\t2026-04-03T10:00\tCNR-IBIOM\tGEN-WGS-30X\t9\t2\tno
A3\tCyd\tc@x.example\tOtters\t2026-04-03T10:00\tCNR-IBSBC\tMET-UNTARGETED\t20\t5\tno
A4\tDan\td@x.example\tFoxes\t2026-04-16T00:00\tCNR-IBIOM\tGEN-WGS-30X\t1\t\tno
A5\tEva\t\tLynxes\t2026-04-01T10:00\tCNR-IBIOM\tGEN-WGS-30X\t1\t\tno
"""


def scores(**given: tuple[float, ...]) -> str:
    """A scores sheet: application = one score for each reviewer, the same by every criterion."""
    lines = ["application\treviewer\tcriterion\tscore\tconflict"]
    for application, values in given.items():
        for number, value in enumerate(values, 1):
            for criterion in ("originality", "impact", "feasibility"):
                lines.append(f"{application}\tR{number}\t{criterion}\t{value}\tno")
    return "\n".join(lines) + "\n"


def write(folder: Path, terms: str = TERMS, applications: str = APPLICATIONS, scored: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "call.yaml").write_text(terms)
    (folder / "applications.tsv").write_text(applications)
    (folder / "scores.tsv").write_text(scored or scores(A1=(5, 5), A2=(4, 4), A3=(3, 3)))
    return folder


def site(folder: Path) -> Path:
    """A site with nothing in it yet."""
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "proposals.tsv").write_text("# ours\nproposal\tcall\ttitle\tstatus\thuman_data\n")
    (folder / "config" / "samples.tsv").write_text("sample\tproposal\tfacility\tservice\n")
    (folder / "config" / "runs.tsv").write_text("sample\trun\tfile\n")
    return folder
