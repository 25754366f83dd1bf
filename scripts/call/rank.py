"""The ranking: exact weighted means, conflicts of interest left out, ties decided by the call's stated rule."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from scripts.call.screen import Applied
from scripts.lib.refusal import Refusal
from scripts.lib.registry.calls import Call, Score


@dataclass(frozen=True)
class Ranked:
    """One application's place.

    score      weighted mean over criteria of the means over reviewers, on the call's scale (exact)
    left_out   reviewers with a conflict of interest
    tie        how it came before or behind an equal score, or ''
    """

    rank: int
    applied: Applied
    score: Fraction
    means: dict[str, Fraction]
    reviewers: tuple[str, ...]
    left_out: tuple[str, ...]
    tie: str


def ranking(terms: Call, eligible: list[Applied], scores: list[Score]) -> list[Ranked]:
    """Best first. Raises Refusal when an application is not scored by enough reviewers, or not by every criterion."""
    cards = [_card(terms, each, [row for row in scores if row.application == each.id]) for each in eligible]
    if lacking := [words for _, words in cards if words]:
        expected = f"every criterion by at least {terms.reviewers} reviewers without a conflict of interest"
        raise Refusal(terms.scores, "; ".join(lacking), expected, "complete the scores and call again")
    ordered = sorted((card for card, _ in cards), key=lambda card: (-card.score, _tie_keys(terms, card)))
    ties = _ties(terms, ordered)
    return [
        Ranked(number, card.applied, card.score, card.means, card.reviewers, card.left_out, ties.get(number, ""))
        for number, card in enumerate(ordered, 1)
    ]


def _card(terms: Call, each: Applied, rows: list[Score]) -> tuple[Ranked | None, str]:
    """An application's scores, or what they lack."""
    conflicted = {row.reviewer for row in rows if row.conflict == "yes"}
    by_reviewer: dict[str, dict[str, Fraction]] = {}
    for row in rows:
        if row.reviewer not in conflicted:
            by_reviewer.setdefault(row.reviewer, {})[row.criterion] = Fraction(row.score)
    for reviewer, given in sorted(by_reviewer.items()):
        if missing := [name for name in terms.criteria if name not in given]:
            return None, f"{each.id} without {', '.join(missing)} by {reviewer}"
    if len(by_reviewer) < terms.reviewers:
        return None, f"{each.id} with {len(by_reviewer)} reviewers"
    means = {
        name: sum(given[name] for given in by_reviewer.values()) / Fraction(len(by_reviewer)) for name in terms.criteria
    }
    weights = {name: Fraction(weight) for name, weight in terms.criteria.items()}
    score = sum(weights[name] * mean for name, mean in means.items()) / sum(weights.values())
    return Ranked(0, each, score, means, tuple(sorted(by_reviewer)), tuple(sorted(conflicted)), ""), ""


def lot(terms: Call, application: str) -> str:
    """The lot that decides what is still equal: fixed before the deadline, and open to be checked by everyone."""
    return hashlib.sha256(f"{terms.lot}:{application}".encode()).hexdigest()


def _tie_keys(terms: Call, card: Ranked) -> list:
    """What decides between equal scores, the lower first."""
    keys = [card.applied.submitted if name == "submitted" else -card.means[name] for name in terms.ties]
    return [*keys, lot(terms, card.applied.id)]


def _ties(terms: Call, ordered: list[Ranked]) -> dict[int, str]:
    """Rank -> how its tie was decided, for every application that shares its score."""
    words: dict[int, list[str]] = {}
    for number, (better, worse) in enumerate(pairwise(ordered), 1):
        if better.score == worse.score:
            pairs = zip([*terms.ties, "lot"], _tie_keys(terms, better), _tie_keys(terms, worse), strict=True)
            decided = next(name for name, one, other in pairs if one != other)
            words.setdefault(number, []).append(f"before {worse.applied.id} by {decided}")
            words.setdefault(number + 1, []).append(f"behind {better.applied.id} by {decided}")
    return {number: f"equal score: {', '.join(parts)}" for number, parts in words.items()}
