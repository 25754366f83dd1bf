"""The letter to an applicant, as Markdown."""

from __future__ import annotations

from scripts.call.award import Decision
from scripts.lib.harmless import in_markdown
from scripts.lib.registry.calls import Call

OPENING = {
    "accepted": "We are glad to tell you that your proposal has been **accepted**.",
    "reserve": "Your proposal was judged worthy of support, but the budget of the call does not reach it. It stands on"
    " the **reserve list**, and will be considered in the order of the ranking if an award is given back.",
    "declined": "We are sorry to tell you that your proposal could **not be accepted**.",
    "excluded": "We are sorry to tell you that your application could **not be admitted** to the evaluation.",
}
CLOSING = {
    "accepted": "Your samples are received once the service agreement is signed. Please quote the proposal's id on"
    " every parcel; the numbers above are what the agreement will cover.",
    "reserve": "You need not do anything now.",
    "declined": "You are welcome to apply to a later call.",
    "excluded": "You are welcome to apply to a later call.",
}


def letter(terms: Call, each: Decision) -> str:
    """The whole letter. What it tells of scores are the means; who the reviewers were stays with the committee."""
    row = each.applied.common
    applicant, institution, email, title = map(in_markdown, (row.applicant, row.institution, row.email, row.title))
    parts = [
        f"# {in_markdown(terms.call)}: proposal {each.applied.id}",
        "\n".join(filter(None, [str(terms.decided or ""), applicant, institution, email])),
        f"Dear {applicant or 'applicant'},",
        f"thank you for your application \u201c{title}\u201d." if title else "thank you for your application.",
        OPENING[each.status],
    ]
    if each.status == "accepted":
        parts.append(_table(["facility", "service", "asked", "awarded"], _awarded(each)))
    if each.status != "accepted" or any(line.awarded < line.asked for line in each.lines):
        parts.append(f"Reason: {in_markdown(each.reason)}.")
    if each.ranked:
        means = [[name, f"{float(mean):.2f}"] for name, mean in each.ranked.means.items()]
        # Whom it was equal with is the others' affair.
        tie = " (equal scores were ordered by the rule that the call states)" if each.ranked.tie else ""
        parts += [
            f"Rank {each.ranked.rank}, score {float(each.ranked.score):.4f} on a scale from {terms.scale.min} to"
            f" {terms.scale.max}{tie}. Means of the reviewers:",
            _table(["criterion", "mean"], means),
        ]
    parts += [CLOSING[each.status], f"For questions: {terms.contact}"]
    return "\n\n".join(filter(None, parts)) + "\n"


def _awarded(each: Decision) -> list[list[str]]:
    return [[line.facility, line.service, str(line.asked), str(line.awarded)] for line in each.lines]


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
