"""What a call leaves behind: the ranking as table and as JSON with its reasons, described by a Data Package."""

from __future__ import annotations

from pathlib import Path

from scripts.call import letters
from scripts.call.award import Decision, awards
from scripts.call.rank import ranking
from scripts.call.screen import applied, exclusion
from scripts.lib import files
from scripts.lib.harmless import in_cells
from scripts.lib.refusal import Refusal
from scripts.lib.registry.calls import Call, CallFile

COLUMNS = {
    "rank": "integer",
    "application": "string",
    "status": "string",
    "score": "number",
    "reviewers": "integer",
    "conflicts": "integer",
    "facility": "string",
    "service": "string",
    "asked": "integer",
    "least": "integer",
    "left": "integer",
    "awarded": "integer",
    "applicant": "string",
    "title": "string",
    "tie": "string",
    "reason": "string",
}
RULES = (
    "The score is the weighted mean over the criteria of the mean over the reviewers without a conflict of interest.",
    "Proposals are considered in the order of the ranking. Each gets what it asks or, where less is left, all that is"
    " left, unless that is less than the least that is of use to it: then it is passed over, takes nothing, and stands"
    " on the reserve list in the order of the ranking.",
)


def decide(found: CallFile) -> list[Decision]:
    """One decision for each application: the ranked ones by rank, then the excluded by id. Raises Refusal."""
    everyone = applied(found)
    reasons = {each.id: exclusion(each, found.terms) for each in everyone}
    ranked = ranking(found.terms, [each for each in everyone if not reasons[each.id]], found.scores)
    excluded = [Decision("excluded", each, reasons[each.id]) for each in everyone if reasons[each.id]]
    return awards(found.terms, ranked) + excluded


def write(folder: Path, terms: Call, decisions: list[Decision]) -> None:
    """Write `outcome.json`, `ranking.tsv`, `datapackage.json` and `letters/` into the new folder `folder`."""
    files.write_json(folder / "outcome.json", explained(terms, decisions))
    files.write_tsv(folder / "ranking.tsv", list(COLUMNS), [in_cells(row) for each in decisions for row in _rows(each)])
    files.write_json(folder / "datapackage.json", _described(terms))
    for each in decisions:
        with files.written(folder / "letters" / f"{each.applied.id}.md") as handle:
            handle.write(letters.letter(terms, each))


def _rows(each: Decision) -> list[dict]:
    """A proposal's rows of the ranking, one for each service that it asks for."""
    ranked = each.ranked
    common = {
        "application": each.applied.id,
        "status": each.status,
        "applicant": each.applied.common.applicant,
        "title": each.applied.common.title,
        "reason": each.reason,
    }
    if ranked:
        common |= {"rank": ranked.rank, "score": f"{float(ranked.score):.4f}", "tie": ranked.tie}
        common |= {"reviewers": len(ranked.reviewers), "conflicts": len(ranked.left_out)}
    if each.lines:
        return [
            common
            | {name: getattr(line, name) for name in ("facility", "service", "asked", "least", "left", "awarded")}
            for line in each.lines
        ]
    return [
        common | {"facility": row.facility, "service": row.service, "asked": row.units, "awarded": 0}
        for row in each.applied.asked
    ]


def explained(terms: Call, decisions: list[Decision]) -> dict:
    """The whole outcome with its reasons, as plain values."""
    return {
        "call": terms.call,
        "deadline": {
            "stated": f"{terms.deadline.day} {terms.deadline.minute} {terms.deadline.zone}",
            "first_moment_too_late": terms.deadline.end.isoformat(),
        },
        "criteria": {name: str(weight) for name, weight in terms.criteria.items()},
        "threshold": None if terms.threshold is None else str(terms.threshold),
        "rules": [*RULES, f"Equal scores: {', '.join([*terms.ties, 'lot'])}, in this order."],
        "budget": [_spent(budget, decisions) for budget in terms.budget],
        "proposals": [_explained(each) for each in decisions],
    }


def _spent(budget, decisions: list[Decision]) -> dict:
    key = (budget.facility, budget.service)
    spent = sum(line.awarded for each in decisions for line in each.lines if (line.facility, line.service) == key)
    euro = {} if budget.euro is None else {"euro": str(budget.euro), "euro_awarded": str(spent * budget.unit_cost)}
    return {"facility": key[0], "service": key[1], "units": budget.whole_units, "awarded": spent} | euro


def _explained(each: Decision) -> dict:
    told = {"application": each.applied.id, "status": each.status, "reason": each.reason}
    told["submitted"] = each.applied.submitted.isoformat() if each.applied.submitted else None
    told["lines"] = [line.__dict__ for line in each.lines]
    if each.ranked:
        told |= {
            "rank": each.ranked.rank,
            "score": f"{float(each.ranked.score):.4f}",
            "criteria": {name: f"{float(mean):.4f}" for name, mean in each.ranked.means.items()},
            "reviewers": list(each.ranked.reviewers),
            "conflicts_of_interest": list(each.ranked.left_out),
            "tie": each.ranked.tie,
        }
    return told


def _described(terms: Call) -> dict:
    """A Frictionless Data Package of the tables."""
    fields = [{"name": name, "type": kind} for name, kind in COLUMNS.items()]
    table = {"name": "ranking", "path": "ranking.tsv", "format": "tsv", "mediatype": "text/tab-separated-values"}
    table |= {"dialect": {"csv": {"delimiter": "\t"}}, "encoding": "utf-8", "schema": {"fields": fields}}
    return {"name": "call-outcome", "title": f"Outcome of {terms.call}", "resources": [table]}


def entries(terms: Call, decisions: list[Decision]) -> tuple[list[dict], list[dict]]:
    """Rows of proposals.tsv and of awards.tsv for what was accepted."""
    proposals, limits = [], []
    for each in decisions:
        if each.status == "accepted":
            row = each.applied.common
            proposals.append(
                {"proposal": each.applied.id, "call": terms.call, "title": row.title, "status": "awarded"}
                | {"human_data": row.human_data, "duo": row.duo}
            )
            limits += [
                {"proposal": each.applied.id, "facility": line.facility, "service": line.service, "units": line.awarded}
                for line in each.lines
            ]
    if not proposals:
        raise Refusal(terms.call, "no accepted proposal", "at least one", "there is nothing to enter")
    return proposals, limits
