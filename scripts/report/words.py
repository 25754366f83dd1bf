"""What the values of an order mean, in plain sentences. They are computed from the acceptance summary
(acceptance.json) and the order's facts, and say nothing that does not stand there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

DELIVERED = {
    "fail": "not delivered",
    "warn": "delivered with this warning",
    "waived": "delivered, because this was waived",
    "pass": "delivered",
}


def listed(names: Sequence[str], most: int = 8) -> str:
    """`A, B and C`; of very many the first ones and how many more."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def number(value: float) -> str:
    """A value as it is read: four digits, thousands apart, large ones in words."""
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if abs(value) >= size:
            return f"{value / size:.4g} {word}"
    text = f"{value:,.0f}" if abs(value) >= 1000 or float(value).is_integer() else f"{value:.4g}"
    return "0" if text == "-0" else text


def amount(value: float | None, unit: str) -> str:
    """A value with its unit: `96.2 %`, `30x`, `1,240 features`."""
    if value is None:
        return "not measured"
    return f"{number(value)}{unit if unit == 'x' else f' {unit}' if unit else ''}"


def asked(judgement: dict) -> str:
    """What a criterion asks: `at least 95 %`."""
    bounds = (("at least", judgement["min"]), ("at most", judgement["max"]))
    return " and ".join(f"{word} {amount(bound, judgement['unit'])}" for word, bound in bounds if bound is not None)


def outcome(summary: dict, roles: dict[str, str]) -> str:
    """How many samples were accepted, in a sentence.

    roles  sample -> role; pools and blanks are not counted unless the order consists of them
    """
    samples = [name for name, role in roles.items() if role == "sample"] or list(roles)
    missed = [name for name in samples if summary["samples"][name] == "fail"]
    if summary["order"] == "fail":
        return "A criterion on the order as a whole was missed, so nothing is delivered."
    if len(missed) == len(samples):
        return "No sample was accepted, so nothing is delivered."
    if not missed:
        all_of = {1: "The sample was", 2: "Both samples were"}.get(len(samples), f"All {len(samples)} samples were")
        return f"{all_of} accepted."
    was = "was" if len(missed) == 1 else "were"
    return f"{len(samples) - len(missed)} of {len(samples)} samples were accepted; {listed(missed)} {was} not."


def _range(judgements: Sequence[dict]) -> str:
    values = [one["value"] for one in judgements if one["value"] is not None]
    unit = judgements[0]["unit"]
    if not values:
        return "not measured"
    low, high = min(values), max(values)
    return amount(low, unit) if number(low) == number(high) else f"{number(low)} to {amount(high, unit)}"


def _sentence(judgements: Sequence[dict]) -> str:
    """One sentence about the judgements of one metric that have one verdict."""
    first = judgements[0]
    found = f"{_range(judgements)} (asked: {asked(first)})"
    names = [one["sample"] for one in judgements if one["sample"]]
    whose = f" of {listed(names)}" if names else ""
    title = first["title"][:1].upper() + first["title"][1:]
    if first["verdict"] == "pass":
        return f"{title}: {found}."
    meaning = f"; {first['meaning']}" if first["meaning"] else ""
    consequence = DELIVERED[first["verdict"]]
    if first["verdict"] == "fail" and not names:
        consequence = "nothing is delivered"
    waiver = first["waiver"]
    by = f" by {waiver['by']} on {waiver['date']}: {waiver['reason'].rstrip('.')}" if waiver else ""
    return f"{title}{whose}: {found}{meaning}. Consequence: {consequence}{by}."


def findings(summary: dict) -> list[tuple[str, str]]:
    """(verdict, sentence) for each metric, what was missed first; waivers each by itself."""
    groups: dict[tuple, list[dict]] = {}
    for one in summary["criteria"]:
        waiver = one["waiver"] or {}
        groups.setdefault(
            (one["metric"], one["verdict"], *sorted(waiver.get(key, "") for key in ("by", "date", "reason"))), []
        ).append(one)
    order = ("fail", "waived", "warn", "pass")
    ranked = sorted(groups.values(), key=lambda group: order.index(group[0]["verdict"]))
    return [(group[0]["verdict"], _sentence(group)) for group in ranked]


def missing(absent: dict[str, str]) -> Iterable[str]:
    """One sentence for each sample that is not in this version."""
    return (f"{sample} is not in this version: {why}." for sample, why in absent.items())
